"""What the ledger has otherwise than Stripe: asked a page at a time, with as many queries for a page as for one row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import batched

from django.db.models import Sum

from kjreport.payments import ledger
from kjreport.payments.models import Payment
from kjreport.payments.snapshots import InvoiceSnapshot, ReturnSnapshot

PAGE = 100

type Mend = Callable[[], object]


@dataclass(frozen=True)
class Drift:
    """Something that is here otherwise than at Stripe, in a sentence; `mend` brings it back, if anything can."""

    stripe_id: str
    what: str
    mend: Mend | None = None


def in_pages[T](stream: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """Cut a stream into pages; only one is ever held."""
    return batched(stream, PAGE, strict=False)


def audit_invoices(invoices: Sequence[InvoiceSnapshot], mends: Mapping[str, Mend]) -> list[Drift]:
    """Compare what was paid with what was entered, for the subscriptions that `mends` names. One query."""
    ours = [each for each in invoices if each.subscription_id in mends]
    entered = dict(
        Payment.objects.settling()
        .filter(invoice_id__in=[each.id for each in ours])
        .values_list("invoice_id")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    return [
        Drift(
            each.id,
            f"paid {each.amount_paid} at Stripe, entered {entered.get(each.id, 0)}",
            mends[each.subscription_id],
        )
        for each in ours
        if entered.get(each.id, 0) != each.amount_paid
    ]


def audit_refunds(refunds: Sequence[ReturnSnapshot]) -> list[Drift]:
    """Find refunds of payments of ours that are not entered, or not taken back though they failed. Two queries."""
    known = _payments_of(refunds)
    entered = _entered([name for each in refunds for name in (each.id, f"{each.id}:failed")])
    drifts = []
    for each in refunds:
        payment = known.get(each.payment_intent_id)
        is_missing = each.status == "succeeded" and each.id not in entered
        has_failed = each.status in {"failed", "canceled"} and each.id in entered
        if payment is not None and (is_missing or (has_failed and f"{each.id}:failed" not in entered)):
            what = f"refund of {each.amount}, {each.status}, not entered"
            drifts.append(Drift(each.id, what, partial(ledger.record_refunds, payment)))
    return drifts


def audit_disputes(disputes: Sequence[ReturnSnapshot]) -> list[Drift]:
    """Find disputes about payments of ours whose money is not entered as it moved. Two queries."""
    known = _payments_of(disputes)
    entered = _entered([name for each in disputes for name in ledger.name_dispute_entries(each)])
    drifts = []
    for each in disputes:
        payment = known.get(each.payment_intent_id)
        if payment is not None and not set(ledger.name_dispute_entries(each)) <= entered:
            what = f"dispute about {each.amount}, {each.status}, not entered"
            drifts.append(Drift(each.id, what, partial(ledger.record_dispute, payment, each)))
    return drifts


def _payments_of(returns: Sequence[ReturnSnapshot]) -> dict[str, Payment]:
    intents = {each.payment_intent_id for each in returns} - {""}
    found = Payment.objects.received().filter(payment_intent_id__in=intents).order_by("-pk")
    return {payment.payment_intent_id: payment for payment in found}


def _entered(stripe_ids: Sequence[str]) -> set[str]:
    return set(Payment.objects.filter(stripe_id__in=stripe_ids).values_list("stripe_id", flat=True))
