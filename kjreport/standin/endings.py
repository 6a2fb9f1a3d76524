"""How subscriptions end, and their customers go."""

from kjreport.standin import customers, invoices
from kjreport.standin.agenda import OVER
from kjreport.standin.book import Book, Json, public


def end(book: Book, subscription: Json, *, reason: str | None) -> None:
    """End a subscription at once, and stop collecting its open invoices."""
    subscription |= {
        "canceled_at": subscription.get("canceled_at") or book.now,
        "ended_at": book.now,
        "status": "canceled",
    }
    subscription["cancellation_details"]["reason"] = subscription["cancellation_details"]["reason"] or reason
    book.unschedule(subscription["id"])
    book.put(subscription)
    for invoice in book.every("invoice", customer=subscription["customer"]):
        if invoices.subscription_of(invoice) == subscription["id"] and invoice["status"] in ("open", "draft"):
            book.unschedule(invoice["id"])
            before = public(invoice)
            invoice |= {"auto_advance": False, "automatically_finalizes_at": None, "next_payment_attempt": None}
            book.put(invoice)
            if public(invoice) != before:
                book.emit("invoice.updated", invoice, before)
    book.emit("customer.subscription.deleted", subscription)


def delete_customer(book: Book, _params: Json, identifier: str) -> Json:
    """Delete a customer for good, after ending their subscriptions at once."""
    customer = customers.living(book, identifier, param="id")
    for subscription in book.every("subscription", customer=identifier):
        if subscription["status"] not in OVER:
            end(book, subscription, reason="cancellation_requested")
    book.emit("customer.deleted", customer)
    gone = {"id": identifier, "object": "customer", "deleted": True}
    book.put(gone | {"created": customer["created"]})
    return gone
