"""One life in which every call of the stand-in is made with success, and every letter written."""

import json
from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from kjreport.standin import door, routes
from kjreport.standin.api import Request
from kjreport.standin.direct import DirectClient
from kjreport.standin.server import StandIn
from tests.contract.conftest import START, Shop

DAY = 86_400
type Json = dict[str, Any]


class Recorder(DirectClient):
    """Goes straight in, and keeps the name and the whole answer of each call that was done."""

    def __init__(self, standin: StandIn) -> None:
        super().__init__(standin.engine)
        self.answers: list[tuple[str, Json]] = []

    def request(self, method: str, url: str, *others: Any, **named: Any) -> Any:
        body, status, headers = super().request(method, url, *others, **named)
        found = routes.find(method.upper(), "/" + url.split("://", 1)[-1].partition("/")[2].partition("?")[0])
        if status == 200 and found is not None:
            self.answers.append((found[0].name, json.loads(body)))
        return body, status, headers


def lived(standin: StandIn) -> list[tuple[str, Json]]:
    """Live it; return each call's name with its answer."""
    recorder = Recorder(standin)
    client = stripe.StripeClient("sk_test_life", http_client=recorder, max_network_retries=0)
    shop = _opened(client, standin)
    _sell(shop)
    _subscriptions(shop)
    _renewals(shop)
    _invoices(shop)
    _money_back(shop)
    _slow_money_and_cards_for_later(shop)
    _portal_and_endpoints(shop)
    _clock(shop)
    _farewell(shop)
    return recorder.answers


def _each(service: Any, identifier: str) -> None:
    """List a thing's kind, and look at it."""
    service.list()
    service.retrieve(identifier)


def _opened(client: stripe.StripeClient, standin: StandIn) -> Shop:
    v1 = client.v1
    product = v1.products.create({"name": "KJ Report"})
    prices = {
        interval: v1.prices.create(
            {"product": product.id, "currency": "gbp", "unit_amount": amount, "recurring": {"interval": interval}}
        )
        for interval, amount in (("month", 1_000), ("year", 10_000))
    }
    customer = v1.customers.create({"email": "reader@example.org", "name": "A. Reader"})
    v1.customers.update(customer.id, {"phone": "01", "address": {"country": "GB"}})
    v1.products.update(product.id, {"description": "Analysis"})
    v1.prices.update(prices["year"].id, {"nickname": "By the year"})
    _each(v1.customers, customer.id)
    _each(v1.products, product.id)
    _each(v1.prices, prices["year"].id)
    coupon = v1.coupons.create({"percent_off": 50, "duration": "once", "name": "Half"})
    v1.coupons.update(coupon.id, {"name": "Half off"})
    _each(v1.coupons, coupon.id)
    code = v1.promotion_codes.create({"code": "HALF", "promotion": {"type": "coupon", "coupon": coupon.id}})
    v1.promotion_codes.update(code.id, {"metadata": {"why": "spring"}})
    _each(v1.promotion_codes, code.id)
    return Shop(client, standin, product.id, prices["month"].id, prices["year"].id, customer.id)


def _sell(shop: Shop) -> None:
    sessions, standin = shop.client.v1.checkout.sessions, shop.standin
    gift = shop.gift(payment_intent_data={"metadata": {"kind": "donation"}})
    with pytest.raises(ValueError, match="declined"):
        standin.pay(gift.id, card="4000000000000002")
    standin.pay(gift.id, card="4000002500003155", confirm=False)
    standin.pay(gift.id, card="4000002500003155")
    sessions.retrieve(gift.id, {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]})
    sessions.line_items.list(gift.id)
    sessions.list()
    sessions.expire(shop.session().id)
    charge = shop.client.v1.charges.list({"limit": 1}).data[0]
    shop.client.v1.charges.retrieve(charge.id, {"expand": ["refunds", "balance_transaction"]})
    _each(shop.client.v1.balance_transactions, str(charge.balance_transaction))
    _each(shop.client.v1.payment_intents, str(charge.payment_intent))


