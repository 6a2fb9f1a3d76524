"""The whole stand-in without a socket: a request goes in, an answer comes out, letters are left for the courier."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from kjreport.standin import api, clock, faults
from kjreport.standin.api import Request, Response
from kjreport.standin.book import API_VERSION, Book
from kjreport.standin.errors import Kept, Refusal, key_in_use
from kjreport.standin.faults import Fault
from kjreport.standin.letters import Courier
from kjreport.standin.store import Store


@dataclass(frozen=True)
class Setup:
    """How a stand-in is set up; `start_at` freezes its clock at a moment, `seed` makes its ids repeatable."""

    state: str = ":memory:"
    webhook_url: str = ""
    secret: str = "whsec_standin"  # noqa: S105  signs practice letters only
    deliver: str = "deliver"
    start_at: int | None = None
    seed: int | None = None


class Engine:
    """Answers requests one at a time over the state; holds the clock, the faults and the courier."""

    def __init__(self, setup: Setup) -> None:
        """Open the state; `base_url` is set by whoever opens a socket."""
        self.setup = setup
        self.store = Store(setup.state)
        self.courier = Courier(self.store, mode=setup.deliver)
        self.base_url = "http://127.0.0.1:12111"
        self.faults: list[Fault] = []
        self.log: list[str] = []
        self._keys_in_use: set[str] = set()
        self._keys_lock = threading.Lock()
        self._chance = random.Random(setup.seed)  # noqa: S311

    @contextmanager
    def book(self, request: Request | None = None, request_id: str | None = None) -> Iterator[Book]:
        """Open a transaction at the present moment, with all due work done; letters go out once it is kept."""
        with self.store.transaction() as connection:
            book = Book(
                connection,
                now=0,
                base_url=self.base_url,
                chance=self._chance,
                webhook_url=self.setup.webhook_url,
                secret=self.setup.secret,
            )
            book.offset = int(book.setting("offset", "0"))
            clock.catch_up(book, clock.moment(book.offset, self.setup.start_at))
            book.request_id = request_id
            book.idempotency_key = None if request is None else request.headers.get("idempotency-key")
            yield book
        if book.letters_written:
            self.courier.wake()

    def advance(self, *, seconds: int | None = None, to: int | None = None) -> int:
        """Move the clock forward, doing what falls due on the way; return the new moment."""
        with self.book() as book:
            target = book.now + (seconds or 0) if to is None else to
            if target < book.now:
                raise Refusal("The clock only moves forward.", param="to")
            offset = book.offset + target - book.now
            clock.catch_up(book, target)
            book.set("offset", str(offset))
        return target

    def now(self) -> int:
        """Return the stand-in's present moment."""
        with self.book() as book:
            return book.now

    def tick(self) -> None:
        """Do what has fallen due, if anything has."""
        with self.book():
            pass

    def reset(self) -> None:
        """Forget everything, faults and clock included."""
        self.store.empty()
        self.faults.clear()
        self.log.clear()

    def forget_keys(self) -> int:
        """Forget what idempotency keys came to, as Stripe may after a day; return how many there were."""
        with self.store.transaction() as connection:
            return connection.execute("DELETE FROM outcome").rowcount

    def call(self, request: Request) -> Response:
        """Answer one API request, unless it was asked to fail."""
        request_id = "req_" + "".join(self._chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=14))
        self.log.append(f"{request.method} {request.path}")
        fault = self._fault(request.path)
        is_done = fault is None or fault.after
        response = self._answer(request, request_id) if is_done else Response(0)
        if fault is not None:
            response = faults.answer(fault, request_id, response)
        return _stamped(response, request_id)

    def _answer(self, request: Request, request_id: str) -> Response:
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key is None:
            return self._once(request, request_id, None)
        with self._keys_lock:
            is_busy = key in self._keys_in_use
            self._keys_in_use.add(key)
        if is_busy:
            refusal = key_in_use(key)
            return api.in_json(refusal.status, refusal.body(request_id))
        try:
            return self._once(request, request_id, key)
        finally:
            self._keys_in_use.discard(key)

    def _once(self, request: Request, request_id: str, key: str | None) -> Response:
        """Answer a request as its key was answered before; keep what comes of a new one, refusals too.

        Not kept is what never began (a wrong parameter, a wrong key) and what the stand-in does not do.
        """
        begun = False
        try:
            api.check_key(request)
            api.check_version(request)
            with self.book(request, request_id) as book:
                former = None if key is None else api.former_outcome(book, key, request)
                if former is not None:
                    return former
                call = api.parse(request)
                begun = True
                try:
                    response = api.answer(book, call)
                except Kept as refusal:  # what it did stays done
                    response = api.in_json(refusal.status, refusal.body(request_id))
                if key is not None:
                    api.keep_outcome(book, key, request, response)
                return response
        except Refusal as refusal:
            response = api.in_json(refusal.status, refusal.body(request_id))
            if begun and key is not None and refusal.status not in (429, 501):
                with self.book() as book:
                    api.keep_outcome(book, key, request, response)
            return response

    def _fault(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.calls > 0 and path.startswith(fault.path):
                fault.calls -= 1
                return fault
        return None


def _stamped(response: Response, request_id: str) -> Response:
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION, "Cache-Control": "no-store"}
    return replace(response, headers=response.headers | headers)
