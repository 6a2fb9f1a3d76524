"""Invoices by call: finalised, paid, refused, given up, changed, deleted; and what follows a last failure."""

from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from kjreport.standin.errors import Refusal
from tests.contract.conftest import START, Shop

DAY = 86_400
RENEWAL = START + 31 * DAY


def _drafted(shop: Shop, card: str = "4242424242424242") -> Any:
    subscription = shop.subscribe(card)
    shop.standin.advance(to=RENEWAL)
    return shop.client.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]}).latest_invoice


def _status(shop: Shop, invoice: Any) -> str:
    return shop.client.v1.subscriptions.retrieve(invoice.parent.subscription_details.subscription).status


def test_a_draft_may_be_finalised_and_paid_before_its_hour(shop: Shop) -> None:
    invoice = _drafted(shop)
    shut = shop.client.v1.invoices.finalize_invoice(invoice.id, {"auto_advance": False})
    assert (shut.status, shut.auto_advance, shut.attempted) == ("open", False, False)
    shop.standin.advance(days=5)
    paid = shop.client.v1.invoices.pay(invoice.id)
    assert (paid.status, paid.amount_paid) == ("paid", 1_000)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.client.v1.invoices.pay(invoice.id)
    assert caught.value.code == "invoice_already_paid"
    assert _status(shop, invoice) == "active"


def test_a_refused_payment_answers_402_and_leaves_its_traces(shop: Shop) -> None:
    invoice = _drafted(shop, "4000000000000341")
    shop.standin.advance(3_600)
    due = shop.client.v1.invoices.retrieve(invoice.id).next_payment_attempt
    options: Any = {"idempotency_key": "pay-1"}
    for _ in range(2):
        with pytest.raises(stripe.CardError) as caught:
            shop.client.v1.invoices.pay(invoice.id, {}, options)
        assert (caught.value.http_status, caught.value.code) == (402, "card_declined")
        assert caught.value.error is not None
        assert caught.value.error.decline_code == "generic_decline"
    tried = shop.client.v1.invoices.retrieve(invoice.id)
    assert (tried.status, tried.attempt_count, tried.next_payment_attempt) == ("open", 2, due)
    assert len(shop.standin.events("invoice.payment_failed")) == 2
    good = shop.subscribe()
    paid = shop.client.v1.invoices.pay(invoice.id, {"payment_method": str(good.default_payment_method)})
    assert paid.status == "paid"
    assert _status(shop, invoice) == "active"


def test_paid_in_another_way_moves_no_money(shop: Shop) -> None:
    invoice = _drafted(shop, "4000000000000341")
    shop.standin.advance(3_600)
    before = len(shop.standin.dump()["balance_transaction"])
    paid = shop.client.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 1_000, 0)
    assert [each.status for each in shop.client.v1.invoice_payments.list({"invoice": invoice.id}).data] == ["canceled"]
    assert len(shop.standin.dump()["balance_transaction"]) == before
    assert _status(shop, invoice) == "active"


@pytest.mark.parametrize("way", ["mark_uncollectible", "void_invoice"])
def test_an_invoice_given_up_is_asked_for_no_longer(shop: Shop, way: str) -> None:
    invoice = _drafted(shop, "4000000000000341")
    shop.standin.advance(3_600)
    assert _status(shop, invoice) == "past_due"
    getattr(shop.client.v1.invoices, way)(invoice.id)
    shop.standin.advance(days=20)
    after = shop.client.v1.invoices.retrieve(invoice.id)
    assert after.status == {"mark_uncollectible": "uncollectible", "void_invoice": "void"}[way]
    assert after.attempt_count == 1
    assert _status(shop, invoice) == "active"
    if way == "mark_uncollectible":
        shop.standin.set_card(shop.customer, works=True)
        assert shop.client.v1.invoices.pay(invoice.id).status == "paid"


