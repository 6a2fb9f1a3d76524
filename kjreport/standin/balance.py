"""Stripe's own account book: a balance transaction for each movement of money, and what customers have in credit."""

from kjreport.standin import listing
from kjreport.standin.book import DAY, Book, Json, public
from kjreport.standin.errors import missing

SETTLES_AFTER = 7 * DAY
DISPUTE_FEE = 2_000
_FIXED_FEE, _SHARE_IN_10_000 = 20, 150


def fee_of(amount: int) -> int:
    """Return what Stripe keeps of a card payment: 1.5% and 20 minor units, never more than all of it."""
    return min(amount, (amount * _SHARE_IN_10_000 + 5_000) // 10_000 + _FIXED_FEE)


def move(book: Book, source: Json, amount: int, *, kind: str, category: str, fee: int = 0) -> Json:
    """Keep a movement of `amount` (below nought when money leaves) on account of `source`; return it."""
    settles = kind == "charge"
    moved = {
        "id": book.new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": book.now + (SETTLES_AFTER if settles else 0),
        "balance_type": "payments",
        "created": book.now,
        "currency": source["currency"],
        "description": source.get("description"),
        "fee": fee,
        "fee_details": [
            {
                "amount": fee,
                "application": None,
                "currency": source["currency"],
                "description": "Dispute fee" if category == "dispute" else "Processing fees",
                "type": "stripe_fee",
            }
        ]
        if fee
        else [],
        "net": amount - fee,
        "reporting_category": category,
        "source": source["id"],
        "status": "pending" if settles else "available",
        "type": kind,
    }
    if settles:
        book.schedule(moved["id"], "settle", moved["available_on"])
    return book.put(moved)


def settle(book: Book, identifier: str) -> None:
    """Let pending money become available."""
    moved = book.get("balance_transaction", identifier)
    book.put(moved | {"status": "available"})


def retrieve(book: Book, _params: Json, identifier: str) -> Json:
    """Return one movement."""
    return book.get("balance_transaction", identifier)


def every(book: Book, params: Json) -> Json:
    """List movements, by source, type or currency."""
    filters = ("source", "type", "currency")
    return listing.simple(book, "balance_transaction", params, url="/v1/balance_transactions", filters=filters)


def change_credit(book: Book, customer: Json, amount: int, *, kind: str, invoice: Json) -> None:
    """Add `amount` to what a customer owes (below nought: to their credit) and keep a note of it."""
    if amount == 0 or customer.get("deleted"):
        return
    before = public(customer)
    customer["balance"] = (customer.get("balance") or 0) + amount
    book.put(customer)
    book.put(
        {
            "id": book.new_id("cbtxn"),
            "object": "customer_balance_transaction",
            "amount": amount,
            "created": book.now,
            "currency": invoice["currency"],
            "customer": customer["id"],
            "ending_balance": customer["balance"],
            "invoice": invoice["id"],
            "livemode": False,
            "metadata": {},
            "type": kind,
        }
    )
    book.emit("customer.updated", customer, before)


def credit(book: Book, _params: Json, customer: str, identifier: str) -> Json:
    """Return one change of a customer's credit."""
    found = book.get("customer_balance_transaction", identifier)
    if found["customer"] != customer:
        raise missing("customer_balance_transaction", identifier)
    return found


def credits_of(book: Book, params: Json, customer: str) -> Json:
    """List the changes of a customer's credit."""
    book.get("customer", customer)

    def keep(each: Json) -> bool:
        return bool(params.get("invoice") in (None, each["invoice"]))

    return listing.of(
        book,
        "customer_balance_transaction",
        params,
        url=f"/v1/customers/{customer}/balance_transactions",
        where={"customer": customer},
        keep=keep,
    )
