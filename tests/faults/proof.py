"""What must hold once everything has settled: each function names, a sentence each, what does not."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from subscriptions.emails import _SUBJECTS
from subscriptions.models import NoticeKind
from tests.faults.books import Books
from tests.faults.mail_server import Mail

_RECEIPTS = "Your receipt"

type Things = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Evidence:
    """All that is known from outside: our books, Stripe's, what we answered, and what the mail server accepted."""

    books: Books
    things: Things
    acknowledged: Collection[str]
    mails: Sequence[Mail]
    senders_cut_off: int  # how many senders of mail were killed, or lost the database


def find_faults(evidence: Evidence) -> list[str]:
    """Return everything that does not hold."""
    return [fault for look in LOOKS for fault in look(evidence)]


def is_quiet(books: Books) -> bool:
    """Whether nothing waits any more."""
    owed = [row for row in books.donations if row["email"] and not row["receipt_sent_at"]]
    waiting = [row for row in books.tasks if row["status"] in {"READY", "RUNNING"}]
    unopened = [row for row in books.letters if not row["processed_at"] and not row["ignored_at"]]
    unsent = [row for row in books.notices if not row["sent_at"]]
    open_orders = [row for row in books.orders if not row["finished_at"]]
    return not any((owed, waiting, unopened, unsent, open_orders))


def find_lost_letters(evidence: Evidence) -> Iterator[str]:
    """A letter that was answered 2xx is in the inbox."""
    kept = {row["stripe_id"] for row in evidence.books.letters}
    for lost in sorted(set(evidence.acknowledged) - kept):
        yield f"Letter {lost} was acknowledged and is lost."


def find_unopened_letters(evidence: Evidence) -> Iterator[str]:
    """Every letter has had its effect, and lies here once."""
    for row in evidence.books.letters:
        if not row["processed_at"] and not row["ignored_at"]:
            yield f"Letter {row['stripe_id']} ({row['type']}) was never taken in: {row['last_error'] or 'not tried'}"
    yield from _say_doubled("Letter", (row["stripe_id"] for row in evidence.books.letters))


def find_stuck_tasks(evidence: Evidence) -> Iterator[str]:
    """No task waits for a worker that is dead."""
    for row in evidence.books.tasks:
        if row["status"] in {"READY", "RUNNING"}:
            yield f"Task {row['task_path']} is {row['status']} for ever."


def find_drift(evidence: Evidence) -> Iterator[str]:
    """The mirror is what Stripe says."""
    theirs = {each["id"]: each for each in evidence.things.get("subscription", ())}
    mirrored = {row["stripe_id"]: row for row in evidence.books.subscriptions}
    pledged = {row["stripe_id"]: row for row in evidence.books.pledges}
    for stripe_id, their in theirs.items():
        is_pledge = their["metadata"].get("kind") == "pledge"
        ours = (pledged if is_pledge else mirrored).get(stripe_id)
        if ours is None:
            yield f"Subscription {stripe_id} is missing here."
            continue
        if ours["status"] != their["status"]:
            yield f"Subscription {stripe_id} is {ours['status']} here and {their['status']} at Stripe."
        their_end = their["ended_at"] or their["cancel_at"] or their["cancel_at_period_end"]
        if bool(ours["ended_at"] or ours["ends_at"]) != bool(their_end):
            yield f"Subscription {stripe_id} ends here or at Stripe, not at both."
        if not is_pledge and ours["invoice_id"] != their["latest_invoice"]:
            yield f"Subscription {stripe_id} has another latest invoice here than at Stripe."
    for stripe_id in (mirrored.keys() | pledged.keys()) - theirs.keys():
        yield f"Subscription {stripe_id} is not known to Stripe."


def find_wrong_money(evidence: Evidence) -> Iterator[str]:
    """The ledger is Stripe's money to the penny, each movement once."""
    received = {
        each["id"]: each["amount_received"]
        for each in evidence.things.get("payment_intent", ())
        if each["status"] == "succeeded"
    }
    returned = {
        each["id"]: -each["amount"] for each in evidence.things.get("refund", ()) if each["status"] == "succeeded"
    }
    entries = evidence.books.entries
    entered: Counter[str] = Counter()
    for row in entries:
        entered[row["payment_intent_id"] if row["kind"] == "payment" else row["stripe_id"]] += row["amount"]
    for stripe_id, amount in (received | returned).items():
        if entered[stripe_id] != amount:
            yield f"{stripe_id}: Stripe moved {amount}, the ledger says {entered[stripe_id]}."
    for stripe_id in entered.keys() - received.keys() - returned.keys():
        yield f"{stripe_id}: the ledger has {entered[stripe_id]}, Stripe has nothing."
    if sum(row["amount"] for row in entries) != sum(received.values()) + sum(returned.values()):
        yield "The ledger's sum is not Stripe's."
    yield from _say_doubled("Entry", (row["stripe_id"] for row in entries))
    given = {row["payment_id"] for row in evidence.books.donations}
    for row in entries:
        if row["kind"] == "payment" and row["purpose"] == "donation" and row["id"] not in given:
            yield f"Entry {row['stripe_id']} is a gift without a donation."


