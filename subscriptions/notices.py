"""Which letter a change of a subscription calls for; each hangs on a row of its own, so that it is written once."""

import calendar
import logging
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import models, transaction
from django.db.models import CharField, Exists, F, OuterRef, Q
from django.db.models.functions import Cast
from django.tasks import task
from django.utils import timezone

from kjreport.payments.models import Payment
from subscriptions.access import Told, weigh
from subscriptions.emails import send
from subscriptions.models import Interval, Notice, NoticeKind, Subscription

logger = logging.getLogger(__name__)

LEFT_TO_THE_WORKER = timedelta(minutes=5)
MOST_AT_ONCE = 1000
A_TRIALS_LAST_DAYS = timedelta(days=3)
RENEWAL_TOLD_WITHIN = timedelta(days=46)  # the earliest that Stripe can be told to announce one
_RUNNING = frozenset({"active", "trialing"})
_OWING = frozenset({"past_due", "unpaid"})
_HELD = frozenset({Told.PAY_INVOICE, Told.RESUME, Told.ADD_CARD})


def write(before: Subscription | None, after: Subscription) -> None:
    """Note what the reader must hear of. Call it under the customer's lock, once the row is saved."""
    if after.plan_id is None:
        return
    for kind, occasion in _find_occasions(before, after, timezone.now()):
        _note(after, kind, occasion)


def write_receipt(subscription: Subscription, payment: Payment) -> None:
    """Note that a payment just entered is to be receipted; a welcome that goes out first is the receipt as well.

    Call it in the transaction that enters the payment, and only then.
    """
    _note(subscription, NoticeKind.RECEIPT, payment.stripe_id)


def write_renewal(subscription: Subscription) -> None:
    """Note that a yearly subscription renews soon: a year is long enough to forget. Call it under the lock."""
    end = subscription.period_end
    is_due = subscription.status == "active" and subscription.ends_at is None and subscription.interval == "year"
    if is_due and end is not None and timedelta(0) < end - timezone.now() < RENEWAL_TOLD_WITHIN:
        _note(subscription, NoticeKind.RENEWAL, end.isoformat())


def write_holds() -> int:
    """Note whose reading the clock has closed since: grace ends by itself. Return how many were looked at."""
    told = Notice.objects.filter(subscription=OuterRef("pk"), kind=NoticeKind.ON_HOLD, occasion=OuterRef("invoice_id"))
    over = timezone.now() - settings.SUBSCRIPTION_GRACE
    late = Subscription.objects.current().filter(status="past_due", invoice_finalized_at__lte=over)
    pks = list(late.filter(~Exists(told), revoked_at=None).values_list("pk", flat=True)[:MOST_AT_ONCE])
    for pk in pks:
        with transaction.atomic():
            row = Subscription.objects.select_for_update().get(pk=pk)
            write(row, row)
    return len(pks)


def write_expiring_cards() -> int:
    """Note whose card is in its last month, or past it, while a payment is still to come; return how many.

    Stripe sends no letter of this, for it never charges a card before its time; only the calendar brings it about.
    """
    today = timezone.localdate()
    months_end = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    occasion = Cast(OuterRef("card_expiry_date"), CharField(max_length=10))
    told = Notice.objects.filter(subscription=OuterRef("pk"), kind=NoticeKind.CARD_EXPIRING, occasion=occasion)
    charged_after = Q(interval=Interval.MONTH) | Q(period_end__date__gt=F("card_expiry_date"))
    running = Subscription.objects.current().filter(charged_after, status__in=_RUNNING, ends_at=None)
    late = running.filter(~Exists(told), card_expiry_date__lte=months_end, revoked_at=None)
    pks = list(late.values_list("pk", flat=True)[:MOST_AT_ONCE])
    for pk in pks:
        with transaction.atomic():
            row = late.select_for_update(of=("self",)).filter(pk=pk).first()
            if row is not None and row.card_expiry_date is not None:
                _note(row, NoticeKind.CARD_EXPIRING, row.card_expiry_date.isoformat())
    return len(pks)


def _note(subscription: Subscription, kind: NoticeKind, occasion: str) -> None:
    notice, is_new = Notice.objects.get_or_create(subscription=subscription, kind=kind, occasion=occasion)
    if is_new:
        transaction.on_commit(partial(send_soon.enqueue, notice.pk), robust=True)


