"""Checkout: nothing comes into being before it is paid, and then all of it at once."""

from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from tests.contract.conftest import START, Shop


def test_a_subscription_is_made_only_when_it_is_paid(shop: Shop) -> None:
    client, session = shop.client, shop.session()
    assert (session.status, session.payment_status, session.subscription) == ("open", "unpaid", None)
    assert session.url == f"{shop.standin.url}/c/pay/{session.id}"
    assert client.v1.subscriptions.list({"status": "all"}).data == []
    assert shop.standin.pay(session.id) == f"http://127.0.0.1:9/return/?session={session.id}"
    done = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["subscription.latest_invoice", "line_items", "customer"]}
    )
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert done.client_reference_id == "reader-1"
    assert done.metadata is not None
    assert done.metadata.to_dict() == {"attempt": "1", "site": "kjreport"}
    subscription: Any = done.subscription
    assert (subscription.status, subscription.customer) == ("active", shop.customer)
    assert subscription.metadata.to_dict() == {"kind": "subscription"}
    assert subscription.billing_mode.type == "flexible"
    item = subscription["items"].data[0]
    assert (item.current_period_start, item.current_period_end) == (START, START + 31 * 86_400)
    assert "current_period_end" not in subscription.to_dict()
    invoice = subscription.latest_invoice
    assert (invoice.status, invoice.amount_paid, invoice.billing_reason) == ("paid", 1_000, "subscription_create")
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert invoice.parent.subscription_details.metadata.to_dict() == {"kind": "subscription"}
    assert not {"subscription", "payment_intent", "charge", "paid"} & set(invoice.to_dict())


def test_an_invoice_and_its_payment_find_each_other(shop: Shop) -> None:
    client, subscription = shop.client, shop.subscribe()
    paid = client.v1.invoice_payments.list({"invoice": subscription.latest_invoice}).data[0]
    intent = client.v1.payment_intents.retrieve(str(paid.payment.payment_intent), {"expand": ["latest_charge"]})
    assert (paid.status, intent.status, intent.amount_received) == ("paid", "succeeded", 1_000)
    assert "invoice" not in intent.to_dict()
    back = client.v1.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": intent.id}}).data
    assert [each.invoice for each in back] == [subscription.latest_invoice]


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("4000000000000002", "declined"),
        ("4000000000009995", "insufficient funds"),
        ("4000000000000069", "expired"),
        ("4000000000000127", "security code"),
        ("4242424242424241", "not valid"),
        ("4111111111111111", "practice till"),
        ("", "not valid"),
    ],
)
def test_a_refused_card_leaves_nothing_of_a_subscription(shop: Shop, card: str, words: str) -> None:
    session = shop.session()
    before = shop.standin.dump()
    with pytest.raises(ValueError, match=words):
        shop.standin.pay(session.id, card=card)
    assert shop.standin.dump() == before
    shop.standin.pay(session.id)
    assert shop.client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"expiry": "01/20"}, "past"),
        ({"expiry": "13/40"}, "month and year"),
        ({"cvc": "12"}, "three digits"),
        ({"name": " "}, "name on the card"),
    ],
)
def test_a_card_must_be_well_formed(shop: Shop, fields: dict[str, str], words: str) -> None:
    given: Any = fields
    with pytest.raises(ValueError, match=words):
        shop.standin.pay(shop.session().id, **given)


def test_a_refused_gift_is_on_its_payment_intent(shop: Shop) -> None:
    client = shop.client
    session = shop.gift(payment_intent_data={"metadata": {"kind": "donation"}})
    assert session.payment_intent is None
    with pytest.raises(ValueError, match="insufficient"):
        shop.standin.pay(session.id, card="4000000000009995")
    failed = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    intent: Any = failed.payment_intent
    assert (failed.status, intent.status) == ("open", "requires_payment_method")
    assert intent.last_payment_error.decline_code == "insufficient_funds"
    assert [event["type"] for event in shop.standin.events()][-2:] == ["charge.failed", "payment_intent.payment_failed"]
    shop.standin.pay(session.id)
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    intent = paid.payment_intent
    assert (paid.payment_status, intent.status, intent.amount_received) == ("paid", "succeeded", 2_500)
    assert intent.metadata.to_dict() == {"kind": "donation"}
    assert (intent.latest_charge.status, intent.customer) == ("succeeded", shop.customer)
    assert paid.subscription is None
    assert paid.invoice is None


def test_a_monthly_gift_is_a_subscription_at_the_givers_own_price(shop: Shop) -> None:
    data = {
        "currency": "gbp",
        "unit_amount": 500,
        "product": shop.product,
        "recurring": {"interval": "month"},
    }
    subscription = shop.subscribe(line_items=[{"price_data": data, "quantity": 1}], metadata={"kind": "donation"})
    price = subscription["items"].data[0].price
    assert (price.unit_amount, price.product, price.recurring.interval) == (500, shop.product, "month")
    assert not shop.client.v1.prices.retrieve(price.id).active


