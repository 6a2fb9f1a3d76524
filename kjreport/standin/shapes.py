"""Objects completed with the nullable fields which the library's own object types declare."""

import types
from functools import cache
from typing import Any, ClassVar, Union, get_args, get_origin

from stripe._api_resource import APIResource  # noqa: TID251  its types only, no client
from stripe._list_object import ListObject  # noqa: TID251  its types only, no client
from stripe._object_classes import OBJECT_CLASSES  # noqa: TID251  its types only, no client
from stripe._stripe_object import StripeObject  # noqa: TID251  its types only, no client

# Stripe leaves these out of an answer unless they are asked for with `expand`, or unless the object is deleted.
LEFT_OUT = frozenset(
    {
        ("customer", "cash_balance"),
        ("customer", "sources"),
        ("customer", "subscriptions"),
        ("customer", "tax"),
        ("customer", "tax_ids"),
        ("price", "currency_options"),
        ("price", "tiers"),
        ("charge", "refunds"),
        ("checkout.session", "line_items"),
        ("invoice", "payments"),
        ("webhook_endpoint", "secret"),
        (None, "previous_attributes"),
    }
)


@cache
def class_of(kind: str) -> type | None:
    """Return the library's class for the value of an `object` field."""
    found = OBJECT_CLASSES.get(kind)
    if isinstance(found, tuple):
        module, name = found
        found = getattr(__import__(module, fromlist=[name]), name)
    return found if isinstance(found, type) else None


@cache
def fields(kind: type) -> dict[str, Any]:
    """Return the public annotated fields of one of the library's classes."""
    annotations: dict[str, Any] = kind.__annotations__
    return {
        name: hint
        for name, hint in annotations.items()
        if not name.startswith("_") and not _is_of_class(hint) and name != "deleted"
    }


def _is_of_class(hint: Any) -> bool:  # noqa: ANN401  a type expression
    return hint is ClassVar or str(hint).startswith("typing.ClassVar")


def is_nullable(hint: Any) -> bool:  # noqa: ANN401  a type expression
    """Tell whether a field may be null."""
    return get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)


def _is_keyed(kind: type, field: str) -> bool:
    """Tell whether a field maps keys to objects; Stripe leaves such fields out, and the library trips over null."""
    return field in getattr(kind, "_inner_class_dicts", ())


def inner_class(hint: Any) -> type | None:  # noqa: ANN401  a type expression
    """Return the nested class (not a resource of its own) that a field holds, alone or in a list."""
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        return None if issubclass(hint, APIResource | ListObject) else hint
    for part in get_args(hint):
        found = inner_class(part)
        if found is not None and found.__name__ != "UntypedStripeObject":
            return found
    return None


@cache
def _plan(kind: type, name: str | None) -> tuple[tuple[str, type | None, bool], ...]:
    """Return each field of a class, the class it holds, and whether its absence is to be filled with null."""
    return tuple(
        (
            field,
            inner_class(hint),
            is_nullable(hint) and not _is_keyed(kind, field) and (name, field) not in LEFT_OUT,
        )
        for field, hint in fields(kind).items()
    )


_ABSENT = object()
_NESTED = frozenset({dict, list})


def complete(value: Any, kind: type | None = None) -> Any:  # noqa: ANN401  any JSON value
    """Add the missing nullable fields to `value`, in place and nested; required ones are the maker's duty."""
    if type(value) is list:  # plain JSON: asking for the exact type is much the fastest, and this runs at every step
        for each in value:
            complete(each, kind)
    elif type(value) is dict:
        name = value.get("object")
        if name == "list":
            complete(value["data"])
        elif isinstance(name, str):
            _fill(value, class_of(name), name)
        else:
            _fill(value, kind, None)
    return value


def _fill(value: dict[str, Any], kind: type | None, name: str | None) -> None:
    if kind is None or value.get("deleted"):
        return
    for field, inner, fill in _plan(kind, name):
        held = value.get(field, _ABSENT)
        if held is _ABSENT:
            if fill:
                value[field] = None
        elif type(held) in _NESTED:
            complete(held, inner)
