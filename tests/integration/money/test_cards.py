"""The card a subscription is charged to: known by brand and last digits, and told of once when it expires."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import inbox
from kjreport.payments.cards import Card
from kjreport.payments.models import StripeEvent
from kjreport.payments.snapshots import Notification, read_card
from kjreport.standin.server import StandIn
from subscriptions import auditing, mirror, notices
from subscriptions.models import Notice, NoticeKind, Subscription
from tests.cast import a_subscription
from tests.integration.money.till import a_letter, customer_of, press_subscribe, read_letters, session_in

pytestmark = pytest.mark.django_db(transaction=True)
SUBJECT = "The card for your subscription to KJ Report expires"


def subscribe_with(client: Client, till: StandIn, expiry: str, interval: str = "month") -> Subscription:
    till.pay(session_in(press_subscribe(client, interval=interval)), expiry=expiry)
    read_letters(till)
    mail.outbox.clear()
    return Subscription.objects.get()


def a_method(till: StandIn, customer: str, *, last4: str, month: int, year: int) -> str:
    """Attach another card to a customer, as the portal does, and return its id."""
    with till.engine.book() as book:
        kept = book.every("payment_method", customer=customer)[0]
        card = kept["card"] | {"last4": last4, "exp_month": month, "exp_year": year, "brand": "mastercard"}
        return str(book.put(kept | {"id": book.new_id("pm"), "card": card})["id"])


@pytest.fixture
def reading(client: Client, a_reader: User) -> Client:
    client.force_login(a_reader)
    return client


def soon() -> date:
    """Give a day in this month, as the site has it."""
    return timezone.localdate()


def test_a_card_is_good_to_the_end_of_its_month() -> None:
    card = Card.of_month(brand="visa", last4="4242", month=2, year=2028)
    assert card.expiry_date == date(2028, 2, 29)
    assert card.display == "Visa ending 4242, expires 02/28"
    assert Card.of_month(brand="something new", last4="1", month=1, year=2028).name == "Card ending 1"


@pytest.mark.parametrize(
    "method", [None, "pm_1", {"type": "sepa_debit", "sepa_debit": {"last4": "3000"}}, {"card": {}}]
)
def test_what_is_no_card_is_none(method: Any) -> None:
    assert read_card(method) is None


def test_the_mirror_knows_the_card_and_the_account_page_names_it(reading: Client, till: StandIn) -> None:
    row = subscribe_with(reading, till, "11/39")
    assert row.card == Card("visa", "4242", date(2039, 11, 30))
    page = reading.get("/account/").content.decode()
    assert "Paid with Visa ending 4242, expires 11/39." in page
    assert "expires before the next payment" not in page
    call_command("reconcile_stripe", "--check")


def test_a_subscription_without_a_card_of_its_own_is_charged_to_its_customers(
    reading: Client, till: StandIn, a_reader: User
) -> None:
    subscribe_with(reading, till, "11/39")
    customer = customer_of(a_reader)
    other = a_method(till, customer, last4="5555", month=3, year=2038)
    with till.engine.book() as book:
        subscription = book.get("subscription", Subscription.objects.get().stripe_id)
        book.put(subscription | {"default_payment_method": None})
        found = book.get("customer", customer)
        book.put(found | {"invoice_settings": found["invoice_settings"] | {"default_payment_method": other}})
    mirror.sync_customer(customer)
    assert Subscription.objects.get().card == Card("mastercard", "5555", date(2038, 3, 31))


def test_a_card_that_the_bank_renewed_is_learnt_of_and_one_never_learnt_of_is_drift(
    reading: Client, till: StandIn, a_reader: User
) -> None:
    row = subscribe_with(reading, till, "11/39")
    with till.engine.book() as book:
        kept = book.every("payment_method", customer=customer_of(a_reader))[0]
        book.put(kept | {"card": kept["card"] | {"exp_year": 2044}})
    from kjreport.payments import stripe_gateway as gateway  # noqa: PLC0415 - only this story asks it

    [drift] = auditing.audit_page(list(gateway.stream_subscriptions()), auditing.Seen())
    assert "card" in drift.what
    thing = {"id": kept["id"], "object": "payment_method", "customer": customer_of(a_reader)}
    inbox.receive(Notification.read(a_letter("payment_method.automatically_updated", thing=thing)))
    inbox.sweep()
    row.refresh_from_db()
    assert row.card_expiry_date == date(2044, 11, 30)


def test_the_card_is_forgotten_when_the_subscription_is_over(reading: Client, till: StandIn, a_reader: User) -> None:
    row = subscribe_with(reading, till, "11/39")
    from kjreport.payments import stripe_gateway as gateway  # noqa: PLC0415 - only this story asks it

    gateway.cancel_subscription(row.stripe_id)
    mirror.sync_customer(customer_of(a_reader))
    assert Subscription.objects.get().card is None
    call_command("reconcile_stripe", "--full")
    assert Subscription.objects.get().card is None


def test_a_card_in_its_last_month_is_told_of_once_with_the_way_to_change_it(
    reading: Client, till: StandIn, a_reader: User
) -> None:
    subscribe_with(reading, till, f"{soon():%m/%y}")
    for _ in range(3):
        call_command("sweep")
        read_letters(till, twice=True)
    [letter] = [each for each in mail.outbox if each.subject == SUBJECT]
    assert letter.to == [a_reader.email]
    assert "Visa ending 4242" in letter.body
    assert "Change my card: http://testserver/account/" in letter.body
    page = reading.get("/account/").content.decode()
    assert "It expires before the next payment. Please change it in time." in page
    assert '<button class="button button--primary" type="submit">Change my card</button>' in page
    assert "4242" not in Notice.objects.get(kind=NoticeKind.CARD_EXPIRING).occasion


def a_row(reader: User, **fields: Any) -> Subscription:
    """Make a monthly subscription whose card is in its last month."""
    end = Card.of_month(brand="visa", last4="4242", month=soon().month, year=soon().year).expiry_date
    card: dict[str, Any] = {"card_brand": "visa", "card_last4": "4242", "card_expiry_date": end}
    return a_subscription(reader, **card | fields)


def test_another_expiry_is_another_occasion(a_reader: User) -> None:
    row = a_row(a_reader)
    assert notices.write_expiring_cards() == 1
    assert notices.write_expiring_cards() == 0
    row.card = Card("visa", "4242", timezone.localdate() - timedelta(days=70))
    row.save()
    assert notices.write_expiring_cards() == 1
    assert Notice.objects.filter(kind=NoticeKind.CARD_EXPIRING).count() == 2
    assert "expired at the end of" in mail.outbox[-1].body


@pytest.mark.parametrize(
    "fields",
    [
        {"card_expiry_date": date(2099, 12, 31)},
        {"card_expiry_date": None},
        {"ends_at": datetime(2099, 1, 1, tzinfo=UTC)},
        {"status": "canceled"},
        {"status": "paused"},
        {"status": "past_due"},
        {"revoked_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"interval": "year", "period_end": datetime(2020, 1, 1, tzinfo=UTC)},
        {"plan": None},
    ],
    ids=str,
)
def test_where_nothing_will_be_charged_after_it_a_card_is_not_spoken_of(a_reader: User, fields: dict[str, Any]) -> None:
    row = a_row(a_reader)
    Subscription.objects.filter(pk=row.pk).update(**fields)
    assert notices.write_expiring_cards() == 0


def test_a_yearly_renewal_after_the_expiry_is_spoken_of(a_reader: User) -> None:
    a_row(a_reader, interval="year", period_end=timezone.now() + timedelta(days=200))
    assert notices.write_expiring_cards() == 1


def test_no_card_stands_in_any_log_or_kept_letter_of_ours(
    reading: Client, till: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    subscribe_with(reading, till, f"{soon():%m/%y}")
    call_command("sweep")
    assert "4242" not in caplog.text
    kept = StripeEvent.objects.exclude(type__startswith="payment_method").values_list("payload", flat=True)
    assert not [payload for payload in kept if "4242 4242" in str(payload)]