def test_the_bank_is_asked_and_its_answer_counts(shop: Shop) -> None:
    session = shop.gift()
    back = shop.standin.pay(session.id, card="4000002500003155", confirm=False)
    assert back.startswith(f"{shop.standin.url}/c/pay/{session.id}")
    intent: Any = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]}).payment_intent
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert shop.standin.pay(session.id, card="4000002500003155").startswith("http://127.0.0.1:9/return/")
    types = [event["type"] for event in shop.standin.events()]
    assert types.count("payment_intent.requires_action") == 2
    assert types.count("checkout.session.completed") == 1


def test_a_refusal_at_the_bank_leaves_nothing_of_a_subscription(shop: Shop) -> None:
    session = shop.session()
    shop.standin.pay(session.id, card="4000002500003155", confirm=False)
    assert shop.client.v1.subscriptions.list({"status": "all"}).data == []
    assert shop.client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_a_paid_session_is_never_paid_twice(shop: Shop) -> None:
    session = shop.session()
    first = shop.standin.pay(session.id)
    assert shop.standin.pay(session.id) == first
    assert len(shop.client.v1.subscriptions.list({"customer": shop.customer}).data) == 1
    assert len(shop.standin.dump()["charge"]) == 1


def test_a_session_expires_when_asked_or_in_its_time(shop: Shop) -> None:
    client = shop.client
    asked, timed = shop.session(), shop.session(expires_at=START + 1_800)
    assert client.v1.checkout.sessions.expire(asked.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        client.v1.checkout.sessions.expire(asked.id)
    with pytest.raises(ValueError, match="run out"):
        shop.standin.pay(asked.id)
    shop.standin.advance(1_799)
    assert client.v1.checkout.sessions.retrieve(timed.id).status == "open"
    shop.standin.advance(1)
    assert client.v1.checkout.sessions.retrieve(timed.id).status == "expired"
    assert len(shop.standin.events("checkout.session.expired")) == 2
    assert [each.id for each in client.v1.checkout.sessions.list({"status": "open"}).data] == []


def test_after_the_clock_was_moved_the_sites_own_clock_still_opens_sessions(shop: Shop) -> None:
    shop.standin.advance(days=40)
    session = shop.session(expires_at=START + 1_800)
    assert session.expires_at == shop.standin.now() + 1_800


def test_terms_must_be_agreed_to_when_asked(shop: Shop) -> None:
    session = shop.session(consent_collection={"terms_of_service": "required"})
    with pytest.raises(ValueError, match="terms"):
        shop.standin.pay(session.id)
    shop.standin.pay(session.id, terms="yes")
    consent = shop.client.v1.checkout.sessions.retrieve(session.id).consent
    assert consent is not None
    assert consent.terms_of_service == "accepted"


def test_a_promotion_code_takes_its_share_off(shop: Shop) -> None:
    client = shop.client
    coupon = client.v1.coupons.create({"percent_off": 25, "duration": "once"})
    code = client.v1.promotion_codes.create(
        {"code": "SPRING", "promotion": {"type": "coupon", "coupon": coupon.id}, "max_redemptions": 1}
    )
    session = shop.session(allow_promotion_codes=True)
    with pytest.raises(ValueError, match="promotion code"):
        shop.standin.pay(session.id, code="WINTER")
    shop.standin.pay(session.id, code="SPRING")
    done = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["invoice.discounts"]})
    assert (done.amount_subtotal, done.amount_total) == (1_000, 750)
    invoice: Any = done.invoice
    assert (invoice.subtotal, invoice.total, invoice.amount_paid) == (1_000, 750, 750)
    assert invoice.discounts[0].source.coupon == coupon.id
    assert client.v1.promotion_codes.retrieve(code.id).times_redeemed == 1
    shop.standin.advance(days=32)
    renewed = client.v1.invoices.list({"customer": shop.customer, "limit": 1}).data[0]
    assert renewed.amount_paid == 1_000


def test_a_trial_takes_nothing_today_and_all_of_it_later(shop: Shop) -> None:
    session = shop.session(subscription_data={"trial_period_days": 7})
    shop.standin.pay(session.id)
    done = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice"]})
    subscription: Any = done.subscription
    assert (done.payment_status, subscription.status) == ("no_payment_required", "trialing")
    assert (subscription.trial_end, subscription.latest_invoice.amount_paid) == (START + 7 * 86_400, 0)
    shop.standin.advance(days=4)
    assert len(shop.standin.events("customer.subscription.trial_will_end")) == 1
    shop.standin.advance(days=3, seconds=3_600)
    after = shop.client.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (after.status, after.latest_invoice.amount_paid) == ("active", 1_000)  # type: ignore[union-attr]


