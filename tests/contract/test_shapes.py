"""Every object and every letter of the stand-in has the fields, and the types, that the library declares."""

import copy
import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from kjreport.standin.server import StandIn
from tests.contract.conftest import Ear, Shop
from tests.contract.shapes import faults_in

if TYPE_CHECKING:
    from collections.abc import Callable

# `invoice.upcoming` tells of an invoice that does not exist yet.
NO_ID = "event.data.object.id: missing"


LISTS = (
    "customers",
    "products",
    "prices",
    "coupons",
    "promotion_codes",
    "checkout/sessions",
    "billing_portal/configurations",
    "subscriptions?status=all",
    "invoices",
    "invoice_payments",
    "payment_intents",
    "charges",
    "refunds",
    "disputes",
    "events",
    "webhook_endpoints",
    "radar/early_fraud_warnings",
)


def _answers(standin: StandIn, path: str) -> Any:
    address, headers = standin.url + path, {"Authorization": "Bearer sk_test_raw"}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310  our own address
    with urllib.request.urlopen(request) as response:  # noqa: S310  as above
        return json.loads(response.read())


@pytest.fixture
def a_whole_life(shop: Shop, standin: StandIn) -> StandIn:
    """One of everything: coupon, gift, refusal, bank, renewal, failure, retry, end, refund, disputes, portal."""
    client = shop.client
    coupon = client.v1.coupons.create({"percent_off": 50, "duration": "once"})
    client.v1.promotion_codes.create({"code": "HALF", "promotion": {"type": "coupon", "coupon": coupon.id}})
    subscription = shop.subscribe("4000000000000341", allow_promotion_codes=True)
    session = shop.session(allow_promotion_codes=True)
    standin.pay(session.id, code="HALF")
    gift = shop.gift(payment_intent_data={"metadata": {"kind": "donation"}})
    with pytest.raises(ValueError, match="declined"):
        standin.pay(gift.id, card="4000000000000002")
    standin.pay(gift.id, card="4000002500003155")
    shop.session()
    standin.advance(days=60)
    ended = client.v1.subscriptions.retrieve(subscription.id)
    assert ended.status == "canceled"
    intents = [each for each in client.v1.payment_intents.list({"limit": 100}).data if each.status == "succeeded"]
    client.v1.refunds.create({"payment_intent": intents[0].id, "amount": 100, "reason": "requested_by_customer"})
    dispute = standin.open_dispute(intents[1].id)
    standin.close_dispute(dispute["id"], status="lost")
    standin.warn_of_fraud(intents[2].id)
    client.v1.billing_portal.configurations.create(
        {"features": {"subscription_cancel": {"enabled": True}, "invoice_history": {"enabled": True}}}
    )
    client.v1.billing_portal.sessions.create({"customer": shop.customer})
    client.v1.webhook_endpoints.create({"url": "https://example.org/hook", "enabled_events": ["*"]})
    return standin


def test_every_object_has_the_fields_the_library_requires(a_whole_life: StandIn) -> None:
    things = a_whole_life.dump()
    kinds = set(things)
    assert kinds >= {
        "billing_portal.configuration",
        "billing_portal.session",
        "charge",
        "checkout.session",
        "coupon",
        "customer",
        "discount",
        "dispute",
        "event",
        "invoice",
        "invoice_payment",
        "payment_intent",
        "payment_method",
        "price",
        "product",
        "promotion_code",
        "radar.early_fraud_warning",
        "refund",
        "subscription",
        "webhook_endpoint",
    }
    faults = {
        fault
        for kind, each in things.items()
        if not kind.startswith("standin.")
        for thing in each
        for fault in faults_in(thing)
        if fault != NO_ID
    }
    assert not faults, "\n".join(sorted(faults))


def test_every_list_answers_in_shape(a_whole_life: StandIn) -> None:
    for path in LISTS:
        answer = _answers(a_whole_life, f"/v1/{path}")
        assert answer["object"] == "list"
        assert answer["data"], path
        assert not faults_in(answer), path


def test_previews_and_line_items_answer_in_shape(shop: Shop, standin: StandIn) -> None:
    subscription = shop.subscribe()
    session = shop.client.v1.checkout.sessions.list({"customer": shop.customer}).data[0]
    assert not faults_in(_answers(standin, f"/v1/checkout/sessions/{session.id}/line_items"))
    expanded = _answers(standin, f"/v1/checkout/sessions/{session.id}?expand[]=line_items&expand[]=customer")
    assert not faults_in(expanded)
    preview = shop.client.v1.invoices.create_preview({"subscription": subscription.id})
    assert not faults_in(preview.to_dict(for_json=True))


def test_letters_carry_the_same_shapes(a_whole_life: StandIn, ear: Ear) -> None:
    a_whole_life.flush()
    assert ear.heard
    for body, _signature in ear.heard:
        event = json.loads(body)
        assert [fault for fault in faults_in(event) if fault != NO_ID] == [], event["type"]
        thing = event["data"]["object"]
        if event["type"] == "invoice.upcoming":
            assert "id" not in thing
            thing = thing | {"id": "in_none"}
        assert faults_in(thing) == [], event["type"]


def test_the_checker_finds_a_field_that_is_removed_nulled_or_ill_typed(shop: Shop, standin: StandIn) -> None:
    shop.subscribe()
    invoice = standin.dump()["invoice"][0]
    assert faults_in(invoice) == []
    seeds: tuple[Callable[[Any], object], ...] = (
        lambda thing: thing.pop("amount_due"),
        lambda thing: thing["lines"]["data"][0]["period"].pop("end"),
        lambda thing: thing.update(currency=None),
        lambda thing: thing.update(total="1000"),
        lambda thing: thing.update(status="settled"),
        lambda thing: thing.update(subscription="sub_1"),
    )
    for seed in seeds:
        broken = copy.deepcopy(invoice)
        seed(broken)
        assert len(faults_in(broken)) == 1
