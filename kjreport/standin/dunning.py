"""Charging open invoices: the first attempt, the retries, and what follows from each for the subscription."""

from kjreport.standin import agenda, endings, invoices, pausing, payments
from kjreport.standin.book import DAY, Book, Json, public
from kjreport.standin.cards import ELSEWHERE, NEEDS_BANK, Decline, behaviour, decline_later
from kjreport.standin.errors import Refusal

RETRIES_AFTER = (3 * DAY, 5 * DAY, 7 * DAY)
ARRIVES_AFTER = 3 * DAY


def method_for(book: Book, subscription: Json) -> Json | None:
    """Return the payment method a subscription is charged to: its own, or its customer's."""
    customer = book.get("customer", subscription["customer"])
    settings = customer.get("invoice_settings") or {}
    chosen = subscription["default_payment_method"] or settings.get("default_payment_method")
    return book.find(chosen) if chosen else None


def attempt(book: Book, invoice: Json, *, method: Json | None = None, by_hand: bool = False) -> Decline | None:
    """Charge an open invoice without the payer present; return why it failed, if it did.

    Without a `method` the subscription's own is charged. An attempt made `by_hand` leaves the schedule as it is.
    """
    subscription = book.get("subscription", invoices.subscription_of(invoice))
    method = method or method_for(book, subscription)
    decline = decline_later(book, method, invoice["customer"])
    found = invoices.payment_of(book, invoice)
    if found is None:  # nothing was due, so it is paid already
        return None
    _, intent = found
    if book.setting(f"cards:{invoice['customer']}") == ELSEWHERE:
        book.emit("invoice.payment_attempt_required", invoice)
        _become(book, subscription, "past_due")
        return None
    if method is not None and behaviour(method).waits and not book.setting(f"cards:{invoice['customer']}"):
        wait(book, invoice, intent, method)
        return None
    if decline is None and method is not None:
        pay(book, invoice, method)
        return None
    decline = decline or NEEDS_BANK
    needs_bank = decline is NEEDS_BANK
    payments.fail(book, intent, method, decline, needs_bank=needs_bank)
    _after_failure(book, invoice, subscription, decline, needs_bank=needs_bank, by_hand=by_hand)
    return decline


def wait(book: Book, invoice: Json, intent: Json, method: Json) -> None:
    """Have an invoice wait for money that takes days; it stays open, and its subscription as it is."""
    payments.begin(book, intent, method)
    invoice |= {"attempt_count": invoice["attempt_count"] + 1, "attempted": True, "next_payment_attempt": None}
    book.put(invoice)
    book.unschedule(invoice["id"], "retry")
    book.schedule(invoice["id"], "arrive", book.now + ARRIVES_AFTER)


def arrive(book: Book, invoice: Json) -> Decline | None:
    """Let the money that an invoice waits for come, or fail to; return why it failed, if it did."""
    found = invoices.payment_of(book, invoice)
    if found is None or found[1]["status"] != "processing" or invoice["status"] != "open":
        return None
    intent = found[1]
    method = book.get("payment_method", intent["payment_method"])
    decline = behaviour(method).later
    if decline is None:
        payments.succeed(book, intent, method)
        invoices.mark_paid(book, invoice)
        revive(book, invoice)
        return None
    payments.fail(book, intent, method, decline)
    subscription = book.get("subscription", invoices.subscription_of(invoice))
    invoice["attempt_count"] -= 1  # it was counted when it began
    _after_failure(book, invoice, subscription, decline, needs_bank=False, by_hand=False)
    return decline


def pay(book: Book, invoice: Json, method: Json) -> None:
    """Pay an open invoice with a method that works, and set its subscription right."""
    found = invoices.payment_of(book, invoice)
    if found is not None:
        payments.succeed(book, found[1], method)
    invoice["attempt_count"] += 1
    invoices.mark_paid(book, invoice)
    revive(book, invoice)


def revive(book: Book, invoice: Json) -> None:
    """Make a subscription active again when its latest invoice is settled, or is no longer wanted."""
    subscription = book.get("subscription", invoices.subscription_of(invoice))
    if subscription["latest_invoice"] != invoice["id"]:
        return
    if subscription["status"] in ("past_due", "unpaid", "incomplete"):
        before = public(subscription)
        subscription["status"] = "active"
        book.put(subscription)
        book.emit("customer.subscription.updated", subscription, before)
    elif subscription["status"] == "paused" and pausing.ends_with_payment(subscription):
        pausing.wake(book, subscription)


def _after_failure(
    book: Book, invoice: Json, subscription: Json, decline: Decline, *, needs_bank: bool, by_hand: bool
) -> None:
    count = invoice["attempt_count"]
    live = subscription["status"] not in agenda.OVER
    retry_at = book.now + RETRIES_AFTER[count] if live and count < len(RETRIES_AFTER) else None
    if by_hand or subscription["status"] == "paused":
        retry_at = invoice["next_payment_attempt"]
    invoices.mark_failed(book, invoice, decline, retry_at=retry_at, needs_bank=needs_bank)
    if not live or subscription["status"] == "paused":
        return
    if retry_at is None and not by_hand:
        _give_up(book, subscription)
    elif subscription["status"] in ("active", "trialing"):
        _become(book, subscription, "past_due")


def _become(book: Book, subscription: Json, status: str) -> None:
    if subscription["status"] != status:
        before = public(subscription)
        subscription["status"] = status
        book.put(subscription)
        book.emit("customer.subscription.updated", subscription, before)


GIVING_UP = ("cancel", "unpaid", "pause", "past_due")


def choose(book: Book, way: str) -> None:
    """Set what follows the last failed retry."""
    if way not in GIVING_UP:
        message = f"`then` must be one of {', '.join(GIVING_UP)}."
        raise Refusal(message, param="then")
    book.set("giving_up", way)


def _give_up(book: Book, subscription: Json) -> None:
    """Do after the last retry what the account is set to do: cancel unless the control interface said otherwise."""
    chosen = book.setting("giving_up", "cancel")
    if chosen == "cancel":
        endings.end(book, subscription, reason="payment_failed")
    elif chosen == "pause":
        pausing.pause(book, subscription, cause="final_payment_failure")
    else:
        _become(book, subscription, chosen)


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
    if not can_finalise(book, invoice):
        _refuse_to_finalise(book, invoice)
        return
    invoices.finalise(book, invoice)
    if invoice["status"] == "open":
        attempt(book, invoice)
    else:
        revive(book, invoice)


def can_finalise(book: Book, invoice: Json) -> bool:
    """Tell whether the control interface lets a customer's invoices be finalised."""
    return not book.setting(f"finalising:{invoice['customer']}")


def _refuse_to_finalise(book: Book, invoice: Json) -> None:
    """Leave a draft as it is, because the customer's tax location cannot be told."""
    invoice |= {
        "automatically_finalizes_at": None,
        "last_finalization_error": {
            "code": "customer_tax_location_invalid",
            "message": "The customer's location isn't recognized. Set a valid customer address.",
            "type": "invalid_request_error",
        },
    }
    book.put(invoice)
    book.emit("invoice.finalization_failed", invoice)


def set_finalising(book: Book, customer: str, *, works: bool) -> None:
    """Have a customer's invoices not be finalised, or be again, those that failed included."""
    book.get("customer", customer, param="customer")
    book.set(f"finalising:{customer}", "" if works else "fails")
    for invoice in book.every("invoice", customer=customer, status="draft") if works else []:
        if invoice["last_finalization_error"] is not None:
            book.put(invoice | {"last_finalization_error": None})
            book.schedule(invoice["id"], "finalise", book.now)
