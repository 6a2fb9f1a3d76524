"""Price switches with proration, and previews of invoices."""

from dataclasses import dataclass

from kjreport.standin import agenda, dunning, invoices, pausing, prorating, subscriptions
from kjreport.standin.book import PRIVATE, Book, Json, copied, merge_metadata, public
from kjreport.standin.errors import Refusal, missing, not_done


def switch(book: Book, subscription: Json, params: Json) -> None:
    """Change the items of a subscription: their prices, their quantities, one more, one less."""
    before = public(subscription)
    lines, anew = apply(book, subscription, params)
    bill_now = anew or params.get("proration_behavior") == "always_invoice"
    pending = subscription.setdefault(PRIVATE, {}).setdefault("pending", [])
    if bill_now:
        lines = [*pending, *lines]
        pending.clear()
    else:
        pending.extend(lines)
    book.put(subscription)
    if public(subscription) != before:
        book.emit("customer.subscription.updated", subscription, before)
    agenda.plan(book, subscription)
    if bill_now and lines:
        bill(book, subscription, lines)


def bill(book: Book, subscription: Json, lines: list[Json]) -> None:
    """Invoice a change of a subscription at once, and charge it."""
    given = invoices.standing_discounts(book, subscription)
    invoice = invoices.draft(book, subscription, lines, reason="subscription_update", discounts=given)
    invoices.note_billed(subscription, [each for each in lines if not _is_proration(each)])
    subscription["latest_invoice"] = invoice["id"]
    subscriptions.forget_spent(book, subscription)
    book.put(subscription)
    dunning.finalise(book, invoice["id"])


def pause(book: Book, subscription: Json, *, unused: str, invoice_now: bool, resumes_at: int | None) -> None:
    """Pause on request; the time not used, from now or from the period's start, is given back now or later."""
    lines: list[Json] = []
    if unused != "none":
        for item in subscription["items"]["data"]:
            at = book.now if unused == "now" else item["current_period_start"]
            lines += prorating.credit(book, subscription, item, at)
            prorating.forget(subscription, item)
    pending = subscription.setdefault(PRIVATE, {}).setdefault("pending", [])
    pending.extend(lines)
    pausing.pause(book, subscription, cause="pause_requested", resumes_at=resumes_at)
    if invoice_now and pending:
        lines = list(pending)
        pending.clear()
        bill(book, subscription, lines)


def resume(book: Book, subscription: Json, *, waits_for_payment: bool = False) -> None:
    """Go on after a pause: a new period from now, billed and charged at once.

    With `waits_for_payment` it stays paused until the invoice is paid.
    """
    before = public(subscription)
    pending = subscription.setdefault(PRIVATE, {}).pop("pending", [])
    subscription["billing_cycle_anchor"] = book.now
    subscriptions.restart(book, subscription)
    if waits_for_payment:
        subscription[PRIVATE]["resuming"] = True
    else:
        subscription |= {"status": "active", "status_details": None}
        book.put(subscription)
        agenda.plan(book, subscription)
        book.emit("customer.subscription.updated", subscription, before)
        book.emit("customer.subscription.resumed", subscription)
    bill(book, subscription, [*pending, *subscriptions.period_lines(book, subscription)])


def resume_due(book: Book, identifier: str) -> None:
    """Resume a subscription whose pause was for a time."""
    subscription = book.get("subscription", identifier)
    if subscription["status"] == "paused":
        resume(book, subscription)


def _is_proration(line: Json) -> bool:
    return bool(line["parent"]["subscription_item_details"]["proration"])


def apply(book: Book, subscription: Json, params: Json) -> tuple[list[Json], bool]:
    """Change `subscription` in place; return the lines this makes and whether a new period began."""
    changes = [_change(book, subscription, wanted, place) for place, wanted in enumerate(params.get("items", []))]
    behaviour = params.get("proration_behavior", "create_prorations")
    at = params.get("proration_date", book.now)
    items: list[Json] = subscription["items"]["data"]
    credited = {each.item["id"] for each in changes if each.item is not None and each.is_a_change()}
    former, after = list(items), _after(book, subscription, changes)
    rhythm = _one_rhythm(after)
    in_trial = subscription["status"] == "trialing"
    anew = rhythm != _rhythm(items[0]["price"]) and not in_trial
    if in_trial and params.get("trial_end") == "now":
        anew = True
        subscription |= {"status": "active", "trial_end": book.now}
    lines: list[Json] = []
    if behaviour != "none" and not in_trial:
        given_back = former if anew else [each for each in former if each["id"] in credited]
        lines = [line for each in given_back for line in prorating.credit(book, subscription, each, at)]
    subscription["items"]["data"] = after
    for each in former:
        if anew or each["id"] not in {kept["id"] for kept in after}:
            prorating.forget(subscription, each)
    if anew:
        subscription["billing_cycle_anchor"] = book.now
        subscriptions.restart(book, subscription)
        return [*lines, *subscriptions.period_lines(book, subscription)], True
    if behaviour != "none":
        changed = [each for each in after if each["id"] in credited or _is_new(each, former)]
        lines += [line for each in changed for line in prorating.debit(book, subscription, each, at)]
    return lines, False


