"""The control interface under `/_standin/`: the clock, letters, faults, cards and disputes, as JSON."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl

from kjreport.standin import api, disputes, dunning, faults, pausing, refunds
from kjreport.standin.api import Request, Response
from kjreport.standin.book import API_VERSION, Json, public
from kjreport.standin.cards import BROKEN, ELSEWHERE, MENDED
from kjreport.standin.engine import Engine
from kjreport.standin.errors import Refusal
from kjreport.standin.pages import desk

_OK = 200


def answer(engine: Engine, request: Request) -> Response:
    """Answer a control request."""
    action = request.path.removeprefix("/_standin").strip("/")
    if request.method == "GET" and action in ("", "health", "dump"):
        return _look(engine, action)
    found = ACTIONS.get(action)
    if found is None or request.method != "POST":
        message = f"No such control: {request.method} {request.path}"
        raise Refusal(message, status=404)
    # curl and urllib call any body a form, so a body that opens a brace is JSON whatever it is called.
    says_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    is_form = says_form and not request.body.lstrip().startswith(b"{")
    done = found(engine, _given(request, is_form=is_form))
    if is_form:
        return Response(303, headers={"Location": "/_standin/"})
    return api.in_json(_OK, done)


def _look(engine: Engine, action: str) -> Response:
    if action == "health":
        return api.in_json(_OK, {"ok": True, "now": engine.now(), "api_version": API_VERSION})
    if action == "dump":
        with engine.book() as book:
            rows = book.connection.execute("SELECT kind, body FROM thing ORDER BY seq").fetchall()
            letters = [dict(row) for row in book.connection.execute("SELECT * FROM letter ORDER BY seq")]
        things: dict[str, list[Json]] = {}
        for row in rows:
            things.setdefault(row["kind"], []).append(public(json.loads(row["body"])))
        for letter in letters:
            letter.pop("secret")
        return api.in_json(_OK, {"things": things, "letters": letters})
    return desk.show(engine)


def _given(request: Request, *, is_form: bool) -> Json:
    try:
        if is_form:
            return dict(parse_qsl(request.body.decode()))
        given = json.loads(request.body or b"{}")
    except ValueError as error:
        raise Refusal("The body is not JSON.") from error
    if not isinstance(given, dict):
        raise Refusal("The body must be a JSON object.")
    return given


def _whole(given: Json, name: str, default: int | None = None) -> int:
    value = given.get(name, default)
    try:
        return int(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        message = f"`{name}` must be a whole number."
        raise Refusal(message, param=name) from error


def _text(given: Json, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        message = f"`{name}` is missing."
        raise Refusal(message, param=name)
    return value


def _clock(engine: Engine, given: Json) -> Json:
    if ("advance" in given) == ("to" in given):
        raise Refusal("Give either `advance` (seconds) or `to` (a unix time).")
    if "to" in given:
        return {"now": engine.advance(to=_whole(given, "to"))}
    return {"now": engine.advance(seconds=_whole(given, "advance"))}


def _letters(engine: Engine, given: Json) -> Json:
    if given.get("mode") not in ("deliver", "hold"):
        raise Refusal("`mode` must be deliver or hold.", param="mode")
    engine.courier.mode = given["mode"]
    engine.courier.wake()
    return {"mode": engine.courier.mode}


def _flush(engine: Engine, given: Json) -> Json:
    order = given.get("order", "forward")
    if order not in ("forward", "reverse", "shuffle"):
        raise Refusal("`order` must be forward, reverse or shuffle.", param="order")
    drop = given.get("drop", [])
    if not isinstance(drop, list):
        raise Refusal("`drop` must be a list of event types.", param="drop")
    delay = given.get("delay", [])
    if not isinstance(delay, list):
        raise Refusal("`delay` must be a list of event types.", param="delay")
    seed, duplicate = _whole(given, "seed", 0), _whole(given, "duplicate", 1)
    most = _whole(given, "most") if "most" in given else None
    return dict(engine.courier.flush(order=order, seed=seed, duplicate=duplicate, drop=drop, delay=delay, most=most))


def _fail(engine: Engine, given: Json) -> Json:
    seconds, status = given.get("seconds", 0), given.get("status", 500)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Refusal("`seconds` must be a number, not below nought.", param="seconds")
    if given.get("when", "before") not in ("before", "after"):
        raise Refusal("`when` must be before or after.", param="when")
    fault = faults.fault(
        _whole(given, "calls", 1),
        status=status if isinstance(status, int) else str(status),
        seconds=float(seconds),
        path=str(given.get("path", "/v1/")),
        after=given.get("when") == "after",
        body=str(given.get("body", "html")),
    )
    engine.faults.append(fault)
    return asdict(fault)


def _mend(engine: Engine, _given: Json) -> Json:
    engine.faults.clear()
    return {"faults": 0}


def _cards(engine: Engine, given: Json) -> Json:
    customer, behaviour = _text(given, "customer"), given.get("behaviour")
    if behaviour not in (MENDED, BROKEN, ELSEWHERE):
        raise Refusal("`behaviour` must be fail, pay or elsewhere.", param="behaviour")
    with engine.book() as book:
        book.get("customer", customer, param="customer")
        book.set(f"cards:{customer}", behaviour)
    return {"customer": customer, "behaviour": behaviour}


def _dispute(engine: Engine, given: Json) -> Json:
    with engine.book() as book:
        reason, inquiry = str(given.get("reason", "fraudulent")), given.get("inquiry", False)
        amount = _whole(given, "amount") if "amount" in given else None
        if not isinstance(inquiry, bool):
            raise Refusal("`inquiry` must be true or false.", param="inquiry")
        intent = _text(given, "payment_intent")
        return public(disputes.open_dispute(book, intent, reason=reason, amount=amount, inquiry=inquiry))


def _finalising(engine: Engine, given: Json) -> Json:
    works = given.get("works")
    if not isinstance(works, bool):
        raise Refusal("`works` must be true or false.", param="works")
    with engine.book() as book:
        dunning.set_finalising(book, _text(given, "customer"), works=works)
    return {"works": works}


def _pause(engine: Engine, given: Json) -> Json:
    with engine.book() as book:
        return public(pausing.pause_for(book, _text(given, "subscription"), cause=_text(given, "cause")))


def _dunning(engine: Engine, given: Json) -> Json:
    with engine.book() as book:
        dunning.choose(book, _text(given, "then"))
    return {"then": given["then"]}


def _close_dispute(engine: Engine, given: Json) -> Json:
    with engine.book() as book:
        return public(disputes.close_dispute(book, _text(given, "dispute"), status=_text(given, "status")))


def _warn(engine: Engine, given: Json) -> Json:
    with engine.book() as book:
        return public(disputes.warn(book, _text(given, "payment_intent")))


def _fail_refund(engine: Engine, given: Json) -> Json:
    with engine.book() as book:
        return public(refunds.fail(book, _text(given, "refund")))


def _forget_keys(engine: Engine, _given: Json) -> Json:
    return {"forgotten": engine.forget_keys()}


def _reset(engine: Engine, _given: Json) -> Json:
    engine.reset()
    return {"reset": True}


ACTIONS: dict[str, Callable[[Any, Json], Json]] = {
    "clock": _clock,
    "keys/forget": _forget_keys,
    "letters": _letters,
    "letters/flush": _flush,
    "fail": _fail,
    "fail/clear": _mend,
    "cards": _cards,
    "dispute": _dispute,
    "finalising": _finalising,
    "dunning": _dunning,
    "pause": _pause,
    "dispute/close": _close_dispute,
    "early_fraud_warning": _warn,
    "refund/fail": _fail_refund,
    "reset": _reset,
}
