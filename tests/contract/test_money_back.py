"""Refunds, disputes and warnings of fraud."""

from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from kjreport.standin.errors import Refusal
from tests.contract.conftest import Shop


@pytest.fixture
def intent(shop: Shop) -> str:
    """A gift of £25, paid."""
    session = shop.gift()
    shop.standin.pay(session.id)
    return str(shop.client.v1.checkout.sessions.retrieve(session.id).payment_intent)


def _charge(shop: Shop, intent: str) -> Any:
    return shop.client.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge.refunds"]}).latest_charge


def test_part_refunds_add_up_and_never_go_over(shop: Shop, intent: str) -> None:
    client = shop.client
    client.v1.refunds.create({"payment_intent": intent, "amount": 1_000}, {"idempotency_key": "r1"})
    client.v1.refunds.create({"payment_intent": intent, "amount": 1_000}, {"idempotency_key": "r1"})
    assert (_charge(shop, intent).amount_refunded, _charge(shop, intent).refunded) == (1_000, False)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": intent, "amount": 1_501})
    assert caught.value.param == "amount"
    rest = client.v1.refunds.create({"payment_intent": intent, "reason": "requested_by_customer"})
    assert (rest.amount, rest.status) == (1_500, "succeeded")
    whole = _charge(shop, intent)
    assert (whole.amount_refunded, whole.refunded, len(whole.refunds.data)) == (2_500, True, 2)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": intent})
    assert caught.value.code == "charge_already_refunded"
    assert len(client.v1.refunds.list({"payment_intent": intent}).data) == 2
    assert len(shop.standin.events("charge.refunded")) == 2


def test_a_refund_does_not_cancel_a_subscription(shop: Shop) -> None:
    subscription = shop.subscribe()
    paid = shop.client.v1.invoice_payments.list({"invoice": str(subscription.latest_invoice)}).data[0]
    shop.client.v1.refunds.create({"payment_intent": str(paid.payment.payment_intent)})
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_what_was_not_paid_cannot_be_refunded(shop: Shop) -> None:
    session = shop.gift()
    with pytest.raises(ValueError, match="declined"):
        shop.standin.pay(session.id, card="4000000000000002")
    unpaid = str(shop.client.v1.checkout.sessions.retrieve(session.id).payment_intent)
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.refunds.create({"payment_intent": unpaid})


def test_a_refund_can_fail_after_all(shop: Shop, intent: str) -> None:
    refund = shop.client.v1.refunds.create({"payment_intent": intent})
    shop.standin.fail_refund(refund.id)
    assert shop.client.v1.refunds.retrieve(refund.id).status == "failed"
    assert _charge(shop, intent).amount_refunded == 0
    assert len(shop.standin.events("refund.failed")) == 1


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_dispute_is_opened_and_closed(shop: Shop, intent: str, status: str) -> None:
    dispute = shop.standin.open_dispute(intent)
    found = shop.client.v1.disputes.retrieve(dispute["id"])
    assert (found.status, found.payment_intent, found.amount) == ("needs_response", intent, 2_500)
    assert found.evidence_details.due_by is not None
    assert _charge(shop, intent).disputed
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.refunds.create({"payment_intent": intent})
    shop.standin.close_dispute(dispute["id"], status=status)
    assert shop.client.v1.disputes.list({"payment_intent": intent}).data[0].status == status
    types = [event["type"] for event in shop.standin.events()]
    assert {"charge.dispute.created", "charge.dispute.closed"} <= set(types)
    assert ("charge.dispute.funds_reinstated" in types) == (status == "won")


def test_an_early_fraud_warning_names_its_payment(shop: Shop, intent: str) -> None:
    warning = shop.standin.warn_of_fraud(intent)
    assert shop.client.v1.radar.early_fraud_warnings.retrieve(warning["id"]).payment_intent == intent
    assert len(shop.standin.events("radar.early_fraud_warning.created")) == 1


def test_what_is_disputed_and_what_is_refunded_never_come_to_more_than_was_paid(shop: Shop, intent: str) -> None:
    shop.client.v1.refunds.create({"payment_intent": intent, "amount": 1_000})
    with pytest.raises(Refusal):
        shop.standin.open_dispute(intent, amount=1_501)
    dispute = shop.standin.open_dispute(intent)
    assert dispute["amount"] == 1_500
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        shop.client.v1.refunds.create({"payment_intent": intent, "amount": 1})
    shop.standin.close_dispute(dispute["id"], status="lost")
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        shop.client.v1.refunds.create({"payment_intent": intent, "amount": 1})
    moved = shop.client.v1.balance_transactions.list({"limit": 100}).data
    assert sum(each.amount for each in moved) == 0
    assert {each.type for each in moved} == {"charge", "refund", "adjustment"}


def test_a_won_dispute_gives_the_money_back_and_lets_it_be_refunded(shop: Shop, intent: str) -> None:
    dispute = shop.standin.open_dispute(intent)
    answered = shop.client.v1.disputes.update(dispute["id"], {"evidence": {"uncategorized_text": "Read it all."}})
    assert (answered.status, answered.evidence_details.has_evidence) == ("under_review", True)
    won: Any = shop.standin.close_dispute(dispute["id"], status="won")
    assert [each["amount"] for each in won["balance_transactions"]] == [-2_500, 2_500]
    assert shop.client.v1.refunds.create({"payment_intent": intent}).amount == 2_500


def test_an_inquiry_moves_nothing_and_a_refund_is_still_possible(shop: Shop, intent: str) -> None:
    asked = shop.standin.open_dispute(intent, inquiry=True)
    assert asked["status"] == "warning_needs_response"
    assert shop.standin.events("charge.dispute.funds_withdrawn") == []
    with pytest.raises(Refusal):
        shop.standin.close_dispute(asked["id"], status="lost")
    shop.client.v1.refunds.create({"payment_intent": intent, "amount": 500})
    shop.standin.close_dispute(asked["id"], status="warning_closed")


def test_a_dispute_may_be_accepted_by_call(shop: Shop, intent: str) -> None:
    dispute = shop.standin.open_dispute(intent)
    assert shop.client.v1.disputes.close(dispute["id"]).status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.disputes.close(dispute["id"])


def test_a_refund_fails_once(shop: Shop, intent: str) -> None:
    refund = shop.client.v1.refunds.create({"payment_intent": intent, "amount": 300})
    shop.standin.fail_refund(refund.id)
    with pytest.raises(Refusal):
        shop.standin.fail_refund(refund.id)
    assert _charge(shop, intent).amount_refunded == 0


def test_a_charge_shows_what_stripe_kept_and_when_it_comes(shop: Shop, intent: str) -> None:
    charge = shop.client.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge.balance_transaction"]})
    moved = charge.latest_charge.balance_transaction  # type: ignore[union-attr]
    assert (moved.amount, moved.fee, moved.net, moved.status) == (2_500, 58, 2_442, "pending")  # type: ignore[union-attr]
    shop.standin.advance(days=7)
    found = shop.client.v1.balance_transactions.retrieve(moved.id)  # type: ignore[union-attr]
    assert found.status == "available"