def _is_new(item: Json, former: list[Json]) -> bool:
    return all(item["id"] != each["id"] for each in former)


@dataclass(frozen=True)
class _Change:
    """One wanted change: of `item`, or of none when one is added; `price` is None when it goes."""

    item: Json | None
    price: Json | None
    quantity: int = 1
    metadata: Json | None = None

    def is_a_change(self) -> bool:
        """Tell whether anything that is billed changes."""
        if self.item is None or self.price is None:
            return True
        return (self.item["price"]["id"], self.item["quantity"]) != (self.price["id"], self.quantity)


def _change(book: Book, subscription: Json, wanted: Json, place: int) -> _Change:
    where = f"items[{place}]"
    item = _chosen(subscription, wanted, where) if "id" in wanted else None
    if wanted.get("deleted"):
        if item is None:
            raise Refusal("Only an item named by its id can be deleted.", param=f"{where}[id]")
        return _Change(item, None)
    if item is None and "price" not in wanted:
        message = f"Missing required param: {where}[price]."
        raise Refusal(message, code="parameter_missing", param=f"{where}[price]")
    price = _price(book, wanted.get("price") or (item or {})["price"]["id"], subscription, where)
    quantity: int = wanted["quantity"] if "quantity" in wanted else 1 if item is None else item["quantity"]
    if quantity < 1:
        message = f"Invalid integer: {where}[quantity] must be at least 1."
        raise Refusal(message, code="parameter_invalid_integer", param=f"{where}[quantity]")
    return _Change(item, price, quantity, wanted.get("metadata"))


def _after(book: Book, subscription: Json, changes: list[_Change]) -> list[Json]:
    """Return the items as they are after the changes, the former ones untouched."""
    items: list[Json] = [copied(each) for each in subscription["items"]["data"]]
    for change in changes:
        if change.item is not None and change.price is None:
            items = [each for each in items if each["id"] != change.item["id"]]
        elif change.price is not None:
            item = next((each for each in items if change.item is not None and each["id"] == change.item["id"]), None)
            if item is None:
                until = items[0]["current_period_end"] if items else book.now
                item = subscriptions.new_item(book, subscription["id"], change.price, change.quantity, until=until)
                item["current_period_start"] = items[0]["current_period_start"] if items else book.now
                items.append(item)
            item |= {
                "price": public(change.price),
                "plan": subscriptions.plan_of(change.price),
                "quantity": change.quantity,
            }
            if change.metadata is not None:
                item["metadata"] = merge_metadata(item["metadata"], change.metadata)
    if not items:
        raise Refusal("A subscription must have at least one active plan.", param="items")
    if len({each["price"]["id"] for each in items}) < len(items):
        raise Refusal("Cannot add multiple subscription items with the same price.", param="items")
    return items


def _one_rhythm(items: list[Json]) -> tuple[str, int]:
    rhythms = {_rhythm(each["price"]) for each in items}
    if len(rhythms) > 1:
        message = "subscriptions with items of different intervals"
        raise not_done(message)
    return rhythms.pop()


def _chosen(subscription: Json, wanted: Json, where: str) -> Json:
    items: list[Json] = subscription["items"]["data"]
    for item in items:
        if item["id"] == wanted["id"]:
            return item
    raise missing("subscription_item", wanted["id"], param=f"{where}[id]")


def _price(book: Book, identifier: str, subscription: Json, where: str) -> Json:
    price = book.get("price", identifier, param=f"{where}[price]")
    if not price["recurring"]:
        message = (
            "The price specified is set to `type=one_time` but this field only accepts prices with "
            f"`type=recurring`: {identifier}"
        )
        raise Refusal(message, param=f"{where}[price]")
    if price["currency"] != subscription["currency"]:
        message = (
            f"The price {identifier} is in {price['currency']}; the subscription is in {subscription['currency']}."
        )
        raise Refusal(message, param=f"{where}[price]")
    return price


def _rhythm(price: Json) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def preview(book: Book, params: Json) -> Json:
    """Return the invoice that the next renewal, or a change asked about, would make; nothing is kept."""
    if "subscription" not in params:
        message = "invoices.create_preview without a subscription"
        raise not_done(message)
    subscription = book.get("subscription", params["subscription"], param="subscription")
    if subscription["status"] in agenda.OVER:
        raise Refusal("No upcoming invoices for customer.", status=404, code="invoice_upcoming_none")
    details = params.get("subscription_details", {})
    if not {"items", "trial_end"} & set(details):
        invoice = subscriptions.upcoming(book, subscription)
    else:
        lines, anew = apply(book, subscription, details)
        pending = subscription.setdefault(PRIVATE, {}).setdefault("pending", [])
        if anew or details.get("proration_behavior") == "always_invoice":
            given = invoices.standing_discounts(book, subscription)
            reason = "subscription_update"
            invoice = invoices.compose(book, subscription, [*pending, *lines], reason=reason, discounts=given)
        else:
            pending.extend(lines)
            invoice = subscriptions.upcoming(book, subscription)
    invoice["id"] = "upcoming_" + book.new_id("in")
    return invoice
