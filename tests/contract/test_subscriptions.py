"""A subscription's life: renewed, failing, mended, cancelled, kept, switched, paused, ended."""

import datetime as dt
from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from tests.contract.conftest import START, Shop

DAY = 86_400
RENEWAL = START + 31 * DAY


def _types(shop: Shop, *, since: int = 0) -> list[str]:
    return [event["type"] for event in shop.standin.events() if event["created"] >= since]


def _look(shop: Shop, subscription: Any) -> Any:
    return shop.client.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})


def test_a_healthy_renewal_has_an_hour_of_draft(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.standin.advance(to=RENEWAL - 1)
    assert _look(shop, subscription).latest_invoice.billing_reason == "subscription_create"
    shop.standin.advance(1)
    renewed = _look(shop, subscription)
    assert renewed["items"].data[0].current_period_start == RENEWAL
    assert renewed["items"].data[0].current_period_end == START + 59 * DAY
    invoice = renewed.latest_invoice
    assert (invoice.status, invoice.billing_reason, invoice.auto_advance) == ("draft", "subscription_cycle", True)
    assert invoice.status_transitions.finalized_at is None
    assert shop.client.v1.invoice_payments.list({"invoice": invoice.id}).data == []
    shop.standin.advance(3_600)
    paid = _look(shop, subscription)
    assert (paid.status, paid.latest_invoice.status) == ("active", "paid")
    assert paid.latest_invoice.status_transitions.finalized_at == RENEWAL + 3_600
    assert _types(shop, since=RENEWAL)[:2] == ["invoice.created", "customer.subscription.updated"]


def test_the_period_rolls_forward_though_the_renewal_fails(shop: Shop) -> None:
    subscription = shop.subscribe("4000000000000341")
    shop.standin.advance(to=RENEWAL + 3_600)
    late = _look(shop, subscription)
    assert late.status == "past_due"
    assert late["items"].data[0].current_period_end == START + 59 * DAY
    invoice = late.latest_invoice
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert invoice.next_payment_attempt == RENEWAL + 3_600 + 3 * DAY
    assert invoice.hosted_invoice_url == f"{shop.standin.url}/i/{invoice.id}"
    types = _types(shop, since=RENEWAL + 3_600)
    assert "invoice.payment_failed" in types
    assert "invoice.payment_action_required" not in types
    updated = shop.standin.events("customer.subscription.updated")[-1]
    assert updated["data"]["previous_attributes"] == {"status": "active"}


def test_retries_end_in_cancellation(shop: Shop) -> None:
    subscription = shop.subscribe("4000000000000341")
    shop.standin.advance(days=80)
    ended = _look(shop, subscription)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")
    assert ended.ended_at == RENEWAL + 3_600 + 15 * DAY
    invoice = ended.latest_invoice
    assert (invoice.status, invoice.attempt_count, invoice.next_payment_attempt) == ("open", 4, None)
    assert _types(shop).count("invoice.payment_failed") == 4
    assert _types(shop).count("customer.subscription.deleted") == 1
    assert shop.client.v1.subscriptions.list({"customer": shop.customer}).data == []
    assert len(shop.client.v1.subscriptions.list({"customer": shop.customer, "status": "all"}).data) == 1


def test_paying_the_hosted_invoice_mends_it(shop: Shop) -> None:
    subscription = shop.subscribe("4000000000000341")
    shop.standin.advance(to=RENEWAL + 3_600)
    invoice = _look(shop, subscription).latest_invoice
    with pytest.raises(ValueError, match="declined"):
        shop.standin.pay_invoice(invoice.id, card="4000000000000002")
    assert _look(shop, subscription).status == "past_due"
    shop.standin.pay_invoice(invoice.id, card="4000002500003155")
    mended = _look(shop, subscription)
    assert (mended.status, mended.latest_invoice.status) == ("active", "paid")
    shop.standin.advance(days=40)
    assert _look(shop, subscription).status == "active"


def test_a_card_can_be_made_to_fail_and_to_pay_again(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.standin.set_card(shop.customer, works=False)
    shop.standin.advance(to=RENEWAL + 3_600)
    assert _look(shop, subscription).status == "past_due"
    shop.standin.set_card(shop.customer, works=True)
    shop.standin.advance(days=3)
    assert _look(shop, subscription).status == "active"


def test_a_card_that_always_asks_the_bank_needs_its_holder_at_renewal(shop: Shop) -> None:
    subscription = shop.subscribe("4000002760003184")
    shop.standin.advance(to=RENEWAL + 3_600)
    late = _look(shop, subscription)
    paid_by = shop.client.v1.invoice_payments.list({"invoice": late.latest_invoice.id}).data[0]
    intent = shop.client.v1.payment_intents.retrieve(str(paid_by.payment.payment_intent))
    assert (late.status, intent.status) == ("past_due", "requires_action")
    assert "invoice.payment_action_required" in _types(shop)
    shop.standin.pay_invoice(late.latest_invoice.id, card="4000002760003184")
    assert _look(shop, subscription).status == "active"


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("2025-01-31", ["2025-02-28", "2025-03-31", "2025-04-30"]),
        ("2024-01-30", ["2024-02-29", "2024-03-30", "2024-04-30"]),
        ("2025-12-15", ["2026-01-15", "2026-02-15", "2026-03-15"]),
    ],
)
def test_renewals_keep_to_the_day_over_short_months(shop: Shop, begins: str, ends: list[str]) -> None:
    start = dt.datetime.fromisoformat(begins).replace(tzinfo=dt.UTC) + dt.timedelta(hours=9)
    if start.timestamp() < START:
        shop.standin.engine.setup = type(shop.standin.engine.setup)(start_at=int(start.timestamp()), deliver="hold")
    else:
        shop.standin.advance(to=int(start.timestamp()))
    subscription = shop.subscribe()
    for end in ends:
        moment = _look(shop, subscription)["items"].data[0].current_period_end
        assert dt.datetime.fromtimestamp(moment, dt.UTC).isoformat() == f"{end}T09:00:00+00:00"
        shop.standin.advance(to=moment)


