"""Invoices: drafted, finalised, paid or failed, and asked for."""

from kjreport.standin import balance, listing, payments
from kjreport.standin import discounts as coupons
from kjreport.standin.book import HOUR, PRIVATE, Book, Json, in_list
from kjreport.standin.cards import Decline
from kjreport.standin.errors import missing


def line(
    book: Book,
    subscription: Json,
    item: Json,
    *,
    start: int,
    end: int,
    amount: int | None = None,
    proration: bool = False,
    description: str = "",
) -> Json:
    """Return an invoice line for a subscription's item, by default its price for the period."""
    price = item["price"]
    quantity = item["quantity"]
    return {
        "id": book.new_id("il"),
        "object": "line_item",
        "amount": price["unit_amount"] * quantity if amount is None else amount,
        "currency": price["currency"],
        "description": description or f"{quantity} x {_product_name(book, price)}",
        "discount_amounts": [],
        "discountable": not proration,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": subscription["metadata"],
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": proration,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"start": start, "end": end},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": str(price["unit_amount"]),
        },
        "quantity": quantity,
        "subscription": subscription["id"],
        "subtotal": price["unit_amount"] * quantity if amount is None else amount,
        "taxes": [],
    }


def _product_name(book: Book, price: Json) -> str:
    product = book.find(price["product"])
    return "" if product is None else str(product["name"])


def compose(book: Book, subscription: Json, lines: list[Json], *, reason: str, discounts: list[Json]) -> Json:
    """Return an invoice's fields, not kept and without an id: what a draft and a preview share."""
    customer = book.get("customer", subscription["customer"])
    subtotal = sum(each["amount"] for each in lines)
    off = _take_off(book, lines, discounts)
    total = subtotal - sum(off.values())
    starting = customer.get("balance") or 0
    due = _due(total + starting, subscription["currency"])
    return {
        "object": "invoice",
        "account_country": "GB",
        "account_name": "Practice till",
        "amount_due": due,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": due,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "enabled": False,
            "disabled_reason": None,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": book.now,
        "currency": subscription["currency"],
        "customer": customer["id"],
        "customer_email": customer.get("email"),
        "customer_name": customer.get("name"),
        "customer_tax_exempt": "none",
        "default_tax_rates": [],
        "discounts": [each["id"] for each in discounts],
        "issuer": {"type": "self"},
        "lines": in_list(lines, "/v1/invoices/upcoming/lines"),
        "livemode": False,
        "metadata": {},
        "parent": {
            "quote_details": None,
            "subscription_details": {"metadata": subscription["metadata"], "subscription": subscription["id"]},
            "type": "subscription_details",
        },
        "payment_settings": {},
        "period_end": book.now,
        "period_start": book.now,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": starting,
        "status": "draft",
        "status_transitions": {},
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "test_clock": book.clock or None,
        "total": total,
        "total_discount_amounts": [{"amount": amount, "discount": name} for name, amount in off.items()],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }


def _take_off(book: Book, lines: list[Json], discounts: list[Json]) -> dict[str, int]:
    """Share each discount out among the lines it is for; return what each takes off the whole."""
    off: dict[str, int] = {}
    takers = [each for each in lines if each["discountable"]]
    for discount in discounts:
        coupon = book.get("coupon", discount["source"]["coupon"])
        left = [net_of(each) for each in takers]
        shares = coupons.shared_out(coupons.taken_off(coupon, max(sum(left), 0)), left)
        off[discount["id"]] = sum(shares)
        for each, amount in zip(takers, shares, strict=True):
            each["discounts"].append(discount["id"])
            each["discount_amounts"].append({"amount": amount, "discount": discount["id"]})
    return off


def standing_discounts(book: Book, subscription: Json) -> list[Json]:
    """Return the discounts that an invoice of this moment gets."""
    found = [book.get("discount", each) for each in subscription["discounts"]]
    return [each for each in found if each["end"] is None or each["end"] > book.now]


def net_of(thing: Json) -> int:
    """Return a line's amount less its discounts."""
    return int(thing["amount"]) - sum(int(each["amount"]) for each in thing["discount_amounts"])