def test_without_a_customer_one_is_made_when_a_subscription_is_paid(shop: Shop) -> None:
    session = shop.session(customer=None)
    shop.standin.pay(session.id, email="new@example.org", name="N. Ew")
    done = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]})
    assert done.customer.email == "new@example.org"  # type: ignore[union-attr]
    gift = shop.gift(customer=None)
    shop.standin.pay(gift.id, email="giver@example.org")
    given = shop.client.v1.checkout.sessions.retrieve(gift.id)
    assert given.customer is None
    assert given.customer_details is not None
    assert given.customer_details.email == "giver@example.org"


def test_a_mistake_in_opening_leaves_no_price_behind(shop: Shop) -> None:
    before = shop.standin.dump()
    line = {"price_data": {"currency": "gbp", "unit_amount": 5, "product": shop.product}, "quantity": 1}
    with pytest.raises(stripe.InvalidRequestError):
        shop.session(mode="payment", subscription_data=None, line_items=[line, {"price": "none", "quantity": 1}])
    assert shop.standin.dump() == before


@pytest.mark.parametrize(
    ("card", "event", "status"),
    [("4000000000007106", "succeeded", "paid"), ("4000000000007205", "failed", "unpaid")],
)
def test_completed_is_not_paid_when_money_takes_days(shop: Shop, card: str, event: str, status: str) -> None:
    session = shop.gift()
    shop.standin.pay(session.id, card=card)
    waiting = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"  # type: ignore[union-attr]
    assert len(shop.standin.events("checkout.session.completed")) == 1
    shop.standin.advance(days=3)
    assert shop.client.v1.checkout.sessions.retrieve(session.id).payment_status == status
    assert len(shop.standin.events(f"checkout.session.async_payment_{event}")) == 1


@pytest.mark.parametrize(
    ("card", "event", "status", "becomes"),
    [("4000000000007106", "succeeded", "paid", "active"), ("4000000000007205", "failed", "unpaid", "past_due")],
)
def test_a_subscription_paid_by_slow_money_is_open_until_it_comes(
    shop: Shop, card: str, event: str, status: str, becomes: str
) -> None:
    session = shop.session()
    shop.standin.pay(session.id, card=card)
    whole: Any = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice"]})
    assert (whole.status, whole.payment_status, whole.subscription.status) == ("complete", "unpaid", "active")
    assert whole.subscription.latest_invoice.status == "open"
    assert shop.standin.events("invoice.paid") == []
    with pytest.raises(ValueError, match="on its way"):
        shop.standin.pay_invoice(whole.subscription.latest_invoice.id)
    shop.standin.advance(days=3)
    whole = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice"]})
    assert (whole.payment_status, whole.subscription.status) == (status, becomes)
    assert len(shop.standin.events(f"checkout.session.async_payment_{event}")) == 1
    assert len(shop.standin.events("invoice.paid")) == (event == "succeeded")
    assert len(shop.standin.events("invoice.payment_failed")) == (event == "failed")
    shop.standin.advance(days=20)
    assert len(shop.standin.events(f"checkout.session.async_payment_{event}")) == 1


def test_a_renewal_by_slow_money_waits_for_it(shop: Shop) -> None:
    subscription = shop.subscribe("4000000000007106")
    shop.standin.advance(days=31)
    shop.standin.advance(3_600)
    (invoice, _) = shop.client.v1.invoices.list({"subscription": subscription.id}).data
    assert (invoice.status, invoice.attempted) == ("open", True)
    shop.standin.advance(days=3)
    assert shop.client.v1.invoices.retrieve(str(invoice.id)).status == "paid"
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_card_is_kept_for_later_with_nothing_taken(shop: Shop) -> None:
    asked: dict[str, Any] = {"mode": "setup", "line_items": None, "subscription_data": None, "currency": "gbp"}
    session = shop.session(**asked, setup_intent_data={"metadata": {"why": "later"}})
    assert (session.amount_total, session.payment_status) == (None, "no_payment_required")
    with pytest.raises(ValueError, match="declined"):
        shop.standin.pay(session.id, card="4000000000000002")
    shop.standin.pay(session.id, card="4000002500003155", confirm=False)
    failed: Any = shop.client.v1.setup_intents.retrieve(str(session.setup_intent))
    assert failed.last_setup_error.code == "payment_intent_authentication_failure"
    shop.standin.pay(session.id, card="4000002500003155")
    done: Any = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method"]})
    assert (done.status, done.setup_intent.status) == ("complete", "succeeded")
    assert done.setup_intent.payment_method.customer == shop.customer
    assert done.setup_intent.metadata.to_dict() == {"why": "later"}
    assert "charge" not in shop.standin.dump()
    types = [event["type"] for event in shop.standin.events()]
    assert types.count("setup_intent.setup_failed") == 2
    assert types.count("setup_intent.succeeded") == 1
