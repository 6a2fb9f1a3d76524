"""Requests, errors, keys, pages of lists and expansion, as Stripe's API has them."""

import itertools
import json
import threading
import time
import urllib.request
from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from kjreport.standin.book import Book
from kjreport.standin.server import StandIn
from kjreport.standin.store import NAMES
from tests.contract.conftest import START, Shop, client_of


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


def test_a_key_in_use_is_refused_until_its_first_request_is_done(standin: StandIn) -> None:
    """Two requests with one key at once: the second hears 409, and the library's own retry gets the first's answer."""
    direct = stripe.StripeClient("sk_test_1", http_client=standin.direct(), max_network_retries=0)
    retrying = stripe.StripeClient("sk_test_1", http_client=standin.direct(), max_network_retries=2)
    options: Any = {"idempotency_key": "both"}
    made: list[str] = []

    def create(client: stripe.StripeClient) -> None:
        made.append(client.v1.customers.create({"email": "a@example.org"}, options).id)

    first, second = (threading.Thread(target=create, args=(client,)) for client in (direct, retrying))
    with standin.engine.store.transaction():  # nothing can be done while this is open
        first.start()
        while "both" not in standin.engine._keys_in_use:
            time.sleep(0.001)
        error = _refused(lambda: direct.v1.customers.create({"email": "a@example.org"}, options))
        assert error.http_status == 409
        assert error.json_body["error"]["code"] == "idempotency_key_in_use"  # type: ignore[index]
        second.start()
    first.join()
    second.join()
    assert len(made) == 2
    assert len(set(made)) == 1
    assert len(standin.dump()["customer"]) == 1


def test_what_is_not_done_uses_no_key_up(client: stripe.StripeClient, standin: StandIn) -> None:
    options: Any = {"idempotency_key": "later"}
    for _ in range(2):
        error = _refused(
            lambda: client.v1.invoices.create_preview({"customer": "cus_1"}, options)  # it has no subscription
        )
        assert error.http_status == 501
    with standin.engine.store.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM outcome").fetchone()[0] == 0


@pytest.mark.parametrize("at", range(1, 14))
def test_a_fault_at_any_step_of_a_request_changes_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], at: int
) -> None:
    """A checkout writes many things; whichever of them fails, none of them is there, and the next try is whole."""
    session = shop.session()
    before = shop.standin.dump()
    with shop.standin.engine.store.transaction() as connection:
        kept = [tuple(row) for name in NAMES for row in connection.execute(f"SELECT * FROM {name}")]  # noqa: S608
    put, count = Book.put, itertools.count(1)

    def fails(self: Book, thing: Any) -> Any:
        if next(count) == at:
            raise OSError("disk full")
        return put(self, thing)

    with monkeypatch.context() as patched:
        patched.setattr(Book, "put", fails)
        with pytest.raises(ValueError, match="answered 500"):
            shop.standin.pay(session.id)
    assert "disk full" in capsys.readouterr().err
    assert shop.standin.dump() == before
    with shop.standin.engine.store.transaction() as connection:
        assert kept == [tuple(row) for name in NAMES for row in connection.execute(f"SELECT * FROM {name}")]  # noqa: S608
    shop.standin.pay(session.id)
    assert shop.client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_an_error_names_its_type_its_code_its_parameter_and_its_request(client: stripe.StripeClient) -> None:
    error = _refused(client.v1.customers.retrieve, "cus_none")
    assert error.error is not None
    assert (error.error.type, error.code, error.error.param) == ("invalid_request_error", "resource_missing", "id")
    assert error.request_id is not None
    assert error.request_id.startswith("req_")
    assert error.json_body["error"]["request_id"] == error.request_id  # type: ignore[index]
    assert error.error.doc_url == "https://docs.stripe.com/error-codes#resource-missing"


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"gt": START}, [2, 1]),
        ({"gte": START + 60}, [2, 1]),
        ({"lt": START + 60}, [0]),
        ({"lte": START + 60}, [1, 0]),
        ({"gt": START, "lt": START + 120}, [1]),
        (START + 120, [2]),
    ],
)
def test_lists_are_searched_by_the_moment_of_making(
    client: stripe.StripeClient, standin: StandIn, bounds: Any, found: list[int]
) -> None:
    made = []
    for _ in range(3):
        made.append(client.v1.products.create({"name": "One"}).id)
        standin.advance(60)
    assert [made.index(each.id) for each in client.v1.products.list({"created": bounds}).data] == found


def test_lists_inside_an_object_go_by_page_both_ways_too(shop: Shop) -> None:
    lines = [
        {"price_data": {"currency": "gbp", "unit_amount": amount, "product": shop.product}, "quantity": 1}
        for amount in range(1_000, 1_005)
    ]
    items = shop.client.v1.checkout.sessions.line_items
    session = shop.gift(line_items=lines)
    amounts = [each.amount_total for each in items.list(session.id, {"limit": 2}).auto_paging_iter()]
    assert amounts == [1_000, 1_001, 1_002, 1_003, 1_004]
    last = items.list(session.id).data[-1]
    back = items.list(session.id, {"limit": 2, "ending_before": last.id})
    assert [each.amount_total for each in back.data] == [1_002, 1_003]
    assert back.has_more
    assert _refused(items.list, session.id, {"starting_after": "li_none"}).http_status == 404
    assert _refused(items.list, session.id, {"limit": 0}).http_status == 400


def test_expand_reaches_the_fourth_level(shop: Shop) -> None:
    subscription = shop.subscribe()
    deep: Any = shop.client.v1.invoice_payments.list(
        {"expand": ["data.invoice.customer.invoice_settings.default_payment_method"]}
    ).data[0]
    assert deep.invoice.customer.invoice_settings.default_payment_method is None
    deep = shop.client.v1.subscriptions.list({"expand": ["data.latest_invoice.payments.data"]}).data[0]
    assert deep.latest_invoice.payments.data[0].amount_paid == 1_000
    sessions: Any = shop.client.v1.checkout.sessions.list(
        {"expand": ["data.subscription.default_payment_method.customer.subscriptions"]}
    ).data[0]
    assert sessions.subscription.default_payment_method.customer.subscriptions.data[0].id == subscription.id
