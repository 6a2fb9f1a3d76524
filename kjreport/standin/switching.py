"""Price switches with proration, and previews of invoices."""

from fractions import Fraction

from kjreport.standin import dunning, endings, invoices, periods, subscriptions
from kjreport.standin.book import PRIVATE, Book, Json, public
from kjreport.standin.errors import Refusal, missing, not_done


def switch(book: Book, subscription: Json, params: Json) -> None:
    """Change the price or the quantity of a subscription's item."""
    before = public(subscription)
    lines, anew = apply(book, subscription, params)
    bill_now = anew or params.get("proration_behavior") == "always_invoice"
    if not bill_now:
        subscription.setdefault(PRIVATE, {}).setdefault("pending", []).extend(lines)
    book.put(subscription)
    if public(subscription) != before:
        book.emit("customer.subscription.updated", subscription, before)
    subscriptions.schedule(book, subscription)
    if bill_now and lines:
        invoice = invoices.draft(book, subscription, lines, reason="subscription_update", discounts=[])
        subscription["latest_invoice"] = invoice["id"]
        book.put(subscription)
        dunning.finalise(book, invoice["id"])


def apply(book: Book, subscription: Json, params: Json) -> tuple[list[Json], bool]:
    """Change `subscription` in place; return the lines this makes and whether a new period began."""
    if len(params["items"]) != 1:
        message = "subscriptions.update with other than one item"
        raise not_done(message)
    wanted = params["items"][0]
    item = _chosen(subscription, wanted)
    price = _price(book, wanted.get("price", item["price"]["id"]), subscription)
    quantity = wanted.get("quantity", item["quantity"])
    if quantity < 1:
        raise Refusal("Invalid integer: quantity must be at least 1.", param="items[0][quantity]")
    behaviour = params.get("proration_behavior", "create_prorations")
    anew = _rhythm(price) != _rhythm(item["price"])
    at = params.get("proration_date", book.now)
    lines = [] if behaviour == "none" else _credit(book, subscription, item, at)
    item |= {"price": public(price), "plan": subscriptions.plan_of(price), "quantity": quantity}
    if anew:
        recurring = price["recurring"]
        end = periods.next_end(book.now, recurring["interval"], recurring["interval_count"], book.now)
        item |= {"current_period_start": book.now, "current_period_end": end}
        subscription["billing_cycle_anchor"] = book.now
        if subscription["status"] == "trialing":
            subscription |= {"status": "active", "trial_end": book.now}
        return [*lines, invoices.line(book, subscription, item, start=book.now, end=end)], True
    return [*lines, *([] if behaviour == "none" else _debit(book, subscription, item, at))], False


def _chosen(subscription: Json, wanted: Json) -> Json:
    items: list[Json] = subscription["items"]["data"]
    if "id" not in wanted:
        message = "subscriptions.update that adds an item"
        raise not_done(message)
    for item in items:
        if item["id"] == wanted["id"]:
            return item
    raise missing("subscription_item", wanted["id"], param="items[0][id]")


def _price(book: Book, identifier: str, subscription: Json) -> Json:
    price = book.get("price", identifier, param="items[0][price]")
    if not price["recurring"]:
        message = (
            "The price specified is set to `type=one_time` but this field only accepts prices with "
            f"`type=recurring`: {identifier}"
        )
        raise Refusal(message, param="items[0][price]")
    if price["currency"] != subscription["currency"]:
        message = (
            f"The price {identifier} is in {price['currency']}; the subscription is in {subscription['currency']}."
        )
        raise Refusal(message, param="items[0][price]")
    return price


def _rhythm(price: Json) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def _share(item: Json, at: int) -> Fraction:
    start, end = item["current_period_start"], item["current_period_end"]
    return Fraction(max(min(end - at, end - start), 0), end - start)


def _credit(book: Book, subscription: Json, item: Json, at: int) -> list[Json]:
    if subscription["status"] == "trialing":
        return []
    amount = -round(item["price"]["unit_amount"] * item["quantity"] * _share(item, at))
    return [_proration(book, subscription, item, at, amount, "Unused time on the former price")]


def _debit(book: Book, subscription: Json, item: Json, at: int) -> list[Json]:
    if subscription["status"] == "trialing":
        return []
    amount = round(item["price"]["unit_amount"] * item["quantity"] * _share(item, at))
    return [_proration(book, subscription, item, at, amount, "Remaining time on the new price")]


def _proration(book: Book, subscription: Json, item: Json, at: int, amount: int, text: str) -> Json:  # noqa: PLR0917
    return invoices.line(
        book,
        subscription,
        item,
        start=at,
        end=item["current_period_end"],
        amount=amount,
        proration=True,
        description=text,
    )


def preview(book: Book, params: Json) -> Json:
    """Return the invoice that the next renewal, or a change asked about, would make; nothing is kept."""
    if "subscription" not in params:
        message = "invoices.create_preview without a subscription"
        raise not_done(message)
    subscription = book.get("subscription", params["subscription"], param="subscription")
    if subscription["status"] in endings.OVER:
        raise Refusal("No upcoming invoices for customer.", status=404, code="invoice_upcoming_none")
    details = params.get("subscription_details", {})
    if "items" not in details:
        invoice = subscriptions.upcoming(book, subscription)
    else:
        lines, anew = apply(book, subscription, details)
        if anew or details.get("proration_behavior") == "always_invoice":
            invoice = invoices.compose(book, subscription, lines, reason="subscription_update", discounts=[])
        else:
            subscription.setdefault(PRIVATE, {}).setdefault("pending", []).extend(lines)
            invoice = subscriptions.upcoming(book, subscription)
    invoice["id"] = "upcoming_" + book.new_id("in")
    return invoice
