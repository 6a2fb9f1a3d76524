"""How pages are made: templates with everything escaped, strict headers, and words for money and days."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from kjreport.standin.api import Response
from kjreport.standin.book import Json

_HERE = Path(__file__).parent
_SIGNS = {"gbp": "£", "eur": "€", "usd": "$"}
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
COUNTRIES = (
    ("GB", "United Kingdom"),
    ("IE", "Ireland"),
    ("AM", "Armenia"),
    ("AU", "Australia"),
    ("CA", "Canada"),
    ("FR", "France"),
    ("DE", "Germany"),
    ("GE", "Georgia"),
    ("IN", "India"),
    ("IT", "Italy"),
    ("NL", "Netherlands"),
    ("NZ", "New Zealand"),
    ("ES", "Spain"),
    ("TR", "Türkiye"),
    ("US", "United States"),
)


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(_HERE)], autoescape=True)


def page(template: str, values: dict[str, Any], *, status: int = 200, wrong: str = "") -> Response:
    """Return a page; `wrong` repeats what it complains of in a header, for tests without a browser."""
    text = _engine().get_template(template).render(Context(values, use_l10n=False, use_tz=False))
    headers = _HEADERS | ({"X-Standin-Wrong": wrong.encode("ascii", "replace").decode()} if wrong else {})
    return Response(status, text.encode(), headers)


def go_to(address: str) -> Response:
    """Send the browser on, by GET."""
    return Response(303, headers={"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


@cache
def style() -> bytes:
    """Return the style sheet."""
    return (_HERE / "till.css").read_bytes()


def money(amount: int, currency: str) -> str:
    """Return an amount in words of the till, like £10.00."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{_SIGNS.get(currency, currency.upper() + ' ')}{abs(amount) // 100:,}.{abs(amount) % 100:02d}"


def rhythm(price: Json) -> str:
    """Return how often a price recurs, like `a month`, or nothing."""
    recurring = price.get("recurring")
    if not recurring:
        return ""
    count, interval = recurring["interval_count"], recurring["interval"]
    return f"a {interval}" if count == 1 else f"every {count} {interval}s"


def day(moment: int) -> str:
    """Return a date, like 3 July 2027."""
    date = dt.datetime.fromtimestamp(moment, dt.UTC)
    return f"{date.day} {date:%B %Y}"


def instant(moment: int) -> str:
    """Return a date and time, like 3 July 2027, 14:05:09 UTC."""
    return f"{day(moment)}, {dt.datetime.fromtimestamp(moment, dt.UTC):%H:%M:%S} UTC"
