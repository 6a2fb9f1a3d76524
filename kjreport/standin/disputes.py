"""Disputes and early fraud warnings, opened from the control interface as a bank would."""

from kjreport.standin import listing, payments
from kjreport.standin.book import DAY, Book, Json, public
from kjreport.standin.errors import Refusal

ENDS = ("won", "lost", "warning_closed")
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


def open_dispute(book: Book, intent_id: str, *, reason: str) -> Json:
    """Open a dispute of the whole charge on an intent; the money is withdrawn at once."""
    intent = book.get("payment_intent", intent_id, param="payment_intent")
    if intent["status"] != "succeeded":
        raise Refusal("Only a payment that succeeded can be disputed.", param="payment_intent")
    charge = payments.charge_of(book, intent)
    if charge["disputed"]:
        raise Refusal("This payment is disputed already.", param="payment_intent")
    before = public(charge)
    dispute = {
        "id": book.new_id("du"),
        "object": "dispute",
        "amount": charge["amount"],
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
        "payment_intent": intent_id,
        "payment_method_details": {
            "card": {
                "brand": charge["payment_method_details"]["card"]["brand"],
                "case_type": "chargeback",
                "network": charge["payment_method_details"]["card"]["network"],
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
    book.put(dispute)
    charge["disputed"] = True
    book.put(charge)
    book.emit("charge.dispute.created", dispute)
    book.emit("charge.dispute.funds_withdrawn", dispute)
    book.emit("charge.updated", charge, before)
    return dispute


def close_dispute(book: Book, identifier: str, *, status: str) -> Json:
    """Close a dispute; a won one gives the money back."""
    dispute = book.get("dispute", identifier)
    if status not in ENDS:
        message = f"Invalid status: must be one of {', '.join(ENDS)}"
        raise Refusal(message, param="status")
    if dispute["status"] in ENDS:
        raise Refusal("This dispute is closed already.", param="dispute")
    before = public(dispute)
    dispute["status"] = status
    book.put(dispute)
    if status == "won":
        book.emit("charge.dispute.funds_reinstated", dispute)
    book.emit("charge.dispute.updated", dispute, before)
    book.emit("charge.dispute.closed", dispute)
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
