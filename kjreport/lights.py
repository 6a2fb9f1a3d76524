"""Lights on the newsroom's first page: whether money is in step with Stripe, and what a person must look at."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.core.cache import cache
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince

from kjreport.accounts.models import User
from kjreport.payments import reconciling
from kjreport.payments.models import RefundOrder, StripeEvent
from subscriptions.models import Subscription

type Colour = Literal["well", "late", "bad"]

LATE_AFTER = timedelta(minutes=10)
COMPARED_EVERY = timedelta(hours=36)  # each night, and some patience
NEW_FOR = timedelta(days=2)
_DOUBLES, _KEPT = "lights-paid-for-twice", 300  # seconds


@dataclass(frozen=True)
class Light:
    """Its colour, what it says, and where to look."""

    colour: Colour
    words: str
    address: str = ""
    where: str = ""


def list_lights(user: User) -> list[Light]:
    """Return the lights for somebody who may see letters; none for anybody else. At most five queries."""
    if not user.has_perm("payments.view_stripeevent"):
        return []
    return [light for light in (_letters(), _drift(), _doubles(), _refunds()) if light is not None]


def _letters() -> Light:
    page = reverse("admin:payments_stripeevent_changelist")
    damaged = StripeEvent.objects.damaged().count()
    if damaged:
        many = f"{damaged:,} letters from Stripe were" if damaged > 1 else "A letter from Stripe was"
        return Light(
            "bad",
            f"{many} given up on. Mend the cause, then have them processed again.",
            f"{page}?state=damaged",
            "Look",
        )
    waiting = StripeEvent.objects.unprocessed()
    oldest = waiting.aggregate(oldest=Min("received_at"))["oldest"]
    if oldest is None:
        return Light("well", "Every letter from Stripe has been processed.", page, "Letters")
    count = waiting.count()
    many = f"{count:,} letters from Stripe wait" if count > 1 else "A letter from Stripe waits"
    if timezone.now() - oldest < LATE_AFTER:
        return Light("well", f"{many} to be processed.", f"{page}?state=waiting", "Letters")
    return Light(
        "late",
        f"{many}, the oldest for {timesince(oldest, depth=1)}. Is a worker running?",
        f"{page}?state=waiting",
        "Look",
    )


def _drift() -> Light | None:
    scan = reconciling.last_scan()
    if scan is None:
        if not StripeEvent.objects.filter(received_at__lt=timezone.now() - NEW_FOR).exists():
            return None
        return Light("late", "Not yet compared with Stripe as a whole. Does “reconcile_stripe --full” run each night?")
    at = date_format(timezone.localtime(scan.read_until), "j F, H:i")
    if scan.found:
        return Light("late", f"Out of step with Stripe when last compared, {at}: {scan.found:,}. The log says what.")
    if timezone.now() - scan.read_until > COMPARED_EVERY:
        return Light("late", f"In step with Stripe, but last compared on {at}. Does it still run each night?")
    return Light("well", f"In step with Stripe, as compared on {at}.")


def _doubles() -> Light | None:
    page = reverse("admin:subscriptions_subscription_changelist")
    try:
        count = cache.get_or_set(_DOUBLES, Subscription.objects.paid_for_twice().count, _KEPT) or 0
    except Exception:  # noqa: BLE001 - whatever a cache raises; the desk opens without it
        count = Subscription.objects.paid_for_twice().count()
    if not count:
        return None
    many = f"{count:,} readers pay" if count > 1 else "A reader pays"
    return Light(
        "bad", f"{many} for two subscriptions. Cancel one of them, and give it back.", f"{page}?double=yes", "Look"
    )


def _refunds() -> Light | None:
    page = reverse("admin:payments_refundorder_changelist")
    late = RefundOrder.objects.filter(finished_at=None, ordered_at__lt=timezone.now() - LATE_AFTER).count()
    if not late:
        return None
    many = f"{late:,} refunds wait" if late > 1 else "A refund waits"
    return Light("late", f"{many} for Stripe to answer.", page, "Look")
