"""Requests checked and typed against the installed library's own parameter types (`stripe.params`)."""

import re
import types
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

import stripe.params  # noqa: TID251  its types only, no client
import stripe.params.billing_portal  # noqa: TID251  its types only, no client
import stripe.params.checkout  # noqa: TID251  its types only, no client
import stripe.params.radar  # noqa: TID251  its types only, no client
import stripe.params.test_helpers  # noqa: TID251  its types only, no client
from stripe._request_options import RequestOptions  # noqa: TID251  its types only, no client
from typing_extensions import is_typeddict

from kjreport.standin.errors import Refusal, not_done
from kjreport.standin.forms import bracketed

_WHOLE = re.compile(r"^-?\d{1,18}$", re.ASCII)
_FRACTION = re.compile(r"^-?\d{1,15}(\.\d{1,12})?$", re.ASCII)
_OPTIONS = frozenset(RequestOptions.__annotations__)
# Names which the library imports for type checkers only, or where its options are declared.
_NAMES: dict[str, Any] = {"StripeContext": object, "Mapping": Mapping}

type Path = tuple[str, ...]


@cache
def named(name: str) -> type:
    """Return the library's parameter type by its dotted name under `stripe.params`."""
    found: Any = stripe.params
    for part in name.split("."):
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]


@cache
def _fields(kind: type) -> dict[str, tuple[Any, bool]]:
    """Return each field's type and whether it is required."""
    fields: dict[str, tuple[Any, bool]] = {}
    required: frozenset[str] = getattr(kind, "__required_keys__", frozenset())
    for name, hint in get_type_hints(kind, localns=_NAMES, include_extras=True).items():
        if name in _OPTIONS:
            continue
        bare, needed = hint, name in required
        while get_origin(bare) in (NotRequired, Required):
            needed = get_origin(bare) is Required
            bare = get_args(bare)[0]
        fields[name] = (bare, needed)
    return fields


def check(kind: type, raw: dict[str, Any], path: Path = ()) -> dict[str, Any]:
    """Return `raw` typed as `kind` says; anything unknown, missing or ill-typed is refused by name."""
    fields = _fields(kind)
    for name in raw:
        if name not in fields:
            where = bracketed((*path, name))
            message = f"Received unknown parameter: {where}"
            raise Refusal(message, code="parameter_unknown", param=where)
    typed = {}
    for name, (hint, needed) in fields.items():
        inner = (*path, name)
        if name in raw:
            typed[name] = _value(hint, raw[name], inner)
        elif needed:
            message = f"Missing required param: {bracketed(inner)}."
            raise Refusal(message, code="parameter_missing", param=bracketed(inner))
    return typed


def _value(hint: Any, raw: Any, path: Path) -> Any:  # noqa: ANN401  a type expression, and whatever it types
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(hint), raw, path)
    if origin is Literal:
        return _literal(get_args(hint), raw, path)
    if is_typeddict(hint):
        if not isinstance(raw, dict):
            raise _ill("object", raw, path)
        return check(hint, raw, path)
    if origin is list:
        return _list(get_args(hint)[0], raw, path)
    if origin is dict:
        if not isinstance(raw, dict):
            raise _ill("hash", raw, path)
        inner = get_args(hint)[1]
        return {key: _mapped(inner, value, (*path, key)) for key, value in raw.items()}
    return _scalar(hint, raw, path)


def _mapped(hint: Any, raw: Any, path: Path) -> Any:  # noqa: ANN401  as above
    return raw if raw == "" else _value(hint, raw, path)


def _one_of(hints: tuple[Any, ...], raw: Any, path: Path) -> Any:  # noqa: ANN401  as above
    """Try each alternative; the library's open enums (`Literal | str`) are closed here, as Stripe closes them."""
    literals = [hint for hint in hints if get_origin(hint) is Literal]
    allowed = tuple(value for hint in literals for value in get_args(hint))
    others = [hint for hint in hints if get_origin(hint) is not Literal and not _is_untyped(hint)]
    if any(value != "" for value in allowed):
        others = [hint for hint in others if hint is not str]
    if isinstance(raw, str) and raw in allowed:
        return raw
    last: Refusal | None = None
    for hint in sorted(others, key=lambda each: isinstance(raw, dict) != _is_nested(each)):
        try:
            return _value(hint, raw, path)
        except Refusal as refusal:
            last = last or refusal
    if last is not None and not (isinstance(raw, str) and any(allowed)):
        raise last
    return _literal(allowed, raw, path)


