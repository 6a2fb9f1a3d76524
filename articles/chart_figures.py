"""What a chart is made of: its figures, read from the cells of a spreadsheet, and how they are shown again."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_MISSING = {"", "-", "\N{EN DASH}", "—", "n/a", "na", "..", "…", "n.a."}
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
_AROUND = re.compile(r"[\s£$€¥%']|(?<=\d)(bn|tn|m|k)$", re.IGNORECASE)
_CURRENCIES = ("£", "$", "€", "¥")


class ChartError(ValueError):
    """Why a chart cannot be drawn, as a sentence that says what to do."""


@dataclass(frozen=True)
class Series:
    """One column of figures; None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Chart:
    """A chart that can be drawn. `rows` and `head` are the cells as they were pasted."""

    kind: str
    title: str
    unit: str
    source: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...]

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest figure."""
        known = [value for one in self.series for value in one.values if value is not None]
        return min(known), max(known)

    def show(self, number: float, *, places: int | None = None) -> str:
        """Return a number as it reads beside the drawing, with a sign of money or of per cent if that is the unit."""
        shown = f"{number:,.{places}f}" if places is not None else f"{number:,.10g}"
        if places is None and "e" in shown:
            shown = f"{number:,.0f}"
        minus, bare = ("\N{MINUS SIGN}", shown[1:]) if shown.startswith("-") else ("", shown)
        before = self.unit[0] if self.unit.startswith(_CURRENCIES) else ""
        return f"{minus}{before}{bare}{'%' if self.unit.startswith('%') else ''}"


def read_number(cell: str) -> float | None:
    """Return the number in a cell of a spreadsheet; None where there is none. `1,234` is a thousand, `3,5` is 3.5.

    Raises:
        ChartError: it says something else.
    """
    bare = _AROUND.sub("", cell.strip().lower().replace("\xa0", " "))
    if cell.strip().lower() in _MISSING:
        return None
    bare = bare.replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-")
    if bare.startswith("(") and bare.endswith(")"):  # as accountants write what is below nought
        bare = f"-{bare[1:-1]}"
    bare = bare.replace(",", ".") if _DECIMAL_COMMA.fullmatch(bare.lstrip("+-")) else bare.replace(",", "")
    try:
        number = float(bare)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) > 1e15 or not re.fullmatch(r"[+-]?[\d.]+", bare):  # noqa: PLR2004 - beyond it, digits are lost
        raise ChartError(f"“{cell.strip()[:40]}” is not a figure. Every cell but the names must hold one, or be empty.")
    return number


def is_rising(labels: Sequence[str]) -> bool:
    """Whether labels are years, or other numbers, in rising order: then points stand as far apart as they are."""
    try:
        numbers = [read_number(label) for label in labels]
    except ChartError:
        return False
    known = [number for number in numbers if number is not None]
    return len(known) == len(labels) and all(a < b for a, b in pairwise(known))
