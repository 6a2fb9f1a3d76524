"""Stripe's front door: which of our rooms hears which letter, as `urls.py` is the readers' front door."""

from collections.abc import Callable

from django.utils import timezone

from donations import giving
from donations import handlers as donations
from kjreport.payments import customers, ledger
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.alerts import tell_staff
from kjreport.payments.letters import Letter, NotOurs
from kjreport.payments.models import Kind, Payment, Purpose
from kjreport.payments.money import Money
from kjreport.payments.snapshots import PaymentIntentSnapshot, ReturnSnapshot
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


def hear_card(letter: Letter) -> None:
    """Look at a card that a bank renewed. One chosen anew changes a customer or a subscription as well."""
    subscriptions.sync_customer(letter.customer_id)


def hear_product(letter: Letter) -> None:
    """Let whoever sells a product look whether Stripe still does."""
    if not (subscriptions.hear_product(letter) or donations.hear_product(letter)):
        raise NotOurs("No product of ours.")


def hear_refund(letter: Letter) -> None:
    """Enter money that went back to a reader. A refund ends nothing by itself."""
    ledger.record_refunds(_find_payment(letter))


def hear_dispute(letter: Letter) -> None:
    """Enter what a bank takes back for a reader, for now or for good."""
    payment = _find_payment(letter)
    dispute = gateway.get_dispute(letter.object_id)
    is_question = dispute.status.startswith("warning") and letter.type == "charge.dispute.created"
    if ledger.record_dispute(payment, dispute) or is_question:
        _tell_of_dispute(payment, dispute)
    if dispute.status == "lost":
        _LOST_DISPUTE[payment.purpose](payment)


def hear_fraud_warning(letter: Letter) -> None:
    """Have a person look at what a bank suspects; a refund in time saves a dispute."""
    payment = _find_payment(letter)
    tell_staff(
        "An early fraud warning",
        f"A bank suspects that the payment of {payment.money.display} on {payment.occurred_at:%-d %B %Y} was not its"
        " card holder's. No money has moved. A refund, and the end of the subscription, may spare a dispute.",
        about=payment,
    )


def _tell_of_dispute(payment: Payment, dispute: ReturnSnapshot) -> None:
    money = Money(dispute.amount, dispute.currency).display
    match dispute.status:
        case "won":
            news = f"The dispute {dispute.id} is won, and {money} have come back."
        case "lost":
            news = f"The dispute {dispute.id} about {money} is lost."
        case status if status.startswith("warning"):
            news = f"A bank asks about {money} ({dispute.id}). No money has moved; unanswered, it may become a dispute."
        case status:
            news = f"A bank has taken {money} back ({dispute.id}, {status})."
    by = (
        f" Answer it at Stripe by {timezone.localtime(dispute.answer_by):%-d %B %Y, %H:%M}."
        if dispute.answer_by
        else ""
    )
    is_open = dispute.status in {"needs_response", "warning_needs_response"}
    tell_staff("A payment is disputed", news + (by if is_open else ""), about=payment)


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
    "payment_method.updated": hear_card,
    "payment_method.automatically_updated": hear_card,
    "price.updated": subscriptions.hear_price,
    "price.deleted": subscriptions.hear_price,
    "product.updated": hear_product,
    "product.deleted": hear_product,
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