def test_a_draft_is_changed_but_not_deleted_while_its_subscription_lives(shop: Shop) -> None:
    invoice = _drafted(shop)
    changed = shop.client.v1.invoices.update(invoice.id, {"auto_advance": False, "description": "By hand"})
    assert (changed.auto_advance, changed.automatically_finalizes_at) == (False, None)
    shop.standin.advance(days=2)
    assert shop.client.v1.invoices.retrieve(invoice.id).status == "draft"
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.invoices.delete(invoice.id)
    shop.client.v1.subscriptions.cancel(invoice.parent.subscription_details.subscription)
    assert shop.client.v1.invoices.delete(invoice.id).deleted
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.invoices.retrieve(invoice.id)


@pytest.mark.parametrize(("way", "status"), [("unpaid", "unpaid"), ("past_due", "past_due"), ("pause", "paused")])
def test_after_the_last_failure_it_goes_as_the_account_is_set(shop: Shop, way: str, status: str) -> None:
    shop.standin.give_up_by(way)
    invoice = _drafted(shop, "4000000000000341")
    shop.standin.advance(days=16)
    assert _status(shop, invoice) == status
    shop.standin.advance(days=31)
    drafts = shop.client.v1.invoices.list({"customer": shop.customer, "status": "draft"}).data
    assert [each.auto_advance for each in drafts] == ([False] if way == "unpaid" else [])
    with pytest.raises(Refusal):
        shop.standin.give_up_by("shrug")


def test_a_draft_that_cannot_be_finalised_says_why_and_goes_on_when_mended(shop: Shop) -> None:
    invoice = _drafted(shop)
    shop.standin.set_finalising(shop.customer, works=False)
    shop.standin.advance(3_600)
    stuck: Any = shop.client.v1.invoices.retrieve(invoice.id)
    assert (stuck.status, stuck.last_finalization_error.code) == ("draft", "customer_tax_location_invalid")
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.invoices.finalize_invoice(invoice.id)
    shop.standin.set_finalising(shop.customer, works=True)
    assert shop.client.v1.invoices.retrieve(invoice.id).status == "paid"
    assert len(shop.standin.events("invoice.finalization_failed")) == 1


def test_a_payment_kept_elsewhere_is_asked_of_the_site(shop: Shop) -> None:
    invoice = _drafted(shop)
    shop.standin.keep_card_elsewhere(shop.customer)
    shop.standin.advance(3_600)
    (asked,) = shop.standin.events("invoice.payment_attempt_required")
    assert asked["data"]["object"]["id"] == invoice.id
    assert shop.client.v1.invoices.retrieve(invoice.id).status == "open"
    shop.standin.pay_invoice(invoice.id)
    assert _status(shop, invoice) == "active"


def test_resuming_may_wait_until_it_is_paid(shop: Shop) -> None:
    subscription = shop.subscribe("4000000000000341")
    asked: Any = {"bill_for": {"unused_time_from": {"type": "none"}}}
    shop.client.v1.subscriptions.pause(subscription.id, asked)
    shop.standin.advance(days=40)
    waiting: Any = shop.client.v1.subscriptions.resume(
        subscription.id, {"payment_behavior": "resume_on_payment_success", "expand": ["latest_invoice"]}
    )
    assert (waiting.status, waiting.latest_invoice.status) == ("paused", "open")
    shop.standin.pay_invoice(waiting.latest_invoice.id)
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "active"
    shop.client.v1.subscriptions.pause(subscription.id)
    with pytest.raises(stripe.StripeError, match="unchanged"):
        shop.client.v1.subscriptions.resume(subscription.id, {"billing_cycle_anchor": {"type": "unchanged"}})


@pytest.mark.parametrize("cause", ["first_payment_failure", "system"])
def test_a_pause_of_stripes_own_has_its_cause(shop: Shop, cause: str) -> None:
    subscription = shop.subscribe()
    shop.standin.pause(subscription.id, cause=cause)
    paused: Any = shop.client.v1.subscriptions.retrieve(subscription.id)
    assert (paused.status, paused.status_details.paused.subscription.type) == ("paused", cause)
