"""Putting into the inbox what Stripe wrote and we never got."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from kjreport.payments import inbox
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import StripeEvent, Watermark

OVERLAP = timedelta(hours=1)
STRIPE_KEEPS = timedelta(days=29)  # a day less than Stripe keeps its own list
_TYPES_ASKED = 20  # Stripe takes no more at once


def fetch_missing_letters() -> tuple[int, int]:
    """Read Stripe's own list since the watermark less an hour; return how many letters were read and how many new.

    The watermark moves only once everything up to it is kept. Raises GatewayError.
    """
    began = timezone.now()
    mark = Watermark.objects.filter(name="letters").first()
    since = max((mark.read_until - OVERLAP) if mark else began - STRIPE_KEEPS, began - STRIPE_KEEPS)
    types = sorted(import_string(settings.STRIPE_EVENTS))
    read = new = 0
    for start in range(0, len(types), _TYPES_ASKED):
        for notification in gateway.list_notifications(since, types[start : start + _TYPES_ASKED]):
            read += 1
            new += inbox.receive(notification)
    with transaction.atomic():
        Watermark.objects.update_or_create(name="letters", defaults={"read_until": began})
    return read, new


def count_backlog() -> int:
    """How many letters wait or were given up on. One query."""
    return StripeEvent.objects.unprocessed().count()
