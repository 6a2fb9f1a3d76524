"""What the next calls come to when they are asked to fail: an error, a hang, a trickle, or nonsense."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from kjreport.standin.api import Response, in_json
from kjreport.standin.errors import Refusal

HANG, TRICKLE, NONSENSE = "hang", "trickle", "nonsense"
HANG_SECONDS, TRICKLE_SECONDS = 120.0, 30.0
_TOO_MANY = 429


@dataclass
class Fault:
    """What the next calls come to.

    `status` is an HTTP status, or `trickle` (the true answer, its body sent byte by byte over `seconds`), or
    `nonsense` (an answer of 200 that is none, of the sort named by `body`). `seconds` otherwise passes before the
    answer. `after` does the call first and loses its answer; a trickle always does.
    """

    calls: int
    status: int | str = 500
    seconds: float = 0.0
    path: str = "/v1/"
    after: bool = False
    body: str = "html"


def _truncated(answer: Response) -> bytes:
    whole = answer.body or b'{"id": "obj_nonsense", "object": "nonsense"}'
    return whole[: max(len(whole) // 2, 1)]


_HTML = b"<!doctype html><html><head><title>Bad gateway</title></head><body>An error occurred.</body></html>"
_WRONG = {"id": "ba_nonsense", "object": "bank_account", "account_holder_name": None, "livemode": False}
BODIES: dict[str, Callable[[Response], bytes]] = {
    "html": lambda _: _HTML,
    "truncated": _truncated,
    "wrong_object": lambda _: json.dumps(_WRONG).encode(),
    "no_fields": lambda _: b"{}",
    "list": lambda _: b"[]",
    "null": lambda _: b"null",
    "empty": lambda _: b"",
    "not_utf8": lambda _: b'{"id": "\xff\xfe"}',
}


def fault(
    calls: int = 1,
    *,
    status: int | str = 500,
    seconds: float = 0.0,
    path: str = "/v1/",
    after: bool = False,
    body: str = "html",
) -> Fault:
    """Return a fault, checked; Refusal says what is wrong with it."""
    if isinstance(status, bool) or (isinstance(status, int) and not 400 <= status <= 599):
        raise Refusal("`status` must be an HTTP error status, hang, trickle or nonsense.", param="status")
    if isinstance(status, str) and status not in (HANG, TRICKLE, NONSENSE):
        raise Refusal("`status` must be an HTTP error status, hang, trickle or nonsense.", param="status")
    if seconds < 0:
        raise Refusal("`seconds` must be a number, not below nought.", param="seconds")
    if body not in BODIES:
        message = f"`body` must be one of {', '.join(BODIES)}."
        raise Refusal(message, param="body")
    if status == HANG:
        return Fault(calls, 500, seconds or HANG_SECONDS, path, after, body)
    if status == TRICKLE:
        return Fault(calls, TRICKLE, seconds or TRICKLE_SECONDS, path, after=True, body=body)
    return Fault(calls, status, seconds, path, after, body)


def answer(asked: Fault, request_id: str, true: Response) -> Response:
    """Return what a call comes to; `true` is its own answer, empty when it was not done."""
    if asked.status == TRICKLE:
        return replace(true, trickle=asked.seconds)
    if asked.seconds:
        time.sleep(asked.seconds)
    if asked.status == NONSENSE:
        kind = "text/html" if asked.body == "html" else "application/json"
        return Response(200, BODIES[asked.body](true), {"Content-Type": kind})
    status = int(asked.status)
    kind = "rate_limit_error" if status == _TOO_MANY else "api_error"
    code = "rate_limit" if status == _TOO_MANY else None
    refusal = Refusal("Asked to fail by the control interface.", status=status, kind=kind, code=code)
    return in_json(status, refusal.body(request_id))
