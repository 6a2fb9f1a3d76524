"""Subscriptions as Stripe has them, copied under the customer's lock."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.alerts import tell_staff
from kjreport.payments.cards import Card
from kjreport.payments.customers import (
    find_patience,
    lock_customer,
    mark_deleted,
    mark_synced,
    not_waiting_to_write,
)
from kjreport.payments.ledger import record_paid_invoice
from kjreport.payments.models import Customer, Kind, Purpose
from kjreport.payments.snapshots import SubscriptionSnapshot
from subscriptions import notices
from subscriptions.access import is_known, weigh
from subscriptions.models import OVER, Plan, Price, Subscription


def sync_customer(stripe_id: str) -> list[Subscription]:
    """Make the mirror and the ledger what Stripe says of this customer; return their subscriptions.

    Lock, then fetch, then write: fetched before the lock, an old answer could overwrite a newer one. Doing it again is
    safe and changes nothing. Two calls to Stripe, and one for each paid invoice not yet entered.

    Raises:
        Customer.DoesNotExist: no customer of ours.
        GatewayError: Stripe did not say; nothing was changed.
    """
    with gateway.within(find_patience()), transaction.atomic():
        customer = lock_customer(stripe_id)
        try:
            snapshots = gateway.list_subscriptions(stripe_id)
        except gateway.NotFound:
            return _end_everything(customer)
        mirrored = [row for snapshot in snapshots if (row := _mirror(customer, snapshot)) is not None]
        if mirrored:
            _enter_invoices(customer, {row.stripe_id: row for row in mirrored})
        mark_synced(customer)
    return mirrored


def glance_at_customer(stripe_id: str, *, patience: float) -> None:
    """Make the mirror what Stripe says, in one call and without waiting for anybody; the ledger is left to others.

    While pages are cut off from Stripe it is not asked; being impatient, this call has no say in that.

    Raises:
        Customer.DoesNotExist, GatewayError: as above.
        OperationalError: somebody is writing already.
    """
    gateway.refuse_while_away()
    with gateway.within(patience), not_waiting_to_write(), transaction.atomic():
        customer = lock_customer(stripe_id, waits=False)
        for snapshot in gateway.list_subscriptions(stripe_id):
            _mirror(customer, snapshot, asking_more=False)


def _mirror(customer: Customer, snapshot: SubscriptionSnapshot, *, asking_more: bool = True) -> Subscription | None:
    """Copy one subscription; None if it is not one of those that let people read."""
    plan = Plan.objects.filter(stripe_product_id=snapshot.product_id).first()
    before = Subscription.objects.filter(stripe_id=snapshot.id).first()
    if before is None and not is_taken_in(snapshot, plan):
        return None
    now = timezone.now()
    row = Subscription(pk=before.pk if before else None, stripe_id=snapshot.id, customer=customer, plan=plan)
    for name, value in _copied(snapshot, now).items():
        setattr(row, name, value)
    knew_of_bank = before is not None and before.awaits_bank and before.invoice_id == row.invoice_id
    row.awaits_bank = _awaits_bank(snapshot) if asking_more else knew_of_bank
    row.card = _find_card(customer, snapshot, asking=asking_more) or (
        before.card if before and not asking_more else None
    )
    row.price = Price.objects.filter(stripe_price_id=snapshot.price_id).first()
    row.revoked_at = before.revoked_at if before else None
    row.unknown_since, row.gave_access = _remember_access(row, before, now)
    row.save()
    if row.is_running and not (before is not None and before.is_running):
        _tell_of_a_second(row)
    notices.write(before, row)
    return row


def is_taken_in(snapshot: SubscriptionSnapshot, plan: Plan | None) -> bool:
    """Whether a subscription lets people read: sold by us as one, or made at Stripe by hand for a plan of ours."""
    if gateway.is_ours(snapshot.metadata) and snapshot.kind == Kind.SUBSCRIPTION:
        return True
    return plan is not None and snapshot.kind != Kind.PLEDGE


def find_differences(row: Subscription, snapshot: SubscriptionSnapshot) -> list[str]:
    """Name what the mirror has otherwise than Stripe. Asks Stripe only about an overdue payment."""
    told = {**_copied(snapshot, row.synced_at), "awaits_bank": _awaits_bank(snapshot)}
    if snapshot.card is not None and snapshot.status not in OVER and row.customer.erased_at is None:
        told["card"] = snapshot.card
    return [name for name, value in told.items() if getattr(row, name) != value]


def _copied(snapshot: SubscriptionSnapshot, now: datetime) -> dict[str, Any]:
    invoice = snapshot.latest_invoice
    return {
        "status": snapshot.status,
        "amount": snapshot.amount,
        "currency": snapshot.currency,
        "interval": snapshot.interval,
        "started_at": snapshot.started_at,
        "period_end": snapshot.period_end,
        "trial_end": snapshot.trial_end,
        "ends_at": snapshot.ends_at,
        "ends_by_date": snapshot.cancel_at is not None,
        "canceled_at": snapshot.canceled_at,
        "ended_at": snapshot.ended_at,
        "end_reason": snapshot.cancellation_reason,
        "pause_cause": snapshot.pause_cause,
        "invoice_id": snapshot.latest_invoice_id,
        "invoice_status": invoice.status if invoice else "",
        "invoice_finalized_at": invoice.finalized_at if invoice else None,
        "payment_retry_at": invoice.next_payment_attempt_at if invoice else None,
        "synced_at": now,
    }


def _awaits_bank(snapshot: SubscriptionSnapshot) -> bool:
    """Whether the bank wants the reader to confirm. Asks Stripe only when a payment is overdue."""
    invoice = snapshot.latest_invoice
    if snapshot.status != "past_due" or invoice is None or invoice.status != "open":
        return False
    payments = gateway.list_invoice_payments(invoice_id=invoice.id)
    return any(payment.payment_status == "requires_action" for payment in payments)


def _find_card(customer: Customer, snapshot: SubscriptionSnapshot, *, asking: bool) -> Card | None:
    """Return the card that will be charged. Asks Stripe only where the subscription has no method of its own."""
    if snapshot.status in OVER or customer.erased_at is not None:
        return None
    if snapshot.payment_method_id or not asking:
        return snapshot.card
    return gateway.find_card(snapshot.customer_id)


def _remember_access(row: Subscription, before: Subscription | None, now: datetime) -> tuple[datetime | None, bool]:
    """Keep the last access known, so that a word of Stripe's we do not know does not shut a reader out at once."""
    if is_known(row.status):
        return None, weigh(row.state, now=now, grace=settings.SUBSCRIPTION_GRACE).opens_the_text
    if before is not None and before.unknown_since is not None:
        return before.unknown_since, before.gave_access
    tell_staff("Stripe says something new", f"Subscription {row.stripe_id} has the status “{row.status}”.")
    return now, before.gave_access if before else False


