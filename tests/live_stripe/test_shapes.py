"""What Stripe really answers, beside what the stand-in and the library say: where they differ, one of them errs."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import Kind
from tests.contract.shapes import faults_in
from tests.integration.money.till import a_price
from tests.live_stripe.sandbox import Rehearsal, Sandbox

pytestmark = [pytest.mark.live_stripe, pytest.mark.django_db(transaction=True)]

# Open maps: their keys are data, or differ from account to account by what is switched on there.
OPEN = {"metadata", "payment_method_options", "card", "fraud_details", "request", "restrictions"}
ANSWERS = (
    "customer",
    "product",
    "price",
    "checkout.session",
    "subscription",
    "invoice",
    "invoice_payment",
    "payment_intent",
    "refund",
    "billing_portal.configuration",
    "billing_portal.session",
    "event",
    "test_helpers.test_clock",
)


def gather(sandbox: Sandbox, price: str) -> dict[str, Any]:
    """Make one of everything that the site reads, with the site's own parameters; return it as plain data."""
    v1 = sandbox.api.v1
    marks = {"site": sandbox.site, "kind": Kind.SUBSCRIPTION.value}
    customer, clock = sandbox.a_customer(user_id="1")
    subscription = sandbox.subscribe(customer, price, marks)
    request = gateway.CheckoutRequest(
        idempotency_key=str(uuid.uuid4()),
        success_url="https://paper.example/?session_id={CHECKOUT_SESSION_ID}",
        cancel_url="https://paper.example/",
        expires_at=timezone.now() + timedelta(hours=1),
        metadata={"kind": Kind.SUBSCRIPTION},
        email="reader@example.org",
        price_id=price,
        note="£10 now and every month until you cancel.",
    )
    session: Any = v1.checkout.sessions.create(request.parameters())  # type: ignore[arg-type]
    of_customer: Any = {"customer": customer}
    invoice = v1.invoices.list(of_customer).data[0]
    paid = v1.invoice_payments.list({"invoice": str(invoice.id)}).data[0]
    intent = str(paid.payment.payment_intent)
    refund = v1.refunds.create({"payment_intent": intent, "amount": 100})
    asked: Any = {"status": "all", "expand": ["data.latest_invoice"], **of_customer}
    subscriptions: Any = v1.subscriptions.list(asked)
    made = {
        "customer": v1.customers.retrieve(customer),
        "product": v1.products.retrieve(str(v1.prices.retrieve(price).product)),
        "price": v1.prices.retrieve(price),
        "checkout.session": session,
        "subscription": next(each for each in subscriptions.data if each.id == subscription),
        "invoice": invoice,
        "invoice_payment": paid,
        "payment_intent": v1.payment_intents.retrieve(intent),
        "refund": refund,
        "billing_portal.configuration": v1.billing_portal.configurations.list({"limit": 1}).data[0],
        "billing_portal.session": v1.billing_portal.sessions.create(
            {"customer": customer, "return_url": "https://paper.example/"}
        ),
        "event": v1.events.list({"limit": 1}).data[0],
        "test_helpers.test_clock": v1.test_helpers.test_clocks.retrieve(clock),
    }
    v1.checkout.sessions.expire(session.id)
    return {kind: json.loads(json.dumps(thing.to_dict(for_json=True), default=str)) for kind, thing in made.items()}


def differences(real: Any, practised: Any, where: str) -> Iterator[str]:
    """Name where the stand-in's answer has other fields, or fields of another sort, than Stripe's."""
    if isinstance(real, dict) and isinstance(practised, dict):
        if where.rpartition(".")[2] in OPEN:
            return
        yield from (f"{where}.{name}: Stripe has it, the stand-in has not" for name in real.keys() - practised.keys())
        yield from (f"{where}.{name}: the stand-in has it, Stripe has not" for name in practised.keys() - real.keys())
        for name in sorted(real.keys() & practised.keys()):
            yield from differences(real[name], practised[name], f"{where}.{name}")
    elif isinstance(real, list) and isinstance(practised, list):
        if real and practised:
            yield from differences(real[0], practised[0], f"{where}[]")
    elif real is not None and practised is not None and type(real) is not type(practised):
        yield f"{where}: {type(real).__name__} at Stripe, {type(practised).__name__} at the stand-in"


