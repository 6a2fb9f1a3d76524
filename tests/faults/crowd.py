"""What readers, the finance desk and Stripe do at once, again after whatever failed, as people and Stripe do."""

import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from kjreport.standin.letters import signature
from tests.faults.books import read_books
from tests.faults.house import SECRET, House

GOOD_CARD = "4242 4242 4242 4242"
FAILS_LATER_CARD = "4000 0000 0000 0341"
PATIENCE = 150  # seconds; on a machine that is busy, a killed site takes its time to come back
WAIT = 0.2  # seconds between two tries
TOKEN = "a" * 32  # of the form that our forms' protection takes


@dataclass
class Crowd:
    """Everybody who uses one site at once."""

    house: House
    chance: random.Random
    acknowledged: set[str] = field(default_factory=set)  # letters our door has answered 2xx
    troubles: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    # Readers ----------------------------------------------------------------------------------------------------------

    def subscribe(self, reader: dict[str, str], *, card: str) -> None:
        """Press “Subscribe” until Stripe's page opens, pay, and perhaps come back."""
        form = {"key": str(uuid.uuid4()), "price": str(self.house.people["prices"][0]), "return_to": ""}
        where = self._press("/subscribe/start/", form, session=reader["session"])
        self._pay(where, card=card, email=reader["email"])

    def give(self, name: str, *, rhythm: str) -> None:
        """Give once or every month, without an account."""
        form = {"key": str(uuid.uuid4()), "rhythm": rhythm, "choice": "2500", "own_amount": "", "name": name}
        where = self._press("/donate/", form | {"note": ""}, session="")
        self._pay(where, card=GOOD_CARD, email=f"{name}@example.org")

    def _pay(self, where: str, *, card: str, email: str) -> None:
        if not where.startswith(self.house.till.url):
            return
        back = self.house.till.pay(urlsplit(where).path.rsplit("/", 1)[-1], card=card, email=email)
        if self.chance.random() < 0.6:  # others close the window
            try:
                requests.get(back, timeout=15, allow_redirects=False)
            except requests.RequestException:
                return

    def cancel(self, reader: dict[str, str]) -> None:
        """Cancel in the portal."""
        where = self._press("/subscribe/manage/", {"wish": "cancel"}, session=reader["session"])
        if where.startswith(self.house.till.url):
            with suppress(ValueError):  # the finance desk has ended it meanwhile
                self.house.till.press(requests.get(where, timeout=15).url)

    def refund(self) -> None:
        """Have the finance desk give a subscriber's first payment back and end the subscription."""
        books = read_books(self.house.url)
        running = [row for row in books.subscriptions if row["status"] == "active" and row["ends_at"] is None]
        if not running:
            return
        row = self.chance.choice(running)
        of_theirs = [entry for entry in books.entries if entry["customer_id"] == row["customer_id"]]
        form = {"payment": str(min(entry["id"] for entry in of_theirs if entry["kind"] == "payment"))}
        page = f"/admin/subscriptions/subscription/{row['id']}/refund/"
        self._press(page, form, session=self.house.people["bookkeeper"])

    def _press(self, path: str, form: dict[str, str], *, session: str) -> str:
        """Send a form until an answer leads somewhere; return where."""
        cookies = {"sessionid": session, "csrftoken": TOKEN} if session else {"csrftoken": TOKEN}
        headers = {"X-CSRFToken": TOKEN, "X-Forwarded-For": f"203.0.113.{self.chance.randrange(250)}"}
        said = ""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = requests.post(
                    self.house.address + path, form, cookies=cookies, headers=headers, timeout=30, allow_redirects=False
                )
            except requests.RequestException as error:
                said = repr(error)
            else:
                if answer.status_code in {302, 303}:
                    return str(answer.headers["Location"])
                said = f"{answer.status_code} {answer.text[:300]}"
            time.sleep(WAIT)
        self.troubles.append(f"{path} never led anywhere: {said}")
        return ""

    # Stripe -----------------------------------------------------------------------------------------------------------

    def post_bursts(self, chance: random.Random) -> None:
        """Send recent letters in bursts, in any order, some of them several times, until told to stop."""
        with ThreadPoolExecutor(4) as hands:
            while not self._stop.wait(0.3):
                events = self.house.till.events()[-30:]
                chosen = chance.choices(events, k=min(8, len(events))) if events else []
                list(hands.map(self._post_in_vain, chosen))

    def post(self, event: dict[str, Any]) -> requests.Response:
        """Send one letter as Stripe does; remember whether it was acknowledged."""
        body = json.dumps(event).encode()
        headers = {"Stripe-Signature": signature(body, SECRET, at=int(time.time())), "Content-Type": "application/json"}
        answer = requests.post(f"{self.house.address}/stripe/webhook/", body, headers=headers, timeout=15)
        if answer.ok:
            self.acknowledged.add(event["id"])
        return answer

    def _post_in_vain(self, event: dict[str, Any]) -> None:
        with suppress(requests.RequestException):
            self.post(event)

    def list_acknowledged(self) -> set[str]:
        """Return every letter the door has answered 2xx, to whomever."""
        courier = {letter["event"] for letter in self.house.till.letters() if letter["state"] == "delivered"}
        return self.acknowledged | courier

    # All together -----------------------------------------------------------------------------------------------------

    def do(self, deeds: list[Callable[[], None]], *, between: Callable[[], None]) -> None:
        """Do everything, three at a time, with letters coming in bursts, and go on doing `between` meanwhile."""
        self._stop.clear()
        chance = random.Random(self.chance.random())  # noqa: S311 - a seeded order
        burst = threading.Thread(target=self.post_bursts, args=(chance,), daemon=True)
        burst.start()
        try:
            with ThreadPoolExecutor(3) as hands:
                begun = [hands.submit(deed) for deed in deeds]
                while not all(deed.done() for deed in begun):
                    between()
            self.troubles += [repr(error) for deed in begun if (error := deed.exception()) is not None]
        finally:
            self._stop.set()
            burst.join(timeout=30)
