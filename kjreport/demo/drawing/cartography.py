"""How a map is made: projection, land and sea, names, routes and furniture."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image

from kjreport.demo.drawing.canvas import Canvas, Lettering, Pen, measure
from kjreport.demo.drawing.coastlines import LAND, WATERS
from kjreport.demo.drawing.curves import Path, Point, box, rounded, through, weathered
from kjreport.demo.drawing.palette import (
    INK,
    LINEN,
    PAPER,
    SEA,
    SLATE,
    VERMILION,
    mix,
)

type Projection = Callable[[Point], Point]

WIDTH, HEIGHT, STRIP = 1800, 1200, 138


@dataclass(frozen=True, kw_only=True)
class Tones:
    """The colours of one map."""

    sea: str = SEA
    land: str = LINEN
    shore: str = mix(SEA, INK, 0.45)
    shallows: str = mix(SEA, PAPER, 0.55)
    grid: str = mix(SEA, SLATE, 0.28)
    text: str = INK
    water_text: str = mix(SEA, INK, 0.62)
    border: str = mix(LINEN, SLATE, 0.75)


DAY = Tones()
DARK = Tones(
    sea="#14213d",
    land="#2d3c58",
    shore="#5b6c88",
    shallows="#1c2c4c",
    grid="#243453",
    text=PAPER,
    water_text="#8397b4",
    border="#465775",
)


def flat(centre: Point, scale: float) -> Projection:
    """Project on to a plane true at the centre; `scale` is pixels for each degree of latitude."""
    stretch = math.cos(math.radians(centre[1]))
    middle = (WIDTH / 2, STRIP + (HEIGHT - STRIP) / 2)

    def project(place: Point) -> Point:
        return (
            middle[0] + (place[0] - centre[0]) * stretch * scale,
            middle[1] - (place[1] - centre[1]) * scale,
        )

    return project


def polar(pole: Point, scale: float, *, down: float) -> Projection:
    """Project about the North Pole, drawn at `pole`, with the meridian `down` pointing down."""

    def project(place: Point) -> Point:
        angle, reach = math.radians(place[0] - down), (90 - place[1]) * scale
        return (pole[0] + reach * math.sin(angle), pole[1] + reach * math.cos(angle))

    return project


class Sheet(Canvas):
    """A map in the making, spoken to in longitude and latitude."""

    def __init__(self, project: Projection, tones: Tones = DAY) -> None:
        super().__init__(WIDTH, HEIGHT, tones.sea)
        self.project, self.tones = project, tones
        self.coasts = [self._shore(ring) for ring in LAND]
        self.coasts = [coast for coast in self.coasts if _in_view(coast)]
        self.waters = [self._shore(ring) for ring in WATERS]
        self.waters = [water for water in self.waters if _in_view(water)]
        self.land = self.mask(*self.coasts)
        self.land.paste(0, (0, 0), self.mask(*self.waters))

    def _outline(self, ring: Path) -> list[Point]:
        return rounded(weathered([self.project(place) for place in ring], roughness=0.12), passes=1)

    def _shore(self, ring: Path) -> list[Point]:
        shore = [self.project(place) for place in ring]
        return rounded(weathered(shore), passes=1) if _in_view(shore) else shore

    def paint(self, countries: Sequence[tuple[Path, str]] = (), *, meridians: float = 5) -> None:
        """Lay down sea, grid, land and the tinted countries, then the shores."""
        self._grid(meridians)
        for width, share in ((34, 0.35), (20, 0.65), (9, 1.0)):
            colour = mix(self.tones.sea, self.tones.shallows, share)
            for shore in (*self.coasts, *self.waters):
                self.stroke(shore, Pen(colour=colour, width=width), closed=True)
        layer = Canvas(WIDTH, HEIGHT, self.tones.land)
        for ring, colour in countries:
            layer.fill(self._outline(ring), colour)
        for ring, colour in countries:
            edge = Pen(colour=mix(colour, self.tones.border, 0.75), width=2.5)
            layer.stroke(self._outline(ring), edge, closed=True)
        self.image.paste(layer.image, (0, 0), self.land)
        for shore in (*self.coasts, *self.waters):
            self.stroke(shore, Pen(colour=self.tones.shore, width=2), closed=True)

    def _grid(self, gap: float) -> None:
        pen = Pen(colour=self.tones.grid, width=1.5)
        for step in range(math.ceil(360 / gap)):
            lon = -180 + step * gap
            self.stroke([self.project((lon, lat)) for lat in range(-60, 89, 2)], pen)
        for step in range(math.ceil(150 / gap)):
            lat = -60 + step * gap
            self.stroke([self.project((lon, lat)) for lon in range(-180, 181, 2)], pen)

    def frontier(self, path: Path, *, dash: tuple[float, float] | None = None, width: float = 2.5) -> None:
        """Draw a border along an open path."""
        line = rounded([self.project(place) for place in path], closed=False)
        self.stroke(line, Pen(colour=self.tones.border, width=width, dash=dash))

    def river(self, path: Path, pen: Pen) -> None:
        """Draw a river."""
        self.stroke(through([self.project(place) for place in path]), pen)

    def course(self, path: Path, pen: Pen, *, arrow: float = 0) -> list[Point]:
        """Draw a route through the places, with an arrowhead when `arrow` is not nought."""
        line = through([self.project(place) for place in path], steps=16)
        if arrow:
            self.arrow(line, pen, head=arrow)
        else:
            self.stroke(line, pen)
        return line

    def sea_name(self, place: Point, text: str, *, size: float = 34, turn: float = 0) -> None:
        """Name a water in spaced, leaning letters."""
        style = Lettering(
            size=size, colour=self.tones.water_text, slant=0.2, tracking=size * 0.14, turn=turn, anchor="m"
        )
        self.words(self.project(place), text, style)

    def country_name(self, place: Point, text: str, *, size: float = 36, faint: bool = False) -> None:
        """Name a country in spaced capitals."""
        colour = mix(self.tones.text, self.tones.land, 0.45) if faint else self.tones.text
        style = Lettering(size=size, colour=colour, bold=not faint, tracking=size * 0.2, anchor="m")
        self.words(self.project(place), text.upper(), style)

    def town(self, place: Point, name: str, *, side: str = "r", size: float = 29, capital: bool = True) -> None:
        """Mark a town; `side` says where its name stands: r, l, t or b."""
        x, y = self.project(place)
        self.disc((x, y), 8 if capital else 6, self.tones.text)
        if capital:
            self.disc((x, y), 3.4, self.tones.land)
        spot, anchor = {
            "r": ((x + 16, y + size * 0.35), "l"),
            "l": ((x - 16, y + size * 0.35), "r"),
            "t": ((x, y - 18), "m"),
            "b": ((x, y + size + 8), "m"),
        }[side]
        halo = mix(self.tones.land, self.tones.sea, 0.15)
        style = Lettering(size=size, colour=self.tones.text, anchor=anchor, halo=halo)
        self.words(spot, name, style)

    def note(self, place: Point, lines: Sequence[str], *, colour: str, anchor: str = "l") -> None:
        """Write a remark at a place on the paper, the first line bold."""
        x, y = place
        for index, line in enumerate(lines):
            style = Lettering(size=28, colour=colour, bold=index == 0, anchor=anchor)
            self.words((x, y + index * 36), line, style)

    def scale_bar(self, place: Point, kilometres: int, pixels: float) -> None:
        """Draw a bar as long as so many kilometres."""
        x, y = place
        pen = Pen(colour=self.tones.text, width=3)
        self.stroke([(x, y - 9), (x, y), (x + pixels, y), (x + pixels, y - 9)], pen)
        style = Lettering(size=22, colour=self.tones.text, anchor="m", halo=self.tones.sea)
        self.words((x + pixels / 2, y - 14), f"{kilometres} km", style)

    def strip(self, title: str, subtitle: str) -> Image.Image:
        """Set the title over the map and return the finished picture."""
        heading(self, title, subtitle)
        return self.finished()


def heading(canvas: Canvas, title: str, subtitle: str) -> None:
    """Set a graphic's title strip along the top."""
    canvas.fill(box(0, 0, canvas.width, STRIP), PAPER)
    canvas.fill(box(60, 0, 150, 12), VERMILION)
    canvas.words((60, 72), title, Lettering(size=46, bold=True))
    canvas.words((60, 113), subtitle, Lettering(size=27, colour=SLATE))
    mark = Lettering(size=21, colour=SLATE, tracking=3.2, anchor="r")
    canvas.words((canvas.width - 60, 68), "KJ REPORT", mark)
    canvas.stroke([(0, STRIP), (canvas.width, STRIP)], Pen(colour=INK, width=2))


def legend(canvas: Canvas, place: Point, entries: Sequence[tuple[Pen, str]], colour: str = INK) -> None:
    """Explain the pens, one a line."""
    x, y = place
    wide = max(measure(text, Lettering(size=25)) for _, text in entries)
    if colour == INK:
        edge = box(x - 24, y - 40, x + wide + 112, y + len(entries) * 42 - 12)
        canvas.fill(edge, PAPER)
        canvas.stroke(edge, Pen(colour=mix(PAPER, INK, 0.25), width=1.5), closed=True)
    for index, (pen, text) in enumerate(entries):
        level = y + index * 42
        canvas.stroke([(x, level - 8), (x + 66, level - 8)], pen)
        canvas.words((x + 86, level), text, Lettering(size=25, colour=colour))


def _in_view(path: Path) -> bool:
    xs, ys = [x for x, _ in path], [y for _, y in path]
    return max(xs) > -60 and min(xs) < WIDTH + 60 and max(ys) > 0 and min(ys) < HEIGHT + 60