@pytest.fixture
def at_stripe(sandbox: Sandbox) -> dict[str, Any]:
    """One of everything, in the account."""
    return gather(sandbox, a_price().stripe_price_id or "")


@pytest.fixture
def at_the_stand_in(at_stripe: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same at a stand-in."""
    with Rehearsal() as rehearsal:
        v1 = rehearsal.api.v1
        product = v1.products.create({"name": "KJ Report", "description": "In full."})
        price = v1.prices.create(
            {
                "product": product.id,
                "unit_amount": 1000,
                "currency": "gbp",
                "recurring": {"interval": "month"},
                "lookup_key": "month",
                "tax_behavior": "inclusive",
            }
        )
        assert at_stripe  # there first, so that the settings of this process are the account's again
        v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
        yield gather(rehearsal, price.id)


def test_stripes_answers_are_what_the_library_says(at_stripe: dict[str, Any]) -> None:
    assert [fault for thing in at_stripe.values() for fault in faults_in(thing)] == []


def test_the_stand_in_answers_in_stripes_shapes(at_stripe: dict[str, Any], at_the_stand_in: dict[str, Any]) -> None:
    assert sorted(at_stripe) == sorted(at_the_stand_in) == sorted(ANSWERS)
    found = [
        line
        for kind in ANSWERS
        if kind != "event"
        for line in differences(at_stripe[kind], at_the_stand_in[kind], kind)
    ]
    event = at_stripe["event"], at_the_stand_in["event"]
    found += [f"event.{name}" for name in event[0].keys() ^ event[1].keys()]
    assert found == []


@pytest.mark.parametrize(
    ("ask", "code", "status"),
    [
        (lambda v1: v1.customers.retrieve("cus_nobody"), "resource_missing", 404),
        (lambda v1: v1.checkout.sessions.retrieve("cs_test_nothing"), "resource_missing", 404),
        (lambda v1: v1.subscriptions.cancel("sub_nothing"), "resource_missing", 404),
        (lambda v1: v1.products.update("prod_nothing", {"name": "A"}), "resource_missing", 404),
        (lambda v1: v1.refunds.create({"payment_intent": "pi_nothing"}), "resource_missing", 404),
        (lambda v1: v1.checkout.sessions.create({"mode": "payment", "ui_mode": "hosted"}), None, 400),
        (lambda v1: v1.customers.create({"nonsense": "1"}), "parameter_unknown", 400),
    ],
)
def test_what_stripe_refuses_it_refuses_in_these_words(
    sandbox: Sandbox, ask: Callable[[Any], Any], code: str | None, status: int
) -> None:
    with pytest.raises(Exception) as refused:  # noqa: PT011 - the library's classes are compared below
        ask(sandbox.api.v1)
    error: Any = refused.value
    assert type(error).__name__ == "InvalidRequestError"
    assert error.http_status == status
    if code is not None:
        assert error.code == code


def test_a_key_used_again_for_something_else_is_refused(sandbox: Sandbox, a_reader: User) -> None:
    key = str(uuid.uuid4())
    made = gateway.create_customer(key=key, email="a@example.org", user_id=str(a_reader.pk))
    assert gateway.create_customer(key=key, email="a@example.org", user_id=str(a_reader.pk)) == made
    with pytest.raises(gateway.GatewayRefused):
        gateway.create_customer(key=key, email="b@example.org", user_id=str(a_reader.pk))
    sandbox.api.v1.customers.delete(made)


def test_lists_end_and_filter_as_the_site_asks(sandbox: Sandbox) -> None:
    price = a_price()
    by_key: Any = sandbox.api.v1.prices.list({"lookup_keys": [price.lookup_key], "active": True, "limit": 100})
    assert [each.id for each in by_key.data] == [price.stripe_price_id]
    customer, _ = sandbox.a_customer(user_id="1")
    assert not gateway.list_subscriptions(customer)
    assert not gateway.list_invoices(customer)
