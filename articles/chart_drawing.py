"""Draws a chart as SVG: shapes and words with classes, no colours; the stylesheet gives those, in light and dark."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from articles.chart_figures import Chart, is_rising

WIDE, NARROW = 640, 350  # units, drawn at about as many pixels
_LINE = 17  # from one line of words to the next
_LETTER = 6.9  # of 13 px, on average, and a little more so that nothing touches
_BAR, _THIN_BAR, _GAP = 20, 13, 12
_PLOT = {WIDE: 270, NARROW: 220}  # height of columns and lines
_MOST_BARE = 12  # columns that bear their figures instead of an axis
_NEAR_NOUGHT = 0.5  # of a line's range: if nought is so near, it belongs in the picture


@dataclass(frozen=True)
class Scale:
    """From figures to units of the drawing."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...] = ()

    def __call__(self, value: float) -> float:
        """Return where a figure lies."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def draw(chart: Chart, width: int) -> tuple[int, str]:
    """Return the height of a chart and its shapes as SVG."""
    match chart.kind:
        case "line":
            return _draw_line(chart, width)
        case "column" if _fit_under_columns(chart, width):
            return _draw_columns(chart, width)
        case _:
            return _draw_bars(chart, width)


def find_ticks(low: float, high: float, *, most: int = 5) -> tuple[float, ...]:
    """Return round numbers that hold a range between them: steps of 1, 2, 2.5 or 5 of some power of ten."""
    if low == high:
        low, high = (low - 1, high + 1) if low else (0.0, 1.0)
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1, 2, 2.5, 5, 10) if times * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(number * step, 10) for number in range(first, last + 1))


# Bars lie -------------------------------------------------------------------------------------------------------------


def _draw_bars(chart: Chart, width: int) -> tuple[int, str]:
    low, high = min(0.0, chart.bounds[0]), max(0.0, chart.bounds[1])
    longest = max(map(len, chart.labels)) * _LETTER
    stands_above = width == NARROW
    column = 0.0 if stands_above else min(longest + 12, width * 0.36)
    room = max(len(chart.show(v)) for one in chart.series for v in one.values if v is not None) * _LETTER + 8
    scale = Scale(low, high if high > low else 1.0, column + (room if low < 0 else 0), width - room)
    thick = _BAR if len(chart.series) == 1 else _THIN_BAR
    shapes: list[str] = []
    y = 2.0
    for place, label in enumerate(chart.labels):
        lines = _wrap(label, width if stands_above else column - 12)
        bars = thick * len(chart.series)
        block = bars if stands_above else max(bars, len(lines) * _LINE)
        top = y + (len(lines) * _LINE + 2 if stands_above else (block - bars) / 2)
        first = y + 13 if stands_above else y + (block - len(lines) * _LINE) / 2 + 13
        shapes += [_text(line, 0, first + n * _LINE, "label") for n, line in enumerate(lines)]
        shapes += _lying(chart, place, scale, top, thick=thick)
        y = top + bars + _GAP if stands_above else y + block + _GAP
    height = math.ceil(y - _GAP + 2)
    nought = f'<path class="chart__nought" d="M{_n(scale(0))} 0V{height}"/>'
    return height, "".join([*shapes, nought])


def _lying(chart: Chart, place: int, scale: Scale, top: float, *, thick: int) -> Iterator[str]:
    for number, one in enumerate(chart.series):
        value, y = one.values[place], top + number * thick
        if value is None:
            yield _text("no figure", scale(0) + 6, y + thick / 2 + 4.5, "none")
            continue
        x, end = sorted((scale(0), scale(value)))
        yield _rect(x, y + 0.5, end - x, thick - 1, number)
        at, anchor = (end + 6, "start") if value >= 0 else (x - 6, "end")
        yield _text(chart.show(value), at, y + thick / 2 + 4.5, "value", anchor=anchor)


# Columns stand --------------------------------------------------------------------------------------------------------


def _fit_under_columns(chart: Chart, width: int) -> bool:
    """Whether every name finds room below its column; otherwise the same is drawn lying."""
    if is_rising(chart.labels):
        return True
    room = width / len(chart.labels) - 6
    return all(len(word) * _LETTER <= room for label in chart.labels for word in label.split())


def _draw_columns(chart: Chart, width: int) -> tuple[int, str]:
    low, high = min(0.0, chart.bounds[0]), max(0.0, chart.bounds[1])
    shown = [chart.show(value) for one in chart.series for value in one.values if value is not None]
    room = width / len(chart.labels) - 4
    is_bare = len(chart.series) == 1 and len(shown) <= _MOST_BARE and max(map(len, shown)) * _LETTER <= room
    ticks = (low, high) if is_bare and high > low else find_ticks(low, high)
    bottom = 18 + _PLOT[width]
    scale = Scale(ticks[0], ticks[-1], bottom - (18 if is_bare and low < 0 else 0), 18, () if is_bare else ticks)
    left = 0.0 if is_bare else _widest(chart, ticks)
    group = (width - left) / len(chart.labels)
    shapes = [] if is_bare else list(_gridlines(chart, scale, left, width))
    for place in range(len(chart.labels)):
        shapes += _standing(chart, place, scale, left + place * group, group, is_bare=is_bare)
    names, lines = _names_below(chart, [left + (n + 0.5) * group for n in range(len(chart.labels))], bottom, width)
    nought = f'<path class="chart__nought" d="M{_n(left)} {_n(scale(0))}H{width}"/>'
    return math.ceil(bottom + 8 + lines * _LINE), "".join([*shapes, nought, *names])


def _standing(  # noqa: PLR0917 - where one group of columns stands
    chart: Chart, place: int, scale: Scale, left: float, group: float, *, is_bare: bool
) -> Iterator[str]:
    thick = min(group * 0.72 / len(chart.series), 54.0)
    start = left + (group - thick * len(chart.series)) / 2
    for number, one in enumerate(chart.series):
        value = one.values[place]
        if value is None:
            continue
        top, bottom = sorted((scale(0), scale(value)))
        yield _rect(start + number * thick + 0.5, top, max(thick - 1, 1), bottom - top, number)
        if is_bare:
            y = top - 6 if value >= 0 else bottom + 15
            yield _text(chart.show(value), start + thick / 2, y, "value", anchor="middle")


# Lines run ------------------------------------------------------------------------------------------------------------


def _draw_line(chart: Chart, width: int) -> tuple[int, str]:
    low, high = chart.bounds
    if low > 0 and low < high * _NEAR_NOUGHT:
        low = 0.0
    ticks = find_ticks(low, high)
    bottom = 12 + _PLOT[width]
    scale = Scale(ticks[0], ticks[-1], bottom, 12, ticks)
    left = _widest(chart, ticks)
    across = _spread(chart, left + 10, width - 14)
    shapes = [*_gridlines(chart, scale, left, width)]
    if ticks[0] <= 0 <= ticks[-1]:
        shapes.append(f'<path class="chart__nought" d="M{_n(left)} {_n(scale(0))}H{width}"/>')
    for number, one in enumerate(chart.series, 1):
        points = [(x, scale(value)) if value is not None else None for x, value in zip(across, one.values, strict=True)]
        shapes.append(f'<path class="chart__line chart__line-{number}" d="{_trace(points)}"/>')
        last = next(point for point in reversed(points) if point)
        shapes.append(f'<circle class="chart__mark-{number}" cx="{_n(last[0])}" cy="{_n(last[1])}" r="4"/>')
    names, lines = _names_below(chart, across, bottom, width)
    return math.ceil(bottom + 8 + lines * _LINE), "".join([*shapes, *names])


def _spread(chart: Chart, start: float, end: float) -> list[float]:
    """Return where the points stand: as far apart as their years, or evenly."""
    if is_rising(chart.labels):
        years = [float(label.replace(",", "")) for label in chart.labels]
        scale = Scale(years[0], years[-1], start, end)
        return [scale(year) for year in years]
    return [start + (end - start) * place / (len(chart.labels) - 1) for place in range(len(chart.labels))]


def _trace(points: Sequence[tuple[float, float] | None]) -> str:
    """Return a path through the points, broken where there is none; a point alone becomes a dot."""
    path, is_drawing = [], False
    for point, after in zip(points, [*points[1:], None], strict=True):
        if point:
            path.append(f"{'L' if is_drawing else 'M'}{_n(point[0])} {_n(point[1])}")
            if not is_drawing and after is None:
                path.append("h0")
        is_drawing = point is not None
    return "".join(path)


# What stands around ---------------------------------------------------------------------------------------------------


def _gridlines(chart: Chart, scale: Scale, left: float, width: int) -> Iterator[str]:
    show = _with_places(chart, scale.ticks)
    for tick in scale.ticks:
        y = scale(tick)
        yield f'<path class="chart__grid" d="M{_n(left)} {_n(y)}H{width}"/>'
        yield _text(show(tick), left - 8, y + 4.5, "tick", anchor="end")


def _widest(chart: Chart, ticks: Sequence[float]) -> float:
    return max(len(_with_places(chart, ticks)(tick)) for tick in ticks) * _LETTER + 10


def _with_places(chart: Chart, ticks: Sequence[float]) -> Callable[[float], str]:
    """Return how ticks are shown: all with as many decimal places as the finest of them needs."""
    places = max(len(f"{tick:.6f}".rstrip("0").partition(".")[2]) for tick in ticks)
    return lambda tick: chart.show(tick, places=places)


def _names_below(chart: Chart, across: Sequence[float], bottom: float, width: int) -> tuple[list[str], int]:
    """Return the names under the points, and how many lines they take; where they are too many, only some."""
    gap = min((b - a for a, b in pairwise(across)), default=width)
    wrapped = [_wrap(label, max(gap - 6, 0)) if chart.kind == "column" else [label] for label in chart.labels]
    widths = [max(map(len, lines)) * _LETTER for lines in wrapped]
    shown: list[str] = []
    deepest, free = 1, width + 1000.0
    # From the last, which is the newest, backwards; the first is shown if it still finds room.
    for x, lines, wide in reversed(list(zip(across, wrapped, widths, strict=True))):
        middle = min(max(x, wide / 2), width - wide / 2)
        if middle + wide / 2 + 8 > free:
            continue
        free, deepest = middle - wide / 2, max(deepest, len(lines))
        for place, line in enumerate(lines):
            shown.append(_text(line, middle, bottom + 20 + place * _LINE, "label", anchor="middle"))
    return shown, deepest


def _wrap(text: str, room: float) -> list[str]:
    """Return a name in up to three lines; what is longer ends in an ellipsis, and stands whole in the table."""
    most = max(int(room / _LETTER), 4)
    lines: list[str] = []
    for word in text.split() or [""]:
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    cut = [line if len(line) <= most else f"{line[: most - 1]}…" for line in lines[:3]]
    return [*cut[:2], f"{cut[2].rstrip('…')[: most - 1]}…"] if len(lines) > 3 else cut  # noqa: PLR2004 - lines


def _text(said: str, x: float, y: float, kind: str, *, anchor: str = "start") -> str:
    where = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text class="chart__{kind}" x="{_n(x)}" y="{_n(y)}"{where}>{escape(said)}</text>'


def _rect(x: float, y: float, width: float, height: float, number: int) -> str:  # noqa: PLR0917 - a rectangle's
    return f'<rect class="chart__mark-{number + 1}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"/>'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
