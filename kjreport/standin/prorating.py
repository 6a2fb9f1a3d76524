"""Time not used and time still to come, in money: credits from what was billed, debits from what is for sale."""

from fractions import Fraction

from kjreport.standin import discounts, invoices
from kjreport.standin.book import PRIVATE, Book, Json


def rounded(amount: Fraction) -> int:
    """Return whole minor units, a half going away from nought."""
    whole = abs(amount) + Fraction(1, 2)
    return (1 if amount >= 0 else -1) * (whole.numerator // whole.denominator)


def credit(book: Book, subscription: Json, item: Json, at: int) -> list[Json]:
    """Return the line that gives back what was billed for the time after `at`, net of discounts; none in a trial."""
    start, end = item["current_period_start"], item["current_period_end"]
    usual = {"amount": item["price"]["unit_amount"] * item["quantity"], "from": start, "until": end}
    billed = subscription.get(PRIVATE, {}).get("billed", {}).get(item["id"], usual)
    if subscription["status"] == "trialing" or billed["until"] <= billed["from"]:
        return []
    left = Fraction(min(max(billed["until"] - at, 0), billed["until"] - billed["from"]))
    amount = rounded(billed["amount"] * left / (billed["until"] - billed["from"]))
    return [_line(book, subscription, item, at=at, amount=-amount, text="Unused time on")]


def debit(book: Book, subscription: Json, item: Json, at: int) -> list[Json]:
    """Return the line that bills an item from `at` to its period's end, net of the standing discounts."""
    if subscription["status"] == "trialing":
        return []
    start, end = item["current_period_start"], item["current_period_end"]
    left = Fraction(max(min(end - at, end - start), 0), end - start)
    amount = rounded(_net_price(book, subscription, item) * left)
    made = _line(book, subscription, item, at=at, amount=amount, text="Remaining time on")
    invoices.note_billed(subscription, [made])
    return [made]


def forget(subscription: Json, item: Json) -> None:
    """Forget what was billed for an item: it has been given back."""
    subscription.get(PRIVATE, {}).get("billed", {}).pop(item["id"], None)


def _net_price(book: Book, subscription: Json, item: Json) -> int:
    """Return what a whole period of an item costs after the subscription's discounts, shared among its items."""
    items = subscription["items"]["data"]
    left = [each["price"]["unit_amount"] * each["quantity"] for each in items]
    for discount in invoices.standing_discounts(book, subscription):
        coupon = book.get("coupon", discount["source"]["coupon"])
        off = discounts.shared_out(discounts.taken_off(coupon, sum(left)), left)
        left = [amount - less for amount, less in zip(left, off, strict=True)]
    return next(int(amount) for amount, each in zip(left, items, strict=True) if each["id"] == item["id"])


def _line(book: Book, subscription: Json, item: Json, *, at: int, amount: int, text: str) -> Json:
    made = invoices.line(
        book, subscription, item, start=at, end=item["current_period_end"], amount=amount, proration=True
    )
    made["description"] = f"{text} {made['description']}"
    return made