def test_a_leap_days_year_ends_on_the_twenty_eighth(shop: Shop) -> None:
    leap = int(dt.datetime(2028, 2, 29, 12, tzinfo=dt.UTC).timestamp())
    shop.standin.advance(to=leap)
    subscription = shop.subscribe(line_items=[{"price": shop.yearly, "quantity": 1}])
    end = subscription["items"].data[0].current_period_end
    assert dt.datetime.fromtimestamp(end, dt.UTC).date() == dt.date(2029, 2, 28)


def test_a_renewal_is_announced_without_an_id(shop: Shop) -> None:
    shop.subscribe()
    shop.standin.advance(to=RENEWAL - 7 * DAY)
    (event,) = shop.standin.events("invoice.upcoming")
    invoice = event["data"]["object"]
    assert "id" not in invoice
    assert (invoice["amount_due"], invoice["customer"]) == (1_000, shop.customer)
    assert invoice["next_payment_attempt"] == RENEWAL + 3_600


def test_cancelling_at_the_end_of_the_period_by_call(shop: Shop) -> None:
    subscription = shop.subscribe()
    set_to_end = shop.client.v1.subscriptions.update(subscription.id, {"cancel_at": "min_period_end"})
    assert (set_to_end.cancel_at, set_to_end.cancel_at_period_end) == (RENEWAL, False)
    kept = shop.client.v1.subscriptions.update(subscription.id, {"cancel_at": ""})
    assert (kept.cancel_at, kept.canceled_at) == (None, None)
    again = shop.client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert (again.cancel_at, again.cancel_at_period_end) == (RENEWAL, True)
    shop.standin.advance(to=RENEWAL - 1)
    assert _look(shop, subscription).status == "active"
    shop.standin.advance(1)
    ended = _look(shop, subscription)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "cancellation_requested")
    assert len(shop.client.v1.invoices.list({"subscription": subscription.id}).data) == 1


def test_cancelling_at_once_by_call(shop: Shop) -> None:
    subscription = shop.subscribe()
    ended = shop.client.v1.subscriptions.cancel(subscription.id)
    assert (ended.status, ended.ended_at) == ("canceled", START)
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.subscriptions.cancel(subscription.id)
    shop.standin.advance(days=60)
    assert len(shop.standin.dump()["charge"]) == 1