def _subscriptions(shop: Shop) -> None:
    v1, standin = shop.client.v1, shop.standin
    session = shop.session(allow_promotion_codes=True)
    standin.pay(session.id, code="HALF")
    subscription: Any = v1.subscriptions.list({"customer": shop.customer}).data[0]
    v1.subscriptions.retrieve(
        subscription.id,
        {"expand": ["latest_invoice.payments.data.payment", "customer.subscriptions", "default_payment_method"]},
    )
    change: Any = {"items": [{"id": subscription["items"].data[0].id, "price": shop.yearly}]}
    v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": change})
    v1.subscriptions.update(subscription.id, change)
    back: Any = {"items": [{"id": subscription["items"].data[0].id, "price": shop.monthly}]}
    v1.subscriptions.update(subscription.id, back)
    v1.subscriptions.pause(subscription.id)
    v1.subscriptions.resume(subscription.id)
    credits_of = v1.customers.balance_transactions
    credits_of.retrieve(shop.customer, credits_of.list(shop.customer).data[0].id)
    v1.customers.payment_methods.list(shop.customer)
    method = v1.payment_methods.list({"customer": shop.customer}).data[0]
    v1.payment_methods.retrieve(method.id)
    v1.subscriptions.cancel(subscription.id, {"cancellation_details": {"feedback": "unused"}})
    shop.subscribe(subscription_data={"trial_period_days": 7})
    standin.advance(days=9)


def _renewals(shop: Shop) -> None:
    """One that fails to the end, one that needs the bank, one for which Stripe asks the site; all are announced."""
    standin = shop.standin
    shop.subscribe("4000000000000341")
    shop.subscribe("4000002760003184")
    standin.advance(days=60)


def _invoices(shop: Shop) -> None:
    v1, standin = shop.client.v1, shop.standin
    customer = v1.customers.create({"email": "late@example.org"}).id
    late = [shop.subscribe(customer=customer).id for _ in range(5)]
    standin.set_card(customer, works=False)
    standin.advance(days=31)
    drafts = v1.invoices.list({"customer": customer, "status": "draft"}).data
    v1.invoices.update(str(drafts[0].id), {"description": "For the month", "metadata": {"a": "b"}})
    v1.invoices.finalize_invoice(str(drafts[0].id), {"auto_advance": False})
    standin.set_finalising(customer, works=False)
    standin.advance(3_600)
    standin.set_finalising(customer, works=True)
    standin.advance(60)
    open_ones = [str(each.id) for each in v1.invoices.list({"customer": customer, "status": "open"}).data]
    v1.invoices.retrieve(open_ones[0], {"expand": ["payments", "customer"]})
    v1.invoices.line_items.list(open_ones[0])
    paid_by = v1.invoice_payments.list({"invoice": open_ones[0]}).data[0]
    v1.invoice_payments.retrieve(str(paid_by.id))
    v1.invoices.mark_uncollectible(open_ones[0])
    v1.invoices.void_invoice(open_ones[1])
    standin.set_card(customer, works=True)
    v1.invoices.pay(open_ones[2])
    v1.invoices.pay(open_ones[3], {"paid_out_of_band": True})
    standin.keep_card_elsewhere(customer)
    standin.advance(days=31)
    standin.set_card(customer, works=True)
    standin.advance(days=27)
    for subscription in late:
        v1.subscriptions.update(subscription, {"cancel_at_period_end": True})
    last = shop.subscribe(customer=customer)
    standin.advance(to=last["items"].data[0].current_period_end)
    v1.subscriptions.cancel(last.id)
    v1.invoices.delete(str(v1.invoices.list({"subscription": last.id, "status": "draft"}).data[0].id))


