"""Setup intents: a card kept for later, with nothing taken."""

from kjreport.standin import listing
from kjreport.standin.book import Book, Json, public
from kjreport.standin.cards import Decline


def make(book: Book, *, customer: str | None, metadata: Json, description: str | None) -> Json:
    """Make a setup intent that waits for a card."""
    identifier = book.new_id("seti")
    intent = {
        "id": identifier,
        "object": "setup_intent",
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
        "client_secret": f"{identifier}_secret_{book.new_id('', 16).strip('_')}",
        "created": book.now,
        "customer": customer,
        "description": description,
        "livemode": False,
        "metadata": metadata,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": "off_session",
    }
    book.put(intent)
    book.emit("setup_intent.created", intent)
    return intent


def succeed(book: Book, intent: Json, method: Json) -> None:
    """Keep the card."""
    intent |= {
        "customer": method["customer"],
        "last_setup_error": None,
        "next_action": None,
        "payment_method": method["id"],
        "status": "succeeded",
    }
    book.put(intent)
    book.emit("setup_intent.succeeded", intent)


def fail(book: Book, intent: Json, method: Json, decline: Decline) -> None:
    """Record that a card was refused."""
    intent |= {
        "last_setup_error": {
            "code": decline.code,
            "decline_code": decline.decline_code or None,
            "message": decline.message,
            "payment_method": public(method),
            "type": "card_error",
        },
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    book.put(intent)
    book.emit("setup_intent.setup_failed", intent)


def ask_bank(book: Book, intent: Json, method: Json) -> None:
    """Have the intent wait for the payer's bank."""
    intent |= {
        "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}},
        "payment_method": method["id"],
        "status": "requires_action",
    }
    book.put(intent)
    book.emit("setup_intent.requires_action", intent)


def retrieve(book: Book, _params: Json, identifier: str) -> Json:
    """Return one setup intent."""
    return book.get("setup_intent", identifier)


def every(book: Book, params: Json) -> Json:
    """List setup intents, by customer or card."""
    return listing.simple(book, "setup_intent", params, url="/v1/setup_intents", filters=("customer", "payment_method"))
