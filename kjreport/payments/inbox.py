"""Where Stripe's letters lie until their effect has been taken in: kept once, opened as often as it takes."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.tasks import task
from django.utils import timezone
from django.utils.module_loading import import_string

from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.customers import find_patience
from kjreport.payments.letters import Letter, NotOurs
from kjreport.payments.models import StripeEvent
from kjreport.payments.snapshots import Notification, dig, read_id

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 12  # with the waits below, about a day and a half
LONGEST_WAIT = timedelta(hours=6)


def receive(notification: Notification) -> bool:
    """Keep a letter, once by its id, and have it opened soon; return whether it is new. Opens nothing itself."""
    now = timezone.now()
    thing = dig(notification.payload, "data", "object") or {}
    reason = _reason_to_ignore(notification)
    with transaction.atomic():
        event, is_new = StripeEvent.objects.get_or_create(
            stripe_id=notification.id,
            defaults={
                "type": notification.type,
                "api_version": notification.api_version,
                "livemode": notification.livemode,
                "object_id": str(thing.get("id") or ""),
                "customer_id": str(
                    thing.get("id") if thing.get("object") == "customer" else read_id(thing.get("customer"))
                ),
                "payload": dict(notification.payload),
                "occurred_at": notification.created_at,
                "ignored_at": now if reason else None,
                "ignored_reason": reason,
                "next_attempt_at": None if reason else now,
            },
        )
        if is_new and not reason:
            # Robust: a queue that is down must not make Stripe send again what is kept; the sweeper will find it.
            transaction.on_commit(partial(process_soon.enqueue, event.pk), robust=True)
    return is_new


def _reason_to_ignore(notification: Notification) -> str:
    is_live = settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
    if notification.livemode != is_live:
        return f"A {'live' if notification.livemode else 'test'} letter at a {'live' if is_live else 'test'} site."
    return ""


@task
def process_soon(event_id: int) -> None:
    """Open a letter in the background."""
    process(event_id)


def process(event_id: int) -> bool:
    """Take in what a letter points to; return whether nothing more is to be done with it. Doing it again is safe.

    A failure undoes whatever was written and leaves the error and the next attempt on the letter's row.
    """
    try:
        with gateway.within(find_patience()), transaction.atomic():
            event = StripeEvent.objects.select_for_update().get(pk=event_id)
            if not event.is_finished:
                _open(event)
    except Exception as error:
        logger.exception("A letter from Stripe could not be processed: %s", event_id)
        _note_failure(event_id, error)
        return False
    return True


def _open(event: StripeEvent) -> None:
    handle = import_string(settings.STRIPE_EVENTS).get(event.type, _hear_nothing)
    event.attempts += 1
    event.next_attempt_at = None
    event.last_error = ""
    try:
        with transaction.atomic():
            handle(Letter.of(event))
    except NotOurs as reason:
        event.ignored_at = timezone.now()
        event.ignored_reason = str(reason)[:255]
    else:
        event.processed_at = timezone.now()
    event.save()


def _hear_nothing(_: Letter) -> None:
    raise NotOurs("Nobody here hears letters of this type.")


def _note_failure(event_id: int, error: Exception) -> None:
    with transaction.atomic():
        event = StripeEvent.objects.select_for_update().get(pk=event_id)
        if event.is_finished:
            return
        event.attempts += 1
        event.last_error = f"{type(error).__name__}: {error}"[:2000]
        event.next_attempt_at = _next_attempt(event.attempts, timezone.now())
        event.save()


def _next_attempt(attempts: int, now: datetime) -> datetime | None:
    """Wait longer each time; after the last, a person must look."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return now + min(timedelta(minutes=2 ** (attempts - 1)), LONGEST_WAIT)


def process_again(event: StripeEvent) -> None:
    """Put a letter back on the pile, whatever became of it before, and have it opened soon."""
    with transaction.atomic():
        _put_back(event)
        transaction.on_commit(partial(process_soon.enqueue, event.pk), robust=True)


def replay(event: StripeEvent) -> bool:
    """Open a letter again here and now; return whether nothing more is to be done with it.

    One whose contents were removed for their age is fetched again. Raises GatewayError if Stripe no longer has it.
    """
    if event.payload is None:
        event.payload = dict(gateway.get_notification(event.stripe_id).payload)
    _put_back(event)
    return process(event.pk)


def _put_back(event: StripeEvent) -> None:
    event.processed_at = event.ignored_at = None
    event.ignored_reason = ""
    event.attempts = 0
    event.next_attempt_at = timezone.now()
    event.save()


def sweep(*, most: int = 1000, told: Callable[[], object] | None = None) -> tuple[int, int]:
    """Open every letter that is due; return how many were finished and how many failed. `told` is called for each."""
    due = list(StripeEvent.objects.due(timezone.now()).values_list("pk", flat=True)[:most])
    finished = 0
    for event_id in due:
        finished += process(event_id)
        if told is not None:
            told()
    return finished, len(due) - finished


def sweep_all(*, told: Callable[[], object] | None = None) -> tuple[int, int]:
    """Open letters until none is due, however many there are; a letter that fails is due again only later."""
    finished = failed = 0
    while True:
        more = sweep(told=told)
        finished, failed = finished + more[0], failed + more[1]
        if not sum(more):
            return finished, failed


def purge_payloads() -> int:
    """Remove the contents of finished letters past their time, or of erased people; the letters themselves stay."""
    old = timezone.now() - settings.STRIPE_EVENT_PAYLOADS_KEPT
    kept = StripeEvent.objects.filter(received_at__lt=old, payload__isnull=False)
    purged = kept.exclude(pk__in=StripeEvent.objects.unprocessed()).update(payload=None)
    return purged + StripeEvent.objects.of_erased().update(payload=None)
