"""Putting into the inbox what Stripe wrote and we never got."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import batched

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from kjreport.payments import inbox
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import StripeEvent, Watermark
from kjreport.payments.snapshots import Notification

OVERLAP = timedelta(hours=1)
STRIPE_KEEPS = timedelta(days=29)  # a day less than Stripe keeps its own list
_TYPES_ASKED = 20  # Stripe takes no more at once
_PAGE = 100


def fetch_missing_letters() -> tuple[int, int]:
    """Read Stripe's own list since the watermark less an hour; return how many letters were read and how many new.

    The watermark moves only once everything up to it is kept. Raises GatewayError.
    """
    began = timezone.now()
    read = new = 0
    for notification in _stream_letters(began):
        read += 1
        new += inbox.receive(notification)
    with transaction.atomic():
        Watermark.objects.update_or_create(name="letters", defaults={"read_until": began})
    return read, new


def count_missing_letters() -> tuple[int, int]:
    """Do the same without keeping anything; return how many letters were read and how many of them we never got."""
    read = missing = 0
    for page in batched(_stream_letters(timezone.now()), _PAGE, strict=False):
        read += len(page)
        missing += len(page) - StripeEvent.objects.filter(stripe_id__in=[each.id for each in page]).count()
    return read, missing


def _stream_letters(now: datetime) -> Iterator[Notification]:
    """Go through Stripe's list since the watermark less an hour, for the letters somebody here hears."""
    mark = Watermark.objects.filter(name="letters").first()
    since = max((mark.read_until - OVERLAP) if mark else now - STRIPE_KEEPS, now - STRIPE_KEEPS)
    for types in batched(sorted(import_string(settings.STRIPE_EVENTS)), _TYPES_ASKED, strict=False):
        yield from gateway.list_notifications(since, types)


def note_scan(found: int) -> None:
    """Remember what the last full look found out of step, for the light in the newsroom."""
    Watermark.objects.update_or_create(name="scan", defaults={"read_until": timezone.now(), "found": found})


def last_scan() -> Watermark | None:
    """Return when everything was last compared, and what was found. One query."""
    return Watermark.objects.filter(name="scan").first()


def count_backlog() -> int:
    """How many letters wait or were given up on. One query."""
    return StripeEvent.objects.unprocessed().count()
