"""Form bodies and query strings with nested brackets, decoded into plain nested values."""

import re
from typing import Any
from urllib.parse import parse_qsl

from kjreport.standin.errors import Refusal

_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")
MOST_FIELDS = 2_000


def decode(text: str) -> dict[str, Any]:
    """Return nested dicts and strings; `a[0][b]=c` gives `{"a": {"0": {"b": "c"}}}`, `a[]=c` counts up."""
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        message = "Invalid request: the body is not a form."
        raise Refusal(message) from error
    tree: dict[str, Any] = {}
    for name, value in pairs:
        _place(tree, name, value)
    return tree


def _place(tree: dict[str, Any], name: str, value: str) -> None:
    match = _NAME.match(name)
    if match is None:
        message = f"Invalid parameter name: {name}"
        raise Refusal(message, param=name)
    parts = [match[1], *_PART.findall(match[2])]
    node = tree
    for part in parts[:-1]:
        inner = node.setdefault(part or str(len(node)), {})
        if not isinstance(inner, dict):
            message = f"Invalid parameter: {name} is both a value and a group."
            raise Refusal(message, param=name)
        node = inner
    node[parts[-1] or str(len(node))] = value


def bracketed(path: tuple[str, ...]) -> str:
    """Return a path in Stripe's notation, as error bodies name parameters."""
    return path[0] + "".join(f"[{part}]" for part in path[1:]) if path else ""
