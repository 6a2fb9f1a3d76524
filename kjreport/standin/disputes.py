"""Disputes and early fraud warnings, opened from the control interface as a bank would."""

from kjreport.standin import balance, listing, payments
from kjreport.standin.book import DAY, Book, Json, merge_metadata, public
from kjreport.standin.errors import Refusal

ENDS = ("won", "lost", "warning_closed")
_WAITING = {"needs_response": "under_review", "warning_needs_response": "warning_under_review"}
_EVIDENCE = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
]


def open_dispute(book: Book, intent_id: str, *, reason: str, amount: int | None = None, inquiry: bool = False) -> Json:
    """Open a dispute of what was not refunded of a charge, or of `amount` of it.

    The money is withdrawn at once, with a fee; an inquiry only asks.
    """
    charge = _disputable(book, intent_id)
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    if not 1 <= amount <= left:
        message = f"Nothing more than {left} of this payment can be disputed."
        raise Refusal(message, param="amount")
    before = public(charge)
    dispute = _made(book, charge, amount=amount, reason=reason)
    if inquiry:
        dispute |= {"status": "warning_needs_response", "is_charge_refundable": True}
        dispute["payment_method_details"]["card"]["case_type"] = "inquiry"
    else:
        moved = balance.move(book, dispute, -amount, kind="adjustment", category="dispute", fee=balance.DISPUTE_FEE)
        dispute["balance_transactions"] = [public(moved)]
    book.put(dispute)
    charge["disputed"] = True
    book.put(charge)
    book.emit("charge.dispute.created", dispute)
    if not inquiry:
        book.emit("charge.dispute.funds_withdrawn", dispute)
    book.emit("charge.updated", charge, before)
    return dispute


def _disputable(book: Book, intent_id: str) -> Json:
    intent = book.get("payment_intent", intent_id, param="payment_intent")
    if intent["status"] != "succeeded":
        raise Refusal("Only a payment that succeeded can be disputed.", param="payment_intent")
    charge = payments.charge_of(book, intent)
    if charge["disputed"]:
        raise Refusal("This payment is disputed already.", param="payment_intent")
    if charge["refunded"]:
        raise Refusal("This payment was refunded whole; nothing is left to dispute.", param="payment_intent")
    return charge


def _made(book: Book, charge: Json, *, amount: int, reason: str) -> Json:
    card = charge["payment_method_details"]["card"]
    return {
        "id": book.new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": book.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(_EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": book.now + 9 * DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": card["brand"],
                "case_type": "chargeback",
                "network": card["network"],
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }


def close_dispute(book: Book, identifier: str, *, status: str) -> Json:
    """Close a dispute; a won one gives the money back. An inquiry closes as `warning_closed` and moves none."""
    dispute = book.get("dispute", identifier)
    if status not in ENDS:
        message = f"Invalid status: must be one of {', '.join(ENDS)}"
        raise Refusal(message, param="status")
    if dispute["status"] in ENDS:
        raise Refusal("This dispute is closed already.", param="dispute")
    if dispute["status"].startswith("warning_") != (status == "warning_closed"):
        raise Refusal("An inquiry closes as warning_closed; a dispute is won or lost.", param="status")
    before = public(dispute)
    dispute |= {"status": status, "is_charge_refundable": status != "lost"}
    if status == "won":
        moved = balance.move(book, dispute, dispute["amount"], kind="adjustment", category="dispute_reversal")
        dispute["balance_transactions"].append(public(moved))
    book.put(dispute)
    if status == "won":
        book.emit("charge.dispute.funds_reinstated", dispute)
    book.emit("charge.dispute.updated", dispute, before)
    book.emit("charge.dispute.closed", dispute)
    return dispute


def accept(book: Book, _params: Json, identifier: str) -> Json:
    """Accept a dispute, which loses it."""
    dispute = book.get("dispute", identifier)
    if dispute["status"] not in ("needs_response", "under_review"):
        message = f"This dispute is {dispute['status']} and cannot be closed."
        raise Refusal(message)
    return close_dispute(book, identifier, status="lost")


def update(book: Book, params: Json, identifier: str) -> Json:
    """Answer a dispute with evidence, or change its notes; what is submitted waits for the bank."""
    dispute = book.get("dispute", identifier)
    before = public(dispute)
    if "metadata" in params:
        dispute["metadata"] = merge_metadata(dispute["metadata"], params["metadata"])
    if params.get("evidence"):
        if dispute["status"] in ENDS:
            raise Refusal("This dispute is closed; it takes no more evidence.", param="evidence")
        dispute["evidence"] |= {name: value or None for name, value in params["evidence"].items()}
        dispute["evidence_details"]["has_evidence"] = True
    if "evidence" in params and params.get("submit", True) and dispute["status"] in _WAITING:
        dispute["status"] = _WAITING[dispute["status"]]
        dispute["evidence_details"] |= {"submission_count": 1, "submission_method": "manual"}
    if public(dispute) != before:
        book.put(dispute)
        book.emit("charge.dispute.updated", dispute, before)
    return dispute


def retrieve(book: Book, _params: Json, identifier: str) -> Json:
    """Return one dispute."""
    return book.get("dispute", identifier)


def every(book: Book, params: Json) -> Json:
    """List disputes, by charge or intent."""
    return listing.simple(book, "dispute", params, url="/v1/disputes", filters=("charge", "payment_intent"))


def warn(book: Book, intent_id: str) -> Json:
    """Make an early fraud warning about a payment."""
    intent = book.get("payment_intent", intent_id, param="payment_intent")
    warning = {
        "id": book.new_id("issfr"),
        "object": "radar.early_fraud_warning",
        "actionable": True,
        "charge": payments.charge_of(book, intent)["id"],
        "created": book.now,
        "fraud_type": "unauthorized_use_of_card",
        "livemode": False,
        "payment_intent": intent_id,
    }
    book.put(warning)
    book.emit("radar.early_fraud_warning.created", warning)
    return warning


def warning(book: Book, _params: Json, identifier: str) -> Json:
    """Return one early fraud warning."""
    return book.get("radar.early_fraud_warning", identifier)


def warnings(book: Book, params: Json) -> Json:
    """List early fraud warnings."""
    return listing.simple(
        book,
        "radar.early_fraud_warning",
        params,
        url="/v1/radar/early_fraud_warnings",
        filters=("charge", "payment_intent"),
    )
