"""Refund and cancel: the money back, the subscription ended, both or neither left undone."""

import logging
from datetime import timedelta

from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import refunding
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import Payment, Purpose, RefundOrder
from subscriptions import mirror
from subscriptions.models import Subscription

logger = logging.getLogger(__name__)

LEFT_TO_ITS_GIVER = timedelta(minutes=5)
GIVEN_UP_ON_AFTER = timedelta(days=2)
MOST_SHOWN = 12


class NotOfThisSubscription(Exception):  # noqa: N818 - news, not a fault
    """The payment was for something else."""


def list_payments(subscription: Subscription) -> list[Payment]:
    """Return what the subscriber paid for subscribing, the newest first. One query."""
    paid = Payment.objects.received().filter(customer=subscription.customer, purpose=Purpose.SUBSCRIPTION)
    return list(paid.exclude(invoice_id="")[:MOST_SHOWN])


def refund_and_cancel(subscription: Subscription, payment: Payment, *, by: User) -> RefundOrder:
    """Give back what is left of a payment on a subscription, and end the subscription now; twice does it once.

    Raises:
        PermissionDenied: not theirs to do.
        NotOfThisSubscription: the payment was for something else.
        NothingLeft: both are done already.
        GatewayRefused: Stripe said no, and nothing was cancelled.
        GatewayUnavailable: Stripe did not say; the order stays open, and the sweeper finishes it.
    """
    if subscription.status == "canceled" and refunding.find_left(payment).amount <= 0:
        raise refunding.NothingLeft
    with gateway.within(refunding.PATIENCE):
        invoice = gateway.get_invoice(payment.invoice_id)
    if invoice.subscription_id != subscription.stripe_id:
        raise NotOfThisSubscription
    order = refunding.order(payment, by=by, subscription_id=subscription.stripe_id)
    carry_out(order)
    return order


def carry_out(order: RefundOrder) -> None:
    """Do what of an order is not done yet: the money first, for only that can be refused."""
    refunding.give_back(order)
    if order.subscription_id:
        _cancel(order)
    refunding.close(order)


def _cancel(order: RefundOrder) -> None:
    customer = order.payment.customer
    with gateway.within(refunding.PATIENCE):
        try:
            gateway.cancel_subscription(order.subscription_id)
        except gateway.GatewayRefused:
            if gateway.get_subscription(order.subscription_id).status != "canceled":
                raise
        if customer is not None and customer.stripe_id:
            mirror.sync_customer(customer.stripe_id)


def finish_orders() -> int:
    """Finish what a lost connection or a lost process left half done; return how many were finished."""
    now = timezone.now()
    left = RefundOrder.objects.filter(
        finished_at__isnull=True,
        ordered_at__lt=now - LEFT_TO_ITS_GIVER,
        ordered_at__gt=now - GIVEN_UP_ON_AFTER,
    )
    finished = 0
    for order in left.select_related("payment__customer")[:100]:
        try:
            carry_out(order)
            finished += 1
        except Exception:
            logger.exception("The refund %s could not be finished", order.key)
    return finished
