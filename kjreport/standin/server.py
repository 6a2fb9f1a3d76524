"""The public surface: `StandIn`, a Stripe-compatible server on loopback, in a thread or as a process."""

import json
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from kjreport.standin import disputes, door, dunning, faults, pausing, refunds
from kjreport.standin.api import Request, Response
from kjreport.standin.book import Json, public
from kjreport.standin.cards import BROKEN, ELSEWHERE, MENDED
from kjreport.standin.direct import DirectClient
from kjreport.standin.engine import Engine, Setup

LOOPBACK = "127.0.0.1"
_LARGEST = 2_000_000
_GOOD_CARD = "4242 4242 4242 4242"
_SEE_OTHER = 303


class StandIn:
    """A stand-in for Stripe.

    In a test::

        standin = StandIn(webhook_url=…, secret="whsec_…", deliver="hold")
        standin.start()
        client = stripe.StripeClient("sk_test_x", base_addresses={"api": standin.url})
        …
        standin.pay(session.id)          # as a person would on the checkout page
        standin.flush(order="reverse")   # the letters, when you want them
        standin.stop()

    `with StandIn() as standin:` starts and stops it. `deliver="hold"` keeps letters back until `flush`;
    `start_at` (unix seconds) freezes the clock, which then moves by `advance` only; `seed` repeats the ids.
    """

    def __init__(
        self,
        *,
        state: str = ":memory:",
        webhook_url: str = "",
        secret: str = "whsec_standin",  # noqa: S107  signs practice letters only
        port: int = 0,
        deliver: str = "deliver",
        start_at: int | None = None,
        seed: int | None = None,
    ) -> None:
        """Open the state and bind to loopback; `port=0` takes any free one. OSError when the port is taken."""
        self.engine = Engine(
            Setup(state=state, webhook_url=webhook_url, secret=secret, deliver=deliver, start_at=start_at, seed=seed)
        )
        self._server = _Server((LOOPBACK, port), _Handler)
        self._server.engine = self.engine
        self.engine.base_url = self.url
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        """The address to give the library as `base_addresses["api"]`."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def direct(self) -> DirectClient:
        """Return an `http_client` for `stripe.StripeClient` that needs no socket, nor `start`."""
        return DirectClient(self.engine)

    def start(self) -> None:
        """Serve from a thread, until `stop`."""
        self.engine.courier.start()
        for name, target in (("standin", self._listen), ("standin-clock", self._tick)):
            thread = threading.Thread(target=target, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop serving and delivering, and close the state."""
        self._stopped.set()
        if self._threads:
            self._server.shutdown()
        self._server.server_close()
        self.engine.courier.stop()
        for thread in self._threads:
            thread.join(timeout=10)
        self.engine.store.close()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def _listen(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def _tick(self) -> None:
        while not self._stopped.wait(1):
            self.engine.tick()

    # -- the clock ---------------------------------------------------------------------------------------------------

    def now(self) -> int:
        """Return the stand-in's own time, unix seconds."""
        return self.engine.now()

    def advance(self, seconds: int = 0, *, days: int = 0, to: int | None = None) -> int:
        """Move the clock forward, with all renewals, retries and endings on the way; return the new time."""
        return self.engine.advance(seconds=seconds + days * 86_400, to=to)

    # -- letters -----------------------------------------------------------------------------------------------------

    def flush(
        self,
        *,
        order: str = "forward",
        seed: int = 0,
        duplicate: int = 1,
        drop: Iterable[str] = (),
        delay: Iterable[str] = (),
        most: int | None = None,
    ) -> dict[str, int]:
        """Deliver the waiting letters now and return the counts; `order` is forward, reverse or shuffle.

        Types in `drop` are never sent; those in `delay`, and all beyond the first `most`, wait for a later flush.
        """
        return self.engine.courier.flush(order=order, seed=seed, duplicate=duplicate, drop=drop, delay=delay, most=most)

    def hold(self, *, held: bool = True) -> None:
        """Keep letters back until `flush`, or deliver them by themselves again."""
        self.engine.courier.mode = "hold" if held else "deliver"
        self.engine.courier.wake()

    def letters(self) -> list[dict[str, Any]]:
        """Return every letter: event id, type, url, state (waiting, delivered, failed, dropped), attempts, answer."""
        with self.engine.store.transaction() as connection:
            rows = connection.execute("SELECT * FROM letter ORDER BY seq").fetchall()
        return [{name: row[name] for name in row.keys() if name != "secret"} for row in rows]  # noqa: SIM118  a Row

    def events(self, kind: str | None = None) -> list[Json]:
        """Return every event made so far, oldest first, of one type if named."""
        with self.engine.book() as book:
            made = [public(event) for event in reversed(book.every("event"))]
        return [event for event in made if kind in (None, event["type"])]

    # -- people ------------------------------------------------------------------------------------------------------

    def pay(self, session: str, *, card: str = _GOOD_CARD, confirm: bool = True, **fields: str) -> str:
        """Fill a checkout page in, as a person would; return where the browser is sent.

        `session` is a session's id. Fields by name: email, name, country, cvc, expiry, code, terms. Of a card that
        asks the bank, `confirm` is the answer. ValueError tells what the page complained of.
        """
        form = {"number": card, "expiry": "12/40", "cvc": "123", "name": "A. Reader", "email": "reader@example.org"}
        return self._through_bank(self._post(f"/c/pay/{session}", form | {"country": "GB"} | fields), confirm=confirm)

    def pay_invoice(self, invoice: str, *, card: str = _GOOD_CARD, confirm: bool = True) -> str:
        """Pay an open invoice on its hosted page; otherwise as `pay`."""
        form = {"number": card, "expiry": "12/40", "cvc": "123", "name": "A. Reader", "country": "GB"}
        return self._through_bank(self._post(f"/i/{invoice}", form), confirm=confirm)

    def press(self, url: str, **fields: str) -> str:
        """Send a form to one of the stand-in's own pages (portal buttons, say); return where it leads."""
        return self._post(urlsplit(url).path, fields)

    def _through_bank(self, address: str, *, confirm: bool) -> str:
        path = urlsplit(address).path
        if path.startswith("/c/bank/") and address.startswith(self.url):
            return self._post(path, {"answer": "confirm" if confirm else "refuse"})
        return address

    def _post(self, path: str, fields: dict[str, str]) -> str:
        response = door.answer(self.engine, Request("POST", path, body=urlencode(fields).encode()))
        if response.status != _SEE_OTHER:
            raise ValueError(response.headers.get("X-Standin-Wrong", f"{path} answered {response.status}"))
        return response.headers["Location"]

    # -- what banks and networks do ----------------------------------------------------------------------------------

    def set_card(self, customer: str, *, works: bool) -> None:
        """Have every later charge of a customer's card fail, or pay, whatever the card."""
        with self.engine.book() as book:
            book.get("customer", customer)
            book.set(f"cards:{customer}", MENDED if works else BROKEN)

    def keep_card_elsewhere(self, customer: str) -> None:
        """Have a customer's invoices ask the site for a payment attempt, as a method unknown to Stripe makes them."""
        with self.engine.book() as book:
            book.get("customer", customer)
            book.set(f"cards:{customer}", ELSEWHERE)

    def set_finalising(self, customer: str, *, works: bool) -> None:
        """Have a customer's invoices fail to be finalised, for want of a tax location, or work again."""
        with self.engine.book() as book:
            dunning.set_finalising(book, customer, works=works)

    def pause(self, subscription: str, *, cause: str = "system") -> Json:
        """Pause a subscription for a cause of Stripe's own, such as `first_payment_failure`."""
        with self.engine.book() as book:
            return public(pausing.pause_for(book, subscription, cause=cause))

    def give_up_by(self, way: str) -> None:
        """Set what follows the last failed retry: `cancel` (as usual), `unpaid`, `pause` or `past_due`."""
        with self.engine.book() as book:
            dunning.choose(book, way)

    def open_dispute(
        self, payment_intent: str, *, reason: str = "fraudulent", amount: int | None = None, inquiry: bool = False
    ) -> Json:
        """Dispute a payment, whole or in part, or only inquire about it."""
        with self.engine.book() as book:
            return public(disputes.open_dispute(book, payment_intent, reason=reason, amount=amount, inquiry=inquiry))

    def close_dispute(self, dispute: str, *, status: str) -> Json:
        """Close a dispute: `won`, `lost` or `warning_closed`."""
        with self.engine.book() as book:
            return public(disputes.close_dispute(book, dispute, status=status))

    def warn_of_fraud(self, payment_intent: str) -> Json:
        """Send an early fraud warning about a payment."""
        with self.engine.book() as book:
            return public(disputes.warn(book, payment_intent))

    def fail_refund(self, refund: str) -> Json:
        """Have a refund fail after all."""
        with self.engine.book() as book:
            return public(refunds.fail(book, refund))

    # -- faults ------------------------------------------------------------------------------------------------------

    def fail_next(
        self,
        calls: int = 1,
        *,
        status: int | str = 500,
        seconds: float = 0,
        path: str = "/v1/",
        after: bool = False,
        body: str = "html",
    ) -> None:
        """Have the next API calls answer `status`, after `seconds`; `after` does them first and loses the answer.

        `status="trickle"` does the call and sends its true answer byte by byte over `seconds`;
        `status="nonsense"` answers 200 with what is no answer: `body` is html, truncated, wrong_object, no_fields,
        list, null, empty or not_utf8.
        """
        asked = faults.fault(calls, status=status, seconds=seconds, path=path, after=after, body=body)
        self.engine.faults.append(asked)

    @property
    def calls(self) -> list[str]:
        """Every API call so far, as `POST /v1/customers`."""
        return list(self.engine.log)

    def forget_keys(self) -> int:
        """Forget what idempotency keys came to, as Stripe may after a day; return how many there were."""
        return self.engine.forget_keys()

    # -- the whole ---------------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, list[Json]]:
        """Return every object by kind, oldest first."""
        with self.engine.store.transaction() as connection:
            rows = connection.execute("SELECT kind, body FROM thing ORDER BY seq").fetchall()
        things: dict[str, list[Json]] = {}
        for row in rows:
            things.setdefault(row["kind"], []).append(public(json.loads(row["body"])))
        return things

    def reset(self) -> None:
        """Forget everything."""
        self.engine.reset()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    engine: Engine


class _Handler(BaseHTTPRequestHandler):
    """The wire: HTTP/1.1 with connections kept open."""

    protocol_version = "HTTP/1.1"
    server_version = "standin"
    sys_version = ""
    timeout = 75
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LARGEST or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._send(Response(413, b"Too large, or of no stated length.\n", {"Content-Type": "text/plain"}))
            return
        body = self.rfile.read(int(length))
        address = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        method = "GET" if self.command == "HEAD" else self.command
        self._send(door.answer(self.server.engine, Request(method, address.path, address.query, headers, body)))

    def _send(self, response: Response) -> None:
        try:
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD" and response.trickle:
                self._trickle(response)
            elif self.command != "HEAD":
                self.wfile.write(response.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _trickle(self, response: Response) -> None:
        pause = response.trickle / max(len(response.body), 1)
        for place in range(len(response.body)):
            self.wfile.write(response.body[place : place + 1])
            self.wfile.flush()
            time.sleep(pause)

    do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = do_PATCH = _serve  # noqa: N815  the base class's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  the base class's signature
        """Say nothing: a portal's address is a credential and does not belong in a log."""
