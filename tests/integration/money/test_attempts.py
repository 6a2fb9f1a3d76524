"""Pressing twice, in two tabs, too often, or while Stripe is away."""

import time
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import checkout_attempts, limits
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import AttemptState, CheckoutAttempt, Customer, Kind
from kjreport.payments.money import Money
from kjreport.standin.server import StandIn
from subscriptions.models import Price, Subscription
from tests.integration.money.till import may_read, path_of, press_subscribe, read_letters, session_in, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


def made(till: StandIn, what: str) -> int:
    return sum(call == f"POST /v1/{what}" for call in till.calls)


def test_two_clicks_lead_to_one_session(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    key = str(uuid.uuid4())
    first, second = press_subscribe(client, key=key), press_subscribe(client, key=key)
    assert first["Location"] == second["Location"]
    assert len(till.dump()["checkout.session"]) == 1
    assert CheckoutAttempt.objects.count() == 1


def test_two_clicks_that_cross_on_the_way_lead_to_one_session(client: Client, till: StandIn, a_reader: User) -> None:
    """The first click's answer from Stripe has not been written down when the second asks."""
    client.force_login(a_reader)
    key = str(uuid.uuid4())
    first = press_subscribe(client, key=key)
    CheckoutAttempt.objects.update(state=AttemptState.STARTED, stripe_session_id=None)
    second = press_subscribe(client, key=key)
    assert first["Location"] == second["Location"]
    assert len(till.dump()["checkout.session"]) == 1


def test_a_second_tab_closes_the_first_ones_session(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    first, second = session_in(press_subscribe(client)), session_in(press_subscribe(client, interval="year"))
    states = {session["id"]: session["status"] for session in till.dump()["checkout.session"]}
    assert states == {first: "expired", second: "open"}
    with pytest.raises(ValueError, match=r".+"):
        till.pay(first)
    assert CheckoutAttempt.objects.filter(state=AttemptState.OPEN).count() == 1


def test_going_back_and_choosing_the_other_price_is_another_session(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    key = str(uuid.uuid4())
    press_subscribe(client, key=key)
    second = press_subscribe(client, key=key, interval="year")
    amounts = {s["id"]: s["amount_total"] for s in till.dump()["checkout.session"] if s["status"] == "open"}
    assert amounts == {session_in(second): 10_000}


def test_a_second_tab_after_paying_in_the_first_finds_it_paid(client: Client, till: StandIn, a_reader: User) -> None:
    """No letter and no return page has told us yet."""
    client.force_login(a_reader)
    till.pay(session_in(press_subscribe(client)))
    response = press_subscribe(client, interval="year")
    assert response["Location"].startswith("/subscribe/return/")
    client.get(response["Location"])
    assert may_read(a_reader)
    assert len(till.dump()["subscription"]) == Subscription.objects.count() == 1


def test_the_back_button_after_paying_leads_to_what_was_bought(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    key = str(uuid.uuid4())
    till.pay(session_in(press_subscribe(client, key=key)))
    response = press_subscribe(client, key=key)
    assert response["Location"].startswith("/subscribe/return/")
    client.get(response["Location"])
    assert press_subscribe(client, key=key)["Location"] == "/account/"
    assert len(till.dump()["subscription"]) == 1


def test_an_expired_session_is_begun_anew_by_the_same_form(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    key = str(uuid.uuid4())
    first = press_subscribe(client, key=key)
    gateway.expire_checkout(session_in(first))
    second = press_subscribe(client, key=key)
    assert first["Location"] != second["Location"]
    till.pay(session_in(second))
    assert CheckoutAttempt.objects.get().tries == 2


def test_a_tab_that_began_anew_while_another_was_opening_is_the_one_to_pay_on(
    till: StandIn, a_reader: User, client: Client
) -> None:
    client.force_login(a_reader)

    def build(attempt: CheckoutAttempt) -> gateway.CheckoutRequest:
        CheckoutAttempt.objects.filter(pk=attempt.pk).update(state=AttemptState.EXPIRED, finished_at=timezone.now())
        return gateway.CheckoutRequest(
            idempotency_key=attempt.idempotency_key,
            success_url="http://testserver/?s={CHECKOUT_SESSION_ID}",
            cancel_url="http://testserver/",
            expires_at=attempt.expires_at,
            metadata={},
            amount=Money(500, "gbp"),
            product_id=till.dump()["product"][0]["id"],
        )

    with pytest.raises(checkout_attempts.Replaced):
        checkout_attempts.open_attempt(
            kind=Kind.GIFT,
            form_key=uuid.uuid4(),
            user=a_reader,
            customer=None,
            choice={},
            return_to="",
            build=build,
        )
    [session] = till.dump()["checkout.session"]
    assert session["status"] == "expired"


def test_the_database_holds_a_reader_to_one_open_attempt_of_a_kind(a_reader: User) -> None:
    fields = {"user": a_reader, "kind": Kind.SUBSCRIPTION}
    CheckoutAttempt.objects.create(key=uuid.uuid4(), **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckoutAttempt.objects.create(key=uuid.uuid4(), **fields)
    CheckoutAttempt.objects.create(key=uuid.uuid4(), user=a_reader, kind=Kind.GIFT)
    done = {"state": AttemptState.FAILED, "finished_at": timezone.now()}
    CheckoutAttempt.objects.create(key=uuid.uuid4(), **fields, **done)


def test_a_reader_without_a_name_can_pay(client: Client, till: StandIn) -> None:
    """Stripe refuses an empty name, and most accounts have none."""
    client.force_login(User.objects.create_user("nameless@example.com"))
    assert "/c/pay/" in press_subscribe(client)["Location"]


def test_a_reader_is_one_customer_though_stripes_first_answer_never_came(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    till.fail_next(3, path="/v1/customers", seconds=9, after=True)
    assert "could not reach" in client.get(press_subscribe(client)["Location"]).content.decode()
    till.engine.faults.clear()
    press_subscribe(client)
    press_subscribe(client, interval="year")
    assert len(till.dump()["customer"]) == Customer.objects.count() == 1


def test_a_failure_stripe_remembers_does_not_shut_a_reader_out(client: Client, till: StandIn, a_reader: User) -> None:
    """Stripe keeps failures under an idempotency key for a day; asking again must use another."""
    client.force_login(a_reader)
    first = Customer.objects.create(user=a_reader, email="not an address").key
    assert "could not reach" in client.get(press_subscribe(client)["Location"]).content.decode()
    assert Customer.objects.get().key != first
    Customer.objects.update(email="rosa@example.com")
    assert "/c/pay/" in press_subscribe(client)["Location"]


@pytest.mark.parametrize("status", [500, 429, 400])
@pytest.mark.parametrize("path", ["/v1/customers", "/v1/checkout/sessions"])
def test_stripe_down_is_a_kind_sentence_and_no_half_row(
    client: Client, till: StandIn, a_reader: User, status: int, path: str
) -> None:
    client.force_login(a_reader)
    key = str(uuid.uuid4())
    till.fail_next(20, status=status, path=path)
    began = time.monotonic()
    response = press_subscribe(client, key=key)
    assert time.monotonic() - began < 10
    page = client.get(response["Location"]).content.decode()
    assert "Nothing was charged" in page
    assert not CheckoutAttempt.objects.filter(state__in=[AttemptState.STARTED, AttemptState.OPEN]).exists()
    till.engine.faults.clear()
    till.pay(session_in(press_subscribe(client, key=key)))
    assert len(till.dump()["subscription"]) == 1


def test_stripe_hanging_is_a_kind_sentence_within_ten_seconds(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    till.fail_next(20, seconds=30)
    began = time.monotonic()
    response = press_subscribe(client)
    assert time.monotonic() - began < 10
    assert response["Location"].startswith("/subscribe/")
    assert "Nothing was charged" in client.get(response["Location"]).content.decode()
    assert not CheckoutAttempt.objects.filter(state__in=[AttemptState.STARTED, AttemptState.OPEN]).exists()


def test_an_answer_that_was_lost_is_not_a_second_session_to_pay(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    key = str(uuid.uuid4())
    till.fail_next(3, path="/v1/checkout/sessions", after=True)
    press_subscribe(client, key=key)
    till.engine.faults.clear()
    client.get(path_of(till.pay(session_in(press_subscribe(client, key=key)))))
    read_letters(till)
    assert may_read(a_reader)
    assert len(till.dump()["subscription"]) == 1


def test_stripe_unreachable_leaves_the_plans_page_whole(client: Client, a_reader: User, settings: Any) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert client.get("/subscribe/").status_code == 200
    client.force_login(a_reader)
    assert client.get("/subscribe/").status_code == 200


def test_an_account_may_try_a_few_times_an_hour(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    for number in range(30):
        response = press_subscribe(client, interval="year" if number % 2 else "month")
    assert "wait an hour" in client.get(response["Location"]).content.decode()
    assert made(till, "customers") == 1
    assert made(till, "checkout/sessions") == limits.MOST_BY_ACCOUNT
    asked = [call for call in till.calls if "/v1/customers" in call or "/v1/checkout" in call]
    assert len(asked) <= 10


def test_an_address_may_try_a_few_times_an_hour_whatever_it_claims(till: StandIn, a_reader: User) -> None:
    for number in range(limits.MOST_BY_ADDRESS + 3):
        person = User.objects.create_user(f"bot{number}@example.com")
        bot = Client(headers={"X-Forwarded-For": f"198.51.100.{number}"})
        bot.force_login(person)
        press_subscribe(bot)
    assert made(till, "checkout/sessions") == limits.MOST_BY_ADDRESS


def test_behind_a_proxy_the_clients_own_address_counts(till: StandIn, settings: Any, rf: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    request = rf.get("/", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert limits.find_address(request) == "198.51.100.7"
    settings.TRUSTED_PROXY_COUNT = 0
    assert limits.find_address(request) == "127.0.0.1"


def test_a_plan_not_yet_at_stripe_is_not_sold(client: Client, till: StandIn, a_reader: User) -> None:
    Price.objects.update(stripe_price_id=None)
    client.force_login(a_reader)
    response = press_subscribe(client)
    assert "cannot be bought yet" in client.get(response["Location"]).content.decode()
    assert not CheckoutAttempt.objects.exists()


def test_subscribing_again_after_the_end_is_welcome(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    gateway.cancel_subscription(Subscription.objects.get().stripe_id)
    read_letters(till)
    assert not may_read(a_reader)
    subscribe(client, till)
    assert may_read(a_reader)
    read_letters(till, reverse=True)
    assert may_read(a_reader)
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("is_told", [True, False])
def test_somebody_deleted_at_stripe_can_begin_anew(
    client: Client, till: StandIn, a_reader: User, *, is_told: bool
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    old = Customer.objects.get().stripe_id or ""
    gateway._v1().customers.delete(old)
    if is_told:
        read_letters(till)
    else:
        Subscription.objects.update(status="canceled")
        assert "could not reach" in client.get(press_subscribe(client)["Location"]).content.decode()
    subscribe(client, till)
    assert may_read(a_reader)
    assert Customer.objects.get().stripe_id != old
