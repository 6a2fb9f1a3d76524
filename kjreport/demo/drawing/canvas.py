"""The sheet every demo picture is drawn on: fills, strokes, hatching and lettering."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFont

from kjreport.demo.drawing.curves import Path, Point, dashes
from kjreport.demo.drawing.palette import (
    INK,
    PAPER,
)

SCALE = 2
"""Pixels drawn for each pixel kept, along each axis."""


@dataclass(frozen=True, kw_only=True)
class Pen:
    """A stroke: its colour, its width, and the lengths of dash and gap when broken."""

    colour: str = INK
    width: float = 3
    dash: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Lettering:
    """How words are set; `anchor` is l, m or r, and `y` is always the baseline."""

    size: float = 30
    colour: str = INK
    bold: bool = False
    tracking: float = 0
    slant: float = 0
    turn: float = 0
    anchor: str = "l"
    halo: str | None = None


@cache
def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        message = "The demo pictures need a Pillow built with FreeType."
        raise TypeError(message)
    return font


class Canvas:
    """A sheet measured in kept pixels and drawn at `SCALE` times that."""

    def __init__(self, width: int, height: int, ground: str = PAPER) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), ground)
        self.pencil = ImageDraw.Draw(self.image, "RGBA")

    def fill(self, path: Path, colour: str) -> None:
        """Fill a closed path; a colour of eight digits is translucent."""
        self.pencil.polygon(_scaled(path), fill=colour)

    def stroke(self, path: Path, pen: Pen, *, closed: bool = False) -> None:
        """Draw along a path with round ends."""
        line = [*path, path[0]] if closed else list(path)
        for piece in dashes(line, pen.dash) if pen.dash else [line]:
            _rounded_line(self.pencil, _scaled(piece), fill=pen.colour, width=pen.width * SCALE)

    def disc(self, centre: Point, radius: float, colour: str) -> None:
        """Fill a circle."""
        self.pencil.ellipse(_around(centre, radius), fill=colour)

    def ring(self, centre: Point, radius: float, pen: Pen) -> None:
        """Draw a circle's outline, the pen centred on it."""
        reach = radius + pen.width / 2
        width = max(1, round(pen.width * SCALE))
        self.pencil.ellipse(_around(centre, reach), outline=pen.colour, width=width)

    def arrow(self, path: Path, pen: Pen, *, head: float = 5) -> None:
        """Draw a path that ends in a solid head of `head` pen widths."""
        (tx, ty), size = path[-1], pen.width * head
        back = next((p for p in reversed(path) if math.dist(p, path[-1]) >= size), path[0])
        angle = math.atan2(ty - back[1], tx - back[0])
        shaft = [p for p in path if math.dist(p, path[-1]) > size * 0.8]
        if len(shaft) > 1:
            self.stroke(shaft, pen)
        wings = [(tx - size * math.cos(angle + s), ty - size * math.sin(angle + s)) for s in (0.42, -0.42)]
        self.fill([(tx, ty), *wings], pen.colour)

    def mask(self, *paths: Path) -> Image.Image:
        """Return a mask that is white inside any of the paths."""
        sheet = Image.new("L", self.image.size, 0)
        pencil = ImageDraw.Draw(sheet)
        for path in paths:
            pencil.polygon(_scaled(path), fill=255)
        return sheet

    def wash(self, mask: Image.Image, colour: str) -> None:
        """Lay a colour through a mask."""
        self.image.paste(colour, (0, 0), mask)

    def hatch(self, mask: Image.Image, pen: Pen, *, gap: float, turn: float = 45) -> None:
        """Rule parallel lines through a mask."""
        lines = Image.new("L", self.image.size, 0)
        pencil = ImageDraw.Draw(lines)
        bounds = mask.getbbox()
        if bounds is None:
            return
        middle = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
        reach = math.hypot(bounds[2] - bounds[0], bounds[3] - bounds[1]) / 2
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        for step in range(-int(reach / gap / SCALE) - 1, int(reach / gap / SCALE) + 2):
            x, y = middle[0] - sin * step * gap * SCALE, middle[1] + cos * step * gap * SCALE
            ends = [(x - cos * reach, y - sin * reach), (x + cos * reach, y + sin * reach)]
            pencil.line(ends, fill=255, width=max(1, round(pen.width * SCALE)))
        self.wash(ImageChops.multiply(lines, mask), pen.colour)

    def fade(self, colour: str, *, start: float, end: float, strength: float = 1) -> None:
        """Wash a colour in from height `start` (nothing) to height `end` (all of it)."""
        top, bottom = sorted((round(start * SCALE), round(end * SCALE)))
        ramp = Image.linear_gradient("L").resize((self.image.width, bottom - top))
        if end < start:
            ramp = ramp.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        ramp = ramp.point(lambda value: int(value * strength))
        self.image.paste(colour, (0, top), ramp)

    def words(self, place: Point, text: str, style: Lettering) -> float:
        """Set one line of text; return its width."""
        font = _font(style.size * SCALE)
        weight = style.size * SCALE * 0.026 if style.bold else 0
        tracking = _tracking(style) * SCALE
        runs = list(text) if tracking else [text]
        width = measure(text, style) * SCALE
        edge = math.ceil(style.size * SCALE)
        size = (math.ceil(width) + 2 * edge, 3 * edge)
        offset = {"l": 0.0, "m": width / 2, "r": width}[style.anchor]
        for extra, colour in ((style.size * SCALE * 0.13, style.halo), (0.0, style.colour)):
            if colour is None:
                continue
            mask = Image.new("L", size, 0)
            _set(ImageDraw.Draw(mask), runs, font, (edge, 2 * edge, tracking, weight + extra))
            if style.slant:
                lean = (1, style.slant, -2 * edge * style.slant, 0, 1, 0)
                mask = mask.transform(size, Image.Transform.AFFINE, lean, Image.Resampling.BILINEAR)
            corner = (place[0] * SCALE - offset - edge, place[1] * SCALE - 2 * edge)
            if style.turn:
                mask, corner = _turned(mask, style.turn, (edge + offset, 2 * edge), place)
            self.image.paste(colour, (round(corner[0]), round(corner[1])), mask)
        return width / SCALE

    def finished(self) -> Image.Image:
        """Return the picture at its kept size."""
        return self.image.reduce(SCALE)


