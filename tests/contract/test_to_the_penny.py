"""Sums that must be right to the penny: prorations, discounts, credit, several items, small amounts."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from kjreport.standin.discounts import shared_out
from kjreport.standin.prorating import rounded
from tests.contract.conftest import START, Shop

DAY = 86_400
HALF = START + 31 * DAY // 2
RENEWAL = START + 31 * DAY


def _price(shop: Shop, amount: int, interval: Any = "month") -> str:
    return shop.client.v1.prices.create(
        {"product": shop.product, "currency": "gbp", "unit_amount": amount, "recurring": {"interval": interval}}
    ).id


def _item(subscription: Any) -> str:
    return str(subscription["items"].data[0].id)


def _change(shop: Shop, subscription: Any, *items: Any, **more: Any) -> Any:
    asked: Any = {"items": list(items), "expand": ["latest_invoice"], **more}
    return shop.client.v1.subscriptions.update(subscription.id, asked)


def _latest(shop: Shop, subscription: Any) -> Any:
    return shop.client.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]}).latest_invoice


@pytest.mark.parametrize(
    ("behaviour", "now", "at_renewal"),
    [("always_invoice", 500, 2_000), ("create_prorations", None, 2_500), ("none", None, 2_000)],
)
def test_a_dearer_price_is_settled_as_it_was_asked(
    shop: Shop, behaviour: str, now: int | None, at_renewal: int
) -> None:
    subscription = shop.subscribe()
    shop.standin.advance(to=HALF)
    changed = _change(
        shop, subscription, {"id": _item(subscription), "price": _price(shop, 2_000)}, proration_behavior=behaviour
    )
    assert changed.latest_invoice.amount_paid == (1_000 if now is None else now)
    shop.standin.advance(to=RENEWAL + 3_600)
    assert _latest(shop, subscription).amount_paid == at_renewal


def test_a_cheaper_price_leaves_credit_that_pays_until_it_is_gone(shop: Shop) -> None:
    subscription = shop.subscribe(line_items=[{"price": _price(shop, 3_000), "quantity": 1}])
    shop.standin.advance(to=HALF)
    changed = _change(
        shop, subscription, {"id": _item(subscription), "price": shop.monthly}, proration_behavior="always_invoice"
    )
    assert (changed.latest_invoice.total, changed.latest_invoice.amount_due) == (-1_000, 0)
    assert shop.client.v1.customers.retrieve(shop.customer).balance == -1_000
    shop.standin.advance(to=RENEWAL + 3_600)
    paid = _latest(shop, subscription)
    assert (paid.total, paid.amount_due, paid.starting_balance, paid.ending_balance) == (1_000, 0, -1_000, 0)
    changes = shop.client.v1.customers.balance_transactions.list(shop.customer).data
    assert [(each.amount, each.ending_balance, each.type) for each in changes] == [
        (1_000, 0, "applied_to_invoice"),
        (-1_000, -1_000, "applied_to_invoice"),
    ]


def test_the_preview_and_the_switch_come_to_the_same(shop: Shop) -> None:
    coupon = shop.client.v1.coupons.create({"percent_off": 33, "duration": "forever"})
    subscription = shop.subscribe(discounts=[{"coupon": coupon.id}])
    shop.standin.advance(7 * DAY + 12_345)
    for price in (_price(shop, 1_999), shop.yearly, shop.monthly):
        asked: Any = {
            "items": [{"id": _item(subscription), "price": price}],
            "proration_behavior": "always_invoice",
            "proration_date": shop.standin.now(),
        }
        ahead = shop.client.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": asked})
        done: Any = shop.client.v1.subscriptions.update(subscription.id, asked | {"expand": ["latest_invoice"]})
        assert (ahead.amount_due, ahead.total) == (done.latest_invoice.amount_due, done.latest_invoice.total)
        assert [each.amount for each in ahead.lines.data] == [each.amount for each in done.latest_invoice.lines.data]
        shop.standin.advance(3 * DAY)


def test_a_discounted_month_gives_no_whole_one_back(shop: Shop) -> None:
    coupon = shop.client.v1.coupons.create({"percent_off": 50, "duration": "once"})
    subscription = shop.subscribe(discounts=[{"coupon": coupon.id}])
    assert _latest(shop, subscription).amount_paid == 500
    shop.standin.advance(to=HALF)
    changed = _change(shop, subscription, {"id": _item(subscription), "price": shop.yearly})
    assert changed.latest_invoice.amount_paid == 10_000 - 250


def test_a_standing_discount_is_taken_off_the_new_price_too(shop: Shop) -> None:
    coupon = shop.client.v1.coupons.create({"percent_off": 50, "duration": "forever"})
    subscription = shop.subscribe(discounts=[{"coupon": coupon.id}])
    shop.standin.advance(to=HALF)
    changed = _change(shop, subscription, {"id": _item(subscription), "price": shop.yearly})
    assert changed.latest_invoice.amount_paid == 5_000 - 250


def test_what_was_switched_twice_is_given_back_once(shop: Shop) -> None:
    subscription = shop.subscribe()
    for price in (_price(shop, 2_000), shop.monthly, _price(shop, 4_000), shop.monthly):
        shop.standin.advance(to=shop.standin.now() + 3 * DAY)
        _change(shop, subscription, {"id": _item(subscription), "price": price}, proration_behavior="always_invoice")
    prorated = Fraction(3 * (2_000 - 1_000) + 3 * (4_000 - 1_000), 31)
    paid = sum(each.amount_paid for each in shop.client.v1.invoices.list({"customer": shop.customer}).data)
    credit = shop.client.v1.customers.retrieve(shop.customer).balance or 0
    assert abs(paid + credit - 1_000 - prorated) <= 4  # a penny at most for each rounding


def test_several_items_are_added_changed_and_taken_away(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.standin.advance(to=HALF)
    extra = _price(shop, 600)
    two = _change(shop, subscription, {"price": extra, "quantity": 2}, proration_behavior="always_invoice")
    assert two.latest_invoice.amount_paid == 600
    assert [item.quantity for item in two["items"].data] == [1, 2]
    with pytest.raises(stripe.InvalidRequestError, match="same price"):
        _change(shop, subscription, {"price": extra})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        _change(shop, subscription, {"id": "si_none", "price": extra})
    assert caught.value.param == "items[0][id]"
    with pytest.raises(stripe.StripeError, match="different intervals"):
        _change(shop, subscription, {"price": shop.yearly})
    shop.standin.advance(to=RENEWAL + 3_600)
    assert _latest(shop, subscription).amount_paid == 1_000 + 1_200
    one = _change(shop, subscription, {"id": two["items"].data[1].id, "deleted": True})
    assert [item.price.id for item in one["items"].data] == [shop.monthly]
    with pytest.raises(stripe.InvalidRequestError, match="at least one"):
        _change(shop, subscription, {"id": _item(subscription), "deleted": True})


def test_a_discount_is_shared_among_the_lines_and_adds_up(shop: Shop) -> None:
    coupon = shop.client.v1.coupons.create({"amount_off": 1_000, "currency": "gbp", "duration": "once"})
    lines = [{"price": shop.monthly, "quantity": 1}, {"price": _price(shop, 700), "quantity": 2}]
    subscription = shop.subscribe(line_items=lines, discounts=[{"coupon": coupon.id}])
    invoice = _latest(shop, subscription)
    shares = [sum(each.amount for each in line.discount_amounts) for line in invoice.lines.data]
    assert (invoice.total, sum(shares)) == (1_400, 1_000)
    assert shares == [417, 583]


def test_a_coupon_for_three_months_is_off_three_times(shop: Shop) -> None:
    coupon = shop.client.v1.coupons.create({"percent_off": 25, "duration": "repeating", "duration_in_months": 3})
    subscription = shop.subscribe(discounts=[{"coupon": coupon.id}])
    shop.standin.advance(days=140)
    paid = [each.amount_paid for each in shop.client.v1.invoices.list({"subscription": subscription.id}).data]
    assert paid[::-1] == [750, 750, 750, 1_000, 1_000]
    assert len(shop.standin.events("customer.discount.deleted")) == 1


def test_a_coupon_once_is_not_spent_on_a_trial(shop: Shop) -> None:
    coupon = shop.client.v1.coupons.create({"percent_off": 25, "duration": "once"})
    subscription = shop.subscribe(discounts=[{"coupon": coupon.id}], subscription_data={"trial_period_days": 5})
    shop.standin.advance(days=5)
    shop.standin.advance(3_600)
    assert _latest(shop, subscription).amount_paid == 750
    shop.standin.advance(days=32)
    assert _latest(shop, subscription).amount_paid == 1_000


@pytest.mark.parametrize("amount", [1, 29])
def test_too_small_a_sum_waits_for_the_next_invoice(shop: Shop, amount: int) -> None:
    subscription = shop.subscribe(line_items=[{"price": _price(shop, 1_000 + amount), "quantity": 1}])
    coupon = shop.client.v1.coupons.create({"amount_off": 1_000, "currency": "gbp", "duration": "once"})
    small = shop.subscribe(
        line_items=[{"price": _price(shop, 1_000 + amount), "quantity": 1}], discounts=[{"coupon": coupon.id}]
    )
    invoice = _latest(shop, small)
    assert (invoice.status, invoice.total, invoice.amount_due) == ("paid", amount, 0)
    assert shop.client.v1.customers.retrieve(shop.customer).balance == amount
    shop.client.v1.subscriptions.cancel(small.id)
    shop.standin.advance(to=RENEWAL + 3_600)
    assert _latest(shop, subscription).amount_paid == 1_000 + 2 * amount


def test_a_voided_invoice_gives_the_credit_back_that_it_used(shop: Shop) -> None:
    subscription = shop.subscribe(line_items=[{"price": _price(shop, 1_400), "quantity": 1}])
    shop.standin.advance(to=HALF)
    _change(shop, subscription, {"id": _item(subscription), "price": shop.monthly}, proration_behavior="always_invoice")
    assert shop.client.v1.customers.retrieve(shop.customer).balance == -200
    shop.standin.set_card(shop.customer, works=False)
    shop.standin.advance(to=RENEWAL + 3_600)
    late = _latest(shop, subscription)
    assert (late.status, late.amount_due, late.starting_balance) == ("open", 800, -200)
    shop.client.v1.invoices.void_invoice(late.id)
    assert shop.client.v1.customers.retrieve(shop.customer).balance == -200
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "active"


@pytest.mark.parametrize(
    ("unused", "how", "balance", "resumed"),
    [
        (None, None, 0, 500),
        ("now", "invoice", -500, 500),
        ("none", None, 0, 1_000),
        ("item_current_period_start", None, 0, 0),
    ],
)
def test_a_pause_gives_back_what_was_asked(
    shop: Shop, unused: str | None, how: str | None, balance: int, resumed: int
) -> None:
    subscription = shop.subscribe()
    shop.standin.advance(to=HALF)
    asked: Any = {} if unused is None else {"bill_for": {"unused_time_from": {"type": unused}}}
    shop.client.v1.subscriptions.pause(subscription.id, asked | ({} if how is None else {"invoicing_behavior": how}))
    assert shop.client.v1.customers.retrieve(shop.customer).balance == balance
    shop.standin.advance(days=40)
    shop.client.v1.subscriptions.resume(subscription.id)
    invoice = _latest(shop, subscription)
    assert (invoice.status, invoice.amount_due) == ("paid", resumed)


def test_a_leap_days_year_comes_back_to_its_day(shop: Shop) -> None:
    shop.standin.advance(to=int(dt.datetime(2028, 2, 29, 12, tzinfo=dt.UTC).timestamp()))
    subscription = shop.subscribe(line_items=[{"price": shop.yearly, "quantity": 1}])
    ends = []
    for _ in range(4):
        end = shop.client.v1.subscriptions.retrieve(subscription.id)["items"].data[0].current_period_end
        ends.append(dt.datetime.fromtimestamp(end, dt.UTC).date().isoformat())
        shop.standin.advance(to=end)
    assert ends == ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]


def test_a_half_penny_goes_away_from_nought_and_shares_add_up() -> None:
    assert [rounded(Fraction(each, 2)) for each in (1, 3, -1, -3, 4)] == [1, 2, -1, -2, 2]
    for whole in range(60):
        for among in ([1, 1, 1], [7, 5, 3], [0, 4, 9], [100]):
            shares = shared_out(min(whole, sum(among)), among)
            assert sum(shares) == min(whole, sum(among))
            assert all(0 <= share <= most for share, most in zip(shares, among, strict=True))
    assert shared_out(5, [0, 0]) == [0, 0]