def test_switching_to_a_year_credits_the_unused_month(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.standin.advance(to=START + 31 * DAY // 2)
    change: Any = {"items": [{"id": subscription["items"].data[0].id, "price": shop.yearly}]}
    ahead = shop.client.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": change})
    assert ahead.amount_due == 10_000 - 500
    switched = shop.client.v1.subscriptions.update(subscription.id, change | {"expand": ["latest_invoice"]})
    item = switched["items"].data[0]
    assert (item.price.id, item.current_period_start) == (shop.yearly, START + 31 * DAY // 2)
    invoice: Any = switched.latest_invoice
    assert (invoice.amount_paid, invoice.billing_reason) == (9_500, "subscription_update")
    prorated = [line.parent.subscription_item_details.proration for line in invoice.lines.data]
    assert prorated == [True, False]


def test_switching_back_leaves_the_credit_with_the_customer(shop: Shop) -> None:
    subscription = shop.subscribe(line_items=[{"price": shop.yearly, "quantity": 1}])
    change: Any = {"items": [{"id": subscription["items"].data[0].id, "price": shop.monthly}]}
    switched = shop.client.v1.subscriptions.update(subscription.id, change | {"expand": ["latest_invoice"]})
    invoice: Any = switched.latest_invoice
    assert (invoice.status, invoice.total, invoice.amount_due) == ("paid", -9_000, 0)
    assert shop.client.v1.customers.retrieve(shop.customer).balance == -9_000
    shop.standin.advance(days=32)
    assert shop.client.v1.customers.retrieve(shop.customer).balance == -8_000
    assert len(shop.standin.dump()["charge"]) == 1


def test_a_same_length_switch_is_settled_at_the_next_renewal(shop: Shop) -> None:
    dearer = shop.client.v1.prices.create(
        {"product": shop.product, "currency": "gbp", "unit_amount": 2_000, "recurring": {"interval": "month"}}
    )
    subscription = shop.subscribe()
    shop.standin.advance(to=START + 31 * DAY // 2)
    item = subscription["items"].data[0].id
    shop.client.v1.subscriptions.update(subscription.id, {"items": [{"id": item, "price": dearer.id}]})
    assert len(shop.client.v1.invoices.list({"customer": shop.customer}).data) == 1
    shop.standin.advance(to=RENEWAL + 3_600)
    invoice = _look(shop, subscription).latest_invoice
    assert (invoice.amount_paid, len(invoice.lines.data)) == (2_500, 3)


def test_pausing_says_why_and_resuming_bills_anew(shop: Shop) -> None:
    subscription = shop.subscribe()
    paused = shop.client.v1.subscriptions.pause(subscription.id)
    assert paused.status == "paused"
    assert paused.status_details.paused.subscription.type == "pause_requested"  # type: ignore[union-attr]
    shop.standin.advance(days=60)
    assert len(shop.standin.dump()["invoice"]) == 1
    resumed = shop.client.v1.subscriptions.resume(subscription.id)
    assert (resumed.status, resumed.status_details) == ("active", None)
    assert resumed["items"].data[0].current_period_start == START + 60 * DAY
    assert {"customer.subscription.paused", "customer.subscription.resumed"} <= set(_types(shop))


@pytest.mark.parametrize(("way", "status"), [("pause", "paused"), ("cancel", "canceled")])
def test_a_trial_that_ends_without_a_card_does_as_it_was_set(shop: Shop, way: str, status: str) -> None:
    settings = {"end_behavior": {"missing_payment_method": way}}
    session = shop.session(
        subscription_data={"trial_period_days": 3, "trial_settings": settings},
        payment_method_collection="if_required",
    )
    shop.standin.pay(session.id)
    shop.standin.advance(days=3)
    (subscription,) = shop.client.v1.subscriptions.list({"customer": shop.customer, "status": "all"}).data
    assert subscription.status == status
    if way == "pause":
        cause = subscription.status_details.paused.subscription.type  # type: ignore[union-attr]
        assert cause == "trial_end_without_payment_method"


def test_moving_the_clock_in_one_step_or_in_many_comes_to_the_same(shop: Shop) -> None:
    shop.subscribe("4000000000000341")
    shop.subscribe()
    for _ in range(70 * 24 // 7):
        shop.standin.advance(7 * 3_600)
    in_many = [(event["type"], event["created"]) for event in shop.standin.events()]
    shop.standin.reset()
    again = _rebuilt(shop)
    again.subscribe("4000000000000341")
    again.subscribe()
    again.standin.advance(70 * 24 // 7 * 7 * 3_600)
    in_one = [(event["type"], event["created"]) for event in again.standin.events()]
    assert sorted(in_one) == sorted(in_many)


def _rebuilt(shop: Shop) -> Shop:
    client = shop.client
    product = client.v1.products.create({"name": "KJ Report"})
    monthly, yearly = (
        client.v1.prices.create(
            {"product": product.id, "currency": "gbp", "unit_amount": amount, "recurring": {"interval": interval}}
        ).id
        for interval, amount in (("month", 1_000), ("year", 10_000))
    )
    customer = client.v1.customers.create({"email": "reader@example.org"})
    return Shop(client, shop.standin, product.id, monthly, yearly, customer.id)
