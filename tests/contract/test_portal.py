"""The portal: card, cancel, keep, switch, pay, and the ways straight to one of them."""

from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from kjreport.standin import door
from kjreport.standin.api import Request
from tests.contract.conftest import START, Shop

RENEWAL = START + 31 * 86_400
GOOD = {"number": "4242424242424242", "expiry": "12/40", "cvc": "123", "name": "A. Reader", "country": "GB"}


def _configured(shop: Shop, **features: Any) -> str:
    usual: dict[str, Any] = {
        "subscription_cancel": {"enabled": True, "cancellation_reason": {"enabled": True, "options": ["unused"]}},
        "payment_method_update": {"enabled": True},
        "invoice_history": {"enabled": True},
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": [{"product": shop.product, "prices": [shop.monthly, shop.yearly]}],
            "proration_behavior": "always_invoice",
        },
    }
    params: Any = {"features": usual | features}
    return shop.client.v1.billing_portal.configurations.create(params).id


def _portal(shop: Shop, **params: Any) -> str:
    given: Any = {"customer": shop.customer, "return_url": "http://127.0.0.1:9/account/"} | params
    return shop.client.v1.billing_portal.sessions.create(given).url


def _read(shop: Shop, url: str) -> str:
    path, _, query = url.removeprefix(shop.standin.url).partition("?")
    return door.answer(shop.standin.engine, Request("GET", path, query)).body.decode()


def test_cancelling_in_the_portal_sets_cancel_at_and_nothing_else(shop: Shop) -> None:
    _configured(shop)
    subscription = shop.subscribe()
    portal = _portal(shop)
    assert "Next payment" in _read(shop, portal)
    shop.standin.press(f"{portal}/cancel/{subscription.id}", reason="unused")
    cancelled = shop.client.v1.subscriptions.retrieve(subscription.id)
    assert (cancelled.status, cancelled.cancel_at, cancelled.cancel_at_period_end) == ("active", RENEWAL, False)
    assert cancelled.cancellation_details is not None
    assert cancelled.cancellation_details.feedback == "unused"
    assert "Ends on" in _read(shop, portal)
    shop.standin.advance(to=RENEWAL)
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "canceled"


def test_keeping_takes_the_cancellation_back(shop: Shop) -> None:
    _configured(shop)
    subscription, portal = shop.subscribe(), _portal(shop)
    shop.standin.press(f"{portal}/cancel/{subscription.id}")
    shop.standin.press(f"{portal}/keep/{subscription.id}")
    kept = shop.client.v1.subscriptions.retrieve(subscription.id)
    assert (kept.cancel_at, kept.canceled_at) == (None, None)
    shop.standin.advance(days=32)
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_changed_card_is_charged_from_then_on(shop: Shop) -> None:
    _configured(shop)
    subscription, portal = shop.subscribe("4000000000000341"), _portal(shop)
    with pytest.raises(ValueError, match="declined"):
        shop.standin.press(f"{portal}/card", **GOOD | {"number": "4000000000000002"})
    shop.standin.press(f"{portal}/card", **GOOD)
    shop.standin.advance(days=32)
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "active"
    assert len(shop.client.v1.customers.payment_methods.list(shop.customer).data) == 2


def test_a_switch_is_shown_before_it_is_made(shop: Shop) -> None:
    _configured(shop)
    subscription, portal = shop.subscribe(), _portal(shop)
    before = shop.standin.dump()
    address = f"{portal}/switch/{subscription.id}"
    with pytest.raises(ValueError, match="answered 200"):
        shop.standin.press(address, price=shop.yearly)
    assert shop.standin.dump() == before
    shop.standin.press(address, price=shop.yearly, action="confirm")
    assert shop.client.v1.subscriptions.retrieve(subscription.id)["items"].data[0].price.id == shop.yearly
    with pytest.raises(ValueError, match="not on offer"):
        shop.standin.press(address, price="price_none", action="confirm")


def test_what_the_configuration_forbids_is_not_offered_and_not_done(shop: Shop) -> None:
    off = {"enabled": False}
    _configured(shop, subscription_cancel=off, subscription_update=off, payment_method_update=off)
    subscription, portal = shop.subscribe(), _portal(shop)
    page = _read(shop, portal)
    for words in ("Cancel subscription", "Switch to", "Change card"):
        assert words not in page
    for path in (f"cancel/{subscription.id}", f"switch/{subscription.id}", "card"):
        with pytest.raises(ValueError, match="not allowed"):
            shop.standin.press(f"{portal}/{path}", **GOOD)
    assert shop.client.v1.subscriptions.retrieve(subscription.id).cancel_at is None


def test_a_flow_goes_straight_there_and_back(shop: Shop) -> None:
    _configured(shop)
    subscription = shop.subscribe()
    after = {"type": "redirect", "redirect": {"return_url": "http://127.0.0.1:9/account/?done=1"}}
    flow = {
        "type": "subscription_cancel",
        "subscription_cancel": {"subscription": subscription.id},
        "after_completion": after,
    }
    portal = _portal(shop, flow_data=flow)
    lead = door.answer(shop.standin.engine, Request("GET", portal.removeprefix(shop.standin.url)))
    assert (lead.status, lead.headers["Location"]) == (303, f"{portal}/cancel/{subscription.id}")
    assert shop.standin.press(f"{portal}/cancel/{subscription.id}") == "http://127.0.0.1:9/account/?done=1"
    with pytest.raises(stripe.InvalidRequestError):
        _portal(shop, flow_data=flow)
    with pytest.raises(stripe.InvalidRequestError):
        _portal(shop, flow_data={"type": "subscription_cancel"})


