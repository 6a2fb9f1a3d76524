"""Requests, errors, keys, pages of lists and expansion, as Stripe's API has them."""

import json
import urllib.request
from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from kjreport.standin.server import StandIn
from tests.contract.conftest import Shop, client_of


def _refused(call: Any, *args: Any) -> stripe.StripeError:
    with pytest.raises(stripe.StripeError) as caught:
        call(*args)
    return caught.value


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1", "pk_test_1", "whsec_1"])
def test_only_test_keys_are_let_in(standin: StandIn, key: str) -> None:
    error = _refused(client_of(standin, key).v1.customers.list)
    assert isinstance(error, stripe.AuthenticationError)
    assert error.http_status == 401
    assert client_of(standin, "rk_test_1").v1.customers.list().data == []


def test_an_unknown_parameter_is_named(client: stripe.StripeClient) -> None:
    error = _refused(client.v1.customers.create, {"emial": "a@example.org"})
    assert isinstance(error, stripe.InvalidRequestError)
    assert (error.http_status, error.code, error.param) == (400, "parameter_unknown", "emial")
    assert error.request_id is not None
    assert error.request_id.startswith("req_")
    body: Any = error.json_body
    body = body["error"]
    assert body["type"] == "invalid_request_error"
    assert body["request_id"] == error.request_id


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"ui_mode": "hosted"}, "ui_mode"),
        ({"ui_mode": "embedded"}, "ui_mode"),
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"line_items": [{"price": "price_none", "quantity": 1}]}, "line_items[0][price]"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0][price]"),
        ({"line_items": [{"price": "p", "quantity": "two"}]}, "line_items[0][quantity]"),
        ({"line_items": [{"price": "p", "quantity": 1, "amount": 5}]}, "line_items[0][amount]"),
        ({"line_items": []}, "line_items"),
        ({"mode": None}, "mode"),
        ({"mode": "donation"}, "mode"),
        ({"success_url": None}, "success_url"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"customer": "cus_none"}, "customer"),
        ({"customer_email": "b@example.org"}, "customer_email"),
        ({"payment_intent_data": {"metadata": {"a": "b"}}}, "payment_intent_data"),
        ({"submit_type": "donate"}, "submit_type"),
        ({"expires_at": 1_735_689_600 + 60}, "expires_at"),
        ({"adaptive_pricing": {"enabled": "yes"}}, "adaptive_pricing[enabled]"),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax"),
        ({"locale": "tlh"}, "locale"),
    ],
)
def test_a_misplaced_or_ill_typed_parameter_is_named(shop: Shop, changes: dict[str, Any], param: str) -> None:
    before = shop.standin.dump()
    error = _refused(lambda: shop.session(**changes))
    assert error.http_status in {400, 404}
    assert error.param == param  # type: ignore[attr-defined]
    assert shop.standin.dump() == before


@pytest.mark.parametrize(
    "amount",
    ["1e3", "-5", "10.00", "NaN", "٣", " 5", "0x10", "999999999999999999999"],
)
def test_amounts_are_plain_whole_numbers(shop: Shop, amount: str) -> None:
    line = {"price_data": {"currency": "gbp", "unit_amount": amount, "product": shop.product}, "quantity": 1}
    error = _refused(lambda: shop.session(mode="payment", subscription_data=None, line_items=[line]))
    assert error.http_status == 400
    assert error.param == "line_items[0][price_data][unit_amount]"  # type: ignore[attr-defined]


def test_a_call_that_is_not_done_answers_501_by_name(client: stripe.StripeClient, shop: Shop) -> None:
    error = _refused(client.v1.payouts.list)
    assert error.http_status == 501
    assert "GET /v1/payouts" in str(error)
    error = _refused(lambda: shop.session(shipping_address_collection={"allowed_countries": ["GB"]}))
    assert error.http_status == 501
    assert "checkout.sessions.create with shipping_address_collection" in str(error)
    error = _refused(lambda: shop.session(ui_mode="elements"))
    assert error.http_status == 501


def test_another_version_is_not_spoken(standin: StandIn) -> None:
    client = stripe.StripeClient("sk_test_1", stripe_version="2024-06-20", base_addresses={"api": standin.url})
    assert _refused(client.v1.customers.list).http_status == 501


def test_an_idempotency_key_keeps_its_outcome(client: stripe.StripeClient, standin: StandIn) -> None:
    options: Any = {"idempotency_key": "one"}
    first = client.v1.customers.create({"email": "a@example.org"}, options)
    second = client.v1.customers.create({"email": "a@example.org"}, options)
    assert first.id == second.id
    assert len(standin.dump()["customer"]) == 1
    error = _refused(lambda: client.v1.customers.create({"email": "b@example.org"}, options))
    assert isinstance(error, stripe.IdempotencyError)
    assert error.http_status == 400


def test_an_idempotency_key_keeps_an_error_too(client: stripe.StripeClient, standin: StandIn) -> None:
    options: Any = {"idempotency_key": "two"}
    params: Any = {"product": "prod_later", "currency": "gbp", "unit_amount": 5}
    assert _refused(lambda: client.v1.prices.create(params, options)).http_status == 404
    client.v1.products.create({"id": "prod_later", "name": "Later"})
    again = _refused(lambda: client.v1.prices.create(params, options))
    assert again.http_status == 404
    assert again.headers is not None
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "price" not in standin.dump()


