"""Answers compared, field by field and nested, with the object types of the installed library."""

import types
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, Literal, Union, get_args, get_origin

from stripe._api_resource import APIResource  # noqa: TID251  its types are what we test against
from stripe._list_object import ListObject  # noqa: TID251  likewise
from stripe._stripe_object import StripeObject  # noqa: TID251  likewise

from kjreport.standin.shapes import class_of


def faults_in(thing: Any, *, where: str = "") -> list[str]:
    """Return what is wrong with a JSON value: a missing or null required field, an ill-typed one, an unknown one."""
    return list(_faults(thing, None, where))


def _faults(thing: Any, kind: type | None, where: str) -> Iterator[str]:
    if isinstance(thing, list):
        for place, each in enumerate(thing):
            yield from _faults(each, kind, f"{where}[{place}]")
        return
    if not isinstance(thing, dict) or thing.get("deleted"):
        return
    name = thing.get("object")
    if name == "list":
        yield from _faults(thing.get("data"), None, f"{where}.data")
        yield from (f"{where}.{field}: missing" for field in ("data", "has_more", "url") if field not in thing)
        return
    if isinstance(name, str):
        kind = class_of(name)
        where = where or name
        if kind is None:
            yield f"{where}: no such object as {name}"
            return
    if kind is None:
        return
    yield from _field_faults(thing, kind, where)


def _field_faults(thing: dict[str, Any], kind: type, where: str) -> Iterator[str]:
    hints = _hints(kind)
    for field, hint in hints.items():
        inside = f"{where}.{field}"
        if field not in thing:
            if not _nullable(hint):
                yield f"{inside}: missing"
        elif thing[field] is None:
            if not _nullable(hint):
                yield f"{inside}: null"
        elif not _fits(hint, thing[field]):
            yield f"{inside}: {thing[field]!r} is not {hint}"
        else:
            yield from _faults(thing[field], _inner(hint), inside)
    for field in thing:
        if field not in hints and field != "deleted":
            yield f"{where}.{field}: unknown"


@cache
def _hints(kind: type) -> dict[str, Any]:
    return {
        name: hint
        for name, hint in kind.__annotations__.items()
        if not name.startswith("_") and "ClassVar" not in str(hint) and hint is not ClassVar
    }


def _nullable(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)


def _fits(hint: Any, value: Any) -> bool:  # noqa: PLR0911  one answer for each kind of type
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        literals = [part for part in parts if get_origin(part) is Literal]
        if literals and isinstance(value, str):
            return any(value in get_args(part) for part in literals)  # open enums, but we say only what is known
        return any(_fits(part, value) for part in parts)
    if origin is Literal:
        return value in parts
    if origin in (list, dict):
        return isinstance(value, origin)
    if hint in (int, str, bool):
        return type(value) is hint
    if hint is float:
        return isinstance(value, int | float)
    if hint is Decimal:
        return isinstance(value, str)
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        return isinstance(value, dict)
    return hint is not type(None)  # forward references to resources, generic lists of them: seen into by value


def _inner(hint: Any) -> type | None:
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        return None if issubclass(hint, APIResource | ListObject) else hint
    for part in get_args(hint):
        found = _inner(part)
        if found is not None and found.__name__ != "UntypedStripeObject":
            return found
    return None
