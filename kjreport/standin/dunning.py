"""Charging open invoices: the first attempt, the retries, and what follows from each for the subscription."""

from kjreport.standin import endings, invoices, payments
from kjreport.standin.book import DAY, Book, Json, public
from kjreport.standin.cards import NEEDS_BANK, Decline, decline_later

RETRIES_AFTER = (3 * DAY, 5 * DAY, 7 * DAY)


def method_for(book: Book, subscription: Json) -> Json | None:
    """Return the payment method a subscription is charged to: its own, or its customer's."""
    customer = book.get("customer", subscription["customer"])
    settings = customer.get("invoice_settings") or {}
    chosen = subscription["default_payment_method"] or settings.get("default_payment_method")
    return book.find(chosen) if chosen else None


def attempt(book: Book, invoice: Json) -> bool:
    """Charge an open invoice without the payer present; tell whether it was paid."""
    subscription = book.get("subscription", invoices.subscription_of(invoice))
    method = method_for(book, subscription)
    decline = decline_later(book, method, invoice["customer"])
    found = invoices.payment_of(book, invoice)
    if found is None:  # nothing was due, so it is paid already
        return True
    _, intent = found
    if decline is None and method is not None:
        pay(book, invoice, method)
        return True
    decline = decline or NEEDS_BANK
    needs_bank = decline is NEEDS_BANK
    payments.fail(book, intent, method, decline, needs_bank=needs_bank)
    _after_failure(book, invoice, subscription, decline, needs_bank=needs_bank)
    return False


def pay(book: Book, invoice: Json, method: Json) -> None:
    """Pay an open invoice with a method that works, and set its subscription right."""
    found = invoices.payment_of(book, invoice)
    if found is not None:
        payments.succeed(book, found[1], method)
    invoice["attempt_count"] += 1
    invoices.mark_paid(book, invoice)
    revive(book, invoice)


def revive(book: Book, invoice: Json) -> None:
    """Make a subscription active again when its latest invoice has been paid."""
    subscription = book.get("subscription", invoices.subscription_of(invoice))
    if (
        subscription["status"] in ("past_due", "unpaid", "incomplete")
        and subscription["latest_invoice"] == invoice["id"]
    ):
        before = public(subscription)
        subscription["status"] = "active"
        book.put(subscription)
        book.emit("customer.subscription.updated", subscription, before)


def _after_failure(book: Book, invoice: Json, subscription: Json, decline: Decline, *, needs_bank: bool) -> None:
    count = invoice["attempt_count"]
    live = subscription["status"] not in endings.OVER
    retry_at = book.now + RETRIES_AFTER[count] if live and count < len(RETRIES_AFTER) else None
    invoices.mark_failed(book, invoice, decline, retry_at=retry_at, needs_bank=needs_bank)
    if not live:
        return
    if retry_at is None:
        endings.end(book, subscription, reason="payment_failed")
    elif subscription["status"] in ("active", "trialing"):
        before = public(subscription)
        subscription["status"] = "past_due"
        book.put(subscription)
        book.emit("customer.subscription.updated", subscription, before)


def retry(book: Book, identifier: str) -> None:
    """Try an open invoice again, as scheduled."""
    invoice = book.find(identifier)
    if invoice is not None and invoice["status"] == "open":
        attempt(book, invoice)


def finalise(book: Book, identifier: str) -> None:
    """Finalise a renewal's draft after its hour, and charge it."""
    invoice = book.find(identifier)
    if invoice is None or invoice["status"] != "draft":
        return
    invoices.finalise(book, invoice)
    if invoice["status"] == "open":
        attempt(book, invoice)
    else:
        revive(book, invoice)
