"""What random histories found, each told as the story it was."""

from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.tasks.backends.immediate import ImmediateBackend
from django.test import Client

from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import Payment
from kjreport.standin.server import StandIn
from subscriptions import notices
from subscriptions.models import Notice, Price, Subscription
from tests.integration.money.till import customer_of, may_read, path_of, press_subscribe, read_letters, session_in

pytestmark = pytest.mark.django_db(transaction=True)


def pay(client: Client, till: StandIn) -> tuple[str, Any]:
    """Subscribe without coming back; return the way back and the session."""
    session = session_in(press_subscribe(client))
    return path_of(till.pay(session)), session


def test_an_old_return_page_is_a_page_though_its_customer_was_deleted_and_made_anew(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    old, _ = pay(client, till)
    read_letters(till)
    gateway._v1().customers.delete(customer_of(a_reader))
    read_letters(till)
    new, _ = pay(client, till)
    assert client.get(new)["Location"] == "/account/"
    assert client.get(old)["Location"] == "/account/"
    assert may_read(a_reader)


def test_a_page_of_stripes_says_so_when_its_customer_was_deleted(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    session = session_in(press_subscribe(client))
    gateway._v1().customers.delete(customer_of(a_reader))
    with pytest.raises(ValueError, match="No such customer"):
        till.pay(session)
    assert "subscription" not in till.dump()


def test_a_late_welcome_is_the_receipt_for_one_payment_and_no_payment_goes_without(
    client: Client, till: StandIn, a_reader: User
) -> None:
    """The worker was late; meanwhile the reader changed to paying by the year, which is invoiced at once."""
    client.force_login(a_reader)
    way_back, _ = pay(client, till)
    with mock.patch.object(ImmediateBackend, "enqueue"):
        client.get(way_back)
        subscription, yearly = Subscription.objects.get(), Price.objects.get(interval="year")
        [item] = till.dump()["subscription"][0]["items"]["data"]
        switched = {"items": [{"id": item["id"], "price": yearly.stripe_price_id}]}
        gateway._v1().subscriptions.update(subscription.stripe_id, switched)
        client.get("/subscribe/manage/")
    for pk in Notice.objects.order_by("-pk").values_list("pk", flat=True):
        notices.send_notice(pk)
    assert Payment.objects.count() == 2
    for payment in Payment.objects.all():
        assert sum(f"{payment.stripe_id}\n" in str(letter.body) for letter in mail.outbox) == 1
    assert not Notice.objects.filter(sent_at=None).exists()


def test_whether_an_end_is_told_does_not_hang_on_how_often_stripe_was_asked(
    client: Client, till: StandIn, a_reader: User
) -> None:
    """It had ended before we saw it for the first time: looking twice tells no more than looking once."""
    client.force_login(a_reader)
    pay(client, till)
    [subscription] = till.dump()["subscription"]
    gateway.cancel_subscription(subscription["id"])
    read_letters(till, twice=True)
    assert [letter.subject for letter in mail.outbox] == ["Your receipt from KJ Report"]
