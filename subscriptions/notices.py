"""Which letter a change of a subscription calls for; each hangs on a row of its own, so that it is written once."""

import logging
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.tasks import task
from django.utils import timezone

from subscriptions.emails import send
from subscriptions.models import Notice, NoticeKind, Subscription

logger = logging.getLogger(__name__)

LEFT_TO_THE_WORKER = timedelta(minutes=5)
MOST_AT_ONCE = 1000
_RUNNING = frozenset({"active", "trialing"})
_OWING = frozenset({"past_due", "unpaid"})


def write(before: Subscription | None, after: Subscription) -> None:
    """Note what the reader must hear of. Call it under the customer's lock, once the row is saved."""
    if after.plan_id is None:
        return
    for kind, occasion in _find_occasions(before, after):
        notice, is_new = Notice.objects.get_or_create(subscription=after, kind=kind, occasion=occasion)
        if is_new:
            transaction.on_commit(partial(send_soon.enqueue, notice.pk), robust=True)


def _find_occasions(before: Subscription | None, after: Subscription) -> list[tuple[NoticeKind, str]]:
    if after.status == "canceled":
        return [(NoticeKind.ENDED, "")] if before is not None else []
    occasions = []
    if after.status in _RUNNING:
        occasions.append((NoticeKind.WELCOME, ""))
    if after.status in _OWING and after.invoice_status == "open":
        occasions.append((NoticeKind.PAYMENT_FAILED, after.invoice_id))
    if after.ends_at is not None:
        occasions.append((NoticeKind.ENDING, _name_end(after)))
    elif before is not None and before.ends_at is not None:
        occasions.append((NoticeKind.KEPT, _name_end(before)))
    return occasions


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
    untaken = Q(taken_at__isnull=True) | Q(taken_at__lt=now - LEFT_TO_THE_WORKER)
    if not Notice.objects.filter(untaken, pk=notice_id, sent_at__isnull=True).update(taken_at=now):
        return False
    notice = Notice.objects.select_related("subscription__customer__user").get(pk=notice_id)
    try:
        send(notice)
    except Exception:
        Notice.objects.filter(pk=notice_id).update(taken_at=None)
        raise
    Notice.objects.filter(pk=notice_id).update(sent_at=timezone.now())
    return True


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
