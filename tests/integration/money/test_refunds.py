"""Money given back by those who may: once, however often it is pressed, and never half."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from donations.giving import ensure_campaign, publish_campaigns
from donations.models import Donation
from kjreport.accounts.models import User
from kjreport.payments import refunding
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import EntryKind, Payment, RefundOrder
from kjreport.standin.server import StandIn
from subscriptions.models import Subscription
from subscriptions.refunding import refund_and_cancel
from tests.cast import a_customer, a_payment, a_subscription, an_account
from tests.integration.money.till import may_read, read_letters, subscribe
from tests.integration.test_donations import give

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bought(client: Client, till: StandIn, a_reader: User) -> Subscription:
    client.force_login(a_reader)
    subscribe(client, till)
    client.logout()
    return Subscription.objects.get()


def refunds(till: StandIn) -> list[Any]:
    return till.dump().get("refund", [])


def page_of(subscription: Subscription) -> str:
    return f"/admin/subscriptions/subscription/{subscription.pk}/refund/"


def press(client: Client, subscription: Subscription, payment: Payment | None = None) -> str:
    payment = payment or Payment.objects.received().latest("pk")
    answer = client.post(page_of(subscription), {"payment": payment.pk}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_refused_by_stripe_nothing_is_cancelled_and_the_reason_is_kept(
    client: Client, till: StandIn, bought: Subscription, a_reader: User, a_bookkeeper: User
) -> None:
    till.open_dispute(Payment.objects.get().payment_intent_id)
    client.force_login(a_bookkeeper)
    assert "Stripe refused, and nothing was given back" in press(client, bought)
    order = RefundOrder.objects.get()
    assert "charged back" in order.error
    assert order.finished_at is not None
    assert order.refunded_at is None
    assert may_read(a_reader)
    assert gateway.get_subscription(bought.stripe_id).status == "active"


def test_an_order_that_stumbles_keeps_no_other_back(
    till: StandIn, bought: Subscription, a_bookkeeper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = a_payment(an_account("Ottilie Other"))
    order = RefundOrder.objects.create(payment=Payment.objects.exclude(pk=other.pk).get(), ordered_by=a_bookkeeper)
    stumbling = RefundOrder.objects.create(payment=other, ordered_by=a_bookkeeper)  # the newest is looked at first
    RefundOrder.objects.update(ordered_at=timezone.now() - timedelta(minutes=6))
    create_refund = gateway.create_refund

    def stumble(intent: str, **options: Any) -> None:
        if intent == stumbling.payment.payment_intent_id:
            raise ValueError("Nobody expected this.")
        create_refund(intent, **options)

    monkeypatch.setattr(gateway, "create_refund", stumble)
    call_command("sweep")
    assert RefundOrder.objects.get(pk=order.pk).finished_at is not None
    assert RefundOrder.objects.get(pk=stumbling.pk).finished_at is None


def test_refund_and_cancel_gives_the_money_back_ends_reading_and_names_who_did_it(
    client: Client, till: StandIn, bought: Subscription, a_reader: User, a_bookkeeper: User
) -> None:
    client.force_login(a_bookkeeper)
    asked = client.get(page_of(bought)).content.decode()
    assert "£10 left of £10" in asked
    assert refunds(till) == []
    assert "cancelled" in press(client, bought)
    assert not may_read(a_reader)
    assert Subscription.objects.get().status == "canceled"
    assert Payment.objects.total("gbp").amount == 0
    assert RefundOrder.objects.get().ordered_by == a_bookkeeper
    entry = LogEntry.objects.get()
    assert entry.user == a_bookkeeper
    assert bought.stripe_id in entry.get_change_message()
    read_letters(till, twice=True)
    assert Payment.objects.count() == 2


def test_two_presses_refund_once(client: Client, till: StandIn, bought: Subscription, a_bookkeeper: User) -> None:
    client.force_login(a_bookkeeper)
    press(client, bought)
    assert "done already" in press(client, bought)
    assert len(refunds(till)) == RefundOrder.objects.count() == LogEntry.objects.count() == 1


def test_an_answer_that_was_lost_is_not_a_second_refund(
    client: Client, till: StandIn, bought: Subscription, a_reader: User, a_bookkeeper: User
) -> None:
    client.force_login(a_bookkeeper)
    till.fail_next(20, path="/v1/refunds", after=True)
    assert "order is kept" in press(client, bought)
    assert may_read(a_reader)
    till.engine.faults.clear()
    RefundOrder.objects.update(ordered_at=timezone.now() - timedelta(hours=1))
    call_command("sweep")
    assert RefundOrder.objects.get().finished_at is not None
    assert len(refunds(till)) == 1
    assert not may_read(a_reader)
    assert Payment.objects.total("gbp").amount == 0


def test_a_cancellation_that_failed_is_made_up_for(
    client: Client, till: StandIn, bought: Subscription, a_reader: User, a_bookkeeper: User
) -> None:
    client.force_login(a_bookkeeper)
    till.fail_next(20, path="/v1/subscriptions/")
    press(client, bought)
    assert Payment.objects.total("gbp").amount == 0
    assert may_read(a_reader)
    till.engine.faults.clear()
    press(client, bought)
    assert not may_read(a_reader)
    assert len(refunds(till)) == 1


def test_refunded_at_stripe_already_it_is_still_cancelled(
    till: StandIn, bought: Subscription, a_reader: User, a_bookkeeper: User
) -> None:
    gateway.create_refund(Payment.objects.get().payment_intent_id, key="by hand")
    refund_and_cancel(bought, Payment.objects.get(), by=a_bookkeeper)
    assert not may_read(a_reader)
    assert len(refunds(till)) == 1


def test_a_payment_for_something_else_cancels_nothing(
    client: Client, till: StandIn, bought: Subscription, a_reader: User, a_bookkeeper: User
) -> None:
    other = a_subscription(a_reader)
    client.force_login(a_bookkeeper)
    assert "another subscription" in press(client, other, Payment.objects.get())
    theirs = a_payment(an_account("Otto Other"))
    assert "Please choose" in press(client, bought, theirs)
    assert refunds(till) == []
    assert may_read(a_reader)


def test_a_gift_goes_back_whole_from_the_ledgers_page(client: Client, till: StandIn, a_bookkeeper: User) -> None:
    ensure_campaign()
    publish_campaigns()
    give(client, till)
    gift = Donation.objects.get().payment
    client.force_login(a_bookkeeper)
    page = f"/admin/payments/payment/{gift.pk}/"
    assert f"{page}refund/" in client.get(f"{page}change/").content.decode()
    assert "goes on" in client.get(f"{page}refund/").content.decode()
    for _ in range(2):
        client.post(f"{page}refund/")
    assert Payment.objects.total("gbp").amount == 0
    assert len(refunds(till)) == 1
    assert "gone back already" in client.get(f"{page}refund/").content.decode()
    back = Payment.objects.get(kind=EntryKind.REFUND)
    assert client.get(f"/admin/payments/payment/{back.pk}/refund/").status_code == 404
    assert client.get("/admin/payments/payment/999999/refund/").status_code == 404


@pytest.mark.parametrize("group", ["Journalists", "Editors", "Publisher"])
def test_nobody_who_writes_or_publishes_gives_money_back(client: Client, a_subscriber: User, group: str) -> None:
    payment = a_payment(a_subscriber)
    colleague = an_account("Nora Newsroom", is_staff=True)
    colleague.groups.add(Group.objects.get(name=group))
    client.force_login(colleague)
    for page in (page_of(Subscription.objects.get()), f"/admin/payments/payment/{payment.pk}/refund/"):
        assert client.get(page).status_code == client.post(page).status_code == 403
    with pytest.raises(PermissionDenied):
        refunding.refund(payment, by=colleague)
    assert not RefundOrder.objects.exists()


def test_not_both_publishing_and_refunding_but_for_the_owner(an_editor: User, a_publisher: User) -> None:
    an_editor.groups.add(Group.objects.get(name="Finance"))
    assert not refunding.may_refund(User.objects.get(pk=an_editor.pk))
    assert refunding.may_refund(a_publisher)
    a_publisher.is_active = False
    assert not refunding.may_refund(a_publisher)


def test_a_subscription_nobody_paid_for_says_so(client: Client, a_subscriber: User, a_bookkeeper: User) -> None:
    a_customer(a_subscriber)
    client.force_login(a_bookkeeper)
    assert "Nothing has been paid" in client.get(page_of(Subscription.objects.get())).content.decode()
