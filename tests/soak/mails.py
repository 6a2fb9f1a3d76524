"""Which mails must have gone out, each once: worked out from what Stripe did, as far as that decides it."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from donations.models import Donation
from subscriptions.models import Notice
from tests.soak.ledgers import Stripes
from tests.soak.world import STAFF

if TYPE_CHECKING:
    from tests.soak.deeds import Life, Reader

WELCOME = "Welcome to KJ Report"
RECEIPT = "Your receipt from KJ Report"
ENDED = "Your subscription to KJ Report has ended"
ENDING = "Your subscription to KJ Report will end"
KEPT = "Your subscription to KJ Report goes on"
FAILED = "We could not take your payment for KJ Report"
BANK = "Your bank asks you to confirm your payment for KJ Report"
HOLD = "Your reading of KJ Report is on hold"
RENEWS = "Your subscription to KJ Report renews soon"
EXPIRES = "The card for your subscription to KJ Report expires"
TRIAL = "Your trial of KJ Report ends soon"
SUBJECTS = {
    "welcome": WELCOME,
    "receipt": RECEIPT,
    "ended": ENDED,
    "ending": ENDING,
    "kept": KEPT,
    "payment_failed": FAILED,
    "bank_asks": BANK,
    "on_hold": HOLD,
    "renewal": RENEWS,
    "trial_ending": TRIAL,
    "card_expiring": EXPIRES,
}


def find_in_mails(life: "Life", stripes: Stripes) -> Iterator[str]:
    """Find mails that went out twice, or that must have gone out and did not."""
    yield from _find_unsent()
    yield from _find_in_receipts(life, stripes)
    yield from _find_in_alarms(life, stripes)
    for reader in life.readers:
        if not reader.is_erased:
            yield from _find_in_letters(life, stripes, reader)


def _find_unsent() -> Iterator[str]:
    for notice in Notice.objects.filter(sent_at=None):
        yield f"{notice.kind} {notice.occasion} was never sent"
    for donation in Donation.objects.filter(receipt_sent_at=None).exclude(email=""):
        yield f"the receipt of {donation.payment.stripe_id} was never sent"


def _find_in_receipts(life: "Life", stripes: Stripes) -> Iterator[str]:
    """Every payment is receipted in exactly one mail, unless its payer was erased meanwhile."""
    erased = {
        customer for reader in life.readers if reader.is_erased for customer in stripes.customers_of(reader.user.pk)
    }
    for reference, (_, customer) in stripes.payments().items():
        mails = [mail for mail in life.world.mailbox.sent if mail.names(reference)]
        least = 0 if customer in erased else 1
        if not least <= len(mails) <= 1:
            yield f"{reference} is receipted {len(mails)} times: {[mail.subject for mail in mails]}"


def _find_in_letters(life: "Life", stripes: Stripes, reader: "Reader") -> Iterator[str]:
    own = stripes.customers_of(reader.user.pk)
    mine = [each for each in stripes.reading() if each["customer"] in own]
    addresses = {reader.email}
    sent = Counter(mail.subject for mail in life.world.mailbox.sent if mail.to in addresses)
    noted = Counter(Notice.objects.filter(subscription__customer__user=reader.user).values_list("kind", flat=True))
    welcomes = [mail for mail in life.world.mailbox.sent if mail.to == reader.email and mail.subject == WELCOME]
    noted["receipt"] -= sum("\n  Receipt" in mail.body for mail in welcomes)  # those that a welcome took along
    for kind, subject in SUBJECTS.items():
        if sent[subject] != noted[kind]:
            yield f"{reader.email}: {sent[subject]} mails “{subject}” for {noted[kind]} occasions"
    running = [each for each in mine if each["status"] in ("active", "trialing")]
    over = [each for each in mine if each["status"] == "canceled"]
    if not len(running) <= sent[WELCOME] <= len(mine):
        yield f"{reader.email}: {sent[WELCOME]} welcomes for {len(mine)} subscriptions, {len(running)} of them running"
    if not reader.had_deleted and sent[ENDED] != sum(_was_told_of(each) for each in over):
        yield f"{reader.email}: told {sent[ENDED]} times that it ended, of {len(over)} that did"
    yield from _find_of_ends(reader, sent, running, own=mine)
    yield from _find_of_troubles(life, stripes, reader, sent, mine)


def _was_told_of(subscription: dict[str, object]) -> bool:
    """Whether anything was said to the reader before it ended; what ended before we ever saw it is no news."""
    told = Notice.objects.filter(subscription__stripe_id=subscription["id"])
    return told.exclude(kind__in=["ended", "receipt"]).exists()


def _find_of_ends(
    reader: "Reader", sent: Counter[str], running: list[dict[str, object]], *, own: list[dict[str, object]]
) -> Iterator[str]:
    ending = [each for each in running if each["cancel_at"]]
    if sent[ENDING] < len(ending):
        yield f"{reader.email}: told {sent[ENDING]} times that it will end, and {len(ending)} will"
    if sent[KEPT] > sent[ENDING]:
        yield f"{reader.email}: told {sent[KEPT]} times that it goes on, {sent[ENDING]} that it will end"
    is_single = len(own) == len(running) == 1 and not ending
    if is_single and sent[ENDING] and not sent[KEPT]:
        yield f"{reader.email}: told that it will end, and never that it goes on"


def _find_of_troubles(
    life: "Life", stripes: Stripes, reader: "Reader", sent: Counter[str], mine: list[dict[str, object]]
) -> Iterator[str]:
    """Every open trouble has been told; no more have been told than there were."""
    failed = {
        event["data"]["object"]["id"]
        for event in stripes.every("event")
        if event["type"] == "invoice.payment_failed"
        and event["data"]["object"]["parent"]["subscription_details"]["subscription"] in {each["id"] for each in mine}
    }
    for subject in (FAILED, BANK):
        if sent[subject] > len(failed):
            yield f"{reader.email}: {sent[subject]} mails “{subject}” about {len(failed)} invoices"
    due = [each for each in mine if each["status"] == "past_due" and not stripes.is_lost(each)]
    now, grace = life.world.clock.moment, 14 * 86_400
    for each in due:
        invoice = stripes.latest_invoice(each)
        if invoice is None or invoice["status"] != "open":
            continue
        occasions = Notice.objects.filter(subscription__stripe_id=each["id"], occasion=invoice["id"])
        kinds = set(occasions.values_list("kind", flat=True))
        in_grace = stripes.opens(each, now, grace)
        wanted = ("bank_asks" if stripes.awaits_bank(each) else "payment_failed") if in_grace else "on_hold"
        if wanted not in kinds:
            yield f"{reader.email}: {invoice['id']} is overdue ({wanted}), told {kinds or 'nothing'}"


def _find_in_alarms(life: "Life", stripes: Stripes) -> Iterator[str]:
    """Our own desk hears of each warning once at most: a mail that the server does not take is logged, not kept."""
    told = sum("early fraud warning" in mail.subject for mail in life.world.mailbox.sent if mail.to == STAFF)
    warnings = len(stripes.every("radar.early_fraud_warning"))
    if told > warnings:
        yield f"the desk was told {told} times of {warnings} warnings"