def measure(text: str, style: Lettering) -> float:
    """Return the width a line of text will take."""
    font = _font(style.size * SCALE)
    tracking = _tracking(style)
    if not tracking:
        return _length(font, text) / SCALE
    return sum(_length(font, letter) for letter in text) / SCALE + tracking * (len(text) - 1)


def _tracking(style: Lettering) -> float:
    """Return the space between letters; thickened letters need a little more."""
    return style.tracking or (style.size * 0.03 if style.bold else 0)


def _scaled(path: Iterable[Point]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in path]


def _around(centre: Point, radius: float) -> list[Point]:
    x, y, reach = centre[0] * SCALE, centre[1] * SCALE, radius * SCALE
    return [(x - reach, y - reach), (x + reach, y + reach)]


def _rounded_line(pencil: ImageDraw.ImageDraw, line: Path, *, fill: str, width: float) -> None:
    pencil.line(line, fill=fill, width=max(1, round(width)), joint="curve")
    reach = width / 2 - 0.5
    if reach > 1:
        for x, y in (line[0], line[-1]):
            pencil.ellipse([(x - reach, y - reach), (x + reach, y + reach)], fill=fill)


def _length(font: ImageFont.FreeTypeFont, text: str) -> float:
    return font.getlength(_bare(text))


def _bare(text: str) -> str:
    return text.replace("ü", "u").replace("Ü", "U")


def _set(
    pencil: ImageDraw.ImageDraw,
    runs: list[str],
    font: ImageFont.FreeTypeFont,
    place: tuple[float, float, float, float],
) -> None:
    """Set runs of text from a baseline point; the bundled face has no ü, so its dots are added."""
    x, y, tracking, weight = place
    for run in runs:
        pencil.text((x, y), _bare(run), font=font, fill=255, anchor="ls", stroke_width=weight)
        for index, letter in enumerate(run):
            if letter in "üÜ":
                start, wide = x + _length(font, run[:index]), _length(font, letter)
                dot, lift = font.size * 0.058 + weight, y - font.size * (0.66 if letter == "ü" else 0.83)
                for centre in (start + wide * 0.3, start + wide * 0.7):
                    pencil.ellipse((centre - dot, lift - dot, centre + dot, lift + dot), fill=255)
        x += _length(font, run) + tracking


def _turned(mask: Image.Image, turn: float, pivot: Point, place: Point) -> tuple[Image.Image, Point]:
    """Rotate a mask about a pivot and return it with its new top left corner."""
    middle = (mask.width / 2, mask.height / 2)
    angle = math.radians(turn)
    dx, dy = pivot[0] - middle[0], pivot[1] - middle[1]
    spun = (dx * math.cos(angle) + dy * math.sin(angle), -dx * math.sin(angle) + dy * math.cos(angle))
    turned = mask.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    corner = (
        place[0] * SCALE - turned.width / 2 - spun[0],
        place[1] * SCALE - turned.height / 2 - spun[1],
    )
    return turned, corner
