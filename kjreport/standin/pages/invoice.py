"""The hosted invoice, which anyone with its address may look at and pay; and a charge's receipt."""

from kjreport.standin import invoices, paying
from kjreport.standin.api import Response
from kjreport.standin.book import PRIVATE, Book, Json
from kjreport.standin.cards import REFUSED_BY_BANK
from kjreport.standin.pages import dress
from kjreport.standin.pages.checkout import cards_panel

_STATES = {"open": "To be paid", "paid": "Paid", "void": "Void", "uncollectible": "Written off"}


def answer(book: Book, form: dict[str, str] | None, query: dict[str, str], identifier: str) -> Response:
    """Show an invoice, or take its card form."""
    thing = invoices.open_invoice(book, identifier)
    if form is None or thing["status"] != "open":
        wrong = {"number": REFUSED_BY_BANK.message} if "refused" in query and thing["status"] == "open" else {}
        return _page(thing, {}, wrong)
    outcome = paying.submit_invoice(book, thing, form)
    return dress.go_to(outcome.go_to) if outcome.go_to else _page(thing, form, outcome.wrong)


def _page(thing: Json, form: dict[str, str], wrong: dict[str, str]) -> Response:
    currency = thing["currency"]
    return dress.page(
        "invoice.html",
        {
            "title": f"Invoice {thing['number']}",
            "state": _STATES.get(thing["status"], thing["status"]),
            "status": thing["status"],
            "made": dress.day(thing["created"]),
            "who": thing["customer_email"] or thing["customer_name"] or "",
            "lines": [
                {"name": line["description"], "amount": dress.money(line["amount"], currency)}
                for line in thing["lines"]["data"]
            ],
            "total": dress.money(thing["total"], currency),
            "due": dress.money(thing["amount_remaining"], currency),
            "decline": thing.get(PRIVATE, {}).get("decline", "") if thing["status"] == "open" else "",
            "button": f"Pay {dress.money(thing['amount_remaining'], currency)}",
            "needs_card": True,
            "form": {name: form.get(name, "") for name in ("name", "expiry")} | {"country": form.get("country", "GB")},
            "countries": dress.COUNTRIES,
            "wrong": wrong,
            "cards": cards_panel(),
        },
        wrong=" ".join(wrong.values()),
    )


def receipt(book: Book, _form: dict[str, str] | None, _query: dict[str, str], identifier: str) -> Response:
    """Show that a charge was paid."""
    charge = book.get("charge", identifier)
    amount = dress.money(charge["amount"], charge["currency"])
    message = f"{amount} paid on {dress.day(charge['created'])} with the card ending {_ending(charge)}."
    return dress.page("message.html", {"title": "Receipt", "message": message})


def _ending(charge: Json) -> str:
    return str(charge["payment_method_details"]["card"]["last4"])
