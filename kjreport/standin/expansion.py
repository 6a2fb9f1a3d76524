"""`expand`: ids in an answer replaced by the objects they name, four levels deep at most."""

from kjreport.standin.book import Book, Json, in_list, public
from kjreport.standin.errors import Refusal

DEEPEST = 4


def expand(book: Book, answer: Json, paths: list[str]) -> Json:
    """Return `answer` with each dotted path expanded."""
    for path in paths:
        parts = path.split(".")
        if len(parts) - (parts[0] == "data") > DEEPEST:
            message = f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}"
            raise Refusal(message, code="property_expansion_max_depth", param="expand")
        if parts[0] == "data" and answer.get("object") == "list":
            for item in answer["data"]:
                _descend(book, item, parts[1:], path)
        else:
            _descend(book, answer, parts, path)
    return answer


def _descend(book: Book, node: Json, parts: list[str], path: str) -> None:
    if not parts:
        return
    name, rest = parts[0], parts[1:]
    if name == "data" and node.get("object") == "list":
        for item in node["data"]:
            _descend(book, item, rest, path)
        return
    value = _unfold(book, node, name, path)
    for inner in value if isinstance(value, list) else [value]:
        if isinstance(inner, dict):
            _descend(book, inner, rest, path)


def _unfold(book: Book, node: Json, name: str, path: str) -> object:
    if name not in node or (node[name] is None and (node.get("object"), name) in _INCLUDED):
        include = _INCLUDED.get((str(node.get("object")), name))
        if include is None:
            message = f"This property cannot be expanded ({path})."
            raise Refusal(message, code="property_cannot_be_expanded", param="expand")
        node[name] = include(book, node)
    value = node[name]
    if isinstance(value, str):
        found = book.find(value)
        if found is None:
            message = f"This property cannot be expanded ({path})."
            raise Refusal(message, code="property_cannot_be_expanded", param="expand")
        node[name] = value = public(found)
    elif isinstance(value, list):
        node[name] = value = [_whole(book, each) for each in value]
    return value


def _whole(book: Book, value: object) -> object:
    found = book.find(value) if isinstance(value, str) else None
    return value if found is None else public(found)


def _line_items(book: Book, session: Json) -> Json:
    kept = book.get("checkout.session", session["id"])
    return in_list(kept["_standin"]["line_items"], f"/v1/checkout/sessions/{session['id']}/line_items")


def _subscriptions(book: Book, customer: Json) -> Json:
    kept = [public(each) for each in book.every("subscription", customer=customer["id"])]
    return in_list(
        [each for each in kept if each["status"] != "canceled"], f"/v1/customers/{customer['id']}/subscriptions"
    )


def _invoice_payments(book: Book, invoice: Json) -> Json:
    return in_list(
        [public(each) for each in book.every("invoice_payment", invoice=invoice["id"])], "/v1/invoice_payments"
    )


def _refunds(book: Book, charge: Json) -> Json:
    return in_list(
        [public(each) for each in book.every("refund", charge=charge["id"])], f"/v1/charges/{charge['id']}/refunds"
    )


_INCLUDED = {
    ("checkout.session", "line_items"): _line_items,
    ("customer", "subscriptions"): _subscriptions,
    ("invoice", "payments"): _invoice_payments,
    ("charge", "refunds"): _refunds,
}
