"""The door to Stripe: whom it talks to, what it asks for, and whose mark it knows."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.money import Money

STRIPE = "https://api.stripe.com"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "base"),
    [
        ("sk_live_1", STRIPE),
        ("sk_test_1", STRIPE),
        ("sk_test_1", "http://127.0.0.1:12111"),
        ("rk_test_1", "http://localhost:12111"),
        ("sk_test_1", "http://[::1]:12111"),
    ],
)
def test_it_talks_to_stripe_or_with_a_test_key_to_loopback(key: str, base: str) -> None:
    gateway.check_configuration(key, base)


@pytest.mark.parametrize(
    ("key", "base"),
    [
        ("", STRIPE),
        ("sk_live_1", "http://127.0.0.1:12111"),
        ("rk_live_1", "http://localhost:12111"),
        ("sk_test_1", "https://elsewhere.example"),
        ("sk_test_1", "http://127.0.0.1.elsewhere.example"),
        ("sk_test_1", "http://127.0.0.1@elsewhere.example"),
        ("sk_test_1", "https://api.stripe.com.elsewhere.example"),
        ("sk_test_1", ""),
    ],
)
def test_it_refuses_anything_else(key: str, base: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        gateway.check_configuration(key, base)


def a_request(**fields: Any) -> gateway.CheckoutRequest:
    return gateway.CheckoutRequest(
        idempotency_key="k",
        success_url="http://testserver/?s={CHECKOUT_SESSION_ID}",
        cancel_url="http://testserver/",
        expires_at=NOON,
        metadata={"kind": "subscription"},
        **fields,
    )


def test_a_subscription_is_asked_for_by_price() -> None:
    asked = a_request(price_id="price_1", customer_id="cus_1").parameters()
    assert asked["mode"] == "subscription"
    assert asked["line_items"] == [{"quantity": 1, "price": "price_1"}]
    assert asked["customer"] == "cus_1"
    assert asked["subscription_data"]["metadata"] == asked["metadata"] == {"site": "kjreport", "kind": "subscription"}
    assert asked["expires_at"] == int(NOON.timestamp())


def test_a_gift_is_asked_for_by_amount_and_product() -> None:
    once = a_request(amount=Money(500, "gbp"), product_id="prod_1", email="a@example.com").parameters()
    assert (once["mode"], once["submit_type"], once["customer_email"]) == ("payment", "donate", "a@example.com")
    assert once["line_items"][0]["price_data"] == {"currency": "gbp", "unit_amount": 500, "product": "prod_1"}
    monthly = a_request(amount=Money(500, "gbp"), product_id="prod_1", is_monthly=True).parameters()
    assert monthly["mode"] == "subscription"
    assert monthly["line_items"][0]["price_data"]["recurring"] == {"interval": "month"}


def test_a_request_without_price_or_amount_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="names a price"):
        a_request().parameters()


def test_the_same_request_gives_the_same_parameters_as_its_key_demands() -> None:
    assert a_request(price_id="price_1").parameters() == a_request(price_id="price_1").parameters()


def test_tax_and_terms_are_the_publishers_choice(settings: Any) -> None:
    settings.STRIPE_AUTOMATIC_TAX = settings.STRIPE_REQUIRE_TERMS = True
    asked = a_request(price_id="price_1", customer_id="cus_1").parameters()
    assert asked["automatic_tax"] == {"enabled": True}
    assert asked["customer_update"] == {"address": "auto"}
    assert asked["consent_collection"] == {"terms_of_service": "required"}


@pytest.mark.parametrize(
    ("metadata", "ours"), [({"site": "kjreport"}, True), ({"site": "another"}, False), ({}, False), (None, False)]
)
def test_only_our_mark_makes_a_thing_ours(metadata: dict[str, str] | None, ours: bool) -> None:  # noqa: FBT001 - a row
    assert gateway.is_ours(metadata) is ours
