"""Writes structured data into a page's head."""

import json
from dataclasses import dataclass

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.structured_data import Described

register = template.Library()
# What could end a script element or begin another; JSON reads the escapes as the characters they stand for.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@dataclass(frozen=True)
class _Json:
    """A value that can write itself inside a script element."""

    value: Described

    def __html__(self) -> str:
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


@register.simple_tag
def structured_data(described: Described) -> SafeString:
    """Return a block of JSON-LD. It is data, not a script: the content security policy has nothing to say to it."""
    return format_html('<script type="application/ld+json">{}</script>', _Json(described))
