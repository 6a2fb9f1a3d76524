"""Reads a chart's pasted figures and writes it for readers: a drawing, its key, its source and the same as a table."""

import json
import re
from collections.abc import Sequence
from html import escape

from articles.chart_drawing import NARROW, WIDE, draw
from articles.chart_figures import Chart, ChartError, Series, read_number
from articles.tables import Cell, write_frame

KINDS = {"bar": "Bar chart", "column": "Column chart", "line": "Line chart"}
LONGEST = 20_000  # characters of what is kept
MOST_ROWS = {"bar": 30, "column": 30, "line": 120}
MOST_SERIES = 5
_LONGEST_WORDS = 200  # of a title, a unit, a source
_SMALLEST_TABLE = 2  # rows and columns
_YEARS = range(1800, 2101)


def read_chart(written: str) -> Chart:
    """Read a chart as the editor keeps it.

    JSON: `kind`, `title`, `unit`, `source` and `rows`, which are the pasted cells, line by line.

    Raises:
        ChartError: it cannot be drawn.
    """
    if len(written) > LONGEST:
        raise ChartError("There are too many figures for one chart. Leave some out.")
    try:
        given = json.loads(written)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or given.get("kind") not in KINDS:
        raise ChartError("The chart cannot be read. Take it out and make it again.")
    title, unit, source = (_words(given.get(name)) for name in ("title", "unit", "source"))
    rows = _read_rows(given.get("rows"))
    head, lines = (rows[0], rows[1:]) if _has_head(rows) else ((), rows)
    width = len(rows[0])
    names = [head[place] if head else "" for place in range(1, width)]
    values = [[_read_cell(line, place) for line in lines] for place in range(1, width)]
    series = tuple(Series(name, tuple(column)) for name, column in zip(names, values, strict=True))
    _require_size(given["kind"], lines, series)
    labels = tuple(line[0] for line in lines)
    return Chart(given["kind"], title, unit, source, labels, series, tuple(map(tuple, lines)), tuple(head))


def write_chart(chart: Chart) -> str:
    """Return a chart as a figure: drawn twice, for a desk and for a phone, and as a table for whoever wants figures."""
    said = escape(_summarise(chart))
    unit = f'<span class="chart__unit">{escape(chart.unit)}</span>' if chart.unit else ""
    titled = f'<figcaption><span class="chart__title">{escape(chart.title)}</span> {unit}</figcaption>'
    key = "".join(f'<li class="chart__key-{n}">{escape(one.name)}</li>' for n, one in enumerate(chart.series, 1))
    has_key = len(chart.series) > 1
    source = re.sub(r"^\s*sources?\s*:\s*", "", chart.source, flags=re.IGNORECASE)
    return (
        f'<figure class="chart">{titled if chart.title or unit else ""}'
        f"{f'<ul class="chart__key">{key}</ul>' if has_key else ''}"
        f"{_write_drawing(chart, WIDE, 'wide', said)}{_write_drawing(chart, NARROW, 'narrow', said)}"
        f"<details><summary>The figures</summary>{write_frame(_cells_of(chart), caption=chart.title)}</details>"
        f"{f'<p class="chart__source">Source: {escape(source)}</p>' if source else ''}</figure>"
    )


def _words(given: object) -> str:
    return " ".join(given.split())[:_LONGEST_WORDS] if isinstance(given, str) else ""


def _read_rows(given: object) -> list[list[str]]:
    """Return the cells as a rectangle, without empty lines."""
    if not isinstance(given, list) or not all(isinstance(line, list) for line in given):
        raise ChartError("The chart cannot be read. Take it out and make it again.")
    rows = [[cell.strip() if isinstance(cell, str) else "" for cell in line] for line in given]
    rows = [line for line in rows if any(line)]
    width = max((_used(line) for line in rows), default=0)
    if not rows or width < _SMALLEST_TABLE:
        raise ChartError("The chart has no figures yet. Each line needs a name and at least one figure.")
    if width > MOST_SERIES + 1:
        raise ChartError(f"A chart holds up to {MOST_SERIES} columns of figures; this has {width - 1}.")
    return [(line + [""] * width)[:width] for line in rows]


def _used(line: Sequence[str]) -> int:
    return max((place for place, cell in enumerate(line, 1) if cell), default=0)


def _has_head(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first line names the columns: words, nothing over the names, or years where no years follow."""
    first, *rest = rows
    if not rest:
        return False
    if not first[0] or not all(_is_number(cell) for cell in first[1:]):
        return True
    are_years = all(cell.isdecimal() and int(cell) in _YEARS for cell in first[1:])
    figures = [cell for row in rest for cell in row[1:]]
    return are_years and not first[0].isdecimal() and not all(map(_looks_like_year, figures))


def _looks_like_year(cell: str) -> bool:
    return cell.isdecimal() and int(cell) in _YEARS


def _is_number(cell: str) -> bool:
    try:
        return read_number(cell) is not None or not cell
    except ChartError:
        return False


def _read_cell(line: Sequence[str], place: int) -> float | None:
    return read_number(line[place])


def _require_size(kind: str, lines: Sequence[Sequence[str]], series: Sequence[Series]) -> None:
    if len(lines) > MOST_ROWS[kind]:
        raise ChartError(f"A {KINDS[kind].lower()} holds up to {MOST_ROWS[kind]} lines; this has {len(lines)}.")
    if not all(any(value is not None for value in one.values) for one in series):
        raise ChartError("A column of the chart has no figures. Each line needs a name and at least one figure.")
    if kind == "line" and len(lines) < _SMALLEST_TABLE:
        raise ChartError("A line needs at least two points.")


def _write_drawing(chart: Chart, width: int, name: str, said: str) -> str:
    height, marks = draw(chart, width)
    return (
        f'<svg class="chart__{name}" viewBox="0 0 {width} {height}" font-size="13" role="img" aria-label="{said}">'
        f"{marks}</svg>"
    )


def _cells_of(chart: Chart) -> list[list[Cell]]:
    head = chart.head or ("", *(chart.unit or "Figure" for _ in chart.series))
    top = [Cell(escape(cell), cell, is_header=True) for cell in head]
    return [top, *([Cell(escape(c), c, is_header=not place) for place, c in enumerate(row)] for row in chart.rows)]


def _summarise(chart: Chart) -> str:
    """Return what the drawing shows in a few sentences, for who cannot see it."""
    said = [f"{KINDS[chart.kind]}{f': {chart.title}' if chart.title else ''}"]
    for one in chart.series:
        points = [(value, label) for value, label in zip(one.values, chart.labels, strict=True) if value is not None]
        (low, lowest), (high, highest) = min(points), max(points)
        name = f"{one.name}: lowest" if one.name and len(chart.series) > 1 else "Lowest"
        said.append(f"{name} {chart.show(low)} ({lowest}), highest {chart.show(high)} ({highest})")
    return ". ".join([*said, "The figures follow as a table."])
