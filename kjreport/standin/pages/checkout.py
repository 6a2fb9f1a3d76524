"""The checkout page, and the bank's page which some cards lead to."""

from urllib.parse import urlsplit

from kjreport.standin import baskets, paying
from kjreport.standin.api import Response
from kjreport.standin.book import PRIVATE, Book, Json
from kjreport.standin.cards import CARDS, REFUSED_BY_BANK
from kjreport.standin.errors import Refusal
from kjreport.standin.pages import dress

_TITLES = {"payment": "Pay", "setup": "Save card", "subscription": "Subscribe"}
_KEPT = ("email", "name", "country", "expiry", "code", "terms")


def answer(book: Book, form: dict[str, str] | None, query: dict[str, str], identifier: str) -> Response:
    """Show a session's page, or take its form."""
    session = book.get("checkout.session", identifier)
    if session["status"] == "complete":
        return dress.go_to(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))
    if session["status"] == "expired":
        message = "This payment page has run out. Nothing was taken. Go back to the site and begin again."
        values = {"title": "This page has run out", "message": message, "back": session["cancel_url"]}
        return dress.page("message.html", values, status=410, wrong=message)
    if form is None:
        wrong = {"number": REFUSED_BY_BANK.message} if "refused" in query else {}
        return _page(book, session, {}, wrong)
    if form.get("action") == "apply":
        wrong = paying.apply_code(book, session, form.get("code", ""))
        return _page(book, session, form, wrong)
    if form.get("code", "").strip() and not session["discounts"]:
        wrong = paying.apply_code(book, session, form["code"])
        if wrong:
            return _page(book, session, form, wrong)
    outcome = paying.submit_checkout(book, session, form)
    return dress.go_to(outcome.go_to) if outcome.go_to else _page(book, session, form, outcome.wrong)


def _page(book: Book, session: Json, form: dict[str, str], wrong: dict[str, str]) -> Response:
    currency = session["currency"]
    items = session[PRIVATE]["line_items"]
    known = paying.known_email(book, session)
    consent = session["consent_collection"] or {}
    is_setup = session["mode"] == "setup"
    total = dress.money(session["amount_total"] or 0, currency or "gbp")
    return dress.page(
        "checkout.html",
        {
            "title": _TITLES[session["mode"]],
            "items": [
                {
                    "name": item["description"],
                    "quantity": item["quantity"],
                    "amount": dress.money(item["amount_subtotal"], currency),
                    "rhythm": dress.rhythm(item["price"]),
                }
                for item in items
            ],
            "total": total,
            "rhythm": dress.rhythm(items[0]["price"]) if items else "",
            "first": _first(book, session),
            "then": dress.money(sum(item["amount_subtotal"] for item in items), currency or "gbp"),
            "discount": dress.money(-session["total_details"]["amount_discount"], currency)
            if (session["total_details"] or {}).get("amount_discount")
            else "",
            "known_email": known,
            "needs_card": not paying.needs_no_card(session),
            "takes_codes": session["allow_promotion_codes"] and not session["discounts"],
            "asks_terms": consent.get("terms_of_service") == "required",
            "words": {name: (text or {}).get("message", "") for name, text in session["custom_text"].items()},
            "button": f"Pay {total}" if session["mode"] == "payment" else _TITLES[session["mode"]],
            "is_setup": is_setup,
            "back": session["cancel_url"],
            "site": urlsplit(session["success_url"]).netloc,
            "form": {name: form.get(name, "") for name in _KEPT} | {"country": form.get("country", "GB")},
            "countries": dress.COUNTRIES,
            "wrong": wrong,
            "cards": cards_panel(),
        },
        wrong=" ".join(wrong.values()),
    )


def _first(book: Book, session: Json) -> str:
    """Return how long the sum above holds, when another follows: for a trial, or while a discount lasts."""
    if baskets.is_trial(session):
        return "today"
    coupon = session[PRIVATE]["coupon"] and book.get("coupon", session[PRIVATE]["coupon"])
    if session["mode"] != "subscription" or not coupon or coupon["duration"] == "forever":
        return ""
    if coupon["duration"] == "once":
        return "today"
    months = coupon["duration_in_months"]
    return f"{dress.rhythm(session[PRIVATE]['line_items'][0]['price'])} for {months} month{'' if months == 1 else 's'}"


def cards_panel() -> list[dict[str, str]]:
    """Return the test cards and what each does."""
    return [
        {"number": " ".join(card.number[start : start + 4] for start in range(0, 16, 4)), "does": card.does}
        for card in CARDS.values()
    ]


def answer_bank(book: Book, form: dict[str, str] | None, _query: dict[str, str], identifier: str) -> Response:
    """Show the bank's question, or carry its answer back."""
    challenge = book.get("standin.challenge", identifier)
    if form is None:
        if not challenge["open"]:
            return dress.go_to(paying.answer_bank(book, challenge, confirmed=False).go_to)
        amount = dress.money(challenge["amount"] or 0, challenge["currency"])
        values = {"amount": amount, "ending": challenge["card"]["number"][-4:], "is_setup": challenge["amount"] is None}
        return dress.page("bank.html", values | {"title": "Your bank asks"})
    if form.get("answer") not in ("confirm", "refuse"):
        raise Refusal("Confirm the payment or refuse it.")
    return dress.go_to(paying.answer_bank(book, challenge, confirmed=form["answer"] == "confirm").go_to)
