"""Lives of a subscription: renewed, failed, mended, cancelled, kept, refunded, disputed; letters in any order."""

import itertools
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.test import Client

from kjreport.accounts.models import User
from kjreport.payments import inbox
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import Customer, EntryKind, Payment, StripeEvent
from kjreport.payments.snapshots import Notification
from kjreport.standin.server import StandIn
from subscriptions import account, mirror
from subscriptions.access import Told
from subscriptions.models import Subscription
from tests.integration.money.till import (
    FAILS_LATER_CARD,
    a_letter,
    cancel_in_portal,
    customer_of,
    may_read,
    path_of,
    press_subscribe,
    read_letters,
    session_in,
    subscribe,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock(till: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the site's clock follow the till's."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime.fromtimestamp(till.now(), UTC))


def subjects() -> list[str]:
    return [str(letter.subject) for letter in mail.outbox]


def told(user: User) -> Told:
    return account.describe(User.objects.get(pk=user.pk)).verdict.told


def press(client: Client, wish: str) -> Any:
    return client.post("/subscribe/manage/", {"wish": wish})


@pytest.mark.usefixtures("clock")
def test_a_renewal_goes_on_and_enters_the_ledger_once(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    till.advance(days=32)
    read_letters(till, twice=True)
    read_letters(till, reverse=True)
    assert may_read(a_reader)
    assert [payment.amount for payment in Payment.objects.all()] == [1000, 1000]
    assert subjects() == ["Welcome to KJ Report", "Your receipt from KJ Report"]


@pytest.mark.usefixtures("clock")
def test_a_failed_renewal_is_told_once_read_through_in_grace_and_closed_after_it(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    subscribe(client, till, card=FAILS_LATER_CARD)
    till.advance(days=32)
    read_letters(till, twice=True)
    assert Subscription.objects.get().status == "past_due"
    assert may_read(a_reader)
    assert told(a_reader) is Told.MEND_CARD
    assert subjects() == ["Welcome to KJ Report", "We could not take your payment for KJ Report"]
    assert "Update my card" in client.get("/subscribe/").content.decode()
    assert press_subscribe(client)["Location"] == "/account/"
    till.advance(days=15)
    assert not may_read(a_reader)
    read_letters(till)
    assert not may_read(a_reader)
    assert subjects().count("We could not take your payment for KJ Report") == 1


@pytest.mark.usefixtures("clock")
def test_a_mended_payment_opens_everything_again(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till, card=FAILS_LATER_CARD)
    till.advance(days=32)
    read_letters(till)
    till.pay_invoice(Subscription.objects.get().invoice_id)
    read_letters(till)
    assert told(a_reader) is Told.NOTHING
    assert may_read(a_reader)
    assert Payment.objects.count() == 2


@pytest.mark.usefixtures("clock")
def test_cancelling_in_the_portal_reads_on_until_the_end_and_then_meets_the_wall(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    assert client.get(cancel_in_portal(client, till))["Location"] == "/account/"
    subscription = Subscription.objects.get()
    assert subscription.ends_at is not None
    assert subscription.status == "active"
    assert told(a_reader) is Told.ENDING
    assert may_read(a_reader)
    assert "Keep my subscription" in client.get("/account/").content.decode()
    read_letters(till, twice=True)
    assert subjects()[1:] == ["Your subscription to KJ Report will end"]
    till.advance(days=32)
    assert not may_read(a_reader), "the end needs no letter"
    read_letters(till)
    assert Subscription.objects.get().status == "canceled"
    assert not may_read(a_reader)
    assert subjects()[2:] == ["Your subscription to KJ Report has ended"]
    assert Payment.objects.count() == 1


@pytest.mark.usefixtures("clock")
def test_a_change_of_mind_keeps_it_and_each_change_is_told_once(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    cancel_in_portal(client, till)
    client.get("/subscribe/manage/")
    assert press(client, "keep")["Location"] == "/account/"
    assert told(a_reader) is Told.NOTHING
    read_letters(till, twice=True)
    till.advance(seconds=60)
    cancel_in_portal(client, till)
    read_letters(till, reverse=True)
    assert subjects()[1:] == [
        "Your subscription to KJ Report will end",
        "Your subscription to KJ Report goes on",
        "Your subscription to KJ Report will end",
    ]
    press(client, "keep")
    till.advance(days=32)
    read_letters(till)
    assert may_read(a_reader)


def test_the_portal_is_opened_by_post_for_card_and_details_and_its_address_is_not_kept(
    client: Client, till: StandIn, a_reader: User, caplog: Any
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    for wish in ("manage", "card", "something else"):
        response = press(client, wish)
        assert response["Location"].startswith(till.url)
        assert "no-store" in response["Cache-Control"]
        assert response["Location"] not in caplog.text


def test_the_portal_is_closed_to_those_who_have_nothing_there(client: Client, till: StandIn, a_reader: User) -> None:
    assert press(client, "manage")["Location"].startswith("/account/login/")
    client.force_login(a_reader)
    assert press(client, "manage")["Location"] == "/subscribe/"
    assert press(client, "keep")["Location"] == "/account/"
    assert client.get("/subscribe/manage/")["Location"] == "/subscribe/"
    assert "POST /v1/billing_portal/sessions" not in till.calls


def test_the_portal_says_so_kindly_when_stripe_is_away(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    till.fail_next(20)
    for ask in (lambda: press(client, "manage"), lambda: client.get("/subscribe/manage/")):
        assert "could not reach" in client.get(ask()["Location"]).content.decode()
    assert may_read(a_reader)


def _notifications(till: StandIn) -> list[Notification]:
    return [Notification.read(data) for data in till.events()]


def test_every_order_of_the_first_letters_ends_in_the_same_state(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    till.pay(session_in(press_subscribe(client)))
    kinds = {"checkout.session.completed", "customer.subscription.created", "invoice.paid"}
    first = [letter for letter in _notifications(till) if letter.type in kinds]
    assert len(first) == 3
    for order in itertools.permutations(first):
        Payment.objects.all().delete()
        Subscription.objects.all().delete()
        StripeEvent.objects.all().delete()
        mail.outbox.clear()
        for letter in order:
            inbox.receive(letter)
        assert Subscription.objects.get().status == "active"
        assert Payment.objects.get().amount == 1000
        assert subjects() == ["Welcome to KJ Report"]


def test_an_old_ones_late_end_does_not_close_the_new_one(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    gateway.cancel_subscription(Subscription.objects.get().stripe_id)
    late = [letter for letter in _notifications(till) if letter.type == "customer.subscription.deleted"]
    client.get("/subscribe/manage/")
    subscribe(client, till)
    for letter in late:
        inbox.receive(letter)
    assert StripeEvent.objects.filter(processed_at__isnull=False).exists()
    assert may_read(a_reader)


def test_an_old_letters_words_are_not_believed(client: Client, till: StandIn, a_reader: User) -> None:
    """It says the subscription is active; it was cancelled since."""
    client.force_login(a_reader)
    subscribe(client, till)
    old = _notifications(till)
    gateway.cancel_subscription(Subscription.objects.get().stripe_id)
    for letter in old:
        inbox.receive(letter)
    assert not may_read(a_reader)


def test_completed_but_unpaid_grants_nothing(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    session = session_in(press_subscribe(client))
    address = path_of(till.pay(session))
    unpaid = [replace(row, status="incomplete") for row in gateway.list_subscriptions(customer_of(a_reader))]
    with (
        mock.patch.object(gateway, "list_subscriptions", return_value=unpaid),
        mock.patch.object(gateway, "list_invoices", return_value=[]),
    ):
        response = client.get(address)
    assert "Confirming your payment" in response.content.decode()
    assert not may_read(a_reader)
    assert not Payment.objects.exists()
    assert not mail.outbox


def test_a_subscription_of_another_site_is_ignored(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    before = Subscription.objects.count()
    thing = {"id": "sub_x", "object": "subscription", "customer": "cus_of_another", "metadata": {"site": "another"}}
    unknown = {"id": "sub_y", "object": "subscription", "customer": "cus_nobody_knows", "metadata": {}}
    for each in (thing, unknown):
        inbox.receive(Notification.read(a_letter("customer.subscription.updated", thing=each)))
    assert StripeEvent.objects.filter(ignored_at__isnull=False).count() == 2
    assert Subscription.objects.count() == before


def test_an_unverified_e_mail_never_matches_a_customer(client: Client, till: StandIn, a_reader: User) -> None:
    """Somebody pays with another reader's address on Stripe's page."""
    client.force_login(a_reader)
    victim = User.objects.create_user("victim@example.com")
    till.pay(session_in(press_subscribe(client)), email="victim@example.com")
    read_letters(till)
    assert may_read(a_reader)
    assert not may_read(victim)
    assert not Customer.objects.filter(user=victim).exists()


def test_a_refund_whole_or_in_part_is_entered_once_and_ends_nothing(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    paid = Payment.objects.get()
    gateway.create_refund(paid.payment_intent_id, key="a", amount=300)
    read_letters(till, twice=True)
    gateway.create_refund(paid.payment_intent_id, key="b", amount=700)
    gateway.create_refund(paid.payment_intent_id, key="b", amount=700)
    read_letters(till, reverse=True)
    refunds = Payment.objects.filter(kind=EntryKind.REFUND)
    assert sorted(refund.amount for refund in refunds) == [-700, -300]
    assert {refund.of for refund in refunds} == {paid}
    assert Payment.objects.total("gbp").amount == 0
    assert may_read(a_reader)


def test_a_refund_that_fails_after_all_is_taken_back(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    refund = gateway.create_refund(Payment.objects.get().payment_intent_id, key="a")
    read_letters(till)
    till.fail_refund(refund.id)
    read_letters(till, twice=True)
    assert Payment.objects.total("gbp").amount == 1000
    assert Payment.objects.count() == 3


def test_a_refunds_letter_that_overtakes_the_payments_finds_it(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    till.pay(session_in(press_subscribe(client)))
    [intent] = till.dump()["payment_intent"]
    gateway.create_refund(intent["id"], key="a")
    for letter in _notifications(till):
        if letter.type == "charge.refunded":
            inbox.receive(letter)
    assert sorted(entry.amount for entry in Payment.objects.all()) == [-1000, 1000]


def test_a_lost_dispute_closes_the_text_and_a_person_is_told(
    client: Client, till: StandIn, a_reader: User, settings: Any
) -> None:
    settings.ADMINS = ["desk@example.com"]
    client.force_login(a_reader)
    subscribe(client, till)
    dispute = till.open_dispute(Payment.objects.get().payment_intent_id)
    read_letters(till, twice=True)
    assert may_read(a_reader)
    till.close_dispute(dispute["id"], status="lost")
    read_letters(till, twice=True)
    assert not may_read(a_reader)
    assert told(a_reader) is Told.ENDED_DISPUTED
    assert Payment.objects.total("gbp").amount == 0
    to_staff = [letter.subject for letter in mail.outbox if letter.to == ["desk@example.com"]]
    assert len(to_staff) == 2
    client.get("/subscribe/manage/")
    assert not may_read(a_reader), "a sync does not forget it"


def test_a_dispute_won_gives_the_money_back_and_closes_nothing(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    dispute = till.open_dispute(Payment.objects.get().payment_intent_id)
    till.close_dispute(dispute["id"], status="won")
    read_letters(till, reverse=True, twice=True)
    assert may_read(a_reader)
    assert Payment.objects.total("gbp").amount == 1000
    assert Payment.objects.count() == 3


def test_a_customer_deleted_at_stripe_reads_no_more(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    gateway._v1().customers.delete(customer_of(a_reader))
    read_letters(till)
    assert not may_read(a_reader)
    assert Customer.objects.get(user=a_reader).deleted_at is not None
    assert Payment.objects.count() == 1


def test_a_new_billing_address_is_not_a_new_sign_in_address(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    gateway.update_customer(customer_of(a_reader), email="accounts@example.com")
    read_letters(till)
    assert Customer.objects.get().email == "accounts@example.com"
    assert User.objects.get(pk=a_reader.pk).email == a_reader.email


def test_a_word_of_stripes_we_do_not_know_keeps_the_reader_in_and_tells_staff(
    client: Client, till: StandIn, a_reader: User, settings: Any
) -> None:
    settings.ADMINS = ["desk@example.com"]
    client.force_login(a_reader)
    subscribe(client, till)
    strange = [replace(row, status="dormant") for row in gateway.list_subscriptions(customer_of(a_reader))]
    with mock.patch.object(gateway, "list_subscriptions", return_value=strange):
        mirror.sync_customer(customer_of(a_reader))
        since = Subscription.objects.get().unknown_since
        mirror.sync_customer(customer_of(a_reader))
    assert may_read(a_reader)
    assert since is not None
    assert Subscription.objects.get().unknown_since == since
    assert sum(letter.to == ["desk@example.com"] for letter in mail.outbox) == 1
    Subscription.objects.update(unknown_since=since - timedelta(hours=48))
    assert not may_read(a_reader)


def test_a_sync_that_fails_changes_nothing(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    gateway.cancel_subscription(Subscription.objects.get().stripe_id)
    till.fail_next(20, path="/v1/invoices", status=500)
    with pytest.raises(gateway.GatewayUnavailable):
        mirror.sync_customer(customer_of(a_reader))
    assert Subscription.objects.get().status == "active"
    assert subjects() == ["Welcome to KJ Report"]


def test_a_letter_waits_for_a_hanging_stripe_no_longer_than_others_wait_for_the_lock(
    client: Client, till: StandIn, a_reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "find_patience", lambda: 2)
    client.force_login(a_reader)
    till.pay(session_in(press_subscribe(client)))
    [letter] = [each for each in _notifications(till) if each.type == "invoice.paid"]
    till.fail_next(20, seconds=30)
    began = time.monotonic()
    inbox.receive(letter)
    assert time.monotonic() - began < 5
    kept = StripeEvent.objects.get()
    assert "GatewayUnavailable" in kept.last_error
    till.engine.faults.clear()
    StripeEvent.objects.update(next_attempt_at=kept.received_at)
    assert inbox.sweep() == (1, 0)
    assert may_read(a_reader)


def test_a_second_subscription_made_at_stripe_is_told_to_staff(
    client: Client, till: StandIn, a_reader: User, settings: Any
) -> None:
    settings.ADMINS = ["desk@example.com"]
    client.force_login(a_reader)
    subscribe(client, till)
    first = Subscription.objects.get()
    Subscription.objects.update(stripe_id="sub_mirrored_before")
    mirror.sync_customer(customer_of(a_reader))
    assert any("two subscriptions" in letter.subject for letter in mail.outbox)
    assert first.customer == Customer.objects.get()


def test_a_monthly_gift_of_the_same_reader_is_no_subscription(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    [row] = gateway.list_subscriptions(customer_of(a_reader))
    pledge = replace(row, id="sub_pledge", metadata={**row.metadata, "kind": "pledge"}, product_id="prod_gift")
    with mock.patch.object(gateway, "list_subscriptions", return_value=[row, pledge]):
        mirror.sync_customer(customer_of(a_reader))
    assert Subscription.objects.count() == 1
