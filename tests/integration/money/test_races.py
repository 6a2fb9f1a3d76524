"""At the same moment: clicks, tabs, return page and letters. On PostgreSQL, where moments can coincide."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from kjreport.accounts.models import User
from kjreport.payments import inbox
from kjreport.payments.models import CheckoutAttempt, Customer, Payment, RefundOrder, StripeEvent
from kjreport.payments.snapshots import Notification
from kjreport.standin.server import StandIn
from subscriptions.models import Notice, Subscription
from tests.integration.money.till import a_letter, may_read, path_of, post_letter, press_subscribe, session_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do all of it in threads that start together; return what each gave, or its exception."""
    gate = threading.Barrier(len(deeds))
    given: list[Any] = [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            given[place] = deed()
        except Exception as error:  # noqa: BLE001 - handed back
            given[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    faults = [each for each in given if isinstance(each, Exception)]
    assert not faults, faults
    return given


def signed_in(reader: User) -> Client:
    client = Client()
    client.force_login(reader)
    return client


def test_return_page_and_letters_together_are_one_subscription_payment_and_welcome(
    till: StandIn, a_reader: User
) -> None:
    client = signed_in(a_reader)
    address = path_of(till.pay(session_in(press_subscribe(client))))
    letters = [Notification.read(data) for data in till.events()]
    deeds = [lambda letter=letter: inbox.receive(letter) for letter in letters] * 2
    at_once(lambda: client.get(address), lambda: signed_in(a_reader).get(address), *deeds)
    assert may_read(a_reader)
    assert Subscription.objects.count() == Payment.objects.count() == 1
    assert [letter.subject for letter in mail.outbox if "receipt" not in letter.subject] == ["Welcome to KJ Report"]
    assert sum(Payment.objects.get().stripe_id in str(letter.body) for letter in mail.outbox) == 1
    assert set(Notice.objects.values_list("kind", flat=True)) == {"welcome", "receipt"}
    assert not StripeEvent.objects.unprocessed().exists()


def test_two_clicks_at_once_are_one_session(till: StandIn, a_reader: User) -> None:
    key = str(uuid.uuid4())
    clients = [signed_in(a_reader) for _ in range(4)]
    answers = at_once(*[lambda each=each: press_subscribe(each, key=key) for each in clients])
    assert {answer.status_code for answer in answers} == {302}
    assert len(till.dump()["checkout.session"]) == 1
    assert len(till.dump()["customer"]) == Customer.objects.count() == 1


def test_colleagues_refunding_at_once_give_the_money_back_once(
    till: StandIn, a_reader: User, a_bookkeeper: User, a_publisher: User
) -> None:
    reader = signed_in(a_reader)
    reader.get(path_of(till.pay(session_in(press_subscribe(reader)))))
    page = f"/admin/subscriptions/subscription/{Subscription.objects.get().pk}/refund/"
    form = {"payment": str(Payment.objects.get().pk)}
    colleagues = [signed_in(each) for each in (a_bookkeeper, a_publisher) * 3]
    at_once(*[lambda each=each: each.post(page, form) for each in colleagues])
    assert len(till.dump()["refund"]) == 1
    assert sorted(entry.amount for entry in Payment.objects.all()) == [-1000, 1000]
    assert Subscription.objects.get().status == "canceled"
    assert not RefundOrder.objects.filter(finished_at=None).exists()
    assert [letter.subject for letter in mail.outbox].count("Your subscription to KJ Report has ended") == 1
    assert not may_read(a_reader)


def test_tabs_at_once_leave_one_session_to_pay(till: StandIn, a_reader: User) -> None:
    clients = [signed_in(a_reader) for _ in range(4)]
    intervals = ["month", "year", "month", "year"]
    at_once(
        *[
            lambda each=each, interval=interval: press_subscribe(each, interval=interval)
            for each, interval in zip(clients, intervals, strict=True)
        ]
    )
    is_open = [session["id"] for session in till.dump()["checkout.session"] if session["status"] == "open"]
    attempts = CheckoutAttempt.objects.filter(state__in=["started", "open"])
    assert len(is_open) <= 1
    assert [attempt.stripe_session_id for attempt in attempts] == is_open


def test_the_same_letter_twice_at_once_is_kept_and_taken_in_once(client: Client) -> None:
    letter = a_letter("galaxy.collapsed")
    answers = at_once(*[lambda: post_letter(Client(), letter)] * 6)
    assert {answer.status_code for answer in answers} == {200}
    assert StripeEvent.objects.get().attempts == 1


def test_an_old_answer_does_not_overwrite_a_newer_one(
    till: StandIn, a_reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sync is slow after fetching; another starts later. Fetched under the lock, the later one writes last."""
    from kjreport.payments import stripe_gateway as gateway  # noqa: PLC0415 - patched here alone
    from subscriptions import mirror  # noqa: PLC0415 - likewise

    client = signed_in(a_reader)
    client.get(path_of(till.pay(session_in(press_subscribe(client)))))
    customer = Customer.objects.get().stripe_id or ""
    subscription = Subscription.objects.get().stripe_id
    fetch, has_fetched, may_write = gateway.list_subscriptions, threading.Event(), threading.Event()

    def slow_first(asked: str) -> Any:
        found = fetch(asked)
        if not has_fetched.is_set():
            has_fetched.set()
            may_write.wait(3)
        return found

    def cancel_and_sync() -> None:
        has_fetched.wait(10)
        gateway.cancel_subscription(subscription)
        threading.Timer(1, may_write.set).start()
        mirror.sync_customer(customer)

    monkeypatch.setattr(gateway, "list_subscriptions", slow_first)
    at_once(lambda: mirror.sync_customer(customer), cancel_and_sync)
    assert Subscription.objects.get().status == "canceled"
    assert not may_read(a_reader)