def _tell_of_a_second(row: Subscription) -> None:
    """Have a person look where a reader pays twice: we sell nobody a second one, but Stripe's dashboard does."""
    other = Subscription.objects.running().filter(customer=row.customer).exclude(pk=row.pk).first()
    if other is not None and row.plan_id is not None:
        news = f"{row.stripe_id} is charged beside {other.stripe_id}. One of them should be cancelled and given back."
        tell_staff("A reader has two subscriptions", news, about=row)


def _enter_invoices(customer: Customer, rows: dict[str, Subscription]) -> None:
    for invoice in gateway.list_invoices(customer.stripe_id or "", status="paid"):
        row = rows.get(invoice.subscription_id)
        if row is not None:
            description = row.plan.name if row.plan else ""
            entries = record_paid_invoice(
                invoice, purpose=Purpose.SUBSCRIPTION, customer=customer, description=description
            )
            for payment, is_new in entries:
                if is_new and row.plan_id is not None:
                    notices.write_receipt(row, payment)


def _end_everything(customer: Customer) -> list[Subscription]:
    """Stripe no longer has the customer, so nothing is charged and nothing is open."""
    mark_deleted(customer)
    rows = list(Subscription.objects.filter(customer=customer))
    for row in rows:
        if row.status != "canceled":
            row.status = "canceled"
            row.ended_at = row.synced_at = timezone.now()
            row.save(update_fields=["status", "ended_at", "synced_at"])
    return rows
