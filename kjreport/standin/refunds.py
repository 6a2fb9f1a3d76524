"""Refunds, whole and in part."""

from kjreport.standin import balance, listing, payments
from kjreport.standin.book import Book, Json, merge_metadata, public
from kjreport.standin.errors import Refusal


def create(book: Book, params: Json) -> Json:
    """Give money back from a charge, named by itself or by its intent."""
    charge = _charge(book, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if charge["refunded"] or left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise Refusal(message, code="charge_already_refunded")
    if charge["disputed"] and _open_dispute(book, charge):
        message = f"Charge {charge['id']} has been charged back; it cannot be refunded."
        raise Refusal(message, code="charge_disputed")
    if not 1 <= amount <= left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise Refusal(
            message, code="amount_too_large" if amount > left else "parameter_invalid_integer", param="amount"
        )
    refund = {
        "id": book.new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": book.now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {
            "card": {"reference": None, "reference_status": "pending", "reference_type": None, "type": "refund"},
            "type": "card",
        },
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
        "status": "succeeded",
    }
    moved = balance.move(book, refund, -amount, kind="refund", category="refund")
    refund["balance_transaction"] = moved["id"]
    book.put(refund)
    before = public(charge)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    book.put(charge)
    book.emit("refund.created", refund)
    book.emit("charge.refunded", charge, before)
    return refund


def _charge(book: Book, params: Json) -> Json:
    if ("charge" in params) == ("payment_intent" in params):
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise Refusal(message, code="parameter_missing", param="payment_intent")
    if "charge" in params:
        charge = book.get("charge", params["charge"], param="charge")
    else:
        intent = book.get("payment_intent", params["payment_intent"], param="payment_intent")
        if intent["status"] != "succeeded":
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            raise Refusal(message, code="payment_intent_unexpected_state", param="payment_intent")
        charge = payments.charge_of(book, intent)
    if not charge["paid"]:
        message = f"Charge {charge['id']} was not paid."
        raise Refusal(message, param="charge")
    return charge


def _open_dispute(book: Book, charge: Json) -> bool:
    return any(not each["is_charge_refundable"] for each in book.every("dispute", charge=charge["id"]))


def retrieve(book: Book, _params: Json, identifier: str) -> Json:
    """Return one refund."""
    return book.get("refund", identifier)


def update(book: Book, params: Json, identifier: str) -> Json:
    """Change a refund's notes."""
    refund = book.get("refund", identifier)
    before = public(refund)
    refund["metadata"] = merge_metadata(refund["metadata"], params.get("metadata", {}))
    book.put(refund)
    book.emit("refund.updated", refund, before)
    return refund


def every(book: Book, params: Json) -> Json:
    """List refunds, by charge or intent."""
    return listing.simple(book, "refund", params, url="/v1/refunds", filters=("charge", "payment_intent"))


def fail(book: Book, identifier: str) -> Json:
    """Have a refund fail after all, as a closed card account makes it; the charge is whole again."""
    refund = book.get("refund", identifier)
    if refund["status"] == "failed":
        raise Refusal("This refund has failed already.", param="refund")
    before = public(refund)
    moved = balance.move(book, refund, refund["amount"], kind="refund_failure", category="refund_failure")
    refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card", "failure_balance_transaction": moved["id"]}
    book.put(refund)
    charge = book.get("charge", refund["charge"])
    whole = public(charge)
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    book.put(charge)
    book.emit("charge.updated", charge, whole)
    book.emit("refund.updated", refund, before)
    book.emit("refund.failed", refund)
    return refund
