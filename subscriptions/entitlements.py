"""Who may read the paid text, as a Django permission: granted by a subscription or a grant."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.utils import timezone

from kjreport.accounts.models import User
from subscriptions.access import NO_SUBSCRIPTION, Verdict, choose_best, weigh
from subscriptions.models import Grant, Subscription
from subscriptions.second_look import is_old, look_again

READ_ANALYSES = "articles.read_analyses"
_REMEMBERED = "_subscription_standing"


@dataclass(frozen=True)
class Standing:
    """How a reader stands: what their subscriptions say, and until when a grant holds."""

    verdict: Verdict = NO_SUBSCRIPTION
    has_grant: bool = False
    grant_until: datetime | None = None
    old_customer: str = ""  # whom to ask Stripe about again: the mirror says it is over, and has not looked lately

    @property
    def opens_the_text(self) -> bool:
        """Whether the paid text is open to them."""
        return self.has_grant or self.verdict.opens_the_text


def find_standing(reader: AbstractBaseUser | AnonymousUser) -> Standing:
    """Return how a reader stands, found once for each request's reader. At most two queries, none for a visitor."""
    if not isinstance(reader, User) or not reader.is_active:
        return Standing()
    remembered = getattr(reader, _REMEMBERED, None)  # not through __dict__: the request's reader is a lazy wrapper
    if not isinstance(remembered, Standing):
        remembered = _find(reader)
        setattr(reader, _REMEMBERED, remembered)
    return remembered


def forget_standing(reader: AbstractBaseUser | AnonymousUser) -> None:
    """Ask again next time; for whoever has just changed it."""
    if hasattr(reader, _REMEMBERED):
        delattr(reader, _REMEMBERED)


def _find(reader: User) -> Standing:
    now = timezone.now()
    rows = list(Subscription.objects.filter(plan__isnull=False).of_reader(reader.pk).select_related("customer"))
    verdict = choose_best(
        weigh(row.state, now=now, grace=settings.SUBSCRIPTION_GRACE) for row in rows if not row.is_over
    )
    if verdict.opens_the_text:
        return Standing(verdict)
    grants = [grant.until for grant in Grant.objects.current(now).filter(user_id=reader.pk)]
    if not grants:
        return Standing(verdict, old_customer=_find_old(rows, now))
    ends = [until for until in grants if until is not None]
    return Standing(verdict, has_grant=True, grant_until=max(ends) if len(ends) == len(grants) else None)


def _find_old(rows: list[Subscription], now: datetime) -> str:
    """Return the customer to ask about again; none where somebody looked lately, or where we closed it ourselves."""
    if not rows or any(row.revoked_at for row in rows) or not is_old(max(row.synced_at for row in rows), now):
        return ""
    return rows[0].customer.stripe_id or ""


class EntitlementBackend(BaseBackend):
    """Grants `articles.read_analyses`, and nothing else; it signs nobody in and answers no question about objects."""

    def has_perm(self, user_obj: AbstractBaseUser | AnonymousUser, perm: str, obj: Model | str | None = None) -> bool:
        """Whether this reader has paid, or has been given, the right to read."""
        if perm != READ_ANALYSES or obj is not None:
            return False
        standing = find_standing(user_obj)
        if standing.old_customer and look_again(standing.old_customer):
            forget_standing(user_obj)
            standing = find_standing(user_obj)
        return standing.opens_the_text

    def get_user(self, user_id: int) -> User | None:
        """Return the account of a session. Django names the first backend in one opened without `authenticate`."""
        return User.objects.filter(pk=user_id, is_active=True).first()
