"""Pays for the demo issue's readers at the stand-in, on its own pages, as they would in a browser."""

import uuid
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.management.base import CommandError

from donations import giving
from donations.models import Donation
from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.money import Money
from subscriptions import catalogue, mirror
from subscriptions.checkout import finish_checkout, start_checkout
from subscriptions.models import Interval, Price, Subscription

_CARD = {"number": "4242 4242 4242 4242", "expiry": "12/40", "cvc": "123", "country": "GB"}
Say = Callable[[str], None]


def make_payments(people: dict[str, User], *, say: Say) -> int:
    """Put the catalogue on sale, and let the subscriber, the lapsed one and the donor pay; return how many did.

    Raises:
        CommandError: the stand-in does not answer.
    """
    catalogue.ensure_plans()
    giving.ensure_campaign()
    try:
        catalogue.publish_catalogue()
        giving.publish_campaigns()
        done = [
            _subscribe(people["subscriber"]),
            _subscribe_and_leave(people["lapsed"]),
            _give(people["donor"]),
        ]
    except (gateway.GatewayError, OSError, HTTPException) as error:
        raise CommandError(f"The stand-in at {settings.STRIPE_API_BASE} does not answer: {error}") from error
    paid = sum(done)
    if paid:
        say(f"{paid} readers paid")
    return paid


def _subscribe(reader: User) -> bool:
    """Let a reader subscribe by the month, unless they ever did."""
    if Subscription.objects.filter(customer__user=reader).exists():
        return False
    price = Price.objects.on_offer().filter(interval=Interval.MONTH).first()
    if price is None:
        return False  # the publisher has taken it off sale
    address = start_checkout(reader, price, form_key=uuid.uuid4(), return_to="/")
    _fill_in(address, reader)
    attempt = reader.checkout_attempts.latest("created_at")
    finish_checkout(attempt)
    return True


def _subscribe_and_leave(reader: User) -> bool:
    if not _subscribe(reader):
        return False
    subscription = Subscription.objects.get(customer__user=reader)
    gateway.cancel_subscription(subscription.stripe_id)
    mirror.sync_customer(subscription.customer.stripe_id or "")
    return True


def _give(donor: User) -> bool:
    if Donation.objects.filter(user=donor).exists():
        return False
    gift = giving.Gift(
        campaign=giving.ensure_campaign(),
        money=Money(2500, settings.CURRENCY),
        is_monthly=False,
        name=donor.name,
        is_anonymous=False,
        note="For the maps, which I read first.",
    )
    session = giving.start_gift(gift, form_key=uuid.uuid4(), giver=donor, site_url=settings.SITE_URL)
    _fill_in(session.url, donor)
    giving.sync_session(session.id)
    return True


def _fill_in(address: str, reader: User) -> None:
    """Send the stand-in's payment page as a browser would; only its loopback address is ever asked."""
    page = urlsplit(address)
    if page.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise CommandError(f"{address} is no stand-in; nothing was paid.")
    form = urlencode({**_CARD, "name": reader.name, "email": reader.email})
    connection = HTTPConnection(page.hostname, page.port or 80, timeout=10)
    try:
        connection.request("POST", page.path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    if answer.status != 303:  # See Other: paid, and on the way back
        raise CommandError(f"The stand-in's page answered {answer.status}; nothing was paid.")
