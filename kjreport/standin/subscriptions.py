"""A subscription's life: begun on payment, renewed, cancelled now or later, kept, ended."""

from dataclasses import dataclass

from kjreport.standin import agenda, cards, discounts, dunning, invoices, pausing, periods
from kjreport.standin.agenda import OVER
from kjreport.standin.book import PRIVATE, Book, Json, in_list, public
from kjreport.standin.endings import end
from kjreport.standin.errors import Refusal


@dataclass(frozen=True)
class Order:
    """What a new subscription is made of; `code` is a promotion code, `items` pairs of price and quantity."""

    customer: str
    items: list[tuple[Json, int]]
    metadata: Json
    description: str | None = None
    trial_end: int | None = None
    trial_settings: Json | None = None
    coupon: Json | None = None
    code: Json | None = None


def begin(book: Book, order: Order, method: Json | None) -> tuple[Json, Json]:
    """Make a subscription and its first invoice, paid with `method`, which is known to work."""
    subscription = _made(book, order, method)
    book.put(subscription)
    given = []
    if order.coupon is not None:
        given = [_discount(book, subscription, order)]
    start, until = book.now, _end_of(subscription)
    amount = 0 if order.trial_end else None
    lines = [
        invoices.line(book, subscription, item, start=start, end=until, amount=amount)
        for item in subscription["items"]["data"]
    ]
    invoice = invoices.draft(book, subscription, lines, reason="subscription_create", discounts=given)
    invoices.note_billed(subscription, lines)
    subscription["latest_invoice"] = invoice["id"]
    book.put(subscription)
    book.emit("customer.subscription.created", subscription)
    invoices.finalise(book, invoice)
    if invoice["status"] == "open":
        if method is None:
            raise Refusal("This customer has no attached payment source or default payment method.")
        found = invoices.payment_of(book, invoice)
        if cards.behaviour(method).waits and found is not None:
            dunning.wait(book, invoice, found[1], method)
        else:
            dunning.pay(book, invoice, method)
    forget_spent(book, subscription)
    book.put(subscription)
    agenda.plan(book, subscription)
    return subscription, invoice


def _made(book: Book, order: Order, method: Json | None) -> Json:
    identifier = book.new_id("sub")
    first = order.items[0][0]["recurring"]
    until = order.trial_end or periods.next_end(book.now, first["interval"], first["interval_count"], book.now)
    items = [new_item(book, identifier, price, quantity, until=until) for price, quantity in order.items]
    return {
        "id": identifier,
        "object": "subscription",
        "automatic_tax": {"enabled": False, "disabled_reason": None, "liability": None},
        "billing_cycle_anchor": order.trial_end or book.now,
        "billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "included"}, "updated_at": book.now},
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": book.now,
        "currency": order.items[0][0]["currency"],
        "customer": order.customer,
        "default_payment_method": None if method is None else method["id"],
        "default_tax_rates": [],
        "description": order.description,
        "discounts": [],
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": in_list(items, f"/v1/subscription_items?subscription={identifier}"),
        "livemode": False,
        "metadata": order.metadata,
        "payment_settings": {"save_default_payment_method": "off"},
        "start_date": book.now,
        "test_clock": book.clock or None,
        "status": "trialing" if order.trial_end else "active",
        "trial_end": order.trial_end,
        "trial_settings": order.trial_settings or {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": book.now if order.trial_end else None,
    }


def new_item(book: Book, subscription: str, price: Json, quantity: int, *, until: int) -> Json:
    """Return a subscription's item whose period runs from now."""
    return {
        "id": book.new_id("si", 14),
        "object": "subscription_item",
        "created": book.now,
        "current_period_end": until,
        "current_period_start": book.now,
        "discounts": [],
        "metadata": {},
        "plan": plan_of(price),
        "price": public(price),
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    }


def plan_of(price: Json) -> Json:
    """Return a price in the older shape of a plan, which items still carry."""
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "product": price["product"],
        "usage_type": "licensed",
    }


def _discount(book: Book, subscription: Json, order: Order) -> Json:
    coupon = order.coupon or {}
    discount = discounts.redeem(
        book, order.code, coupon, customer=subscription["customer"], subscription=subscription["id"]
    )
    if coupon["duration"] == "repeating":
        discount["end"] = periods.after(book.now, "month", 1, coupon["duration_in_months"])
        book.put(discount)
    subscription["discounts"] = [discount["id"]]
    return discount


def forget_spent(book: Book, subscription: Json) -> None:
    """Drop discounts that have been used up: once they took something, or once their time is over."""
    invoice = book.get("invoice", subscription["latest_invoice"])
    took = {each["discount"] for each in invoice["total_discount_amounts"] if each["amount"]}
    kept = []
    for identifier in subscription["discounts"]:
        discount = book.get("discount", identifier)
        once = book.get("coupon", discount["source"]["coupon"])["duration"] == "once"
        is_over = identifier in took if once else discount["end"] is not None and discount["end"] <= book.now
        if is_over:
            book.put(discount | {"end": discount["end"] or book.now})
            book.emit("customer.discount.deleted", discount)
        else:
            kept.append(identifier)
    subscription["discounts"] = kept


def _end_of(subscription: Json) -> int:
    return int(subscription["items"]["data"][0]["current_period_end"])