def _is_untyped(hint: Any) -> bool:  # noqa: ANN401  as above
    origin = get_origin(hint) or hint
    return isinstance(origin, type) and origin.__name__ == "UntypedStripeObject"


def _is_nested(hint: Any) -> bool:  # noqa: ANN401  as above
    return is_typeddict(hint) or get_origin(hint) in (list, dict)


def _literal(allowed: tuple[Any, ...], raw: Any, path: Path) -> Any:  # noqa: ANN401  as above
    if isinstance(raw, str):
        for value in allowed:
            if raw == value or raw == str(value).lower():
                return value
    choices = ", ".join(str(value) for value in allowed if value != "")
    message = f"Invalid {bracketed(path)}: must be one of {choices}"
    raise Refusal(message, param=bracketed(path))


def _list(hint: Any, raw: Any, path: Path) -> list[Any]:  # noqa: ANN401  as above
    if not isinstance(raw, dict) or not all(_WHOLE.match(key) for key in raw):
        raise _ill("array", raw, path)
    return [_value(hint, raw[key], (*path, key)) for key in sorted(raw, key=int)]


def _scalar(hint: Any, raw: Any, path: Path) -> Any:  # noqa: ANN401  as above
    if not isinstance(raw, str):
        raise _ill("string" if hint is str else getattr(hint, "__name__", "value"), raw, path)
    if hint is str:
        return _string(raw, path)
    if hint is bool:
        if raw not in ("true", "false"):
            raise _ill("boolean", raw, path)
        return raw == "true"
    if hint is int:
        if not _WHOLE.match(raw):
            raise _ill("integer", raw, path)
        return int(raw)
    if hint in (float, Decimal):
        return _fraction(raw, path)
    raise _ill("value", raw, path)


def _string(raw: str, path: Path) -> str:
    limit = 5_000
    if len(raw) > limit:
        message = f"Invalid string: {bracketed(path)} may be at most {limit} characters."
        raise Refusal(message, code="parameter_invalid_string", param=bracketed(path))
    return raw


def _fraction(raw: str, path: Path) -> Decimal:
    if not _FRACTION.match(raw):
        raise _ill("decimal", raw, path)
    try:
        return Decimal(raw)
    except InvalidOperation as error:  # pragma: no cover  the pattern above leaves nothing to fail
        raise _ill("decimal", raw, path) from error


def _ill(wanted: str, raw: Any, path: Path) -> Refusal:  # noqa: ANN401  as above
    where = bracketed(path)
    if wanted in ("integer", "boolean", "decimal", "string") and isinstance(raw, str):
        return Refusal(f"Invalid {wanted}: {raw}", code=f"parameter_invalid_{wanted}", param=where)
    return Refusal(f"Invalid {wanted}: {where}", param=where)


def refuse_empty(given: dict[str, Any], *, unset: bool) -> None:
    """Refuse an empty string where there is nothing to unset, in Stripe's words."""
    if unset:
        return
    for name, value in given.items():
        if value == "" and name != "metadata":
            message = (
                f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a "
                f"parameter; however '{name}' cannot be unset. You should remove '{name}' from your request or "
                "supply a non-empty value."
            )
            raise Refusal(message, code="parameter_invalid_empty", param=name)


def refuse_undone(call: str, given: dict[str, Any], does: frozenset[str]) -> None:
    """Answer 501 for a parameter Stripe knows and the stand-in does not act on; never pretend."""
    for path in _leaves(given, ()):
        prefixes = {".".join(path[: count + 1]) for count in range(len(path))}
        if not prefixes & does:
            name = ".".join(path)
            message = f"{call} with {name}"
            raise not_done(message)


def _leaves(node: Any, path: Path) -> list[Path]:  # noqa: ANN401  as above
    if isinstance(node, dict) and node:
        return [leaf for key, value in node.items() for leaf in _leaves(value, (*path, key))]
    if isinstance(node, list) and node:
        return [leaf for value in node for leaf in _leaves(value, path)]
    return [path] if path else []
