"""Stripe's front door: which of our rooms hears which letter, as `urls.py` is the readers' front door."""

from collections.abc import Callable

from donations import giving
from donations import handlers as donations
from kjreport.payments import customers, ledger
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.alerts import tell_staff
from kjreport.payments.letters import Letter, NotOurs
from kjreport.payments.models import Kind, Payment, Purpose
from kjreport.payments.snapshots import PaymentIntentSnapshot
from subscriptions import handlers as subscriptions

type Handler = Callable[[Letter], None]

_CHECKOUT: dict[str, Handler] = {
    Kind.SUBSCRIPTION: subscriptions.hear_checkout,
    Kind.GIFT: donations.hear_checkout,
    Kind.PLEDGE: donations.hear_checkout,
}


_LOST_DISPUTE: dict[str, Callable[[Payment], None]] = {
    Purpose.SUBSCRIPTION: subscriptions.hear_lost_dispute,
    Purpose.DONATION: donations.hear_lost_dispute,
}


def hear_checkout(letter: Letter) -> None:
    """Let a Checkout session of ours say what it was for."""
    if not gateway.is_ours(letter.metadata) or letter.kind not in _CHECKOUT:
        raise NotOurs("A Checkout session of another site.")
    _CHECKOUT[letter.kind](letter)


def hear_arrangement(letter: Letter) -> None:
    """Let a subscription or invoice say whose it is; one made by hand at Stripe is taken for a subscription."""
    if letter.metadata.get("site") and not gateway.is_ours(letter.metadata):
        raise NotOurs("A subscription of another site.")
    if letter.kind == Kind.PLEDGE:
        donations.hear_customer(letter)
    else:
        subscriptions.hear_customer(letter)


def hear_upcoming(letter: Letter) -> None:
    """Let a renewal to come say whose it is; a monthly gift's is no news."""
    if letter.metadata.get("site") and not gateway.is_ours(letter.metadata):
        raise NotOurs("A subscription of another site.")
    if letter.kind == Kind.PLEDGE:
        raise NotOurs("A monthly gift that goes on.")
    subscriptions.hear_upcoming(letter)


def hear_customer(letter: Letter) -> None:
    """Look at a customer who changed or is gone; the billing e-mail may be new, the sign-in address never is."""
    if not customers.refresh(letter.customer_id):
        raise NotOurs("No customer of ours.")
    subscriptions.sync_customer(letter.customer_id)
    donations.sync_customer(letter.customer_id)


def hear_refund(letter: Letter) -> None:
    """Enter money that went back to a reader. A refund ends nothing by itself."""
    ledger.record_refunds(_find_payment(letter))


def hear_dispute(letter: Letter) -> None:
    """Enter what a bank takes back for a reader, for now or for good."""
    payment = _find_payment(letter)
    dispute = gateway.get_dispute(letter.object_id)
    if ledger.record_dispute(payment, dispute):
        tell_staff("A payment is disputed", f"{dispute.id}: {payment.money.display}, {dispute.status}.")
    if dispute.status == "lost":
        _LOST_DISPUTE[payment.purpose](payment)


def hear_fraud_warning(letter: Letter) -> None:
    """Have a person look at what a bank suspects; a refund in time saves a dispute."""
    payment = _find_payment(letter)
    tell_staff("An early fraud warning", f"{letter.payment_intent_id}: {payment.money.display}. A refund may be wise.")


def _find_payment(letter: Letter) -> Payment:
    """Return the ledger's entry, entering it first if this letter overtook the one that told of it."""
    if not letter.payment_intent_id:
        raise NotOurs("Not about a payment.")
    payment = ledger.payment_of(letter.payment_intent_id)
    if payment is not None:
        return payment
    _enter_payment(gateway.get_payment_intent(letter.payment_intent_id))
    payment = ledger.payment_of(letter.payment_intent_id)
    if payment is None:
        raise NotOurs("A payment we never took.")
    return payment


def _enter_payment(intent: PaymentIntentSnapshot) -> None:
    """Have the wing that sold it look at it: a gift says so itself, anything else by the invoice it paid."""
    if gateway.is_ours(intent.metadata) and intent.metadata.get("kind") == Kind.GIFT:
        donations.hear_early(intent.metadata.get("attempt"))
        return
    for paid in gateway.list_invoice_payments(payment_intent_id=intent.id):
        invoice = gateway.get_invoice(paid.invoice_id)
        if invoice.subscription_metadata.get("kind") == Kind.PLEDGE:
            giving.sync_pledge(invoice.subscription_id)
        else:
            subscriptions.sync_customer(intent.customer_id)


HANDLERS: dict[str, Handler] = {
    "checkout.session.completed": hear_checkout,
    "checkout.session.async_payment_succeeded": hear_checkout,
    "checkout.session.async_payment_failed": hear_checkout,
    "checkout.session.expired": hear_checkout,
    "customer.subscription.created": hear_arrangement,
    "customer.subscription.updated": hear_arrangement,
    "customer.subscription.deleted": hear_arrangement,
    "customer.subscription.paused": hear_arrangement,
    "customer.subscription.resumed": hear_arrangement,
    "customer.subscription.trial_will_end": hear_arrangement,
    "invoice.paid": hear_arrangement,
    "invoice.upcoming": hear_upcoming,
    "invoice.payment_failed": hear_arrangement,
    "invoice.payment_action_required": hear_arrangement,
    "invoice.payment_attempt_required": hear_arrangement,
    "invoice.finalization_failed": hear_arrangement,
    "invoice.voided": hear_arrangement,
    "invoice.marked_uncollectible": hear_arrangement,
    "customer.updated": hear_customer,
    "customer.deleted": hear_customer,
    "charge.refunded": hear_refund,
    "refund.created": hear_refund,
    "refund.updated": hear_refund,
    "refund.failed": hear_refund,
    "charge.dispute.created": hear_dispute,
    "charge.dispute.updated": hear_dispute,
    "charge.dispute.closed": hear_dispute,
    "charge.dispute.funds_withdrawn": hear_dispute,
    "charge.dispute.funds_reinstated": hear_dispute,
    "radar.early_fraud_warning.created": hear_fraud_warning,
}