def test_nobody_reaches_anothers_subscription(shop: Shop) -> None:
    _configured(shop)
    subscription = shop.subscribe()
    stranger = shop.client.v1.customers.create({"email": "stranger@example.org"})
    portal = _portal(shop, customer=stranger.id)
    assert subscription.id not in _read(shop, portal)
    with pytest.raises(ValueError, match="no such subscription"):
        shop.standin.press(f"{portal}/cancel/{subscription.id}")
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription.id}}
    with pytest.raises(stripe.InvalidRequestError):
        _portal(shop, customer=stranger.id, flow_data=flow)


def test_a_portal_address_is_not_its_sessions_id_and_runs_out(shop: Shop) -> None:
    _configured(shop)
    session = shop.client.v1.billing_portal.sessions.create({"customer": shop.customer})
    assert session.id not in session.url
    assert "Your subscription" in _read(shop, session.url)
    shop.standin.advance(3_601)
    assert "run out" in _read(shop, session.url)


def test_without_a_configuration_there_is_no_portal(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="default configuration"):
        _portal(shop)
    first = _configured(shop)
    second = _configured(shop)
    assert shop.client.v1.billing_portal.configurations.list({"is_default": True}).data[0].id == first
    changed = shop.client.v1.billing_portal.configurations.update(second, {"active": False})
    assert not changed.active
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        _portal(shop, configuration=second)


def test_details_are_changed_as_far_as_it_is_allowed(shop: Shop) -> None:
    _configured(shop, customer_update={"enabled": True, "allowed_updates": ["email"]})
    portal = _portal(shop, flow_data={"type": "customer_update"})
    lead = door.answer(shop.standin.engine, Request("GET", portal.removeprefix(shop.standin.url)))
    assert lead.headers["Location"] == f"{portal}/details"
    with pytest.raises(ValueError, match="full e-mail"):
        shop.standin.press(f"{portal}/details", email="nonsense")
    shop.standin.press(f"{portal}/details", email="new@example.org", name="Not Allowed")
    customer = shop.client.v1.customers.retrieve(shop.customer)
    assert (customer.email, customer.name) == ("new@example.org", "A. Reader")
    assert shop.standin.events("customer.updated")[-1]["data"]["previous_attributes"] == {"email": "reader@example.org"}


def test_pausing_for_a_month_gives_the_rest_back_and_goes_on_by_itself(shop: Shop) -> None:
    _configured(shop, subscription_pause={"enabled": True})
    subscription, portal = shop.subscribe(), _portal(shop)
    assert "Pause subscription" in _read(shop, portal)
    shop.standin.advance(to=START + 31 * 86_400 // 2)
    portal = _portal(shop)
    with pytest.raises(ValueError, match="how long"):
        shop.standin.press(f"{portal}/pause/{subscription.id}", length="9-year")
    shop.standin.press(f"{portal}/pause/{subscription.id}", length="1-month")
    paused = shop.client.v1.subscriptions.retrieve(subscription.id)
    assert (paused.status, paused.status_details.paused.subscription.type) == (  # type: ignore[union-attr]
        "paused",
        "pause_requested",
    )
    assert "goes on by itself on <strong>16 February 2025</strong>" in _read(shop, portal)
    assert len(shop.standin.dump()["invoice"]) == 1
    shop.standin.advance(days=31)
    resumed = shop.client.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    invoice: Any = resumed.latest_invoice
    assert (resumed.status, invoice.status, invoice.amount_paid) == ("active", "paid", 500)


def test_a_pause_without_end_is_ended_by_its_button(shop: Shop) -> None:
    _configured(shop, subscription_pause={"enabled": True, "duration": {"type": "indefinite"}})
    subscription = shop.subscribe()
    flow = {"type": "subscription_pause", "subscription_pause": {"subscription": subscription.id}}
    portal = _portal(shop, flow_data=flow)
    lead = door.answer(shop.standin.engine, Request("GET", portal.removeprefix(shop.standin.url)))
    assert lead.headers["Location"] == f"{portal}/pause/{subscription.id}"
    shop.standin.press(f"{portal}/pause/{subscription.id}", length="open")
    shop.standin.advance(days=200)
    portal = _portal(shop)
    assert "Resume subscription" in _read(shop, portal)
    shop.standin.press(f"{portal}/resume/{subscription.id}")
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "active"
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.billing_portal.configurations.create(
            {"features": {"subscription_pause": {"enabled": True, "duration": {"type": "interval_options"}}}}
        )
    _configured(shop, subscription_pause={"enabled": False})
    assert "Pause subscription" in _read(shop, portal)


def test_a_subscription_paused_for_want_of_payment_asks_for_it(shop: Shop) -> None:
    _configured(shop, subscription_pause={"enabled": True})
    shop.standin.give_up_by("pause")
    subscription = shop.subscribe("4000000000000341")
    shop.standin.advance(days=31 + 16)
    paused: Any = shop.client.v1.subscriptions.retrieve(subscription.id)
    assert (paused.status, paused.status_details.paused.subscription.type) == ("paused", "final_payment_failure")
    page = _read(shop, _portal(shop))
    assert "Pay the open invoice below" in page
    assert "Resume subscription" not in page
    shop.standin.pay_invoice(str(paused.latest_invoice))
    mended = shop.client.v1.subscriptions.retrieve(subscription.id)
    assert (mended.status, mended.status_details) == ("active", None)
    assert mended["items"].data[0].current_period_end > shop.standin.now()
