"""A reader's subscription as their account page tells it."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments.models import Payment, Purpose
from subscriptions.access import Access, Told, Verdict, Way, choose_best, weigh
from subscriptions.entitlements import Standing, find_standing
from subscriptions.models import Grant, Subscription

_PAYMENTS_SHOWN = 24


@dataclass(frozen=True)
class Arrangement:
    """What a reader has, what it is doing, and what they can do about it."""

    standing: Standing
    verdict: Verdict
    subscription: Subscription | None
    payments: tuple[Payment, ...]
    running: tuple[Subscription, ...] = ()

    @property
    def told(self) -> str:
        """What to tell the reader; a value of `Told`."""
        return self.verdict.told.value

    @property
    def until(self) -> datetime | None:
        """When the present access ends by itself, if that is known."""
        return self.verdict.until

    @property
    def may_begin(self) -> bool:
        """Whether nothing of theirs is left to manage, so that subscribing (again) is the way."""
        return self.standing.verdict.may_begin

    @property
    def is_double(self) -> bool:
        """Whether more than one subscription is charged, where one is enough."""
        return len(self.running) > 1

    @property
    def can_be_kept(self) -> bool:
        """Whether a cancellation can still be taken back."""
        return self.verdict.way is Way.KEEP

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it runs on and may be cancelled."""
        found = self.subscription
        return (
            found is not None and not self.may_begin and found.ends_at is None and self.verdict.told is not Told.FINISH
        )

    @property
    def renews_at(self) -> datetime | None:
        """When it is charged next, if all is well."""
        if self.subscription is None or self.verdict.access is not Access.FULL or self.subscription.ends_at is not None:
            return None
        return self.subscription.period_end

    @property
    def card_expires_first(self) -> bool:
        """Whether the card can no longer be charged when it is to be."""
        if self.renews_at is None or self.subscription is None or self.subscription.card_expiry_date is None:
            return False
        return self.subscription.card_expiry_date < timezone.localdate(self.renews_at)


def erase(user: User) -> None:
    """Take the person out of what they subscribed to, and the access given to them; the arrangement itself stays."""
    Subscription.objects.filter(customer__user=user).update(card_brand="", card_last4="", card_expiry_date=None)
    Grant.objects.filter(user=user).delete()


def describe(user: User) -> Arrangement:
    """Describe a reader's subscription. At most four queries."""
    now = timezone.now()
    rows = Subscription.objects.filter(plan__isnull=False).of_reader(user.pk).select_related("plan")
    weighed = [(weigh(row.state, now=now, grace=settings.SUBSCRIPTION_GRACE), row) for row in rows[:20]]
    best = choose_best(verdict for verdict, _ in weighed)
    payments = Payment.objects.filter(customer__user=user, purpose=Purpose.SUBSCRIPTION)[:_PAYMENTS_SHOWN]
    return Arrangement(
        standing=find_standing(user),
        verdict=best,
        subscription=next((row for verdict, row in weighed if verdict is best), None),
        payments=tuple(payments),
        running=tuple(row for _, row in weighed if row.is_running),
    )
