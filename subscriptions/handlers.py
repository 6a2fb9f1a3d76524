"""What this wing does when Stripe writes: it looks where the letter points, and believes only what it sees there."""

from django.db import transaction
from django.utils import timezone

from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.alerts import tell_staff
from kjreport.payments.checkout_attempts import note_session
from kjreport.payments.letters import Letter, NotOurs
from kjreport.payments.models import Customer, Payment
from subscriptions import mirror, notices
from subscriptions.models import Plan, Price, Subscription
from subscriptions.offer import forget_offer


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


def hear_price(letter: Letter) -> None:
    """A price changed at Stripe. One that is no longer sold there must not be offered here."""
    price = Price.objects.filter(stripe_price_id=letter.object_id).first()
    if price is None:
        raise NotOurs("No price of ours.")
    if price.is_offered and not gateway.is_on_sale(price_id=letter.object_id):
        Price.objects.filter(pk=price.pk).update(is_offered=False)
        transaction.on_commit(forget_offer)
        news = f"{price} was archived at Stripe, so readers are no longer offered it."
        tell_staff("A price is no longer sold", news, about=price.plan)


def hear_product(letter: Letter) -> bool:
    """A product changed at Stripe; return whether it is a plan of ours. One that is archived is no longer offered."""
    plan = Plan.objects.filter(stripe_product_id=letter.object_id).first()
    if plan is None:
        return False
    if plan.is_offered and not gateway.is_on_sale(product_id=letter.object_id):
        Plan.objects.filter(pk=plan.pk).update(is_offered=False)
        transaction.on_commit(forget_offer)
        news = f"{plan} was archived at Stripe, so readers are no longer offered it. Who has it keeps it."
        tell_staff("A plan is no longer sold", news, about=plan)
    return True


def hear_lost_dispute(payment: Payment) -> None:
    """A bank took the money back for good: close the text, and let a person decide about the rest."""
    if not payment.invoice_id:
        return
    invoice = gateway.get_invoice(payment.invoice_id)
    row = Subscription.objects.filter(stripe_id=invoice.subscription_id).first()
    if row is None or not Subscription.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now()):
        return
    what_next = "" if row.is_over else " It still charges: please cancel it at Stripe."
    tell_staff("A dispute was lost", f"Access by {row.stripe_id} is closed.{what_next}", about=row)
