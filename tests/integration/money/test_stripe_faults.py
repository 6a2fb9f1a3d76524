"""Stripe fails, hangs or talks nonsense wherever we call it: a kind word in time, nothing half or twice."""

import itertools
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

import donations.views
from donations import giving
from donations.models import Donation, Pledge
from donations.receipts import stop_link
from kjreport.accounts.models import User
from kjreport.payments import inbox, refunding
from kjreport.payments.models import CheckoutAttempt, Payment, RefundOrder, StripeEvent, Watermark
from kjreport.payments.snapshots import Notification
from kjreport.standin.server import StandIn
from subscriptions import checkout
from subscriptions.models import Notice, Subscription
from tests.cast import published
from tests.integration.money.till import (
    cancel_in_portal,
    may_read,
    path_of,
    press_subscribe,
    session_in,
    subscribe,
)
from tests.integration.money.trouble import LOST, PATIENCE, REFUSED, Trouble, in_trouble, list_troubles
from tests.integration.test_donations import fill_in, give

pytestmark = pytest.mark.django_db(transaction=True)

AWAY = "could not reach our payment service"
RETRIES = 6  # seconds beyond the patience that a busy machine may take


@dataclass
class Site:
    """What the tests press and look at."""

    client: Client
    till: StandIn
    settings: Any

    @contextmanager
    def trouble(self, trouble: Trouble, *, patience: float = PATIENCE) -> Iterator[None]:
        """Have Stripe in trouble; what is asked inside must be answered in time and leave the books as they are."""
        before, began = books(), time.monotonic()
        with in_trouble(trouble, self.till, self.settings):
            yield
            waited = time.monotonic() - began
        assert waited < patience + RETRIES, f"{trouble}: {waited:.1f} seconds"
        assert books() == before, trouble

    def count(self, kind: str) -> int:
        return len(self.till.dump().get(kind, []))

    def says(self, response: Any) -> str:
        """Follow to the page a press leads to, and return it."""
        while response.status_code in {302, 303} and response["Location"].startswith("/"):
            response = self.client.get(response["Location"])
        assert response.status_code < 500 or AWAY in response.content.decode()
        return str(response.content.decode())


def books() -> tuple[Any, ...]:
    """Give what is written of money and access; it must not change while Stripe is in trouble."""
    return (
        list(Subscription.objects.values_list("stripe_id", "status", "ends_at")),
        list(Payment.objects.values_list("stripe_id", "amount")),
        Donation.objects.count(),
        list(Pledge.objects.values_list("stripe_id", "status")),
        Notice.objects.count(),
        len(mail.outbox),
        Watermark.objects.count(),
        CheckoutAttempt.objects.filter(state="completed").count(),
        LogEntry.objects.count(),
    )


@pytest.fixture
def site(client: Client, till: StandIn, settings: Any, a_reader: User) -> Site:
    client.force_login(a_reader)
    giving.ensure_campaign()
    giving.publish_campaigns()
    return Site(client, till, settings)


def test_no_patience_is_longer_than_ten_seconds() -> None:
    assert max(checkout.PATIENCE, donations.views.PATIENCE, refunding.PATIENCE) < 10


def test_subscribing(site: Site, a_reader: User) -> None:
    for trouble in list_troubles():
        key = str(uuid.uuid4())
        with site.trouble(trouble):
            said = site.says(press_subscribe(site.client, key=key, return_to="/topics/"))
            assert AWAY in said, trouble
            assert "Nothing was charged" in said
            assert 'value="/topics/"' in said
            assert CheckoutAttempt.objects.filter(state="open").count() == 0
        sessions = site.count("checkout.session")
        assert session_in(press_subscribe(site.client, key=key)).startswith("cs_"), trouble
        if trouble in LOST[1:]:  # found again, and not opened a second time
            assert site.count("checkout.session") == sessions, trouble
        CheckoutAttempt.objects.all().delete()
    subscribe(site.client, site.till)
    assert may_read(a_reader)
    assert site.count("subscription") == site.count("customer") == Payment.objects.count() == 1


