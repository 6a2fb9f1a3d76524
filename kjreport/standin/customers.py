"""Customers: made by the site, changed by the site or in the portal, deleted for good."""

from kjreport.standin import listing
from kjreport.standin.book import Book, Json, in_list, merge_metadata, public
from kjreport.standin.errors import Refusal, missing

_PLAIN = ("email", "name", "phone", "description", "business_name", "individual_name")


def create(book: Book, params: Json) -> Json:
    """Make a customer."""
    _check_email(params)
    customer = {
        "id": book.new_id("cus", 14),
        "object": "customer",
        "address": params.get("address") or None,
        "balance": 0,
        "created": book.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "invoice_prefix": book.new_id("", 8).strip("_").upper(),
        "invoice_settings": {},
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "next_invoice_sequence": 1,
        "preferred_locales": params.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": "none",
    }
    if params.get("test_clock"):
        customer["test_clock"] = book.get("test_helpers.test_clock", params["test_clock"], param="test_clock")["id"]
    customer |= {name: params.get(name) or None for name in _PLAIN}
    book.put(customer)
    book.emit("customer.created", customer)
    return customer


def retrieve(book: Book, _params: Json, identifier: str) -> Json:
    """Return a customer; a deleted one as Stripe does, with little but its id."""
    return book.get("customer", identifier)


def living(book: Book, identifier: str, *, param: str = "customer") -> Json:
    """Return a customer who has not been deleted."""
    customer = book.get("customer", identifier, param=param)
    if customer.get("deleted"):
        raise missing("customer", identifier, param=param)
    return customer


def update(book: Book, params: Json, identifier: str) -> Json:
    """Change a customer; an empty string unsets."""
    customer = living(book, identifier, param="id")
    _check_email(params)
    before = public(customer)
    for name in (*_PLAIN, "address"):
        if name in params:
            customer[name] = params[name] or None
    if "metadata" in params:
        customer["metadata"] = merge_metadata(customer["metadata"], params["metadata"])
    if "preferred_locales" in params:
        customer["preferred_locales"] = params["preferred_locales"]
    method = params.get("invoice_settings", {}).get("default_payment_method")
    if method is not None:
        if method:
            _owned_method(book, customer, method)
        customer["invoice_settings"]["default_payment_method"] = method or None
    return save(book, customer, before)


def save(book: Book, customer: Json, before: Json) -> Json:
    """Keep a changed customer and tell of it, when anything did change."""
    book.put(customer)
    if public(customer) != before:
        book.emit("customer.updated", customer, before)
    return customer


def _owned_method(book: Book, customer: Json, method: str) -> None:
    found = book.find(method)
    if found is None or found.get("customer") != customer["id"]:
        param = "invoice_settings[default_payment_method]"
        raise missing("PaymentMethod", method, param=param)


def every(book: Book, params: Json) -> Json:
    """List customers who are still there."""

    def keep(each: Json) -> bool:
        return not each.get("deleted") and each.get("test_clock") == params.get("test_clock")

    return listing.of(book, "customer", params, url="/v1/customers", where={"email": params.get("email")}, keep=keep)


def methods_of(book: Book, params: Json, identifier: str) -> Json:
    """List a customer's payment methods."""
    living(book, identifier)

    def keep(each: Json) -> bool:
        return bool(_of_type(each, params))

    return listing.of(
        book,
        "payment_method",
        params,
        url=f"/v1/customers/{identifier}/payment_methods",
        where={"customer": identifier},
        keep=keep,
    )


def methods(book: Book, params: Json) -> Json:
    """List payment methods, of a customer when one is named."""
    if "customer" not in params:
        return in_list([], "/v1/payment_methods")

    def keep(each: Json) -> bool:
        return bool(_of_type(each, params))

    return listing.of(
        book, "payment_method", params, url="/v1/payment_methods", where={"customer": params["customer"]}, keep=keep
    )


def method(book: Book, _params: Json, identifier: str) -> Json:
    """Return one payment method."""
    return book.get("payment_method", identifier)


def _of_type(thing: Json, params: Json) -> bool:
    return params.get("type") in (None, thing["type"])


def _check_email(params: Json) -> None:
    email = params.get("email")
    if email and ("@" not in email[1:-1] or any(letter.isspace() for letter in email)):
        message = f"Invalid email address: {email}"
        raise Refusal(message, code="email_invalid", param="email")
