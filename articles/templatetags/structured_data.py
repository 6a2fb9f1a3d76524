"""Puts descriptions for search engines into a page's head, as data that no script can break out of."""

import json
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.authors.models import Author
from articles.paywall import Reading
from articles.structured_data import describe_article, describe_author, describe_site, describe_trail

register = template.Library()
# Inside a script element nothing but `</script` and `<!--` could end the data; these spellings mean the same to JSON.
_SPELT_OUT = {ord(one): f"\\u{ord(one):04X}" for one in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class _Json:
    """JSON that may stand inside a script element."""

    value: dict[str, Any]

    def __html__(self) -> str:
        return json.dumps(self.value, ensure_ascii=False).translate(_SPELT_OUT)


@register.simple_tag
def article_json_ld(reading: Reading) -> SafeString:
    """Describe the piece of a reading, and the way to it."""
    return format_html("{}{}", _write(describe_article(reading)), _write(describe_trail(reading.edition)))


@register.simple_tag
def author_json_ld(author: Author) -> SafeString:
    """Describe an author."""
    return _write(describe_author(author))


@register.simple_tag
def site_json_ld() -> SafeString:
    """Describe the paper."""
    return _write(describe_site())


def _write(described: dict[str, Any]) -> SafeString:
    """Return a data block. It carries no nonce: browsers do not run it, so the policy has nothing to say of it."""
    return format_html('<script type="application/ld+json">{}</script>', _Json(described))
