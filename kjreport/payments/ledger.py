"""The ledger: every amount received or returned is entered once, as an entry of its own."""

from datetime import datetime

from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import Customer, EntryKind, Payment, Purpose
from kjreport.payments.money import Money
from kjreport.payments.snapshots import InvoiceSnapshot, ReturnSnapshot


def record_payment(
    *,
    payment_intent_id: str,
    money: Money,
    purpose: Purpose,
    occurred_at: datetime,
    customer: Customer | None = None,
    invoice_id: str = "",
    description: str = "",
) -> tuple[Payment, bool]:
    """Enter money received; return the entry, and whether it is new. An entry that is there is left as it is.

    A payment that settled several invoices is entered once for each, hence the invoice in the id.
    """
    return Payment.objects.get_or_create(
        stripe_id=f"{payment_intent_id}:{invoice_id}" if invoice_id else payment_intent_id,
        defaults={
            "kind": EntryKind.PAYMENT,
            "purpose": purpose,
            "amount": money.amount,
            "currency": money.currency,
            "customer": customer,
            "payment_intent_id": payment_intent_id,
            "invoice_id": invoice_id,
            "description": description[:255],
            "occurred_at": occurred_at,
        },
    )


def record_paid_invoice(
    invoice: InvoiceSnapshot, *, purpose: Purpose, customer: Customer, description: str = ""
) -> list[tuple[Payment, bool]]:
    """Enter what was paid on an invoice: an entry for each payment on it, none for an invoice of nothing.

    What somebody marked as paid another way (a bank transfer, say) is entered as such. Asks Stripe once unless the
    invoice is entered already.
    """
    if not invoice.is_paid or invoice.amount_paid == 0:
        return []
    entered = list(Payment.objects.settling().filter(invoice_id=invoice.id))
    if sum(entry.amount for entry in entered) >= invoice.amount_paid:
        return [(entry, False) for entry in entered]
    payments = gateway.list_invoice_payments(invoice_id=invoice.id)
    entries = [
        record_payment(
            payment_intent_id=paid.payment_intent_id,
            money=Money(paid.amount_paid, paid.currency),
            purpose=purpose,
            occurred_at=paid.paid_at or invoice.paid_at or paid.created_at,
            customer=customer,
            invoice_id=invoice.id,
            description=description,
        )
        for paid in payments
        if paid.status == "paid" and paid.payment_intent_id and paid.amount_paid
    ]
    outside = invoice.amount_paid - sum(paid.amount_paid for paid in payments if paid.came_through_stripe)
    if outside > 0 and not any(paid.may_still_come for paid in payments):
        entries.append(_record_outside(invoice, outside, purpose=purpose, customer=customer, description=description))
    return entries


def _record_outside(
    invoice: InvoiceSnapshot, amount: int, *, purpose: Purpose, customer: Customer, description: str
) -> tuple[Payment, bool]:
    """Enter what was marked at Stripe as paid outside it: no payment there, and nothing Stripe could give back."""
    return Payment.objects.get_or_create(
        stripe_id=f"{invoice.id}:outside",
        defaults={
            "kind": EntryKind.OUTSIDE,
            "purpose": purpose,
            "amount": amount,
            "currency": invoice.currency,
            "customer": customer,
            "invoice_id": invoice.id,
            "description": description[:255],
            "occurred_at": invoice.paid_at or invoice.created_at,
        },
    )


def payment_of(payment_intent_id: str) -> Payment | None:
    """Return the entry of a payment, or None if it has not been entered. One query."""
    return Payment.objects.received().filter(payment_intent_id=payment_intent_id).order_by("pk").first()


def record_refunds(payment: Payment) -> list[Payment]:
    """Ask Stripe what was given back of a payment and enter it; return the new entries."""
    return [
        entry for refund in gateway.list_refunds(payment.payment_intent_id) for entry in _enter_refund(payment, refund)
    ]


def _enter_refund(payment: Payment, refund: ReturnSnapshot) -> list[Payment]:
    """Enter a refund that succeeded; one that failed later gets a second entry that takes it back."""
    amount = refund.amount
    new = []
    if refund.status == "succeeded":
        new.append(_record_return(payment, refund, kind=EntryKind.REFUND, stripe_id=refund.id, amount=-amount))
    elif refund.status in {"failed", "canceled"} and Payment.objects.filter(stripe_id=refund.id).exists():
        new.append(
            _record_return(
                payment, refund, kind=EntryKind.REFUND_FAILED, stripe_id=f"{refund.id}:failed", amount=amount
            )
        )
    return [entry for entry, is_new in new if is_new]


def record_dispute(payment: Payment, dispute: ReturnSnapshot) -> list[Payment]:
    """Enter money a bank took back, and took back again if we won; return the new entries.

    Warnings (`warning_*`) move no money.
    """
    kinds = ((EntryKind.DISPUTE, -dispute.amount), (EntryKind.DISPUTE_WON, dispute.amount))
    new = [
        _record_return(payment, dispute, kind=kind, stripe_id=name, amount=amount)
        for name, (kind, amount) in zip(name_dispute_entries(dispute), kinds, strict=False)
    ]
    return [entry for entry, is_new in new if is_new]


def name_dispute_entries(dispute: ReturnSnapshot) -> list[str]:
    """Return the ids of the entries a dispute calls for: none for a warning, one, or two once it is won."""
    if dispute.status.startswith("warning"):
        return []
    return [dispute.id, f"{dispute.id}:won"] if dispute.status in {"won", "prevented"} else [dispute.id]


def _record_return(
    payment: Payment, what: ReturnSnapshot, *, kind: EntryKind, stripe_id: str, amount: int
) -> tuple[Payment, bool]:
    return Payment.objects.get_or_create(
        stripe_id=stripe_id,
        defaults={
            "kind": kind,
            "purpose": payment.purpose,
            "amount": amount,
            "currency": what.currency,
            "customer": payment.customer,
            "of": payment,
            "payment_intent_id": payment.payment_intent_id,
            "invoice_id": payment.invoice_id,
            "occurred_at": what.created_at,
        },
    )
