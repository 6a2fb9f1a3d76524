"""From “Subscribe” to Stripe's page and back: nothing is granted on the way, only looked up."""

import uuid
from enum import StrEnum
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.checkout_attempts import AlreadyCompleted, note_session, open_attempt
from kjreport.payments.customers import ensure_customer, for_a_page, refresh
from kjreport.payments.models import AttemptState, CheckoutAttempt, Customer, Kind
from kjreport.payments.snapshots import CheckoutSnapshot
from subscriptions import mirror
from subscriptions.access import Told, weigh
from subscriptions.models import Price, Subscription

PATIENCE = 7  # seconds a reader waits for Stripe in all; with its last retry the page still answers within ten


class AlreadySubscribed(Exception):  # noqa: N818 - news, not a fault
    """The reader has a subscription to manage or mend; a second one would only cost them."""


class NotForSale(Exception):  # noqa: N818 - likewise
    """The price has not been published at Stripe yet."""


class Outcome(StrEnum):
    """How a return from Stripe's page turned out."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    UNPAID = "unpaid"


def start_checkout(user: User, price: Price, *, form_key: uuid.UUID, return_to: str) -> str:
    """Return the address of Stripe's page to pay this price on. The amount is the catalogue's, never the browser's.

    Raises:
        AlreadySubscribed, NotForSale: see there.
        AlreadyCompleted, Replaced, GatewayError: see `checkout_attempts.open_attempt`.
    """
    if find_arrangement(user) is not None:
        raise AlreadySubscribed
    if price.stripe_price_id is None:
        raise NotForSale
    with for_a_page(PATIENCE):
        paid = find_paid(user)
        if paid is not None:
            raise AlreadyCompleted(paid)
        customer = ensure_customer(user)
        try:
            return _open(user, customer, price, form_key=form_key, return_to=return_to).url
        except gateway.NotFound:
            refresh(customer.stripe_id or "")  # a customer deleted at Stripe is made anew at the next press
            raise


def _open(user: User, customer: Customer, price: Price, *, form_key: uuid.UUID, return_to: str) -> CheckoutSnapshot:
    return open_attempt(
        kind=Kind.SUBSCRIPTION,
        form_key=form_key,
        user=user,
        customer=customer,
        choice={"price": price.pk, "stripe_price": price.stripe_price_id, "customer": customer.stripe_id},
        return_to=return_to,
        build=lambda attempt: _build(attempt, customer.stripe_id or "", price),
    )


def find_arrangement(user: User) -> Subscription | None:
    """Return the subscription a reader should manage rather than buy another; None if they may subscribe. One query."""
    now = timezone.now()
    for subscription in Subscription.objects.current().of_reader(user.pk):
        verdict = weigh(subscription.state, now=now, grace=settings.SUBSCRIPTION_GRACE)
        if verdict.told is not Told.ENDED:
            return subscription
    return None


def find_paid(user: User) -> CheckoutAttempt | None:
    """Return an attempt that was completed, but whose subscription nobody has looked at yet; None if there is none.

    Stripe may have failed just after telling that a reader went through Checkout: they must not pay a second time.
    One query.
    """
    completed = CheckoutAttempt.objects.filter(
        user=user, kind=Kind.SUBSCRIPTION, state=AttemptState.COMPLETED, customer__deleted_at=None
    )
    latest = completed.select_related("customer").order_by("-finished_at").first()
    if latest is None or latest.customer is None or latest.finished_at is None:
        return None
    looked_at = latest.customer.synced_at
    return latest if looked_at is None or looked_at < latest.finished_at else None


def find_attempt(session_id: str) -> CheckoutAttempt | None:
    """Return the attempt behind a session; None for one we did not open, which is then not asked about."""
    return CheckoutAttempt.objects.filter(stripe_session_id=session_id, kind=Kind.SUBSCRIPTION).first()


def finish_checkout(attempt: CheckoutAttempt) -> Outcome:
    """Look at a session a reader comes back from, and do what its letter does; whichever comes first does it.

    Raises:
        GatewayError: Stripe did not say.
    """
    with for_a_page(PATIENCE):
        session = gateway.get_checkout(attempt.stripe_session_id or "")
        note_session(session)
        if not session.is_complete:
            return Outcome.UNPAID
        rows = _sync(session.customer_id)
    now = timezone.now()
    paid = [weigh(row.state, now=now, grace=settings.SUBSCRIPTION_GRACE) for row in rows]
    return Outcome.CONFIRMED if any(verdict.opens_the_text for verdict in paid) else Outcome.PENDING


def _sync(customer_id: str) -> list[Subscription]:
    try:
        return mirror.sync_customer(customer_id)
    except Customer.DoesNotExist:
        return []  # deleted at Stripe, and made anew since: nothing of the old one runs


def _build(attempt: CheckoutAttempt, customer_id: str, price: Price) -> gateway.CheckoutRequest:
    plans = settings.SITE_URL + reverse("subscriptions:plans")
    back = urlencode({"price": price.pk} | ({"return_to": attempt.return_to} if attempt.return_to else {}))
    return gateway.CheckoutRequest(
        idempotency_key=attempt.idempotency_key,
        success_url=settings.SITE_URL + reverse("subscriptions:return") + "?session_id={CHECKOUT_SESSION_ID}",
        cancel_url=f"{plans}?{back}",
        expires_at=attempt.expires_at,
        metadata={"kind": Kind.SUBSCRIPTION, "attempt": str(attempt.key)},
        customer_id=customer_id,
        client_reference_id=str(attempt.user_id or ""),
        price_id=price.stripe_price_id or "",
        allow_promotion_codes=True,
        note=f"{price.money.display} now and every {price.interval} until you cancel, which you can do at any time.",
    )