def find_unfinished_refunds(evidence: Evidence) -> Iterator[str]:
    """An order to give money back is done or refused, and Stripe did it once."""
    entries = {row["id"]: row for row in evidence.books.entries}
    refunds = Counter(each["payment_intent"] for each in evidence.things.get("refund", ()))
    for row in evidence.books.orders:
        intent = entries[row["payment_id"]]["payment_intent_id"]
        if not row["finished_at"]:
            yield f"Refund order {row['id']} was never finished."
        elif not row["error"] and not refunds[intent]:
            yield f"Refund order {row['id']} is finished, and Stripe gave nothing back."
    for intent, times in refunds.items():
        if times > 1:
            yield f"{intent} was given back {times} times."


def find_wrong_attempts(evidence: Evidence) -> Iterator[str]:
    """An attempt to pay is what its session at Stripe is."""
    sessions = {each["id"]: each["status"] for each in evidence.things.get("checkout.session", ())}
    words = {"open": "open", "complete": "completed", "expired": "expired"}
    for row in evidence.books.attempts:
        theirs = words.get(sessions.get(row["stripe_session_id"] or "", ""))
        if row["stripe_session_id"] and row["state"] != theirs:
            yield f"Attempt {row['id']} is {row['state']} here and {theirs} at Stripe."
        if not row["stripe_session_id"] and row["state"] in {"open", "completed"}:
            yield f"Attempt {row['id']} is {row['state']} without a session."


def find_wrong_notices(evidence: Evidence) -> Iterator[str]:
    """A reader is told once of each thing that happened, and of every one."""
    books = evidence.books
    keys = [(row["subscription_id"], row["kind"], row["occasion"]) for row in books.notices]
    yield from _say_doubled("Notice", map(str, keys))
    told = Counter((subscription, kind) for subscription, kind, _ in keys)
    for row in books.subscriptions:
        if told[row["id"], "welcome"] != 1:
            yield f"{row['stripe_id']}: {told[row['id'], 'welcome']} welcomes."
        if told[row["id"], "ended"] != (row["status"] == "canceled"):
            yield f"{row['stripe_id']}: {row['status']}, and told {told[row['id'], 'ended']} times that it ended."
        if row["status"] == "past_due" and told[row["id"], "payment_failed"] != 1:
            yield f"{row['stripe_id']}: told {told[row['id'], 'payment_failed']} times that a payment failed."


def find_wrong_mails(evidence: Evidence) -> Iterator[str]:
    """Every mail that is owed went out, once; a sender cut off leaves one further copy at most, under the same name.

    Once is what can be promised of the letter, not of the copy: a sender that dies after the mail server took the
    letter, and before we could note it, cannot know, and owes it to the reader to send it again.
    """
    books = evidence.books
    for row in books.notices:
        if not row["sent_at"]:
            yield f"Notice {row['id']} ({row['kind']}) was never sent."
    for row in books.donations:
        if row["email"] and not row["receipt_sent_at"]:
            yield f"The receipt for donation {row['id']} was never sent."
    letters = {mail.message_id: mail for mail in evidence.mails}
    receipts = [mail for mail in letters.values() if _RECEIPTS in mail.subject]
    owed = Counter(_owed_by_notices(books))
    went = Counter((mail.to, mail.subject) for mail in letters.values() if mail not in receipts)
    for what in owed.keys() | went.keys():
        if owed[what] != went[what]:
            yield f"{what}: {owed[what]} letters were owed and {went[what]} different ones went out."
    yield from _find_wrong_receipts(evidence, letters.values(), receipts)
    copies = len(evidence.mails) - len(letters)
    if copies > evidence.senders_cut_off:
        yield f"{copies} further copies went out, and only {evidence.senders_cut_off} senders were cut off."


def _find_wrong_receipts(evidence: Evidence, letters: Collection[Mail], receipts: Collection[Mail]) -> Iterator[str]:
    """Each payment is receipted in one letter, of its own or with the welcome; from one cut off perhaps in both."""
    paid = [row["stripe_id"] for row in evidence.books.entries if row["kind"] == "payment"]
    told = {stripe_id: sum(stripe_id in mail.text for mail in letters) for stripe_id in paid}
    for stripe_id, times in told.items():
        if not times:
            yield f"Payment {stripe_id} was never receipted."
    if sum(told.values()) > len(told) + evidence.senders_cut_off:
        yield f"{sum(told.values())} letters are receipts for {len(told)} payments."
    for mail in receipts:
        if not any(stripe_id in mail.text for stripe_id in paid):
            yield f"A receipt to {mail.to} is for no payment."


def _owed_by_notices(books: Books) -> Iterator[tuple[str, str]]:
    users = {row["id"]: row["email"] for row in books.users}
    customers = {row["id"]: users.get(row["user_id"]) or row["email"] for row in books.customers}
    addresses = {row["id"]: customers[row["customer_id"]] for row in books.subscriptions}
    for row in books.notices:
        if row["kind"] != NoticeKind.RECEIPT:
            yield (
                addresses.get(row["subscription_id"], "nobody"),
                _SUBJECTS[NoticeKind(row["kind"])].format(site="KJ Report"),
            )


def _say_doubled(what: str, ids: Collection[str] | Iterator[str]) -> Iterator[str]:
    for each, times in Counter(ids).items():
        if times > 1:
            yield f"{what} {each} is here {times} times."


LOOKS: tuple[Callable[[Evidence], Iterator[str]], ...] = (
    find_lost_letters,
    find_unopened_letters,
    find_stuck_tasks,
    find_drift,
    find_wrong_money,
    find_unfinished_refunds,
    find_wrong_attempts,
    find_wrong_notices,
    find_wrong_mails,
)
