"""Products and prices: what is for sale."""

from typing import TYPE_CHECKING

from kjreport.standin import listing
from kjreport.standin.book import Book, Json, merge_metadata, public
from kjreport.standin.errors import Refusal, missing

if TYPE_CHECKING:
    from decimal import Decimal

CURRENCIES = frozenset({"gbp", "eur", "usd"})
_MOST_PENCE = 99_999_999


def create_product(book: Book, params: Json) -> Json:
    """Make a product."""
    identifier = params.get("id") or book.new_id("prod", 14)
    if book.find(identifier) is not None:
        raise Refusal("Product already exists.", code="resource_already_exists", param="id")
    product = {
        "id": identifier,
        "object": "product",
        "active": params.get("active", True),
        "created": book.now,
        "default_price": None,
        "description": params.get("description"),
        "images": params.get("images") or [],
        "livemode": False,
        "marketing_features": params.get("marketing_features") or [],
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "name": params["name"],
        "statement_descriptor": params.get("statement_descriptor"),
        "tax_code": params.get("tax_code"),
        "type": "service",
        "unit_label": params.get("unit_label"),
        "updated": book.now,
        "url": params.get("url"),
    }
    book.put(product)
    book.emit("product.created", product)
    return product


def retrieve_product(book: Book, _params: Json, identifier: str) -> Json:
    """Return one product."""
    return book.get("product", identifier)


def update_product(book: Book, params: Json, identifier: str) -> Json:
    """Change a product."""
    product = book.get("product", identifier)
    before = public(product)
    for name in ("active", "description", "images", "marketing_features", "name", "statement_descriptor", "url"):
        if name in params:
            product[name] = params[name] if params[name] != "" else ([] if name == "images" else None)
    for name in ("tax_code", "unit_label"):
        if name in params:
            product[name] = params[name] or None
    if "default_price" in params:
        price = book.get("price", params["default_price"], param="default_price")
        if price["product"] != identifier:
            raise missing("price", params["default_price"], param="default_price")
        product["default_price"] = price["id"]
    if "metadata" in params:
        product["metadata"] = merge_metadata(product["metadata"], params["metadata"])
    if product != before:
        product["updated"] = book.now
        book.put(product)
        book.emit("product.updated", product, before)
    return product


def products(book: Book, params: Json) -> Json:
    """List products."""

    def keep(each: Json) -> bool:
        return bool(
            params.get("active") in (None, each["active"]) and ("ids" not in params or each["id"] in params["ids"])
        )

    return listing.of(book, "product", params, url="/v1/products", keep=keep)


def create_price(book: Book, params: Json) -> Json:
    """Make a price of a product; a lookup key moves from another price only when asked to."""
    if ("product" in params) == ("product_data" in params):
        raise Refusal("You must specify either `product` or `product_data`.", code="parameter_missing", param="product")
    if "product" in params:
        product = book.get("product", params["product"], param="product")["id"]
    else:
        product = create_product(book, params["product_data"])["id"]
    price = price_from(book, params, product=product)
    key = params.get("lookup_key") or None
    if key is not None:
        _take_key(book, key, transfer=params.get("transfer_lookup_key", False))
    price |= {
        "lookup_key": key,
        "nickname": params.get("nickname"),
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "active": params.get("active", True),
    }
    book.put(price)
    book.emit("price.created", price)
    return price


def price_from(book: Book, params: Json, *, product: str) -> Json:
    """Return a price from create parameters or from a checkout's `price_data`, not yet kept."""
    currency = params["currency"].lower()
    if currency not in CURRENCIES:
        message = f"Invalid currency: {currency}. The stand-in knows {', '.join(sorted(CURRENCIES))}."
        raise Refusal(message, param="currency")
    amount = _amount(params)
    recurring = params.get("recurring")
    return {
        "id": book.new_id("price"),
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": book.now,
        "currency": currency,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product,
        "recurring": recurring
        and {
            "interval": recurring["interval"],
            "interval_count": recurring.get("interval_count", 1),
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }


def _amount(params: Json) -> int:
    given = params.get("unit_amount")
    if given is None and params.get("unit_amount_decimal") is not None:
        exact: Decimal = params["unit_amount_decimal"]
        if exact != exact.to_integral_value():
            message = "The stand-in takes whole minor units only: unit_amount_decimal has a fraction."
            raise Refusal(message, status=501, kind="api_error", param="unit_amount_decimal")
        given = int(exact)
    if given is None:
        message = "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set."
        raise Refusal(message, code="parameter_missing", param="unit_amount")
    if not 0 <= given <= _MOST_PENCE:
        message = f"Invalid non-negative integer, or too large: {given}"
        raise Refusal(message, code="parameter_invalid_integer", param="unit_amount")
    return int(given)


def _take_key(book: Book, key: str, *, transfer: bool, own: str = "") -> None:
    for other in book.every("price", lookup_key=key):
        if other["id"] == own:
            continue
        if not transfer:
            message = f"A price (`{other['id']}`) already uses that lookup key."
            raise Refusal(message, param="lookup_key")
        before = public(other)
        other["lookup_key"] = None
        book.put(other)
        book.emit("price.updated", other, before)


def retrieve_price(book: Book, _params: Json, identifier: str) -> Json:
    """Return one price."""
    return book.get("price", identifier)


def update_price(book: Book, params: Json, identifier: str) -> Json:
    """Change what may change of a price; its amount may not."""
    price = book.get("price", identifier)
    before = public(price)
    if params.get("lookup_key"):
        _take_key(book, params["lookup_key"], transfer=params.get("transfer_lookup_key", False), own=identifier)
    for name in ("active", "lookup_key", "nickname", "tax_behavior"):
        if name in params:
            price[name] = params[name] if params[name] != "" else None
    if "metadata" in params:
        price["metadata"] = merge_metadata(price["metadata"], params["metadata"])
    if price != before:
        book.put(price)
        book.emit("price.updated", price, before)
    return price


def prices(book: Book, params: Json) -> Json:
    """List prices, by lookup keys, product, currency, type and interval."""
    recurring = params.get("recurring", {})

    def keep(each: Json) -> bool:
        return bool(
            params.get("active") in (None, each["active"])
            and params.get("currency") in (None, each["currency"])
            and params.get("type") in (None, each["type"])
            and ("lookup_keys" not in params or each["lookup_key"] in params["lookup_keys"])
            and recurring.get("interval") in (None, (each["recurring"] or {}).get("interval"))
        )

    return listing.of(book, "price", params, url="/v1/prices", where={"product": params.get("product")}, keep=keep)
