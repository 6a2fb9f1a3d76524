"""Test cards: what each does, how a typed card is checked, and the payment method it becomes."""

import datetime as dt
from dataclasses import dataclass

from kjreport.standin.book import PRIVATE, Book, Json


@dataclass(frozen=True)
class Decline:
    """Why a card was refused: Stripe's code, its decline code, and a sentence for the payer."""

    code: str
    decline_code: str
    message: str


@dataclass(frozen=True)
class Card:
    """One test card; `now` and `later` are its refusals in the payer's presence and afterwards."""

    number: str
    brand: str
    does: str
    now: Decline | None = None
    later: Decline | None = None
    asks_now: bool = False
    asks_later: bool = False
    waits: bool = False


_GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")
NEEDS_BANK = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
REFUSED_BY_BANK = Decline(
    "payment_intent_authentication_failure",
    "authentication_failed",
    "Your bank did not confirm the payment. Please try again or use another card.",
)
MENDED = "pay"
BROKEN = "fail"
ELSEWHERE = "elsewhere"  # kept with somebody else, so that Stripe asks the site to take the payment

CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "visa", "pays"),
        Card("4000000000000002", "visa", "is declined", now=_GENERIC, later=_GENERIC),
        Card(
            "4000000000009995",
            "visa",
            "has insufficient funds",
            now=Decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
            later=Decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
        ),
        Card("4000002500003155", "visa", "asks for 3-D Secure, then pays", asks_now=True),
        Card("4000002760003184", "visa", "asks for 3-D Secure every time", asks_now=True, asks_later=True),
        Card("4000000000000341", "visa", "pays now, fails at renewal", later=_GENERIC),
        Card(
            "4000000000000069",
            "visa",
            "is refused as expired",
            now=Decline("expired_card", "expired_card", "Your card has expired."),
            later=Decline("expired_card", "expired_card", "Your card has expired."),
        ),
        Card(
            "4000000000000127",
            "visa",
            "is refused for its CVC",
            now=Decline("incorrect_cvc", "incorrect_cvc", "Your card’s security code is incorrect."),  # noqa: RUF001  an apostrophe
            later=Decline("incorrect_cvc", "incorrect_cvc", "Your card’s security code is incorrect."),  # noqa: RUF001  an apostrophe
        ),
        Card("5555555555554444", "mastercard", "pays"),
        Card("4000000000007106", "visa", "pays after three days, as a bank debit does", waits=True),
        Card("4000000000007205", "visa", "fails after three days", waits=True, later=_GENERIC),
    )
}
_ADDED = Card("", "visa", "pays")


@dataclass(frozen=True)
class TypedCard:
    """A card as a person typed it, found to be well formed."""

    number: str
    month: int
    year: int
    name: str
    country: str
    email: str


def is_luhn(number: str) -> bool:
    """Tell whether a card number's check digit is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def typed_card(fields: dict[str, str], *, now: int) -> tuple[TypedCard | None, dict[str, str]]:
    """Return the card and no complaints, or None and a complaint for each wrong field."""
    wrong: dict[str, str] = {}
    number = "".join(fields.get("number", "").replace("-", " ").split())
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19 and is_luhn(number)):
        wrong["number"] = "Your card number is not valid."
    elif number not in CARDS:
        wrong["number"] = "This is a practice till. Use one of the test cards; a real card does nothing here."
    month, year = _expiry(fields.get("expiry", ""))
    today = dt.datetime.fromtimestamp(now, dt.UTC)
    if not 1 <= month <= 12:
        wrong["expiry"] = "Write the expiry as month and year, like 12/34."
    elif (year, month) < (today.year, today.month):
        wrong["expiry"] = "Your card’s expiry is in the past."  # noqa: RUF001  an apostrophe
    cvc = fields.get("cvc", "").strip()
    if not (cvc.isascii() and cvc.isdigit() and len(cvc) in (3, 4)):
        wrong["cvc"] = "The CVC is the three digits on the back of your card."
    name = fields.get("name", "").strip()
    if not name:
        wrong["name"] = "Write the name on the card."
    if wrong:
        return None, wrong
    country, email = fields.get("country", "GB").strip()[:2] or "GB", fields.get("email", "").strip()
    return TypedCard(number, month, year, name[:200], country, email), {}


def _expiry(text: str) -> tuple[int, int]:
    digits = "".join(letter for letter in text if letter in "0123456789")
    if len(digits) == 6:
        return int(digits[:2]), int(digits[2:])
    if len(digits) == 4:
        return int(digits[:2]), 2000 + int(digits[2:])
    return 0, 0


def behaviour(method: Json) -> Card:
    """Return the test card a payment method was made from."""
    return CARDS.get(method.get(PRIVATE, {}).get("number", ""), _ADDED)


def decline_later(book: Book, method: Json | None, customer: str | None) -> Decline | None:
    """Return the refusal of a charge made without the payer present; the control interface may overrule the card."""
    overruled = book.setting(f"cards:{customer}") if customer else ""
    if overruled == BROKEN:
        return _GENERIC
    if method is None:
        return Decline("missing", "", "There is no card to charge.")
    if overruled in (MENDED, ELSEWHERE):
        return None
    card = behaviour(method)
    return NEEDS_BANK if card.asks_later else card.later


def make_method(book: Book, card: TypedCard, *, customer: str | None) -> Json:
    """Keep a payment method made from a typed card; the number itself is a well-known test number."""
    known = CARDS[card.number]
    method = {
        "id": book.new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": {
            "address": {
                "city": None,
                "country": card.country,
                "line1": None,
                "line2": None,
                "postal_code": None,
                "state": None,
            },
            "email": card.email or None,
            "name": card.name,
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": known.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "GB",
            "display_brand": known.brand,
            "exp_month": card.month,
            "exp_year": card.year,
            "fingerprint": "standin" + card.number[-4:],
            "funding": "credit",
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [known.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": book.now,
        "customer": customer,
        "livemode": False,
        "metadata": {},
        "type": "card",
        PRIVATE: {"number": card.number},
    }
    book.put(method)
    if customer is not None:
        book.emit("payment_method.attached", method)
    return method