def _money_back(shop: Shop) -> None:
    v1, standin = shop.client.v1, shop.standin
    paid = [each.id for each in v1.payment_intents.list({"limit": 100}).data if each.status == "succeeded"]
    refund = v1.refunds.create({"payment_intent": paid[0], "amount": 100, "reason": "requested_by_customer"})
    v1.refunds.update(refund.id, {"metadata": {"a": "b"}})
    v1.refunds.retrieve(refund.id, {"expand": ["balance_transaction", "charge", "payment_intent"]})
    v1.refunds.list()
    standin.fail_refund(refund.id)
    v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    lost, won, asked, part = (
        standin.open_dispute(paid[1]),
        standin.open_dispute(paid[2]),
        standin.open_dispute(paid[3], inquiry=True),
        standin.open_dispute(paid[4], amount=100),
    )
    v1.disputes.update(won["id"], {"evidence": {"uncategorized_text": "They read it."}, "submit": True})
    standin.close_dispute(won["id"], status="won")
    v1.disputes.close(lost["id"])
    standin.close_dispute(asked["id"], status="warning_closed")
    v1.disputes.retrieve(part["id"], {"expand": ["charge", "payment_intent"]})
    v1.disputes.list()
    warning = standin.warn_of_fraud(paid[5])
    _each(v1.radar.early_fraud_warnings, warning["id"])


def _slow_money_and_cards_for_later(shop: Shop) -> None:
    v1, standin = shop.client.v1, shop.standin
    slow = v1.customers.create({"email": "slow@example.org"}).id
    for card in ("4000000000007106", "4000000000007205"):
        standin.pay(shop.session(customer=slow).id, card=card)
        standin.pay(shop.gift().id, card=card)
    standin.advance(days=4)
    kept = shop.session(mode="setup", line_items=None, subscription_data=None, currency="gbp")
    with pytest.raises(ValueError, match="declined"):
        standin.pay(kept.id, card="4000000000000002")
    standin.pay(kept.id, card="4000002500003155")
    v1.setup_intents.retrieve(str(kept.setup_intent), {"expand": ["payment_method", "customer"]})
    v1.setup_intents.list()


def _portal_and_endpoints(shop: Shop) -> None:
    portal, endpoints = shop.client.v1.billing_portal, shop.client.v1.webhook_endpoints
    features: Any = {
        "customer_update": {"enabled": True, "allowed_updates": ["email"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        "subscription_pause": {"enabled": True},
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": [{"product": shop.product, "prices": [shop.monthly, shop.yearly]}],
        },
    }
    made = portal.configurations.create({"features": features})
    portal.configurations.update(made.id, {"features": {"subscription_pause": {"enabled": True}}})
    _each(portal.configurations, made.id)
    subscription = shop.subscribe()
    portal.sessions.create({"customer": shop.customer})
    flow: Any = {"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription.id}}
    session = portal.sessions.create({"customer": shop.customer, "flow_data": flow, "expand": ["configuration"]})
    shop.standin.press(f"{session.url}/cancel/{subscription.id}")
    door.answer(shop.standin.engine, Request("GET", "/_standin/"))
    endpoint = endpoints.create({"url": "https://example.org/hook", "enabled_events": ["*"]})
    endpoints.update(endpoint.id, {"description": "Ours"})
    _each(endpoints, endpoint.id)
    endpoints.delete(endpoint.id)


def _clock(shop: Shop) -> None:
    v1 = shop.client.v1
    clocks = v1.test_helpers.test_clocks
    clock = clocks.create({"frozen_time": START, "name": "A year"})
    customer = v1.customers.create({"email": "clock@example.org", "test_clock": clock.id}).id
    shop.subscribe(customer=customer)
    clocks.advance(clock.id, {"frozen_time": START + 40 * DAY})
    _each(clocks, clock.id)
    v1.customers.list({"test_clock": clock.id})
    clocks.delete(clock.id)


def _farewell(shop: Shop) -> None:
    v1 = shop.client.v1
    event = v1.events.list({"limit": 100}).data[0]
    v1.events.retrieve(event.id)
    v1.customers.delete(shop.customer)
    v1.customers.retrieve(shop.customer)
    for coupon in v1.coupons.list().data:
        v1.coupons.delete(coupon.id)