def note_billed(subscription: Json, lines: list[Json]) -> None:
    """Keep what was billed for each item's present period, net: credits for unused time are reckoned from it."""
    notes = subscription.setdefault(PRIVATE, {}).setdefault("billed", {})
    for each in lines:
        item = each["parent"]["subscription_item_details"]["subscription_item"]
        notes[item] = {"amount": net_of(each), "from": each["period"]["start"], "until": each["period"]["end"]}


def draft(book: Book, subscription: Json, lines: list[Json], *, reason: str, discounts: list[Json]) -> Json:
    """Keep a draft invoice, which finalises itself an hour later unless it is finalised sooner."""
    invoice = compose(book, subscription, lines, reason=reason, discounts=discounts)
    invoice["id"] = book.new_id("in")
    invoice["automatically_finalizes_at"] = book.now + HOUR
    invoice["lines"]["url"] = f"/v1/invoices/{invoice['id']}/lines"
    for each in lines:
        each["invoice"] = invoice["id"]
    book.put(invoice)
    book.emit("invoice.created", invoice)
    return invoice


def finalise(book: Book, invoice: Json) -> None:
    """Number a draft and open it for payment; one with nothing due is paid at once."""
    customer = book.get("customer", invoice["customer"])
    number = customer.get("next_invoice_sequence") or 1
    customer["next_invoice_sequence"] = number + 1
    if not customer.get("deleted"):
        book.put(customer)
    _settle_with_credit(book, invoice, customer)
    invoice |= {
        "automatically_finalizes_at": None,
        "effective_at": book.now,
        "hosted_invoice_url": f"{book.base_url}/i/{invoice['id']}",
        "number": f"{customer.get('invoice_prefix') or 'STANDIN'}-{number:04d}",
        "status": "open",
    }
    invoice["status_transitions"]["finalized_at"] = book.now
    book.unschedule(invoice["id"], "finalise")
    if invoice["amount_due"] == 0:
        book.put(invoice)
        book.emit("invoice.finalized", invoice)
        mark_paid(book, invoice)
        return
    subscription = invoice["parent"]["subscription_details"]["subscription"]
    intent = payments.make_intent(
        book,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        metadata={},
        description=_REASONS.get(invoice["billing_reason"], "Subscription update"),
        reusable=invoice["billing_reason"] == "subscription_create",
    )
    payment = {
        "id": book.new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": book.now,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
        PRIVATE: {"subscription": subscription},
    }
    book.put(payment)
    invoice["confirmation_secret"] = {"client_secret": intent["client_secret"], "type": "payment_intent"}
    book.put(invoice)
    book.emit("invoice.finalized", invoice)


# Stripe charges no card for less; so small a sum waits for the next invoice.
SMALLEST = {"gbp": 30, "eur": 50, "usd": 50}


def _due(whole: int, currency: str) -> int:
    return whole if whole >= SMALLEST[currency] else 0


def _settle_with_credit(book: Book, invoice: Json, customer: Json) -> None:
    """Set what is due against what the customer has in credit, or carry it over."""
    starting = customer.get("balance") or 0
    whole = invoice["total"] + starting
    due = _due(whole, invoice["currency"])
    change = whole - due - starting
    kind = "invoice_too_small" if whole > due == 0 else "applied_to_invoice"
    balance.change_credit(book, customer, change, kind=kind, invoice=invoice)
    invoice |= {
        "amount_due": due,
        "amount_remaining": due,
        "ending_balance": starting + change,
        "starting_balance": starting,
    }


_REASONS = {"subscription_create": "Subscription creation", "subscription_cycle": "Subscription update"}


def payment_of(book: Book, invoice: Json) -> tuple[Json, Json] | None:
    """Return an invoice's default payment and its intent, if it came to that."""
    for payment in book.every("invoice_payment", invoice=invoice["id"]):
        return payment, book.get("payment_intent", payment["payment"]["payment_intent"])
    return None


def mark_paid(book: Book, invoice: Json) -> None:
    """Mark an invoice paid; the money, if any, has been taken already."""
    invoice |= {
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "attempted": True,
        "next_payment_attempt": None,
        "status": "paid",
    }
    invoice["status_transitions"]["paid_at"] = book.now
    book.unschedule(invoice["id"])
    book.put(invoice)
    found = payment_of(book, invoice)
    if found is not None and found[0]["status"] == "open":
        payment, _ = found
        payment |= {"amount_paid": invoice["amount_due"], "status": "paid"}
        payment["status_transitions"]["paid_at"] = book.now
        book.put(payment)
        book.emit("invoice_payment.paid", payment)
    book.emit("invoice.paid", invoice)
    book.emit("invoice.payment_succeeded", invoice)


