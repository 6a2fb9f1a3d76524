"""How a chart is made: scale, rules, series, bars and direct labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from kjreport.demo.drawing.canvas import Canvas, Lettering, Pen
from kjreport.demo.drawing.cartography import heading
from kjreport.demo.drawing.curves import Point, box
from kjreport.demo.drawing.palette import INK, PAPER, SLATE, mix

LEFT, RIGHT, TOP, BOTTOM = 130, 1730, 240, 1070
RULE = Pen(colour=mix(PAPER, SLATE, 0.28), width=1.6)
FIGURE = Lettering(size=28, colour=SLATE)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The values at the edges of a chart's frame, and where its rules fall."""

    first: float
    last: float
    low: float = 0
    high: float
    rules: Sequence[float]
    right: float = RIGHT

    def place(self, across: float, up: float) -> Point:
        """Return where a pair of values falls on the paper."""
        x = LEFT + (across - self.first) / (self.last - self.first) * (self.right - LEFT)
        return x, BOTTOM - (up - self.low) / (self.high - self.low) * (BOTTOM - TOP)


class Chart(Canvas):
    """A chart in the making."""

    def __init__(self, title: str, subtitle: str) -> None:
        super().__init__(1800, 1200, PAPER)
        heading(self, title, subtitle)
        source = Lettering(size=23, colour=SLATE, anchor="r")
        self.words((1740, 1172), "Illustrative figures, KJ Report", source)

    def frame(self, scale: Scale, ticks: Sequence[tuple[float, str]], *, unit: str = "") -> None:
        """Rule the levels and name the ticks below."""
        for value in scale.rules:
            _, y = scale.place(scale.first, value)
            base = Pen(colour=INK, width=3) if value == scale.low else RULE
            self.stroke([(LEFT - 70, y), (RIGHT, y)], base)
            self.words((LEFT - 70, y - 10), f"{value:g}{unit if value == scale.rules[-1] else ''}", FIGURE)
        for value, name in ticks:
            x, _ = scale.place(value, scale.low)
            self.words((x, BOTTOM + 40), name, Lettering(size=28, colour=SLATE, anchor="m"))

    def series(self, scale: Scale, values: Sequence[Point], pen: Pen) -> list[Point]:
        """Draw a line through the values, ending in a dot."""
        line = [scale.place(*value) for value in values]
        self.stroke(line, pen)
        self.disc(line[-1], pen.width * 1.6, pen.colour)
        return line

    def area(self, scale: Scale, upper: Sequence[Point], lower: Sequence[Point], colour: str) -> None:
        """Fill between two lines."""
        self.fill([scale.place(*value) for value in (*upper, *reversed(lower))], colour)

    def bar(self, scale: Scale, across: float, span: tuple[float, float], paint: tuple[float, str]) -> None:
        """Draw a bar over a span of values; `paint` is its width and colour."""
        (x, bottom), (_, top) = scale.place(across, span[0]), scale.place(across, span[1])
        self.fill(box(x - paint[0] / 2, top, x + paint[0] / 2, bottom), paint[1])

    def tag(self, place: Point, text: str, colour: str, *, anchor: str = "l") -> None:
        """Name something on the chart itself; a stroke breaks the lines."""
        for index, line in enumerate(text.split("|")):
            style = Lettering(size=30, colour=colour, bold=index == 0, anchor=anchor, halo=PAPER)
            self.words((place[0], place[1] + index * 38), line, style)
