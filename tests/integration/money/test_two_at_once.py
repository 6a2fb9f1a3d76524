"""A reader whom Stripe has two subscriptions for all the same: staff are told, and the reader has a way out."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.standin.server import StandIn
from subscriptions import mirror
from subscriptions.models import Subscription
from tests.cast import a_subscription, an_account
from tests.integration.money.till import a_price, cancel_in_portal, customer_of, path_of, read_letters, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def alarmed(settings: Any) -> None:
    settings.ADMINS = ["money@paper.example"]


def alarms(subject: str = "two subscriptions") -> list[Any]:
    return [letter for letter in mail.outbox if subject in letter.subject]


@pytest.fixture
def twice(client: Client, till: StandIn, a_reader: User) -> StandIn:
    """A reader who subscribed here, and for whom somebody made a second one in Stripe's dashboard."""
    client.force_login(a_reader)
    subscribe(client, till)
    sell_another(till, customer_of(a_reader))
    read_letters(till)
    return till


def sell_another(till: StandIn, customer: str) -> None:
    """Sell a customer a second subscription past our own door."""
    session = gateway._v1().checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer,
            "line_items": [{"price": a_price("year").stripe_price_id, "quantity": 1}],
            "success_url": "http://testserver/?session_id={CHECKOUT_SESSION_ID}",
        }
    )
    till.pay(session.id)


def test_staff_are_told_once_with_the_way_to_it(twice: StandIn, a_reader: User) -> None:
    for _ in range(3):
        mirror.sync_customer(customer_of(a_reader))
    read_letters(twice, reverse=True)
    [alarm] = alarms()
    second = Subscription.objects.get(interval="year")
    assert f"/admin/subscriptions/subscription/{second.pk}/change/" in alarm.body
    assert a_reader.email not in alarm.body


def test_the_account_page_says_so_and_each_can_be_cancelled(client: Client, twice: StandIn, a_reader: User) -> None:
    page = client.get("/account/").content.decode()
    assert "You pay for two subscriptions, and one is enough." in page
    assert page.count("Cancel this one") == 2
    chosen = Subscription.objects.get(interval="year")
    response = client.post("/subscribe/manage/", {"wish": "cancel", "subscription": str(chosen.pk)})
    client.get(path_of(twice.press(_follow(response["Location"]))))
    chosen.refresh_from_db()
    assert chosen.ends_at is not None
    assert Subscription.objects.get(interval="month").ends_at is None
    assert "You pay for two subscriptions" not in client.get("/account/").content.decode()


def _follow(address: str) -> str:
    import requests  # noqa: PLC0415 - only here a browser is played by hand

    return requests.get(address, timeout=10).url


def test_nobody_cancels_somebody_elses(client: Client, twice: StandIn) -> None:
    other = a_subscription(an_account("Otto Other"))
    response = client.post("/subscribe/manage/", {"wish": "cancel", "subscription": str(other.pk)})
    assert "cancel" not in _follow(response["Location"]), "the portal opens on its own front page"
    for wish in ("keep", "resume"):
        client.post("/subscribe/manage/", {"wish": wish, "subscription": str(other.pk)})
    assert [call for call in twice.calls if call.startswith("POST /v1/subscriptions/")] == []


def test_the_newsroom_has_a_light_and_a_list(client: Client, twice: StandIn, a_bookkeeper: User) -> None:
    a_subscription(an_account("Una Usual"))
    client.force_login(a_bookkeeper)
    cache.clear()
    page = client.get("/admin/").content.decode()
    assert "A reader pays for two subscriptions." in page
    [address] = re.findall(r'href="(/admin/subscriptions/subscription/\?double=yes)"', page)
    listed = client.get(address).context["cl"].queryset
    assert {row.customer.stripe_id for row in listed} == {customer_of(User.objects.get(name="Rosa Reader"))}
    assert len(listed) == 2
    Subscription.objects.filter(interval="year").update(status="canceled")
    cache.clear()
    assert "two subscriptions" not in client.get("/admin/").content.decode()


def test_one_that_begins_to_run_later_is_told_of_then(a_reader: User, till: StandIn, client: Client) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    a_subscription(a_reader, "incomplete", stripe_id="sub_waiting")
    mirror.sync_customer(customer_of(a_reader))
    assert not alarms()
    sell_another(till, customer_of(a_reader))
    row = till.dump()["subscription"][-1]["id"]
    Subscription.objects.filter(stripe_id="sub_waiting").update(stripe_id=row)
    mirror.sync_customer(customer_of(a_reader))
    assert len(alarms()) == 1


def test_one_that_follows_a_cancelled_one_is_no_second(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    client.get(cancel_in_portal(client, till))
    sell_another(till, customer_of(a_reader))
    read_letters(till)
    assert not alarms()
    assert "You pay for two" not in client.get("/account/").content.decode()