def mark_paid_outside(book: Book, invoice: Json) -> None:
    """Mark an invoice paid in some other way: its intent is given up and no money passes through here."""
    found = payment_of(book, invoice)
    if found is not None:
        _give_up(book, *found, reason="abandoned")
    mark_paid(book, invoice)


def _give_up(book: Book, payment: Json, intent: Json, *, reason: str) -> None:
    payments.cancel(book, intent, reason)
    payment["status"] = "canceled"
    payment["status_transitions"]["canceled_at"] = book.now
    book.put(payment)


def mark_failed(book: Book, invoice: Json, decline: Decline, *, retry_at: int | None, needs_bank: bool = False) -> None:
    """Record a failed attempt on an open invoice and when the next one is."""
    invoice |= {
        "attempt_count": invoice["attempt_count"] + 1,
        "attempted": True,
        "auto_advance": retry_at is not None,
        "next_payment_attempt": retry_at,
    }
    if retry_at is None:
        book.unschedule(invoice["id"], "retry")
    else:
        book.schedule(invoice["id"], "retry", retry_at)
    invoice.setdefault(PRIVATE, {})["decline"] = decline.message
    book.put(invoice)
    if needs_bank:
        book.emit("invoice.payment_action_required", invoice)
    book.emit("invoice.payment_failed", invoice)


def void(book: Book, invoice: Json) -> None:
    """Void an open invoice, give its intent up, and give back the credit it used."""
    used = invoice["ending_balance"] - invoice["starting_balance"]
    customer = book.get("customer", invoice["customer"])
    balance.change_credit(book, customer, -used, kind="unapplied_from_invoice", invoice=invoice)
    invoice |= {"auto_advance": False, "next_payment_attempt": None, "status": "void"}
    invoice["status_transitions"]["voided_at"] = book.now
    book.unschedule(invoice["id"])
    book.put(invoice)
    found = payment_of(book, invoice)
    if found is not None:
        _give_up(book, *found, reason="void_invoice")
    book.emit("invoice.voided", invoice)


def retrieve(book: Book, _params: Json, identifier: str) -> Json:
    """Return one invoice."""
    return book.get("invoice", identifier)


def every(book: Book, params: Json) -> Json:
    """List invoices."""

    def keep(each: Json) -> bool:
        return bool(params.get("subscription") in (None, subscription_of(each)))

    return listing.of(
        book,
        "invoice",
        params,
        url="/v1/invoices",
        where={"customer": params.get("customer"), "status": params.get("status")},
        keep=keep,
    )


def subscription_of(invoice: Json) -> str:
    """Return the id of the subscription an invoice is for."""
    return str(invoice["parent"]["subscription_details"]["subscription"])


def invoice_payments(book: Book, params: Json) -> Json:
    """List invoice payments, by invoice, by status, or by the intent that paid."""
    by = params.get("payment", {}).get("payment_intent")

    def keep(each: Json) -> bool:
        return bool(by in (None, each["payment"]["payment_intent"]))

    return listing.of(
        book,
        "invoice_payment",
        params,
        url="/v1/invoice_payments",
        where={"invoice": params.get("invoice"), "status": params.get("status")},
        keep=keep,
    )


def invoice_payment(book: Book, _params: Json, identifier: str) -> Json:
    """Return one invoice payment."""
    return book.get("invoice_payment", identifier)


def lines(book: Book, params: Json, identifier: str) -> Json:
    """List an invoice's lines."""
    invoice = book.get("invoice", identifier)
    return listing.within(invoice["lines"]["data"], params, url=f"/v1/invoices/{identifier}/lines")


def open_invoice(book: Book, identifier: str) -> Json:
    """Return an invoice a person may look at; a draft has no page."""
    invoice = book.get("invoice", identifier)
    if invoice["status"] == "draft":
        raise missing("invoice", identifier)
    return invoice
