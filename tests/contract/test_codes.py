"""Promotion codes and coupons: who may use them, when, how often, and on how much."""

from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from tests.contract.conftest import START, Shop


def _code(shop: Shop, coupon: dict[str, Any] | None = None, **code: Any) -> Any:
    given: Any = {"percent_off": 50, "duration": "once"} | (coupon or {})
    made = shop.client.v1.coupons.create(given)
    asked: Any = {"code": "HALF", "promotion": {"type": "coupon", "coupon": made.id}} | code
    return shop.client.v1.promotion_codes.create(asked)


def _pays(shop: Shop) -> int:
    session = shop.session(allow_promotion_codes=True)
    shop.standin.pay(session.id, code="HALF")
    done = shop.client.v1.checkout.sessions.retrieve(session.id)
    assert done.amount_total is not None
    return done.amount_total


def _refused(shop: Shop) -> None:
    with pytest.raises(ValueError, match="not valid"):
        _pays(shop)


def test_a_code_may_be_typed_in_any_case(shop: Shop) -> None:
    _code(shop)
    session = shop.session(allow_promotion_codes=True)
    shop.standin.pay(session.id, code=" half ")
    assert shop.client.v1.checkout.sessions.retrieve(session.id).amount_total == 500


def test_a_code_for_newcomers_is_not_for_who_paid_before(shop: Shop) -> None:
    _code(shop, restrictions={"first_time_transaction": True})
    assert _pays(shop) == 500
    _refused(shop)


def test_a_code_may_ask_for_a_least_amount(shop: Shop) -> None:
    _code(shop, restrictions={"minimum_amount": 1_001, "minimum_amount_currency": "gbp"})
    _refused(shop)
    yearly = shop.session(allow_promotion_codes=True, line_items=[{"price": shop.yearly, "quantity": 1}])
    shop.standin.pay(yearly.id, code="HALF")
    assert shop.client.v1.checkout.sessions.retrieve(yearly.id).amount_total == 5_000


@pytest.mark.parametrize("where", ["code", "coupon"])
def test_a_code_is_used_as_often_as_it_may_be(shop: Shop, where: str) -> None:
    most = {"max_redemptions": 1}
    code = _code(shop, most if where == "coupon" else None, **(most if where == "code" else {}))
    late = shop.session(allow_promotion_codes=True)
    with pytest.raises(ValueError, match="declined"):
        shop.standin.pay(late.id, code="HALF", card="4000000000000002")
    assert _pays(shop) == 500
    _refused(shop)
    with pytest.raises(ValueError, match="not valid any more"):
        shop.standin.pay(late.id)
    shop.standin.pay(late.id)
    assert shop.client.v1.checkout.sessions.retrieve(late.id).amount_total == 1_000
    found = shop.client.v1.promotion_codes.retrieve(code.id)
    coupon = shop.client.v1.coupons.retrieve(str(found.promotion.coupon))
    assert (found.times_redeemed, coupon.times_redeemed) == (1, 1)
    assert (found.active, coupon.valid) == (where == "coupon", where == "code")


@pytest.mark.parametrize("where", ["code", "coupon"])
def test_a_code_ends_when_it_was_said_to(shop: Shop, where: str) -> None:
    _code(
        shop,
        {"redeem_by": START + 60} if where == "coupon" else None,
        **({"expires_at": START + 60} if where == "code" else {}),
    )
    assert _pays(shop) == 500
    shop.standin.advance(61)
    _refused(shop)


def test_a_code_of_one_customer_is_not_anothers(shop: Shop) -> None:
    other = shop.client.v1.customers.create({"email": "other@example.org"})
    _code(shop, customer=other.id)
    _refused(shop)


def test_a_deleted_coupon_is_kept_by_who_has_it_and_used_by_nobody_else(shop: Shop) -> None:
    code = _code(shop, {"duration": "forever"})
    assert _pays(shop) == 500
    coupon = str(code.promotion.coupon)
    assert shop.client.v1.coupons.delete(coupon).deleted
    _refused(shop)
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.coupons.retrieve(coupon)
    assert shop.client.v1.coupons.list().data == []
    shop.standin.advance(days=31)
    shop.standin.advance(3_600)
    assert shop.client.v1.invoices.list({"limit": 1}).data[0].amount_paid == 500


def test_a_coupon_that_cannot_be_used_opens_no_session(shop: Shop) -> None:
    euros = shop.client.v1.coupons.create({"amount_off": 100, "currency": "eur", "duration": "once"})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.session(discounts=[{"coupon": euros.id}])
    assert caught.value.param == "discounts[0][coupon]"
