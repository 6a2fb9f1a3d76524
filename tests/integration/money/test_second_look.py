"""A reader who has just paid is let in though the letter is late; a page never waits for it longer than a moment."""

import contextlib
import threading
import time
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments.customers import lock_customer, not_waiting_to_write
from kjreport.standin.server import StandIn
from subscriptions.models import Notice, Subscription
from tests.cast import BELOW, published
from tests.integration.money.till import customer_of, subscribe

pytestmark = pytest.mark.django_db(transaction=True)
HIDDEN = BELOW.removeprefix("<p>").removesuffix("</p>")


@pytest.fixture
def shut_out(client: Client, till: StandIn, a_reader: User) -> User:
    """A subscriber whose mirror has said for an hour that it is over."""
    client.force_login(a_reader)
    subscribe(client, till)
    client.get("/account/")  # says its thanks, which would write in the session later
    Subscription.objects.update(status="canceled", synced_at=timezone.now() - timedelta(hours=1))
    till.engine.log.clear()
    return a_reader


def read(client: Client) -> tuple[bool, float]:
    began = time.monotonic()
    page = client.get("/articles/the-corridor-nobody-drew/")
    assert page.status_code == 200
    return HIDDEN in page.content.decode(), time.monotonic() - began


@pytest.fixture(autouse=True)
def _a_piece(db: None) -> None:
    published()


@pytest.mark.usefixtures("shut_out")
def test_stripe_hanging_keeps_a_page_two_seconds_and_then_not_again(client: Client, till: StandIn) -> None:
    till.fail_next(1, seconds=4)
    is_open, waited = read(client)
    assert not is_open
    assert waited < 3
    asked = len(till.calls)
    is_open, waited = read(client)
    assert not is_open
    assert waited < 1
    assert len(till.calls) == asked <= 1
    time.sleep(4)  # until the till has done with hanging


@pytest.mark.usefixtures("shut_out")
def test_a_payment_the_mirror_does_not_know_of_opens_the_text_with_one_call(client: Client, till: StandIn) -> None:
    assert read(client)[0]
    assert till.calls == ["GET /v1/subscriptions"]
    assert read(client)[0]
    assert len(till.calls) == 1
    assert Notice.objects.filter(kind="welcome").count() == 1


def test_one_who_is_really_over_costs_one_call_in_ten_minutes(client: Client, till: StandIn, shut_out: User) -> None:
    from kjreport.payments import stripe_gateway as gateway  # noqa: PLC0415 - only this story cancels

    gateway.cancel_subscription(Subscription.objects.get().stripe_id)
    till.engine.log.clear()
    for _ in range(5):
        assert not read(client)[0]
    assert till.calls == ["GET /v1/subscriptions"]
    assert Subscription.objects.get().synced_at > timezone.now() - timedelta(minutes=1)


@pytest.mark.usefixtures("shut_out")
def test_stripe_away_leaves_the_mirror_as_it_stands(client: Client, till: StandIn) -> None:
    till.fail_next(20)
    assert not read(client)[0]
    assert Subscription.objects.get().status == "canceled"


@pytest.mark.parametrize("fresh", [{"synced_at": timezone.now}, {"revoked_at": timezone.now}])
@pytest.mark.usefixtures("shut_out")
def test_a_fresh_mirror_and_one_we_closed_ourselves_are_believed(client: Client, till: StandIn, fresh: Any) -> None:
    Subscription.objects.update(**{name: now() for name, now in fresh.items()})
    assert not read(client)[0]
    assert till.calls == []


def test_visitors_and_those_who_never_paid_cost_stripe_nothing(client: Client, till: StandIn, shut_out: User) -> None:
    read(Client())
    Subscription.objects.all().delete()
    read(client)
    assert till.calls == []


@pytest.mark.usefixtures("shut_out")
def test_without_a_cache_to_count_in_nobody_asks(client: Client, till: StandIn) -> None:
    with mock.patch.object(cache, "add", side_effect=ConnectionError("no cache")):
        assert not read(client)[0]
    assert till.calls == []


def test_nobody_waits_for_sqlites_one_lock_inside_and_everybody_does_again_after(db: None) -> None:
    if connection.vendor != "sqlite":
        with not_waiting_to_write():
            return

    def patience() -> int:
        with connection.cursor() as cursor:
            return int(cursor.execute("PRAGMA busy_timeout").fetchone()[0])

    usual = patience()
    with contextlib.suppress(RuntimeError), not_waiting_to_write():
        assert patience() == 0
        raise RuntimeError
    assert patience() == usual > 0


@pytest.mark.postgres
def test_somebody_else_writing_is_not_waited_for(client: Client, till: StandIn, shut_out: User) -> None:
    holds, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                lock_customer(customer_of(shut_out))
                holds.set()
                may_go.wait(15)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert holds.wait(10)
    try:
        is_open, waited = read(client)
    finally:
        may_go.set()
        holder.join(20)
    assert not is_open
    assert waited < 3
    assert Subscription.objects.get().status == "canceled"
