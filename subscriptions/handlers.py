"""What this wing does when Stripe writes: it looks where the letter points, and believes only what it sees there."""

from django.db import transaction
from django.utils import timezone

from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.alerts import tell_staff
from kjreport.payments.checkout_attempts import note_session
from kjreport.payments.letters import Letter, NotOurs
from kjreport.payments.models import Customer, Payment
from subscriptions import mirror, notices
from subscriptions.models import Subscription


def sync_customer(stripe_id: str) -> None:
    """Make the mirror what Stripe says of this customer.

    Raises:
        NotOurs: no customer of ours.
    """
    try:
        mirror.sync_customer(stripe_id)
    except Customer.DoesNotExist as error:
        raise NotOurs("No customer of ours.") from error


def hear_customer(letter: Letter) -> None:
    """Something of a customer changed: a subscription, an invoice, or the customer itself."""
    sync_customer(letter.customer_id)


def hear_upcoming(letter: Letter) -> None:
    """A renewal is coming. The invoice in this letter has no id, for there is none yet; the subscription has."""
    sync_customer(letter.customer_id)
    with transaction.atomic():
        row = Subscription.objects.select_for_update().filter(stripe_id=letter.subscription_id).first()
        if row is None or row.plan_id is None:
            raise NotOurs("Not one of the subscriptions that let people read.")
        notices.write_renewal(row)


def hear_checkout(letter: Letter) -> None:
    """A reader came through Checkout, or did not."""
    session = gateway.get_checkout(letter.object_id)
    note_session(session)
    if session.customer_id:
        sync_customer(session.customer_id)


def hear_lost_dispute(payment: Payment) -> None:
    """A bank took the money back for good: close the text, and let a person decide about the rest."""
    if not payment.invoice_id:
        return
    invoice = gateway.get_invoice(payment.invoice_id)
    closed = Subscription.objects.filter(stripe_id=invoice.subscription_id, revoked_at__isnull=True)
    if closed.update(revoked_at=timezone.now()):
        tell_staff(
            "A dispute was lost",
            f"Access by {invoice.subscription_id} is closed. It may still charge: please cancel it at Stripe.",
        )