def _find_occasions(before: Subscription | None, after: Subscription, now: datetime) -> list[tuple[NoticeKind, str]]:
    if after.status == "canceled":
        is_news = before is not None and before.status != "canceled"  # one that ended before we saw it stays untold
        return [(NoticeKind.ENDED, "")] if is_news else []
    occasions = _find_troubles(after, now)
    if after.status in _RUNNING:
        occasions.append((NoticeKind.WELCOME, ""))
    if _trial_ends_soon(after, now) and after.trial_end is not None:
        occasions.append((NoticeKind.TRIAL_ENDING, after.trial_end.isoformat()))
    if after.ends_at is not None:
        occasions.append((NoticeKind.ENDING, _name_end(after)))
    elif before is not None and before.ends_at is not None:
        occasions.append((NoticeKind.KEPT, _name_end(before)))
    return occasions


def _find_troubles(after: Subscription, now: datetime) -> list[tuple[NoticeKind, str]]:
    """Name what the reader should mend, and only the gravest: closed, or the bank asks, or a payment failed."""
    verdict = weigh(after.state, now=now, grace=settings.SUBSCRIPTION_GRACE)
    if verdict.told in _HELD:
        paused = f"paused/{after.period_end.isoformat() if after.period_end else ''}"
        return [(NoticeKind.ON_HOLD, paused if after.status == "paused" else after.invoice_id)]
    if after.status in _OWING and after.invoice_status == "open" and after.revoked_at is None:
        kind = NoticeKind.BANK_ASKS if after.awaits_bank else NoticeKind.PAYMENT_FAILED
        return [(kind, after.invoice_id)]
    return []


def _trial_ends_soon(after: Subscription, now: datetime) -> bool:
    """Whether a trial longer than that is in its last days and will then be paid for."""
    if after.status != "trialing" or after.trial_end is None or after.ends_at is not None:
        return False
    soon = after.trial_end - A_TRIALS_LAST_DAYS - timedelta(hours=1)
    return after.started_at < soon <= now


def _name_end(subscription: Subscription) -> str:
    """Name one request to end, so that a second one, after a change of mind, is another occasion."""
    asked, end = subscription.canceled_at, subscription.ends_at
    return f"{asked.isoformat() if asked else ''}/{end.isoformat() if end else ''}"


@task
def send_soon(notice_id: int) -> None:
    """Send a notice in the background."""
    send_notice(notice_id)


def send_notice(notice_id: int) -> bool:
    """Send a notice unless it has been sent or another worker has it; return whether it was sent now.

    No lock is held while the mail goes out: a mail server that hangs must not keep the whole site from writing.
    """
    now = timezone.now()
    if not _take(Notice.objects.filter(pk=notice_id), now):
        return False
    notice = Notice.objects.select_related("subscription__customer__user").get(pk=notice_id)
    receipt = _take_receipt(notice, now)
    taken = Notice.objects.filter(pk__in=[each.pk for each in (notice, receipt) if each is not None])
    try:
        send(notice, receipt)
    except Exception:
        taken.update(taken_at=None)
        raise
    taken.update(sent_at=timezone.now())
    return True


def _take(notices: models.QuerySet[Notice], now: datetime) -> bool:
    untaken = Q(taken_at__isnull=True) | Q(taken_at__lt=now - LEFT_TO_THE_WORKER)
    return bool(notices.filter(untaken, sent_at__isnull=True).update(taken_at=now))


def _take_receipt(notice: Notice, now: datetime) -> Notice | None:
    """Return the receipt that a letter sends along, now taken: a welcome's first one, unless it has gone out already.

    A payment is never named by looking which invoice is the latest: by the time a late worker looks, another may be.
    """
    if notice.kind == NoticeKind.RECEIPT:
        return notice
    if notice.kind != NoticeKind.WELCOME:
        return None
    receipts = Notice.objects.filter(subscription=notice.subscription, kind=NoticeKind.RECEIPT)
    first = receipts.order_by("pk").first()
    return first if first is not None and _take(receipts.filter(pk=first.pk), now) else None


def send_unsent() -> tuple[int, int]:
    """Send what a lost worker left behind; return how many were sent and how many failed."""
    left = Notice.objects.filter(sent_at__isnull=True, created_at__lt=timezone.now() - LEFT_TO_THE_WORKER)
    sent = failed = 0
    for pk in list(left.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        try:
            sent += send_notice(pk)
        except Exception:
            logger.exception("Notice %s could not be sent", pk)
            failed += 1
    return sent, failed
