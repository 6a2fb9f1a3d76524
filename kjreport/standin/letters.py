"""The courier: letters signed and delivered, retried with backoff, held, shuffled, doubled or dropped."""

import hashlib
import hmac
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass

from kjreport.standin.store import Store

BACKOFF = (1, 5, 30, 300, 1_800, 7_200, 18_000, 36_000)
TIME_OUT = 10
_FAR = 3_600.0


@dataclass(frozen=True)
class Letter:
    """One event on its way to one endpoint."""

    seq: int
    event: str
    type: str
    url: str
    secret: str
    attempts: int
    body: bytes


def signature(body: bytes, secret: str, *, at: int) -> str:
    """Return the `Stripe-Signature` header of a body: `t=` and `v1=`, HMAC-SHA256 over both."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


class Courier:
    """Delivers waiting letters from a thread of its own, or on demand when they are held."""

    def __init__(self, store: Store, *, mode: str = "deliver") -> None:
        """Serve `store`; `mode` is `deliver` or `hold`."""
        self._store = store
        self.mode = mode
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start delivering."""
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the letter in hand."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=TIME_OUT + 5)

    def wake(self) -> None:
        """Look at the letters now."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            due = [] if self.mode == "hold" else self._waiting(by=time.time())
            for letter in due:
                if self._stop.is_set():
                    return
                self._deliver(letter)
            if not due:
                self._wake.wait(self._pause())
                self._wake.clear()

    def _pause(self) -> float:
        if self.mode == "hold":
            return _FAR
        with self._store.transaction() as connection:
            row = connection.execute("SELECT min(try_at) AS soon FROM letter WHERE state = 'waiting'").fetchone()
        return _FAR if row["soon"] is None else max(row["soon"] - time.time(), 0.05)

    def _waiting(self, *, by: float | None = None) -> list[Letter]:
        with self._store.transaction() as connection:
            rows = connection.execute(
                "SELECT letter.*, thing.body AS event_body FROM letter JOIN thing ON thing.id = letter.event "
                "WHERE state = 'waiting' AND try_at <= ? ORDER BY letter.seq",
                (_FAR**4 if by is None else by,),
            ).fetchall()
        return [
            Letter(
                row["seq"],
                row["event"],
                row["type"],
                row["url"],
                row["secret"],
                row["attempts"],
                json.dumps(json.loads(row["event_body"]), indent=2).encode(),
            )
            for row in rows
        ]

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
        """Deliver the waiting letters now, in some order, each so many times.

        Dropped types are never sent; delayed ones, and those beyond the first `most`, go on waiting.
        """
        dropped, delayed = set(drop), set(delay)
        letters = [letter for letter in self._waiting() if letter.type not in delayed][:most]
        lost = [letter for letter in letters if letter.type in dropped]
        for letter in lost:
            self._settle(letter, "dropped", "")
        sent = [letter for letter in letters if letter.type not in dropped for _ in range(max(duplicate, 1))]
        if order == "reverse":
            sent.reverse()
        elif order == "shuffle":
            random.Random(seed).shuffle(sent)  # noqa: S311  a seeded order, not a secret
        good = sum(self._deliver(letter) for letter in sent)
        return {"sent": len(sent), "accepted": good, "refused": len(sent) - good, "dropped": len(lost)}

    def _deliver(self, letter: Letter) -> bool:
        at = int(time.time())
        request = urllib.request.Request(  # noqa: S310  the address is the operator's own
            letter.url,
            data=letter.body,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(letter.body, letter.secret, at=at),
                "User-Agent": "Standin/1.0",
            },
            method="POST",
        )
        try:
            with _OPENER.open(request, timeout=TIME_OUT) as response:
                status, good = str(response.status), bool(200 <= response.status < 300)
        except urllib.error.HTTPError as error:
            status, good = str(error.code), False
            error.close()
        except (OSError, ValueError) as error:
            status, good = str(error)[:200], False
        self._settle(letter, "delivered" if good else "waiting", status)
        return good

    def _settle(self, letter: Letter, state: str, answer: str) -> None:
        with self._store.transaction() as connection:
            row = connection.execute("SELECT state, attempts FROM letter WHERE seq = ?", (letter.seq,)).fetchone()
            if row is None:
                return
            attempts = row["attempts"] + 1
            if row["state"] == "delivered":
                state = "delivered"
            elif state == "waiting" and attempts > len(BACKOFF):
                state = "failed"
            pause = BACKOFF[min(attempts, len(BACKOFF)) - 1]
            connection.execute(
                "UPDATE letter SET state = ?, attempts = ?, answer = ?, try_at = ? WHERE seq = ?",
                (state, attempts, answer, time.time() + pause, letter.seq),
            )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is not an acknowledgement."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        """Follow nothing."""
        return


# No proxy: letters go straight to the site's own address.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