def test_coming_back_from_paying(site: Site, a_reader: User) -> None:
    address = path_of(site.till.pay(session_in(press_subscribe(site.client))))
    for trouble in list_troubles():
        with site.trouble(trouble):
            page = site.client.get(address)
            assert page.status_code == 200, trouble
            assert "onfirm" in page.content.decode(), trouble
            assert page["Refresh"].endswith("look=2")
    site.client.get(address)
    assert may_read(a_reader)
    assert Subscription.objects.count() == Payment.objects.count() == 1
    assert [letter.subject for letter in mail.outbox] == ["Welcome to KJ Report"]


@pytest.mark.parametrize("rhythm", ["once", "monthly"])
def test_giving(site: Site, rhythm: str) -> None:
    for trouble in list_troubles():
        form = {"key": str(uuid.uuid4()), "rhythm": rhythm, "name": "Greta Giver", "note": "For the maps."}
        with site.trouble(trouble):
            page = fill_in(site.client, **form)
            said = page.content.decode()
            assert page.status_code == 503, trouble
            assert AWAY in said, trouble
            assert "Greta Giver" in said
            assert "For the maps." in said
        sessions = site.count("checkout.session")
        assert session_in(fill_in(site.client, **form)).startswith("cs_"), trouble
        if trouble in LOST[1:]:
            assert site.count("checkout.session") == sessions, trouble
        CheckoutAttempt.objects.all().delete()
    give(site.client, site.till, rhythm=rhythm)
    assert Donation.objects.count() == Payment.objects.count() == 1


@pytest.mark.parametrize("rhythm", ["once", "monthly"])
def test_coming_back_from_giving(site: Site, rhythm: str) -> None:
    address = path_of(site.till.pay(session_in(fill_in(site.client, rhythm=rhythm)), email="giver@example.org"))
    for trouble in list_troubles():
        with site.trouble(trouble):
            page = site.client.get(address)
            assert page.status_code == 200, trouble
            assert "onfirm" in page.content.decode(), trouble
    assert "Thank you" in site.client.get(address).content.decode()
    assert Donation.objects.count() == Payment.objects.count() == len(mail.outbox) == 1


def test_stopping_a_gift(site: Site) -> None:
    give(site.client, site.till, rhythm="monthly")
    link = path_of(stop_link(Pledge.objects.get()))
    for trouble in list_troubles():
        with site.trouble(trouble):
            assert AWAY in site.says(site.client.post(link)), trouble
        if trouble.is_done:
            break
    assert "has stopped" in site.says(site.client.post(link))
    assert Pledge.objects.get().status == "canceled"


def test_the_portal_and_the_way_back(site: Site) -> None:
    subscribe(site.client, site.till)
    back = cancel_in_portal(site.client, site.till)
    for trouble, wish in zip(list_troubles(), itertools.cycle(["manage", "card", "cancel"]), strict=False):
        with site.trouble(trouble):
            assert AWAY in site.says(site.client.post("/subscribe/manage/", {"wish": wish})), trouble
        with site.trouble(trouble):
            assert AWAY in site.says(site.client.get(back)), trouble
    assert site.client.get(back)["Location"] == "/account/"
    assert Subscription.objects.get().ends_at is not None
    assert "/p/" in site.client.post("/subscribe/manage/", {"wish": "manage"})["Location"]


def test_staying_after_all(site: Site) -> None:
    subscribe(site.client, site.till)
    site.client.get(cancel_in_portal(site.client, site.till))
    for trouble in list_troubles():
        with site.trouble(trouble):
            assert AWAY in site.says(site.client.post("/subscribe/manage/", {"wish": "keep"})), trouble
    assert "goes on as before" in site.says(site.client.post("/subscribe/manage/", {"wish": "keep"}))
    assert Subscription.objects.get().ends_at is None


