"""Resuming a paused subscription: our own button, charged at once, and said kindly when it does not work."""

import pytest
from django.test import Client

from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.standin.server import StandIn
from subscriptions import account, mirror
from subscriptions.access import Told
from subscriptions.models import Subscription
from tests.integration.money.till import customer_of, may_read, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paused(client: Client, till: StandIn, a_reader: User) -> Subscription:
    client.force_login(a_reader)
    subscribe(client, till)
    row = Subscription.objects.get()
    gateway._v1().subscriptions.pause(row.stripe_id, {"type": "subscription"})
    mirror.sync_customer(customer_of(a_reader))
    assert not may_read(a_reader)
    return Subscription.objects.get()


def press(client: Client, row: Subscription) -> str:
    wish = {"wish": "resume", "subscription": str(row.pk)}
    return str(client.post("/subscribe/manage/", wish, follow=True).content.decode())


def test_one_press_opens_everything_again_and_a_second_does_nothing(
    client: Client, till: StandIn, paused: Subscription, a_reader: User
) -> None:
    assert account.describe(a_reader).verdict.told is Told.RESUME
    assert "Resume my subscription" in client.get("/account/").content.decode()
    assert "Your subscription goes on. Thank you, and welcome back." in press(client, paused)
    assert may_read(a_reader)
    assert "welcome back" not in press(client, paused)
    assert till.calls.count(f"POST /v1/subscriptions/{paused.stripe_id}/resume") == 1


def test_stripe_away_or_unwilling_is_said_and_changes_nothing(
    client: Client, till: StandIn, paused: Subscription, a_reader: User
) -> None:
    till.fail_next(20, path="/v1/subscriptions")
    assert "We could not reach our payment service just now." in press(client, paused)
    till.engine.faults.clear()
    till.fail_next(1, path=f"/v1/subscriptions/{paused.stripe_id}/resume", status=402)
    said = press(client, paused)
    assert "could not do that" in said or "could not reach" in said
    assert not may_read(a_reader)
