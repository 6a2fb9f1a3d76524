"""The calls that change an invoice: finalise, pay, write off, void, change, delete."""

from kjreport.standin import agenda, dunning, invoices
from kjreport.standin.book import Book, Json, merge_metadata, public
from kjreport.standin.errors import Refusal, declined, missing


def finalise(book: Book, params: Json, identifier: str) -> Json:
    """Finalise a draft before its hour is over; payment is tried at once unless `auto_advance` is false."""
    invoice = _in_state(book, identifier, ("draft",), "finalized")
    if not dunning.can_finalise(book, invoice):
        message = "The customer's location isn't recognized. Set a valid customer address."
        raise Refusal(message, code="customer_tax_location_invalid")
    if not params.get("auto_advance", invoice["auto_advance"]):
        invoice["auto_advance"] = False
        invoices.finalise(book, invoice)
    else:
        dunning.finalise(book, identifier)
    return book.get("invoice", identifier)


def pay(book: Book, params: Json, identifier: str) -> Json:
    """Pay an invoice now; a card that is refused answers 402, and the attempt is kept."""
    invoice = book.get("invoice", identifier)
    if invoice["status"] == "paid":
        raise Refusal("Invoice is already paid", code="invoice_already_paid")
    invoice = _in_state(book, identifier, ("draft", "open", "uncollectible"), "paid")
    if invoice["status"] == "draft":
        invoices.finalise(book, invoice)
    if invoice["status"] == "paid":
        return invoice
    found = invoices.payment_of(book, invoice)
    if params.get("paid_out_of_band"):
        invoices.mark_paid_outside(book, invoice)
        dunning.revive(book, invoice)
        return invoice
    if found is not None and found[1]["status"] == "processing":
        raise Refusal("A payment of this invoice is being processed.", code="payment_intent_unexpected_state")
    method = None
    if "payment_method" in params:
        method = book.find(params["payment_method"])
        if method is None or method.get("customer") != invoice["customer"]:
            raise missing("PaymentMethod", params["payment_method"], param="payment_method")
    decline = dunning.attempt(book, invoice, method=method, by_hand=True)
    if decline is not None:
        raise declined(decline.message, code=decline.code, decline_code=decline.decline_code)
    return book.get("invoice", identifier)


def write_off(book: Book, _params: Json, identifier: str) -> Json:
    """Mark an open invoice uncollectible: it is asked for no longer."""
    invoice = _in_state(book, identifier, ("open",), "marked uncollectible")
    invoice |= {"auto_advance": False, "next_payment_attempt": None, "status": "uncollectible"}
    invoice["status_transitions"]["marked_uncollectible_at"] = book.now
    book.unschedule(identifier)
    book.put(invoice)
    book.emit("invoice.marked_uncollectible", invoice)
    dunning.revive(book, invoice)
    return invoice


def void(book: Book, _params: Json, identifier: str) -> Json:
    """Void an open invoice, as if it had never been asked for."""
    invoice = _in_state(book, identifier, ("open", "uncollectible"), "voided")
    invoices.void(book, invoice)
    dunning.revive(book, invoice)
    return invoice


def update(book: Book, params: Json, identifier: str) -> Json:
    """Change an invoice's notes, its description, or whether it goes its way by itself."""
    invoice = book.get("invoice", identifier)
    before = public(invoice)
    if "metadata" in params:
        invoice["metadata"] = merge_metadata(invoice["metadata"], params["metadata"])
    if "description" in params:
        invoice["description"] = params["description"] or None
    if "auto_advance" in params:
        _set_advance(book, invoice, advance=params["auto_advance"])
    if public(invoice) != before:
        book.put(invoice)
        book.emit("invoice.updated", invoice, before)
    return invoice


def _set_advance(book: Book, invoice: Json, *, advance: bool) -> None:
    if invoice["status"] not in ("draft", "open"):
        message = f"This invoice is {invoice['status']}, so `auto_advance` cannot be changed."
        raise Refusal(message, code="invoice_not_editable", param="auto_advance")
    invoice["auto_advance"] = advance
    if invoice["status"] == "draft":
        at = book.now + 3_600 if advance else None
        invoice["automatically_finalizes_at"] = at
        book.unschedule(invoice["id"], "finalise")
        if at is not None:
            book.schedule(invoice["id"], "finalise", at)
    elif not advance:
        invoice["next_payment_attempt"] = None
        book.unschedule(invoice["id"], "retry")


def delete(book: Book, _params: Json, identifier: str) -> Json:
    """Delete a draft; one of a subscription that lives cannot be."""
    invoice = _in_state(book, identifier, ("draft",), "deleted")
    subscription = book.get("subscription", invoices.subscription_of(invoice))
    if subscription["status"] not in agenda.OVER:
        message = "You can't delete invoices created by subscriptions."
        raise Refusal(message, code="invoice_not_editable")
    book.unschedule(identifier)
    book.connection.execute("DELETE FROM thing WHERE id = ? AND kind = 'invoice'", (identifier,))
    book.emit("invoice.deleted", invoice)
    return {"id": identifier, "object": "invoice", "deleted": True}


def _in_state(book: Book, identifier: str, states: tuple[str, ...], done: str) -> Json:
    invoice = book.get("invoice", identifier)
    if invoice["status"] not in states:
        message = f"Only invoices that are {' or '.join(states)} can be {done}. This invoice is {invoice['status']}."
        raise Refusal(message, code="invoice_not_editable")
    return invoice
