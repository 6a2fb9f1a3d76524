"""What used to be done twice, or to keep somebody waiting: each a story of its own."""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import refunding
from kjreport.payments.customers import lock_customer
from kjreport.payments.models import AttemptState, CheckoutAttempt, Customer, Payment, RefundOrder
from kjreport.standin.server import StandIn
from subscriptions import checkout
from subscriptions import refunding as subscriptions_refunding
from subscriptions.models import Subscription
from tests.integration.money.till import customer_of, may_read, path_of, press_subscribe, session_in, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


def sessions(till: StandIn) -> list[Any]:
    return till.dump().get("checkout.session", [])


@contextmanager
def somebody_holding(customer_id: str) -> Iterator[None]:
    """Have a letter hold the customer's lock, as it does while Stripe keeps it waiting."""
    holds, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                lock_customer(customer_id)
                holds.set()
                may_go.wait(30)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert holds.wait(10)
    try:
        yield
    finally:
        may_go.set()
        holder.join(30)


def test_a_session_whose_answer_was_lost_is_found_again_by_the_next_press(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    key = str(uuid.uuid4())
    till.fail_next(3, status="nonsense", body="truncated", path="/v1/checkout/sessions", after=True)
    assert press_subscribe(client, key=key)["Location"].startswith("/subscribe/")
    till.engine.faults.clear()
    found = session_in(press_subscribe(client, key=key))
    assert [each["id"] for each in sessions(till)] == [found]
    assert CheckoutAttempt.objects.get().tries == 1


def test_a_press_long_after_a_lost_answer_begins_anew(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    key = str(uuid.uuid4())
    till.fail_next(3, status="nonsense", path="/v1/checkout/sessions")
    press_subscribe(client, key=key)
    till.engine.faults.clear()
    CheckoutAttempt.objects.update(started_at=timezone.now() - timedelta(hours=1))
    assert session_in(press_subscribe(client, key=key)).startswith("cs_")
    assert CheckoutAttempt.objects.get().tries == 2


def test_a_session_that_stripe_lost_keeps_nobody_from_subscribing(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    press_subscribe(client)
    CheckoutAttempt.objects.update(stripe_session_id="cs_test_gone")
    assert session_in(press_subscribe(client, interval="year")).startswith("cs_test_")
    assert CheckoutAttempt.objects.filter(state=AttemptState.OPEN).count() == 1


def test_one_who_paid_while_stripe_then_failed_is_not_sold_a_second_one(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    address = path_of(till.pay(session_in(press_subscribe(client))))
    till.fail_next(20, path="/v1/subscriptions")
    assert "onfirm" in client.get(address).content.decode()
    assert not may_read(a_reader)
    again = press_subscribe(client, interval="year")
    assert again["Location"].startswith("/subscribe/return/")
    assert len(sessions(till)) == 1
    till.engine.faults.clear()
    client.get(again["Location"])
    assert may_read(a_reader)
    assert Subscription.objects.count() == 1


def test_one_deleted_at_stripe_after_paying_can_begin_anew(client: Client, till: StandIn, a_reader: User) -> None:
    from kjreport.payments import customers  # noqa: PLC0415 - this story alone
    from kjreport.payments import stripe_gateway as gateway  # noqa: PLC0415 - likewise

    client.force_login(a_reader)
    subscribe(client, till)
    Customer.objects.update(synced_at=None)
    gateway.delete_customer(customer_of(a_reader))
    customers.refresh(customer_of(a_reader))
    Subscription.objects.update(status="canceled")
    assert checkout.find_paid(a_reader) is None
    assert session_in(press_subscribe(client)).startswith("cs_test_")


def test_a_colleague_who_pressed_a_moment_later_refunds_and_logs_nothing(
    client: Client, till: StandIn, a_reader: User, a_bookkeeper: User, a_publisher: User
) -> None:
    """Both have looked before either ordered: the one who comes second finds it done."""
    client.force_login(a_reader)
    subscribe(client, till)
    payment, subscription = Payment.objects.get(), Subscription.objects.get()
    subscriptions_refunding.refund_and_cancel(subscription, payment, by=a_bookkeeper)
    with pytest.raises(refunding.NothingLeft):  # `subscription` is as it was looked at before
        refunding.order(payment, by=a_publisher, subscription_id=subscription.stripe_id)
    with pytest.raises(refunding.NothingLeft):
        refunding.order(payment, by=a_publisher)
    assert RefundOrder.objects.count() == LogEntry.objects.count() == 1


def test_money_given_back_before_leaves_the_subscription_to_be_ended(
    client: Client, till: StandIn, a_reader: User, a_bookkeeper: User
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    payment, subscription = Payment.objects.get(), Subscription.objects.get()
    refunding.refund(payment, by=a_bookkeeper)
    assert may_read(a_reader)
    subscriptions_refunding.refund_and_cancel(subscription, payment, by=a_bookkeeper)
    assert not may_read(a_reader)
    assert len(till.dump()["refund"]) == 1


@pytest.mark.postgres
def test_a_reader_back_from_paying_waits_for_no_letter_that_hangs(
    client: Client, till: StandIn, a_reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "PATIENCE", 0.5)
    client.force_login(a_reader)
    address = path_of(till.pay(session_in(press_subscribe(client))))
    with somebody_holding(customer_of(a_reader)):
        began = time.monotonic()
        page = client.get(address)
        assert time.monotonic() - began < 5
    assert "onfirm" in page.content.decode()
    client.get(address)
    assert may_read(a_reader)
    with connection.cursor() as cursor:
        assert cursor.execute("SHOW lock_timeout").fetchone() == ("0",)
