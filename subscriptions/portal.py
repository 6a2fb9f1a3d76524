"""Managing a subscription: Stripe's portal for card and cancelling, our own button for staying."""

from typing import Literal

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse

from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.customers import for_a_page
from kjreport.payments.models import Customer
from subscriptions import mirror
from subscriptions.checkout import PATIENCE, find_arrangement
from subscriptions.models import Subscription

_CONFIGURATION = "stripe-portal-configuration"
_HOUR = 3600  # seconds

type Wish = Literal["manage", "card", "cancel"]


class NothingToManage(Exception):  # noqa: N818 - news, not a fault
    """The reader has never paid by subscription."""


def open_portal(user: User, wish: Wish, *, chosen: int | None = None) -> str:
    """Return the portal's address for what the reader wants to do. It is a credential: redirect to it, never keep it.

    `chosen` is our number of the subscription it is about, for one who has several.

    Raises:
        NothingToManage, GatewayError.
    """
    customer = _find_customer(user)
    flow, about = _choose_flow(user, wish, chosen)
    with for_a_page(PATIENCE):
        try:
            return gateway.open_portal(
                customer,
                configuration=_find_configuration(),
                return_url=settings.SITE_URL + reverse("subscriptions:portal"),
                flow=flow,
                subscription_id=about,
            )
        except gateway.GatewayRefused:
            cache.delete(_CONFIGURATION)
            raise


def _choose_flow(user: User, wish: Wish, chosen: int | None) -> tuple[gateway.PortalFlow, str]:
    if wish == "card":
        return "payment_method_update", ""
    subscription = _choose(user, chosen) if wish == "cancel" else None
    if subscription is not None and subscription.ends_at is None:
        return "subscription_cancel", subscription.stripe_id
    return "", ""


def _find_configuration() -> str:
    """Return our portal's configuration, asked for at most once an hour; nothing means Stripe's own default."""
    found = cache.get(_CONFIGURATION)
    if not isinstance(found, str):
        found = gateway.find_portal()
        if found:
            cache.set(_CONFIGURATION, found, _HOUR)
    return found


def _choose(user: User, chosen: int | None) -> Subscription | None:
    """Return the subscription named, if it is the reader's own and not over; by default the one they have."""
    if chosen is None:
        return find_arrangement(user)
    return Subscription.objects.current().of_reader(user.pk).filter(pk=chosen).first()


def resume_subscription(user: User, *, chosen: int | None = None) -> bool:
    """Let a paused subscription go on; return whether there was one. Raises GatewayError."""
    subscription = _choose(user, chosen)
    if subscription is None or subscription.status != "paused":
        return False
    with for_a_page(PATIENCE):
        gateway.resume_subscription(subscription.stripe_id)
        mirror.sync_customer(subscription.customer.stripe_id or "")
    return True


def keep_subscription(user: User, *, chosen: int | None = None) -> bool:
    """Take back a cancellation that has not taken effect; return whether there was one. Raises GatewayError."""
    subscription = _choose(user, chosen)
    if subscription is None or subscription.ends_at is None:
        return False
    with for_a_page(PATIENCE):
        gateway.keep_subscription(subscription.stripe_id, is_dated=subscription.ends_by_date)
        mirror.sync_customer(subscription.customer.stripe_id or "")
    return True


def come_back(user: User) -> None:
    """Look at once at what a reader did in the portal, without waiting for its letter. Raises GatewayError."""
    with for_a_page(PATIENCE):
        mirror.sync_customer(_find_customer(user))


def _find_customer(user: User) -> str:
    found = Customer.objects.filter(user=user, stripe_id__isnull=False, deleted_at__isnull=True).first()
    if found is None or found.stripe_id is None:
        raise NothingToManage
    return found.stripe_id
