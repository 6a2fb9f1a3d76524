"""The site's own journeys in a real Stripe test account: what a stand-in can only claim is so."""

import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from donations import giving
from kjreport.accounts.models import User
from kjreport.payments import reconciling
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import CheckoutAttempt, Customer, Kind, Payment, StripeEvent, Watermark
from kjreport.payments.money import Money
from subscriptions import checkout, mirror
from subscriptions.models import Price, Subscription
from subscriptions.refunding import refund_and_cancel
from tests.integration.money.till import a_price, may_read
from tests.live_stripe.sandbox import MONTH, Sandbox

pytestmark = [pytest.mark.live_stripe, pytest.mark.django_db(transaction=True)]

EVENTS_TAKE = 60.0  # seconds until Stripe's own list has what happened
SITE = "https://paper.example"


def a_subscriber_at(sandbox: Sandbox, reader: User) -> tuple[Subscription, str]:
    """Have a reader subscribe at Stripe, and mirror it; return the row and their clock."""
    customer, clock = sandbox.a_customer(user_id=str(reader.pk))
    Customer.objects.create(user=reader, stripe_id=customer, email=reader.email)
    marks = {"site": sandbox.site, "kind": Kind.SUBSCRIPTION.value}
    sandbox.subscribe(customer, a_price().stripe_price_id or "", marks)
    [row] = mirror.sync_customer(customer)
    return row, clock


def test_setting_up_twice_makes_everything_once(sandbox: Sandbox, capsys: Any) -> None:
    address = f"{SITE}/{sandbox.site}/stripe/webhook/"
    call_command("stripe_setup", "--webhook", address)
    prices = list(Price.objects.values_list("stripe_price_id", flat=True))
    portal = gateway.find_portal()
    assert "whsec_" in capsys.readouterr().out
    call_command("stripe_setup", "--webhook", address)
    said = capsys.readouterr().out
    assert "whsec_" not in said
    assert list(Price.objects.values_list("stripe_price_id", flat=True)) == prices
    assert gateway.find_portal() == portal != ""
    [endpoint] = [
        each for each in sandbox.api.v1.webhook_endpoints.list({"limit": 100}).auto_paging_iter() if each.url == address
    ]
    assert endpoint.api_version == gateway.API_VERSION


@pytest.mark.parametrize("interval", ["month", "year"])
def test_a_session_for_a_subscription_opens_once_and_closes(sandbox: Sandbox, a_reader: User, interval: str) -> None:
    key = uuid.uuid4()
    address = checkout.start_checkout(a_reader, a_price(interval), form_key=key, return_to="")
    assert checkout.start_checkout(a_reader, a_price(interval), form_key=key, return_to="") == address
    session = gateway.get_checkout(CheckoutAttempt.objects.get().stripe_session_id or "")
    assert (session.status, session.mode, session.payment_status) == ("open", "subscription", "unpaid")
    assert session.metadata["site"] == sandbox.site
    assert session.client_reference_id == str(a_reader.pk)
    assert session.amount_total == a_price(interval).amount
    assert gateway.expire_checkout(session.id).status == "expired"
    assert gateway.expire_checkout(session.id).status == "expired"
    assert checkout.start_checkout(a_reader, a_price(interval), form_key=key, return_to="") != address


@pytest.mark.parametrize("is_monthly", [False, True], ids=["once", "monthly"])
@pytest.mark.parametrize("has_account", [False, True], ids=["guest", "account"])
def test_a_session_for_a_gift_opens(sandbox: Sandbox, a_reader: User, is_monthly: bool, has_account: bool) -> None:  # noqa: FBT001 - rows
    gift = giving.Gift(
        campaign=giving.ensure_campaign(),
        money=Money(2500, "gbp"),
        is_monthly=is_monthly,
        name="",
        is_anonymous=False,
        note="",
    )
    giver = a_reader if has_account else None
    opened = giving.start_gift(gift, form_key=uuid.uuid4(), giver=giver, site_url=SITE)
    assert opened.is_open
    assert opened.url.startswith("http")
    assert (opened.amount_total, opened.currency) == (2500, "gbp")
    assert opened.metadata["kind"] == (Kind.PLEDGE if is_monthly else Kind.GIFT)
    if sandbox.pay(opened.id):  # only the stand-in's page can be filled in without a browser
        assert giving.sync_session(opened.id).is_paid
        assert Payment.objects.get().amount == 2500
    else:
        gateway.expire_checkout(opened.id)


