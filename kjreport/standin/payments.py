"""Payment intents and the charges made on them."""

from kjreport.standin import balance, listing
from kjreport.standin.book import Book, Json, public
from kjreport.standin.cards import Decline


def make_intent(  # noqa: PLR0913  the parts of a payment
    book: Book,
    *,
    amount: int,
    currency: str,
    customer: str | None,
    metadata: Json,
    description: str | None = None,
    email: str | None = None,
    statement: str | None = None,
    reusable: bool = False,
) -> Json:
    """Make a payment intent that waits for a payment method."""
    identifier = book.new_id("pi")
    intent = {
        "id": identifier,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
        "capture_method": "automatic_async",
        "client_secret": f"{identifier}_secret_{book.new_id('', 16).strip('_')}",
        "confirmation_method": "automatic",
        "created": book.now,
        "currency": currency,
        "customer": customer,
        "description": description,
        "latest_charge": None,
        "livemode": False,
        "metadata": metadata,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "receipt_email": email,
        "setup_future_usage": "off_session" if reusable else None,
        "statement_descriptor": statement,
        "status": "requires_payment_method",
    }
    book.put(intent)
    book.emit("payment_intent.created", intent)
    return intent


def succeed(book: Book, intent: Json, method: Json) -> Json:
    """Take the money: the intent succeeds on a new charge, which is returned."""
    charge = _charge(book, intent, method, None)
    intent |= {
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": method["id"],
        "status": "succeeded",
    }
    book.put(intent)
    book.emit("charge.succeeded", charge)
    book.emit("payment_intent.succeeded", intent)
    return charge


def fail(book: Book, intent: Json, method: Json | None, decline: Decline, *, needs_bank: bool = False) -> None:
    """Record a refusal on the intent, and on a failed charge when there was a card to charge."""
    if method is not None:
        charge = _charge(book, intent, method, decline)
        intent["latest_charge"] = charge["id"]
        book.emit("charge.failed", charge)
    intent |= {
        "last_payment_error": {
            "charge": intent["latest_charge"],
            "code": decline.code,
            "decline_code": decline.decline_code or None,
            "doc_url": None,
            "message": decline.message,
            "payment_method": None if method is None else public(method),
            "type": "card_error",
        },
        "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}} if needs_bank else None,
        "payment_method": method["id"] if needs_bank and method is not None else None,
        "status": "requires_action" if needs_bank else "requires_payment_method",
    }
    book.put(intent)
    book.emit("payment_intent.requires_action" if needs_bank else "payment_intent.payment_failed", intent)


def ask_bank(book: Book, intent: Json, method: Json) -> None:
    """Have the intent wait for the payer's bank."""
    intent |= {
        "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}},
        "payment_method": method["id"],
        "status": "requires_action",
    }
    book.put(intent)
    book.emit("payment_intent.requires_action", intent)


def begin(book: Book, intent: Json, method: Json) -> None:
    """Have the intent wait for money that takes days."""
    intent |= {"next_action": None, "payment_method": method["id"], "status": "processing"}
    book.put(intent)
    book.emit("payment_intent.processing", intent)


def cancel(book: Book, intent: Json, reason: str | None) -> None:
    """Give an intent up."""
    intent |= {"canceled_at": book.now, "cancellation_reason": reason, "next_action": None, "status": "canceled"}
    book.put(intent)
    book.emit("payment_intent.canceled", intent)


def _charge(book: Book, intent: Json, method: Json, decline: Decline | None) -> Json:
    paid = decline is None
    identifier = book.new_id("ch")
    charge = {
        "id": identifier,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "PRACTICE TILL",
        "captured": paid,
        "created": book.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None if decline is None else decline.code,
        "failure_message": None if decline is None else decline.message,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network" if paid else "declined_by_network",
            "reason": None if decline is None else decline.decline_code,
            "risk_level": "normal",
            "seller_message": "Payment complete." if paid else "The bank declined the payment.",
            "type": "authorized" if paid else "issuer_declined",
        },
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"type": "card", "card": _card_details(method, intent["amount"])},
        "receipt_email": intent["receipt_email"],
        "receipt_url": f"{book.base_url}/receipt/{identifier}" if paid else None,
        "refunded": False,
        "status": "succeeded" if paid else "failed",
    }
    if paid:
        moved = balance.move(
            book, charge, charge["amount"], kind="charge", category="charge", fee=balance.fee_of(charge["amount"])
        )
        charge["balance_transaction"] = moved["id"]
    return book.put(charge)


def _card_details(method: Json, amount: int) -> Json:
    kept = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    return {name: method["card"][name] for name in kept} | {
        "amount_authorized": amount,
        "network": method["card"]["brand"],
        "three_d_secure": None,
        "wallet": None,
    }


def retrieve_intent(book: Book, _params: Json, identifier: str) -> Json:
    """Return one payment intent."""
    return book.get("payment_intent", identifier)


def intents(book: Book, params: Json) -> Json:
    """List payment intents."""
    return listing.simple(book, "payment_intent", params, url="/v1/payment_intents", filters=("customer",))


def retrieve_charge(book: Book, _params: Json, identifier: str) -> Json:
    """Return one charge."""
    return book.get("charge", identifier)


def charges(book: Book, params: Json) -> Json:
    """List charges."""
    return listing.simple(book, "charge", params, url="/v1/charges", filters=("customer", "payment_intent"))


def charge_of(book: Book, intent: Json) -> Json:
    """Return the charge on which an intent succeeded."""
    return book.get("charge", intent["latest_charge"], param="payment_intent")
