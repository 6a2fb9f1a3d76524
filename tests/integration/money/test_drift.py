"""Drift: found by comparing everything a page at a time, reported in a line each, and mended only when asked."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from donations.giving import ensure_campaign, publish_campaigns
from donations.models import Donation, Pledge
from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.auditing import in_pages
from kjreport.payments.models import Payment, StripeEvent, Watermark
from kjreport.payments.snapshots import SubscriptionSnapshot
from kjreport.standin.server import StandIn
from subscriptions import auditing
from subscriptions.models import Notice, Subscription
from tests.cast import a_subscription, an_account
from tests.integration.money.till import may_read, press_subscribe, read_letters, session_in, subscribe
from tests.integration.test_donations import give

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def busy(client: Client, till: StandIn, a_reader: User) -> StandIn:
    """A till with a subscription, a part refund, a dispute won, a gift and a monthly gift, all taken in."""
    ensure_campaign()
    publish_campaigns()
    client.force_login(a_reader)
    subscribe(client, till)
    paid = Payment.objects.get().payment_intent_id
    give(Client(), till)
    give(Client(), till, rhythm="monthly")
    read_letters(till)
    gateway.create_refund(paid, key="some", amount=300)
    gift = Donation.objects.get(pledge=None).payment.payment_intent_id
    till.close_dispute(till.open_dispute(gift)["id"], status="won")
    call_command("reconcile_stripe")
    return till


def kept() -> list[Any]:
    tables = (Subscription, Pledge, Donation, Payment, StripeEvent, Watermark, Notice)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def check(capsys: Any) -> str:
    capsys.readouterr()
    with pytest.raises(CommandError):
        call_command("reconcile_stripe", "--check")
    return str(capsys.readouterr().out)


def unmake_subscription() -> None:
    Subscription.objects.update(status="past_due", amount=1)


def lose_subscription() -> None:
    Notice.objects.all().delete()
    Subscription.objects.all().delete()


def unmake_pledge() -> None:
    Pledge.objects.update(status="canceled")


def lose_gift() -> None:
    gift = Donation.objects.get(pledge=None)
    gift.delete()
    Payment.objects.filter(of=gift.payment).delete()
    gift.payment.delete()


def lose_monthly_gift() -> None:
    gift = Donation.objects.get(pledge__isnull=False)
    gift.delete()
    gift.payment.delete()


def lose_refund() -> None:
    Payment.objects.filter(kind="refund").delete()


def lose_disputes_end() -> None:
    Payment.objects.filter(kind="dispute_won").delete()


HARM = {
    unmake_subscription: "subscriptions: sub_",
    lose_subscription: "active at Stripe, missing here",
    unmake_pledge: "monthly gift, differs in status",
    lose_gift: "gift, not entered",
    lose_monthly_gift: "paid 2500 at Stripe, entered 0",
    lose_refund: "refund of 300, succeeded, not entered",
    lose_disputes_end: "dispute about 2500, won, not entered",
}


@pytest.mark.parametrize("harm", HARM, ids=lambda harm: harm.__name__)
def test_drift_is_reported_changes_nothing_and_is_then_mended(busy: StandIn, capsys: Any, harm: Any) -> None:
    call_command("reconcile_stripe", "--check")
    assert "0 out of step, 0 mended, 0 letters missing." in capsys.readouterr().out
    right = Payment.objects.total("gbp")
    harm()
    before = kept()
    assert HARM[harm] in check(capsys)
    assert kept() == before
    call_command("reconcile_stripe", "--full")
    assert "mended" in capsys.readouterr().out
    assert Payment.objects.total("gbp") == right
    assert Watermark.objects.get(name="scan").found >= 1
    call_command("reconcile_stripe", "--check")


def test_a_letter_that_never_came_is_drift_too(client: Client, till: StandIn, a_reader: User, capsys: Any) -> None:
    client.force_login(a_reader)
    till.pay(session_in(press_subscribe(client)))
    said = check(capsys)
    assert "0 missing" not in said
    assert "missing here" in said
    assert not may_read(a_reader)
    assert not StripeEvent.objects.exists()


def test_what_stripe_never_had_is_left_to_a_person(busy: StandIn, capsys: Any) -> None:
    a_subscription(an_account("Fritz Forged"))
    assert "unknown to Stripe" in check(capsys)
    with pytest.raises(CommandError, match="1 out of step, 0 mended"):
        call_command("reconcile_stripe", "--full")


def test_the_check_says_so_when_stripe_is_away(busy: StandIn) -> None:
    busy.fail_next(20, path="/v1/invoices")
    with pytest.raises(CommandError, match="did not answer"):
        call_command("reconcile_stripe", "--check")


def test_what_cannot_be_mended_now_is_said_and_left(busy: StandIn, capsys: Any) -> None:
    unmake_pledge()
    busy.fail_next(20, path="/v1/subscriptions/sub")
    with pytest.raises(CommandError, match="1 out of step, 0 mended"):
        call_command("reconcile_stripe", "--full")
    assert "could not be mended" in capsys.readouterr().out


def test_another_sites_things_on_the_same_account_are_no_drift(busy: StandIn, settings: Any) -> None:
    settings.STRIPE_SITE = "another"
    for table in (Notice, Subscription, Donation, Pledge):
        table.objects.all().delete()
    Payment.objects.filter(of__isnull=False).delete()
    Payment.objects.all().delete()
    call_command("reconcile_stripe")
    Subscription.objects.all().delete()
    from subscriptions.models import Plan  # noqa: PLC0415 - only this story has no catalogue

    Plan.objects.update(stripe_product_id=None)
    call_command("reconcile_stripe", "--check")


def test_memory_and_queries_do_not_grow_with_the_number_of_subscriptions(
    client: Client, till: StandIn, a_reader: User, django_assert_max_num_queries: Any
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    [one] = gateway.list_subscriptions(till.dump()["customer"][0]["id"])

    def stream(number: int) -> Iterator[SubscriptionSnapshot]:
        return (replace(one, id=f"sub_{place}", customer_id="cus_nobody", metadata={}) for place in range(number))

    def peak(number: int) -> int:
        seen = auditing.Seen()
        tracemalloc.start()
        for page in in_pages(stream(number)):
            auditing.audit_page(page, seen)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(200)
    with django_assert_max_num_queries(3 * 10):
        few = peak(1_000)
    assert peak(10_000) < few * 1.5 + 200_000


def test_seen_rows_are_remembered_by_a_bit() -> None:
    seen = auditing.Seen()
    for pk in (1, 8, 64_000):
        seen.add(pk)
    assert [pk for pk in (0, 1, 7, 8, 9, 63_999, 64_000, 10**9) if pk in seen] == [1, 8, 64_000]


# Replaying ------------------------------------------------------------------------------------------------------------


def test_letters_are_replayed_by_id_even_one_that_never_came(
    client: Client, till: StandIn, a_reader: User, capsys: Any
) -> None:
    client.force_login(a_reader)
    till.pay(session_in(press_subscribe(client)))
    [letter] = till.events("customer.subscription.created")
    call_command("stripe_replay", letter["id"])
    assert may_read(a_reader)
    Subscription.objects.update(status="canceled")
    StripeEvent.objects.update(payload=None)
    call_command("stripe_replay", letter["id"])
    assert may_read(a_reader)
    assert "1 opened again, 0 failed." in capsys.readouterr().out


def test_letters_are_replayed_since_a_moment_and_failures_are_named(
    client: Client, till: StandIn, a_reader: User, capsys: Any
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    read_letters(till)
    Subscription.objects.update(status="canceled")
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()
    call_command("stripe_replay", "--since", yesterday, "--type", "invoice.paid")
    assert may_read(a_reader)
    assert "1 opened again" in capsys.readouterr().out
    till.fail_next(50, path="/v1/")
    with pytest.raises(CommandError, match="0 opened again, 1 failed"):
        call_command("stripe_replay", "--since", yesterday, "--type", "invoice.paid")
    assert "GatewayUnavailable" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [(), ("evt_1", "--since", "2026-01-01T00:00"), ("--since", "yesterday"), ("evt_no",)])
def test_replaying_nothing_in_particular_is_refused(till: StandIn, wrong: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("stripe_replay", *wrong)