def test_refunding(site: Site, a_reader: User, a_bookkeeper: User) -> None:
    subscribe(site.client, site.till)
    site.client.force_login(a_bookkeeper)
    page = f"/admin/subscriptions/subscription/{Subscription.objects.get().pk}/refund/"
    payment = Payment.objects.get()
    for trouble in list_troubles():
        with site.trouble(trouble):
            answer = site.client.post(page, {"payment": payment.pk}, follow=True)
            assert answer.status_code == 200, trouble
        assert may_read(a_reader), trouble
        assert site.count("refund") == 0, trouble  # each asks about the invoice first
    for trouble in LOST:
        with in_trouble(trouble, site.till, site.settings):
            site.till.engine.faults[-1].path = "/v1/refunds"
            site.client.post(page, {"payment": payment.pk})
        assert RefundOrder.objects.get().finished_at is None, trouble
        assert site.count("refund") == 1, trouble
    RefundOrder.objects.update(ordered_at=timezone.now() - timedelta(hours=1))
    call_command("sweep")
    assert not may_read(a_reader)
    assert site.count("refund") == LogEntry.objects.count() == RefundOrder.objects.count() == 1
    assert sorted(each.amount for each in Payment.objects.all()) == [-1000, 1000]


def test_letters(site: Site, a_reader: User) -> None:
    site.till.pay(session_in(press_subscribe(site.client)))
    letters = [Notification.read(data) for data in site.till.events()]
    for trouble in list_troubles():
        with site.trouble(trouble, patience=PATIENCE * len(letters)):
            for letter in letters:
                inbox.receive(letter)
        left = StripeEvent.objects.unprocessed().exclude(last_error="")
        assert left.count() >= 3, trouble  # the others are about what nobody here needs Stripe for
        assert all(letter.next_attempt_at is not None for letter in left)
        StripeEvent.objects.all().delete()
    for letter in letters:
        inbox.receive(letter)
    assert may_read(a_reader)
    assert not StripeEvent.objects.unprocessed().exists()
    assert Subscription.objects.count() == Payment.objects.count() == len(mail.outbox) == 1


@pytest.mark.parametrize("options", [(), ("--full",), ("--check",)], ids=" ".join)
def test_reconciling(site: Site, a_reader: User, options: tuple[str, ...]) -> None:
    site.till.pay(session_in(press_subscribe(site.client)))
    for trouble in list_troubles():
        before = books()
        with (
            in_trouble(trouble, site.till, site.settings),
            pytest.raises(CommandError, match=r"Stripe did not answer"),
        ):
            call_command("reconcile_stripe", *options)
        assert books() == before, trouble
    call_command("reconcile_stripe")
    assert may_read(a_reader)
    assert Subscription.objects.count() == Payment.objects.count() == len(mail.outbox) == 1


def test_setting_up(site: Site, capsys: Any) -> None:
    address = "https://paper.example/stripe/webhook/"
    kinds = ("product", "price", "billing_portal.configuration")
    made = {kind: site.count(kind) for kind in kinds}
    for trouble in list_troubles():
        with in_trouble(trouble, site.till, site.settings), pytest.raises(CommandError, match="Stripe did not do it"):
            call_command("stripe_setup", "--webhook", address)
    call_command("stripe_setup", "--webhook", address)
    assert {kind: site.count(kind) for kind in kinds} == made
    assert site.count("webhook_endpoint") == 1
    assert "whsec_" in capsys.readouterr().out


def test_articles_do_not_wait_for_stripe(site: Site, a_reader: User) -> None:
    published()
    subscribe(site.client, site.till)
    site.till.engine.log.clear()
    for trouble in (*LOST, REFUSED, Trouble("say_nothing", manner="say_nothing")):
        with in_trouble(trouble, site.till, site.settings):
            began = time.monotonic()
            for reader in (Client(), site.client):
                assert reader.get("/articles/the-corridor-nobody-drew/").status_code == 200
            assert time.monotonic() - began < RETRIES
    assert site.till.calls == []
