"""Writes tables for readers: captioned, with scoped headers, figures in line, and scrolling within a phone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

MOST_SPANNED = 20
_FIGURE = re.compile(r"[(+\u2212\u2013-]?\s?[£$€¥]?\s?\d[\d,.\s]*\s?(%|bn|m|tn|k)?\)?")
_NOTHING = {"", "-", "\N{EN DASH}", "—", "n/a", "..", "…"}
_FITS = 3  # so many columns never need to scroll


@dataclass(frozen=True)
class Cell:
    """One cell. `html` is safe; `text` is what it says."""

    html: str
    text: str
    is_header: bool = False
    columns: int = 1
    rows: int = 1


Rows = Sequence[Sequence[Cell]]


def write_table(rows: Rows, *, caption: str = "", source: str = "") -> str:
    """Return a figure with the table, or nothing if no cell says anything."""
    rows = [row for row in rows if row]
    if not any(cell.text.strip() for row in rows for cell in row):
        return ""
    comes_from = f"<figcaption>Source: {escape(_bare(source))}</figcaption>" if source else ""
    return f'<figure class="table">{write_frame(rows, caption=caption)}{comes_from}</figure>'


def write_frame(rows: Rows, *, caption: str = "") -> str:
    """Return the table alone, in a frame that scrolls by touch and by keyboard where it is wide."""
    name = escape(f"Table: {caption}" if caption else "Table")
    is_wide = max(sum(cell.columns for cell in row) for row in rows) > _FITS
    frame = f'<div class="table__wide" role="region" tabindex="0" aria-label="{name}">' if is_wide else "<div>"
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    head, rest = _part_head(rows)
    numeric = _find_numeric(rest)
    top = f"<thead>{_write_row(head, numeric, is_head=True)}</thead>" if head else ""
    lines = "".join(_write_row(row, numeric, is_head=False) for row in rest)
    return f"{frame}<table>{title}{top}<tbody>{lines}</tbody></table></div>"


def read_span(given: str) -> int:
    """Return how many rows or columns a cell covers, within reason."""
    return min(max(int(given), 1), MOST_SPANNED) if given.isascii() and given.isdecimal() else 1


def _part_head(rows: Rows) -> tuple[Sequence[Cell], Rows]:
    first, *rest = rows
    if rest and all(cell.is_header for cell in first):
        return first, rest
    return (), rows


def _find_numeric(rows: Rows) -> set[int]:
    """Return which columns hold figures alone.

    Not the first, which names its rows, though it be by years; none where cells span: columns cannot be counted there.
    """
    if any(cell.columns > 1 or cell.rows > 1 for row in rows for cell in row):
        return set()
    columns: dict[int, list[str]] = {}
    for row in rows:
        for place, cell in enumerate(row[1:], 1):
            columns.setdefault(place, []).append(cell.text.strip().lower())
    said = {place: [text for text in texts if text not in _NOTHING] for place, texts in columns.items()}
    return {place for place, texts in said.items() if texts and all(_FIGURE.fullmatch(text) for text in texts)}


def _write_row(row: Sequence[Cell], numeric: set[int], *, is_head: bool) -> str:
    return f"<tr>{''.join(_write_cell(cell, is_head, place in numeric) for place, cell in enumerate(row))}</tr>"


def _write_cell(cell: Cell, is_head: bool, is_number: bool) -> str:  # noqa: FBT001 - of one row's making
    tag = "th" if cell.is_header else "td"
    scope = f' scope="{"col" if is_head else "row"}"' if cell.is_header else ""
    spans = "".join(
        f' {name}="{count}"' for name, count in (("colspan", cell.columns), ("rowspan", cell.rows)) if count > 1
    )
    number = ' class="number"' if is_number else ""
    return f"<{tag}{scope}{spans}{number}>{cell.html}</{tag}>"


def _bare(source: str) -> str:
    return re.sub(r"^\s*sources?\s*:\s*", "", source, flags=re.IGNORECASE)
