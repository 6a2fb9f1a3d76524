"""The stand-in's own time, and the work that falls due as it passes."""

import time

from kjreport.standin import balance, checkout, dunning, paying, subscriptions, switching
from kjreport.standin.book import Book

TASKS = {
    "expire": checkout.expire_due,
    "arrive": paying.arrive,
    "finalise": dunning.finalise,
    "retry": dunning.retry,
    "renew": subscriptions.renew,
    "resume": switching.resume_due,
    "cancel": subscriptions.cancel_due,
    "settle": balance.settle,
    "upcoming": subscriptions.announce,
    "trial_notice": subscriptions.notice_trial,
}
# A cancellation and a renewal can fall due in the same second: the cancellation comes first.
_ORDER = "at, CASE task WHEN 'cancel' THEN 0 WHEN 'retry' THEN 1 ELSE 2 END, id"
MOST_STEPS = 200_000


def moment(offset: int, frozen: int | None) -> int:
    """Return the time in whole seconds: the real one, or a frozen one, and the offset."""
    return (int(time.time()) if frozen is None else frozen) + offset


def catch_up(book: Book, until: int) -> int:
    """Do all that is due by `until` on the book's clock, each thing at its own moment; return how much there was."""
    done = 0
    query = f"SELECT id, task, at FROM due WHERE clock = ? AND at <= ? ORDER BY {_ORDER} LIMIT 1"  # noqa: S608
    while (row := book.connection.execute(query, (book.clock, until)).fetchone()) is not None:
        book.now = row["at"]
        book.unschedule(row["id"], row["task"])
        TASKS[row["task"]](book, row["id"])
        done += 1
        if done > MOST_STEPS:
            message = "The clock was moved too far at once."
            raise RuntimeError(message)
    book.now = until
    return done
