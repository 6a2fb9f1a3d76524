"""Giving a payment back: ordered by somebody with the right, done once at Stripe, entered in the ledger, logged."""

import logging

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import ledger
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import EntryKind, Payment, RefundOrder
from kjreport.payments.money import Money

logger = logging.getLogger(__name__)

PATIENCE = 7  # seconds a colleague waits for Stripe in all
_GONE_BACK = frozenset({"succeeded", "pending", "requires_action"})


class NothingLeft(Exception):  # noqa: N818 - news, not a fault
    """All of the payment has gone back already."""


def may_refund(user: User) -> bool:
    """Whether somebody may give money back. Nobody both publishes and refunds, but for the owner."""
    if not user.is_active or not user.has_perm("payments.refund_payment"):
        return False
    return user.is_superuser or not user.has_perm("articles.publish_article")


def find_left(payment: Payment) -> Money:
    """Return what is left of a payment after all that went back, by the ledger. One query."""
    entries = Payment.objects.filter(payment_intent_id=payment.payment_intent_id)
    return Money(entries.aggregate(left=Sum("amount"))["left"] or 0, payment.currency)


def refund(payment: Payment, *, by: User) -> RefundOrder:
    """Give back what is left of a payment; pressing twice gives it back once.

    Raises:
        PermissionDenied: not theirs to do.
        NothingLeft: it has gone back already.
        GatewayRefused: Stripe said no, and the order is closed with its reason.
        GatewayUnavailable: Stripe did not say; the order stays open, and the sweeper finishes it.
    """
    if find_left(payment).amount <= 0:
        raise NothingLeft
    found = order(payment, by=by)
    give_back(found)
    close(found)
    return found


def order(payment: Payment, *, by: User, subscription_id: str = "") -> RefundOrder:
    """Keep the order, before Stripe is asked; a payment has one open order at most, whoever presses.

    Under the payment's lock it is asked once more whether a colleague has done it meanwhile: whoever pressed at the
    same moment joins their order while it is open, and finds nothing left once it is closed.

    Raises:
        PermissionDenied: not theirs to do.
        NothingLeft: it has been done.
    """
    if not may_refund(by):
        raise PermissionDenied
    if payment.kind != EntryKind.PAYMENT:
        raise NothingLeft
    with transaction.atomic():
        Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
        found = RefundOrder.objects.filter(payment=payment, finished_at=None).first()
        if found is None:
            if _is_done(payment, subscription_id):
                raise NothingLeft
            found = RefundOrder.objects.create(payment=payment, ordered_by=by, subscription_id=subscription_id)
            logger.info("Refund %s of %s ordered by account %s", found.key, payment.stripe_id, by.pk)
        elif subscription_id and found.subscription_id != subscription_id:
            found.subscription_id = subscription_id
            found.save(update_fields=["subscription_id"])
    return found


def _is_done(payment: Payment, subscription_id: str) -> bool:
    """Whether an earlier order has done all of this. Two queries."""
    if find_left(payment).amount > 0:
        return False
    done = RefundOrder.objects.filter(payment=payment, subscription_id=subscription_id, finished_at__isnull=False)
    return not subscription_id or done.filter(error="").exists()


def give_back(order: RefundOrder) -> None:
    """Do at Stripe what was ordered, and enter it. No lock is held while Stripe is asked; doing it again is safe."""
    with gateway.within(PATIENCE):
        if order.refunded_at is None:
            _ask_for_refund(order)
            order.refunded_at = timezone.now()
            order.save(update_fields=["refunded_at"])
        ledger.record_refunds(order.payment)


def _ask_for_refund(order: RefundOrder) -> None:
    intent = order.payment.payment_intent_id
    try:
        gateway.create_refund(intent, key=order.idempotency_key)
    except gateway.GatewayError as error:
        if error.key_is_spent:
            RefundOrder.objects.filter(pk=order.pk).update(tries=F("tries") + 1)
        if not isinstance(error, gateway.GatewayRefused):
            raise
        if not _has_gone_back(order.payment):
            close(order, error=str(error))
            raise


def _has_gone_back(payment: Payment) -> bool:
    """Whether Stripe refuses because nothing is left: somebody was quicker, here or in Stripe's dashboard."""
    received = Payment.objects.received().filter(payment_intent_id=payment.payment_intent_id)
    total = received.aggregate(total=Sum("amount"))["total"] or 0
    refunds = gateway.list_refunds(payment.payment_intent_id)
    return sum(each.amount for each in refunds if each.status in _GONE_BACK) >= total > 0


def close(order: RefundOrder, *, error: str = "") -> None:
    """Note that an order is done, or refused, and who gave it; noted once."""
    with transaction.atomic():
        is_open = RefundOrder.objects.filter(pk=order.pk, finished_at__isnull=True)
        if not is_open.update(finished_at=timezone.now(), error=error):
            return
        done = "Refund refused by Stripe" if error else "Refunded"
        also = f", subscription {order.subscription_id} cancelled" if order.subscription_id and not error else ""
        logger.info("%s: %s, ordered by account %s", done, order.payment.stripe_id, order.ordered_by_id)
        if order.ordered_by_id is not None:
            LogEntry.objects.log_actions(
                order.ordered_by_id, [order.payment], CHANGE, f"{done}{also}.", single_object=True
            )
