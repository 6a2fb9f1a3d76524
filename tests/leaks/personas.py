"""Everybody who comes to read, with what they may see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from donations.models import Campaign, Donation
from kjreport.accounts.models import User
from kjreport.payments.models import EntryKind, Payment, Purpose
from subscriptions.models import Grant
from tests.cast import a_colleague, a_customer, a_payment, a_subscription, an_account


@dataclass(frozen=True)
class Persona:
    """How somebody comes to be who they are."""

    reads_analyses: bool
    make: Callable[[], User | None]


def signed_in(user: User | None) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _subscribed(name: str, status: str = "active", **fields: object) -> User:
    reader = an_account(name)
    a_subscription(reader, status, **fields)
    return reader


def _past_due(name: str, days: int) -> User:
    now = timezone.now()
    failed = {"invoice_status": "open", "invoice_finalized_at": now - timedelta(days=days)}
    return _subscribed(name, "past_due", payment_retry_at=now + timedelta(days=2), **failed)


def _refunded() -> User:
    """Their last payment was given back; a refund alone ends nothing."""
    reader = _subscribed("Rita Refunded")
    payment = a_payment(reader)
    Payment.objects.create(
        stripe_id="re_1",
        of=payment,
        payment_intent_id=payment.payment_intent_id,
        kind=EntryKind.REFUND,
        purpose=Purpose.SUBSCRIPTION,
        amount=-payment.amount,
        currency="gbp",
        customer=a_customer(reader),
        occurred_at=timezone.now(),
    )
    return reader


def _donor() -> User:
    giver = an_account("Dana Donor")
    campaign = Campaign.objects.create(slug="leaks", name="Reporting", suggested_amounts=[500])
    payment = a_payment(giver, 2500, Purpose.DONATION)
    Donation.objects.create(payment=payment, campaign=campaign, user=giver, name=giver.name, email=giver.email)
    return giver


def _granted(days: int) -> User:
    reader, now = an_account(f"Gunnar Granted {days}"), timezone.now()
    since, until = now - timedelta(days=9), now + timedelta(days=days)
    Grant.objects.create(user=reader, reason="A prize", begins_at=since, until=until)
    return reader


def _ended(name: str, reason: str) -> User:
    ended_at = timezone.now() - timedelta(days=3)
    return _subscribed(name, "canceled", ended_at=ended_at, canceled_at=ended_at, end_reason=reason)


def _cancelling(hours: int) -> User:
    when = timezone.now() + timedelta(hours=hours)
    return _subscribed(f"Carla Cancelling {hours}", ends_at=when)


PERSONAS: Mapping[str, Persona] = {
    "a visitor": Persona(reads_analyses=False, make=lambda: None),
    "a reader with an account": Persona(reads_analyses=False, make=lambda: an_account("Rosa Registered")),
    "a lapsed subscriber": Persona(
        reads_analyses=False, make=lambda: _ended("Lionel Lapsed", "cancellation_requested")
    ),
    "one who never paid the first invoice": Persona(
        reads_analyses=False, make=lambda: _subscribed("Ina Incomplete", "incomplete", invoice_status="open")
    ),
    "one in grace": Persona(reads_analyses=True, make=lambda: _past_due("Gregor Grace", 7)),
    "one past grace": Persona(reads_analyses=False, make=lambda: _past_due("Lotte Late", 15)),
    "one unpaid": Persona(reads_analyses=False, make=lambda: _subscribed("Ulla Unpaid", "unpaid")),
    "one refunded": Persona(reads_analyses=True, make=_refunded),
    "one whose dispute was lost": Persona(
        reads_analyses=False, make=lambda: _subscribed("Dora Disputed", revoked_at=timezone.now() - timedelta(days=1))
    ),
    "one who only gives": Persona(reads_analyses=False, make=_donor),
    "one with a grant": Persona(reads_analyses=True, make=lambda: _granted(3)),
    "one whose grant ended": Persona(reads_analyses=False, make=lambda: _granted(-1)),
    "one whose subscription ends tomorrow": Persona(reads_analyses=True, make=lambda: _cancelling(24)),
    "one whose subscription ended an hour ago": Persona(reads_analyses=False, make=lambda: _cancelling(-1)),
    "a subscriber": Persona(reads_analyses=True, make=lambda: _subscribed("Sunniva Subscriber")),
    "somebody of the finance desk": Persona(reads_analyses=False, make=lambda: a_colleague("Fiona Finance", "Finance")),
}
