"""A reader's subscription as their account page tells it."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments.models import Payment, Purpose
from subscriptions.access import Access, Told, Verdict, choose_best, weigh
from subscriptions.entitlements import Standing, find_standing
from subscriptions.models import Subscription

_PAYMENTS_SHOWN = 24


@dataclass(frozen=True)
class Arrangement:
    """What a reader has, what it is doing, and what they can do about it."""

    standing: Standing
    verdict: Verdict
    subscription: Subscription | None
    payments: tuple[Payment, ...]

    @property
    def told(self) -> str:
        """What to tell the reader; a value of `Told`."""
        return self.verdict.told.value

    @property
    def until(self) -> datetime | None:
        """When the present access ends by itself, if that is known."""
        return self.verdict.until

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to manage, so that subscribing again is the way."""
        return self.subscription is None or self.verdict.told in _OVER

    @property
    def can_be_kept(self) -> bool:
        """Whether a cancellation can still be taken back."""
        return self.verdict.told is Told.ENDING

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it runs on and may be cancelled."""
        return self.subscription is not None and not self.is_over and not self.can_be_kept

    @property
    def renews_at(self) -> datetime | None:
        """When it is charged next, if all is well."""
        if self.subscription is None or self.verdict.access is not Access.FULL or self.subscription.ends_at is not None:
            return None
        return self.subscription.period_end


_OVER = frozenset({Told.ENDED, Told.ENDED_UNPAID, Told.ENDED_DISPUTED, Told.START_AGAIN})


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
    )