def test_subscribing_opens_the_text_and_each_renewal_is_entered(sandbox: Sandbox, a_reader: User) -> None:
    row, clock = a_subscriber_at(sandbox, a_reader)
    assert (row.status, row.amount, row.interval) == ("active", 1000, "month")
    assert may_read(a_reader)
    first_end = row.period_end
    for number in (2, 3):
        sandbox.pass_time(clock, MONTH)
        [row] = mirror.sync_customer(row.customer.stripe_id or "")
        assert Payment.objects.filter(amount=1000).count() == number
    assert row.period_end is not None
    assert first_end is not None
    assert row.period_end > first_end
    assert {each.kind for each in row.notices.all()} >= {"welcome", "receipt"}
    assert mail.outbox


def test_a_failed_renewal_rolls_the_period_forward_and_leaves_grace(sandbox: Sandbox, a_reader: User) -> None:
    row, clock = a_subscriber_at(sandbox, a_reader)
    paid_until = row.period_end
    sandbox.break_card(row.customer.stripe_id or "")
    sandbox.pass_time(clock, MONTH)
    [row] = mirror.sync_customer(row.customer.stripe_id or "")
    assert row.status == "past_due"
    assert row.invoice_status == "open"
    assert row.invoice_finalized_at is not None
    assert row.payment_retry_at is not None
    assert row.period_end is not None
    assert paid_until is not None
    assert row.period_end > paid_until
    assert Payment.objects.count() == 1


def test_refund_and_cancel_is_done_once(sandbox: Sandbox, a_reader: User, a_publisher: User) -> None:
    row, _ = a_subscriber_at(sandbox, a_reader)
    payment = Payment.objects.get()
    refund_and_cancel(row, payment, by=a_publisher)
    row.refresh_from_db()
    assert row.status == "canceled"
    assert not may_read(a_reader)
    assert sorted(each.amount for each in Payment.objects.all()) == [-1000, 1000]
    with pytest.raises(gateway.GatewayRefused):
        gateway.create_refund(payment.payment_intent_id, key=str(uuid.uuid4()))
    assert len(gateway.list_refunds(payment.payment_intent_id)) == 1


def test_leaving_later_and_staying_after_all(sandbox: Sandbox, a_reader: User) -> None:
    row, _ = a_subscriber_at(sandbox, a_reader)
    assert row.period_end is not None
    sandbox.api.v1.subscriptions.update(row.stripe_id, {"cancel_at": int(row.period_end.timestamp())})
    [row] = mirror.sync_customer(row.customer.stripe_id or "")
    assert row.ends_at == row.period_end
    assert row.ends_by_date
    gateway.keep_subscription(row.stripe_id, is_dated=row.ends_by_date)
    [row] = mirror.sync_customer(row.customer.stripe_id or "")
    assert row.ends_at is None


@pytest.mark.parametrize("flow", ["", "payment_method_update", "subscription_cancel"])
def test_the_portal_opens_for_what_a_reader_wants(sandbox: Sandbox, a_reader: User, flow: gateway.PortalFlow) -> None:
    row, _ = a_subscriber_at(sandbox, a_reader)
    address = gateway.open_portal(
        row.customer.stripe_id or "",
        configuration=gateway.find_portal(),
        return_url=f"{SITE}/subscribe/manage/",
        flow=flow,
        subscription_id=row.stripe_id if flow == "subscription_cancel" else "",
    )
    assert address.startswith(("https://billing.stripe.com/", sandbox.base))


def test_letters_that_never_came_are_found_in_stripes_own_list(sandbox: Sandbox, a_reader: User) -> None:
    row, _ = a_subscriber_at(sandbox, a_reader)
    Watermark.objects.create(name="letters", read_until=timezone.now() - timedelta(minutes=5))
    until = time.monotonic() + EVENTS_TAKE
    ours = StripeEvent.objects.filter(customer_id=row.customer.stripe_id)
    while not ours.filter(type="invoice.paid").exists() and time.monotonic() < until:
        Watermark.objects.update(read_until=timezone.now() - timedelta(minutes=5))
        reconciling.fetch_missing_letters()
    assert {"customer.subscription.created", "invoice.paid"} <= set(ours.values_list("type", flat=True))
    assert not ours.unprocessed().exists()
    assert Payment.objects.filter(customer=row.customer).count() == 1


def test_a_deleted_customer_is_gone_for_us_too(sandbox: Sandbox, a_reader: User) -> None:
    row, _ = a_subscriber_at(sandbox, a_reader)
    customer = row.customer.stripe_id or ""
    gateway.delete_customer(customer)
    assert gateway.find_customer(customer) is None
    gateway.delete_customer(customer)
    mirror.sync_customer(customer)
    assert not may_read(a_reader)