def renew(book: Book, identifier: str) -> None:
    """Roll the period forward and draft the invoice, whatever may come of its payment."""
    subscription = book.get("subscription", identifier)
    if subscription["status"] in (*OVER, "paused"):
        return
    if subscription["cancel_at"] and subscription["cancel_at"] <= book.now:
        end(book, subscription, reason="cancellation_requested")
        return
    before = public(subscription)
    if subscription["status"] == "trialing" and not _may_leave_trial(book, subscription):
        return
    roll(subscription)
    pending = subscription.get(PRIVATE, {}).pop("pending", [])
    lines = period_lines(book, subscription)
    given = invoices.standing_discounts(book, subscription)
    invoice = invoices.draft(book, subscription, [*pending, *lines], reason="subscription_cycle", discounts=given)
    invoices.note_billed(subscription, lines)
    invoice |= {"period_start": before["items"]["data"][0]["current_period_start"], "period_end": book.now}
    if subscription["status"] == "unpaid":  # its invoices stay drafts until somebody sees to them
        invoice |= {"auto_advance": False, "automatically_finalizes_at": None}
    else:
        book.schedule(invoice["id"], "finalise", invoice["automatically_finalizes_at"])
    book.put(invoice)
    subscription["latest_invoice"] = invoice["id"]
    forget_spent(book, subscription)
    book.put(subscription)
    book.emit("customer.subscription.updated", subscription, before)
    agenda.plan(book, subscription)


def roll(subscription: Json) -> None:
    """Move every item to its next period, on the grid of the anchor."""
    for item in subscription["items"]["data"]:
        recurring, start = item["price"]["recurring"], item["current_period_end"]
        item["current_period_start"] = start
        item["current_period_end"] = periods.next_end(
            subscription["billing_cycle_anchor"], recurring["interval"], recurring["interval_count"], start
        )


def restart(book: Book, subscription: Json) -> None:
    """Begin every item's period afresh, now."""
    for item in subscription["items"]["data"]:
        recurring = item["price"]["recurring"]
        item["current_period_start"] = book.now
        item["current_period_end"] = periods.next_end(
            book.now, recurring["interval"], recurring["interval_count"], book.now
        )


def period_lines(book: Book, subscription: Json) -> list[Json]:
    """Return the lines for the items' present periods."""
    return [
        invoices.line(book, subscription, item, start=item["current_period_start"], end=item["current_period_end"])
        for item in subscription["items"]["data"]
    ]


def _may_leave_trial(book: Book, subscription: Json) -> bool:
    behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if dunning.method_for(book, subscription) is None and behaviour == "cancel":
        end(book, subscription, reason="payment_failed")
        return False
    if dunning.method_for(book, subscription) is None and behaviour == "pause":
        pausing.pause(book, subscription, cause="trial_end_without_payment_method")
        return False
    subscription["status"] = "active"
    return True


def cancel_later(book: Book, subscription: Json, at: int, *, details: Json | None = None) -> None:
    """Have a subscription end at a moment; in flexible billing only `cancel_at` says so."""
    before = public(subscription)
    subscription |= {"cancel_at": at, "canceled_at": book.now}
    subscription["cancellation_details"] |= {"reason": "cancellation_requested"} | (details or {})
    book.put(subscription)
    agenda.plan(book, subscription)
    book.emit("customer.subscription.updated", subscription, before)


def keep(book: Book, subscription: Json) -> None:
    """Take a cancellation back."""
    before = public(subscription)
    subscription |= {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": None}
    subscription["cancellation_details"] = {"comment": None, "feedback": None, "reason": None}
    book.put(subscription)
    agenda.plan(book, subscription)
    book.emit("customer.subscription.updated", subscription, before)


def announce(book: Book, identifier: str) -> None:
    """Send `invoice.upcoming`, whose invoice has no id."""
    subscription = book.get("subscription", identifier)
    if subscription["status"] in (*OVER, "paused") or subscription["cancel_at"]:
        return
    book.emit("invoice.upcoming", upcoming(book, subscription))


def upcoming(book: Book, subscription: Json) -> Json:
    """Return the invoice a subscription's next renewal would make, without an id."""
    ahead = public(subscription)
    roll(ahead)
    lines = [*subscription.get(PRIVATE, {}).get("pending", []), *period_lines(book, ahead)]
    given = _discounts_at(book, subscription, ahead["items"]["data"][0]["current_period_start"])
    invoice = invoices.compose(book, ahead, lines, reason="upcoming", discounts=given)
    when = ahead["items"]["data"][0]["current_period_start"]
    invoice |= {
        "created": when,
        "next_payment_attempt": when + 3_600,
        "period_end": when,
        "period_start": subscription["items"]["data"][0]["current_period_start"],
    }
    return invoice


def _discounts_at(book: Book, subscription: Json, moment: int) -> list[Json]:
    found = [book.get("discount", each) for each in subscription["discounts"]]
    return [each for each in found if each["end"] is None or each["end"] > moment]


def notice_trial(book: Book, identifier: str) -> None:
    """Tell that a trial ends in three days."""
    book.emit("customer.subscription.trial_will_end", book.get("subscription", identifier))


def cancel_due(book: Book, identifier: str) -> None:
    """End a subscription whose moment has come."""
    subscription = book.get("subscription", identifier)
    if subscription["status"] not in OVER and subscription["cancel_at"] and subscription["cancel_at"] <= book.now:
        end(book, subscription, reason="cancellation_requested")
