"""The operator's own page: the clock, the letters, and every control in one place; linked from nowhere."""

from kjreport.standin import periods
from kjreport.standin.api import Response
from kjreport.standin.engine import Engine
from kjreport.standin.pages import dress

_NEWEST = 50
_STEPS = (("Move one hour forward", 3_600), ("Move one day forward", 86_400), ("Move one week forward", 604_800))


def show(engine: Engine) -> Response:
    """Show the desk."""
    with engine.book() as book:
        rows = book.connection.execute(
            "SELECT letter.*, thing.body FROM letter JOIN thing ON thing.id = letter.event "
            "ORDER BY letter.seq DESC LIMIT ?",
            (_NEWEST,),
        ).fetchall()
        counted = book.connection.execute("SELECT state, count(*) AS many FROM letter GROUP BY state").fetchall()
        values = {
            "title": "The desk",
            "now": dress.instant(book.now),
            "is_moved": bool(book.offset),
            "steps": [
                *_STEPS,
                ("Move one month forward", periods.after(book.now, "month", 1, 1) - book.now),
                ("Move one year forward", periods.after(book.now, "year", 1, 1) - book.now),
            ],
            "mode": engine.courier.mode,
            "counts": [{"state": row["state"], "many": str(row["many"])} for row in counted],
            "letters": [
                {
                    "type": row["type"],
                    "event": row["event"],
                    "state": row["state"],
                    "attempts": str(row["attempts"]),
                    "answer": row["answer"],
                }
                for row in rows
            ],
            "faults": [fault for fault in engine.faults if fault.calls > 0],
            "webhook": engine.setup.webhook_url or "nowhere",
            "controls": _CONTROLS,
        }
    return dress.page("desk.html", values)


_CONTROLS = (
    ("GET", "health", "", "is it up, and what time is it there"),
    ("GET", "dump", "", "everything it knows"),
    ("POST", "clock", '{"advance": 3600} or {"to": 1800000000}', "move its clock, with all that falls due"),
    ("POST", "letters", '{"mode": "hold"} or {"mode": "deliver"}', "keep letters back, or not"),
    (
        "POST",
        "letters/flush",
        '{"order": "shuffle", "seed": 1, "duplicate": 2, "drop": [], "delay": [], "most": 5}',
        "send now",
    ),
    (
        "POST",
        "fail",
        '{"calls": 3, "status": 500, "seconds": 0, "when": "after"}',
        "make calls fail; status may be hang, trickle (a body byte by byte) or nonsense",
    ),
    (
        "POST",
        "fail",
        '{"status": "nonsense", "body": "truncated"}',
        "answer with what is no answer: html, truncated, wrong_object, no_fields, list, null, empty, not_utf8",
    ),
    ("POST", "keys/forget", "{}", "forget what idempotency keys came to, as happens after a day"),
    ("POST", "fail/clear", "{}", "make calls work again"),
    ("POST", "cards", '{"customer": "cus_…", "behaviour": "fail"}', "a customer’s card fails, pays, or is elsewhere"),  # noqa: RUF001  an apostrophe
    ("POST", "dispute", '{"payment_intent": "pi_…"}', "open a dispute; with amount in part, with inquiry only asking"),
    ("POST", "dispute/close", '{"dispute": "du_…", "status": "won"}', "close it, won or lost"),
    ("POST", "finalising", '{"customer": "cus_…", "works": false}', "a customer's invoices cannot be finalised"),
    ("POST", "pause", '{"subscription": "sub_…", "cause": "system"}', "pause for a cause of its own"),
    ("POST", "dunning", '{"then": "unpaid"}', "what follows the last failed retry: cancel, unpaid, pause, past_due"),
    ("POST", "early_fraud_warning", '{"payment_intent": "pi_…"}', "warn of fraud"),
    ("POST", "refund/fail", '{"refund": "re_…"}', "have a refund fail after all"),
    ("POST", "reset", "{}", "forget everything"),
)