def test_a_refused_parameter_uses_no_key_up(client: stripe.StripeClient) -> None:
    options: Any = {"idempotency_key": "three"}
    misspelt: Any = {"emial": "a"}
    _refused(lambda: client.v1.customers.create(misspelt, options))
    assert client.v1.customers.create({"email": "a@example.org"}, options).email == "a@example.org"


def test_lists_go_by_page_both_ways(client: stripe.StripeClient) -> None:
    made = [client.v1.customers.create({"name": str(number)}).id for number in range(7)]
    first = client.v1.customers.list({"limit": 3})
    assert [each.id for each in first.data] == made[:3:-1]
    assert first.has_more
    second = client.v1.customers.list({"limit": 3, "starting_after": first.data[-1].id})
    assert [each.id for each in second.data] == [made[3], made[2], made[1]]
    back = client.v1.customers.list({"limit": 3, "ending_before": second.data[0].id})
    assert [each.id for each in back.data] == [each.id for each in first.data]
    assert not back.has_more
    assert [each.id for each in first.auto_paging_iter()] == made[::-1]
    assert _refused(client.v1.customers.list, {"limit": 101}).http_status == 400
    assert _refused(client.v1.customers.list, {"starting_after": "cus_none"}).http_status == 404


def test_expand_goes_four_levels_deep_and_no_deeper(shop: Shop) -> None:
    subscription = shop.subscribe()
    client = shop.client
    session = client.v1.checkout.sessions.list({"expand": ["data.subscription.latest_invoice"]}).data[0]
    assert session.subscription.latest_invoice.id == subscription.latest_invoice  # type: ignore[union-attr]
    deep = client.v1.subscriptions.retrieve(
        subscription.id, {"expand": ["latest_invoice.payments.data.payment", "default_payment_method", "customer"]}
    )
    assert deep.customer.email == "reader@example.org"  # type: ignore[union-attr]
    error = _refused(client.v1.subscriptions.retrieve, subscription.id, {"expand": ["a.b.c.d.e"]})
    assert error.code == "property_expansion_max_depth"
    error = _refused(client.v1.subscriptions.retrieve, subscription.id, {"expand": ["status"]})
    assert error.code == "property_cannot_be_expanded"


def test_prices_are_found_by_lookup_key_which_can_move(shop: Shop) -> None:
    client = shop.client
    found = client.v1.prices.list({"lookup_keys": ["month", "nothing"], "expand": ["data.product"]})
    assert [price.id for price in found.data] == [shop.monthly]
    assert found.data[0].product.name == "KJ Report"  # type: ignore[union-attr]
    params: Any = {
        "product": shop.product,
        "currency": "gbp",
        "unit_amount": 1_200,
        "recurring": {"interval": "month"},
        "lookup_key": "month",
    }
    assert _refused(client.v1.prices.create, params).param == "lookup_key"  # type: ignore[attr-defined]
    moved = client.v1.prices.create(params | {"transfer_lookup_key": True})
    assert [price.id for price in client.v1.prices.list({"lookup_keys": ["month"]}).data] == [moved.id]


def test_an_empty_string_unsets_on_update_and_is_refused_on_create(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"name": "A. Reader", "metadata": {"a": "1", "b": "2"}})
    changed = client.v1.customers.update(customer.id, {"name": "", "metadata": {"a": ""}})
    assert changed.name is None
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"b": "2"}
    assert _refused(client.v1.customers.create, {"name": ""}).code == "parameter_invalid_empty"


def test_a_deleted_customer_is_gone_for_good(shop: Shop) -> None:
    subscription = shop.subscribe()
    assert shop.client.v1.customers.delete(shop.customer).deleted
    assert shop.client.v1.customers.retrieve(shop.customer).deleted
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert shop.client.v1.customers.list().data == []
    assert _refused(shop.session).http_status == 404


def test_events_are_listed_by_type_and_by_moment(shop: Shop) -> None:
    client, standin = shop.client, shop.standin
    standin.advance(3_600)
    shop.subscribe()
    since = client.v1.events.list({"created": {"gte": standin.now()}, "limit": 100}).data
    assert {each.type for each in since} >= {"checkout.session.completed", "invoice.paid"}
    assert "customer.created" not in {each.type for each in since}
    some = client.v1.events.list({"types": ["invoice.paid", "customer.created"]}).data
    assert [each.type for each in some] == ["invoice.paid", "customer.created"]
    assert client.v1.events.retrieve(some[0].id).data.object["status"] == "paid"
    assert _refused(client.v1.events.list, {"types": ["a"] * 21}).http_status == 400


def test_nonsense_on_the_wire_is_refused_and_changes_nothing(standin: StandIn) -> None:
    before = standin.dump()
    for body in (b"\xff\xfe=1", b"a[b=1", b"a=1&a[b]=2", b"[]=1", b"email"):
        request = urllib.request.Request(  # noqa: S310  our own address
            standin.url + "/v1/customers", data=body, headers={"Authorization": "Bearer sk_test_1"}
        )
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)  # noqa: S310  as above
        assert caught.value.code == 400
        assert json.loads(caught.value.read())["error"]["type"] == "invalid_request_error"
        caught.value.close()
    assert standin.dump() == before


def test_the_direct_way_in_answers_as_the_wire_does(standin: StandIn) -> None:
    direct = stripe.StripeClient("sk_test_1", base_addresses={"api": standin.url}, http_client=standin.direct())
    customer = direct.v1.customers.create({"email": "a@example.org"})
    assert client_of(standin).v1.customers.retrieve(customer.id).email == "a@example.org"
    assert _refused(direct.v1.customers.retrieve, "cus_none").http_status == 404
