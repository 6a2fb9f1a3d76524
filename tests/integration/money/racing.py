"""Who races, and on what: threads that start together with a little seeded jitter, and a till that needs no socket."""

import json
import logging
import os
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import stripe  # noqa: TID251 - the races put the real library before the stand-in, without a socket between them
from django.core import mail
from django.db import connection

from kjreport.accounts.models import User
from kjreport.payments import inbox
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.snapshots import Notification
from kjreport.standin.server import StandIn
from tests.cast import an_account

ROUNDS = int(os.environ.get("KJ_RACE_ROUNDS", "40"))  # 200 in `.ci/run`: see there
LANES = 6
JITTER = 0.004  # seconds at most between two who start together
LONGEST_ROUND = 60.0  # seconds; two who wait for one another for ever are a fault too

type Deed = Callable[[], Any]


@dataclass(frozen=True)
class Fault:
    """What a round came to that it never should."""

    round: int
    what: str


class Racers:
    """A few threads, each with a database connection of its own, kept from round to round."""

    def __init__(self, seed: int) -> None:
        """Have them take their places."""
        self.chance = random.Random(seed)  # noqa: S311 - it makes a race repeatable, not a secret
        self._tasks = [queue.SimpleQueue[Deed | None]() for _ in range(LANES)]
        self._threads = [threading.Thread(target=self._run, args=(lane,), daemon=True) for lane in self._tasks]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        """Ready."""
        return self

    def __exit__(self, *_: object) -> None:
        """Go home."""
        for lane in self._tasks:
            lane.put(None)
        for thread in self._threads:
            thread.join(LONGEST_ROUND)

    def at_once(self, *deeds: Deed) -> list[Any]:
        """Do all of it in threads that start together; return what each gave, or its exception."""
        assert len(deeds) <= LANES
        gate, done = threading.Barrier(len(deeds)), queue.SimpleQueue[int]()
        given: list[Any] = [None] * len(deeds)
        for place, deed in enumerate(self.chance.sample(deeds, len(deeds))):
            task = _Start(gate, self.chance.choice((0, self.chance.random() * JITTER)), deed, place, given, done)
            self._tasks[place].put(task)
        for _ in deeds:
            done.get(timeout=LONGEST_ROUND)
        return given

    def _run(self, lane: "queue.SimpleQueue[Deed | None]") -> None:
        try:
            while (task := lane.get()) is not None:
                task()
        finally:
            connection.close()


@dataclass(frozen=True)
class _Start:
    gate: threading.Barrier
    pause: float
    deed: Deed
    place: int
    given: list[Any]
    done: "queue.SimpleQueue[int]"

    def __call__(self) -> None:
        try:
            self.gate.wait(LONGEST_ROUND)
            time.sleep(self.pause)
            self.given[self.place] = self.deed()
        except Exception as error:  # noqa: BLE001 - handed back
            self.given[self.place] = error
        finally:
            self.done.put(self.place)


@dataclass
class Table:
    """All that a race is run on: the till, the racers, and what was seen of the letters so far."""

    till: StandIn
    racers: Racers
    _seen: int = field(default=0)

    def a_reader(self, number: int) -> User:
        """Give somebody new, and empty the letter box."""
        mail.outbox.clear()
        return an_account(f"Racer {number} {self.racers.chance.randrange(10**9)}")

    def of_customer(self, kind: str, customer_id: str) -> list[dict[str, Any]]:
        """Return what the till has of a customer."""
        words = "SELECT body FROM thing WHERE kind = ? AND json_extract(body, '$.customer') = ? ORDER BY seq"
        return self._find(words, kind, customer_id)

    def latest(self, kind: str) -> list[dict[str, Any]]:
        """Return the last few things of a kind."""
        return self._find("SELECT body FROM thing WHERE kind = ? ORDER BY seq DESC LIMIT 10", kind)

    def hasten(self, identifier: str, task: str) -> None:
        """Have the till do now what it has planned for later."""
        now = self.till.now()
        with self.till.engine.store.transaction() as book:
            book.execute("UPDATE due SET at = ? WHERE id = ? AND task = ?", (now, identifier, task))
        self.till.engine.tick()

    def new_letters(self, *types: str) -> list[Notification]:
        """Return the letters that the till has written since the last look, of these types if any are named."""
        words = "SELECT seq, body FROM thing WHERE kind = 'event' AND seq > ? ORDER BY seq"
        with self.till.engine.store.transaction() as book:
            rows = book.execute(words, (self._seen,)).fetchall()
        self._seen = max([self._seen, *(row["seq"] for row in rows)])
        letters = [Notification.read(_public(json.loads(row["body"]))) for row in rows]
        return [letter for letter in letters if not types or letter.type in types]

    def _find(self, words: str, *values: object) -> list[dict[str, Any]]:
        with self.till.engine.store.transaction() as book:
            return [json.loads(row["body"]) for row in book.execute(words, values)]


def _public(thing: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if not name.startswith("_")}


def mails_to(address: str) -> list[str]:
    """Return the subjects of what somebody was sent in this round."""
    return [str(letter.subject) for letter in mail.outbox if letter.to == [address]]


def complain(given: Sequence[Any], *allowed: type[Exception]) -> list[str]:
    """Name what racers stumbled over."""
    return [f"{each!r}" for each in given if isinstance(each, Exception) and not isinstance(each, allowed)]


def is_not(what: str, found: object, due: object) -> list[str]:
    """Complain unless it is as it should be."""
    return [] if found == due else [f"{what}: {found}, not {due}"]


def read(letters: Sequence[Notification]) -> list[Deed]:
    """Return a deed for each letter: it comes in, and is opened at once."""
    return [lambda letter=letter: inbox.receive(letter) for letter in letters]  # type: ignore[misc]


@contextmanager
def straight_to(till: StandIn) -> Iterator[None]:
    """Lead the gateway into a till of the same process; retries wait for nobody."""
    client = stripe.StripeClient(
        "sk_test_races", stripe_version=gateway.API_VERSION, max_network_retries=6, http_client=till.direct()
    )
    usual, gateway._client_for = gateway._client_for, lambda *_: client  # type: ignore[assignment]
    delay, stripe.HTTPClient.INITIAL_DELAY = stripe.HTTPClient.INITIAL_DELAY, 0.02
    logging.disable(logging.INFO)  # each task tells of itself three times
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        stripe.HTTPClient.INITIAL_DELAY = delay
        gateway._client_for = usual
