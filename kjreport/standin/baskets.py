"""What a checkout session sells: its line items, its discount, its sum."""

from kjreport.standin import catalogue, discounts
from kjreport.standin.book import PRIVATE, Book, Json, public
from kjreport.standin.errors import Refusal


def line_items(book: Book, params: Json) -> list[Json]:
    """Return the line items of create parameters, each with a kept price."""
    given = params.get("line_items") or []
    if not given:
        message = f"You must pass `line_items` in `{params['mode']}` mode."
        raise Refusal(message, code="parameter_missing", param="line_items")
    items = [_line_item(book, each, place, params["mode"]) for place, each in enumerate(given)]
    if len({item["currency"] for item in items}) > 1:
        raise Refusal("All line items must have the same currency.", param="line_items")
    rhythms = {tuple(sorted((item["price"]["recurring"] or {}).items(), key=str)) for item in items}
    if len(rhythms) > 1:
        message = "Checkout does not support multiple prices with different billing intervals."
        raise Refusal(message, param="line_items")
    return items


def _line_item(book: Book, given: Json, place: int, mode: str) -> Json:
    where = f"line_items[{place}]"
    if ("price" in given) == ("price_data" in given):
        message = "You must specify either `price` or `price_data` when creating a Checkout Session line item."
        raise Refusal(message, code="parameter_missing", param=f"{where}[price]")
    quantity = given.get("quantity")
    if quantity is None:
        message = f"Quantity is required. Add `quantity` to `{where}`"
        raise Refusal(message, code="parameter_missing", param=f"{where}[quantity]")
    if quantity < 1:
        message = f"Invalid integer: {where}[quantity] must be at least 1."
        raise Refusal(message, code="parameter_invalid_integer", param=f"{where}[quantity]")
    price = _price(book, given, where)
    if not price["active"] and "price" in given:
        message = "The price specified is inactive. This field only accepts active prices."
        raise Refusal(message, param=f"{where}[price]")
    if (mode == "subscription") != bool(price["recurring"]):
        message = (
            "You must provide a recurring price in `subscription` mode."
            if mode == "subscription"
            else "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode "
            "or use only one-time prices."
        )
        raise Refusal(message, param=f"{where}[price]")
    amount = price["unit_amount"] * quantity
    product = book.get("product", price["product"])
    return {
        "id": book.new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product["name"],
        "price": public(price),
        "quantity": quantity,
    }


def _price(book: Book, given: Json, where: str) -> Json:
    if "price" in given:
        return book.get("price", given["price"], param=f"{where}[price]")
    data = given["price_data"]
    if ("product" in data) == ("product_data" in data):
        message = "You must specify either `product` or `product_data` when creating a price."
        raise Refusal(message, code="parameter_missing", param=f"{where}[price_data][product]")
    if "product" in data:
        product = book.get("product", data["product"], param=f"{where}[price_data][product]")["id"]
    else:
        product = catalogue.create_product(book, data["product_data"])["id"]
    try:
        price = catalogue.price_from(book, data, product=product)
    except Refusal as refusal:
        refusal.param = f"{where}[price_data][{refusal.param}]"
        raise
    return book.put(price | {"active": False})


def reckon(book: Book, session: Json) -> None:
    """Work a session's amounts out anew, in place."""
    notes = session[PRIVATE]
    items = notes["line_items"]
    subtotal = sum(item["amount_subtotal"] for item in items)
    off = 0
    if notes["coupon"] is not None:
        off = discounts.taken_off(book.get("coupon", notes["coupon"]), subtotal)
    left = off
    for item in items:
        item["amount_discount"] = min(left, item["amount_subtotal"])
        item["amount_total"] = item["amount_subtotal"] - item["amount_discount"]
        left -= item["amount_discount"]
    if is_trial(session):
        subtotal = off = 0
    session |= {
        "amount_subtotal": subtotal,
        "amount_total": subtotal - off,
        "total_details": {"amount_discount": off, "amount_shipping": 0, "amount_tax": 0},
    }


def is_trial(session: Json) -> bool:
    """Tell whether nothing is taken today because a trial comes first."""
    data = session[PRIVATE]["subscription_data"]
    return bool(data.get("trial_period_days") or data.get("trial_end"))


def take_code(session: Json, code: Json | None, coupon: Json) -> None:
    """Put a discount on a session, in place of any other."""
    session[PRIVATE] |= {"code": None if code is None else code["id"], "coupon": coupon["id"]}
    session["discounts"] = [{"coupon": coupon["id"], "promotion_code": None if code is None else code["id"]}]
