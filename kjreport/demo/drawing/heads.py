"""How a portrait is built: one head, one light from the left, engraved shade."""

import math
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from kjreport.demo.drawing.canvas import SCALE, Canvas, Pen
from kjreport.demo.drawing.curves import Path, Point, ellipse, points, through
from kjreport.demo.drawing.palette import (
    INK,
    PAPER,
    mix,
)

SIDE = 900


@dataclass(frozen=True, kw_only=True)
class Sitter:
    """What one face needs besides its hair and clothes."""

    ground: str
    skin: str
    hair: str
    jaw: float = 1.0
    """Width of the jaw: above one is square, below one is narrow."""
    age: float = 0
    lips: str = "#9b4a3f"
    brow: float = 9
    """Thickness of the brows."""
    nose: float = 1.0
    """Width of the nose."""
    smile: float = 0
    """How far the corners of the mouth rise."""
    eye: float = 1.0
    """How open the eyes are."""

    @property
    def shade(self) -> str:
        """The side of the face away from the light."""
        return mix(self.skin, "#5b1f2a", 0.3)

    @property
    def light(self) -> str:
        """Where the light falls full."""
        return mix(self.skin, "#fff3dc", 0.32)


def mirrored(half: Path, axis: float = 450) -> list[Point]:
    """Complete an outline given from the crown down the right side to the chin."""
    return [*half, *[(2 * axis - x, y) for x, y in reversed(half) if x != axis]]


class Portrait(Canvas):
    """A head and shoulders in the making; 900 units square."""

    def __init__(self, sitter: Sitter) -> None:
        super().__init__(SIDE, SIDE, sitter.ground)
        self.sitter = sitter
        self.hatch(
            self.mask([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)]),
            Pen(colour=mix(sitter.ground, INK, 0.1), width=2.2),
            gap=13,
            turn=-45,
        )
        self.disc((450, 470), 372, mix(sitter.ground, PAPER, 0.16))
        jaw = sitter.jaw
        self.face = through(
            mirrored(
                [
                    (450, 196),
                    (542, 212),
                    (604, 282),
                    (616, 380),
                    (607, 462),
                    (450 + 142 * jaw, 548),
                    (450 + 106 * jaw, 616),
                    (450 + 54 * jaw, 655),
                    (450, 664),
                ]
            ),
            closed=True,
        )

    def finished(self) -> Image.Image:
        """Return the picture drawn closer in, for small circles."""
        left, top, size = 46 * SCALE, 24 * SCALE, 808 * SCALE
        return self.image.crop((left, top, left + size, top + size)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)

    def shape(self, outline: str | Path, colour: str) -> list[Point]:
        """Fill a curve drawn through points and return it."""
        curve = through(points(outline) if isinstance(outline, str) else outline, closed=True)
        self.fill(curve, colour)
        return curve

    def shade(
        self, curve: Path, colour: str, *, turn: float = 62, gap: float = 9, within: Image.Image | None = None
    ) -> None:
        """Engrave lines inside a curve, and inside another mask when given."""
        mask = self.mask(curve)
        if within is not None:
            mask = ImageChops.multiply(mask, within)
        self.hatch(mask, Pen(colour=colour, width=2.6), gap=gap, turn=turn)

    def bust(self, cloth: str, *, width: float = 330, slope: float = 0) -> Image.Image:
        """Draw the neck and shoulders; return the cloth's mask."""
        neck = [(372, 560), (366, 690), (330, 760), (450, 830), (570, 760), (534, 690), (528, 560)]
        shoulders = through(
            [
                (450 - width - 90, 990),
                (450 - width, 852 + slope),
                (450 - width + 70, 796 + slope),
                (345, 742),
                (450, 800),
                (555, 742),
                (450 + width - 70, 796 + slope),
                (450 + width, 852 + slope),
                (450 + width + 90, 990),
            ]
        )
        self.fill(shoulders, cloth)
        self.fill(through(neck, closed=True), self.sitter.skin)
        throat = self.mask(through(neck, closed=True))
        cast = through(points("366,590 450,690 540,600 560,760 470,770 440,730 372,670"), closed=True)
        shadow = ImageChops.multiply(self.mask(cast), throat)
        self.wash(shadow, self.sitter.shade)
        return ImageChops.subtract(self.mask(shoulders), throat)

    def head(self, *, ears: bool = True) -> None:
        """Draw ears, face, the shaded side and the features."""
        who = self.sitter
        if ears:
            for side in (-1, 1):
                lobe = ellipse((450 + side * 166, 442), (27, 52), turn=-side * 9)
                self.fill(lobe, who.skin if side < 0 else who.shade)
                inner = ellipse((450 + side * 169, 440), (12, 30), turn=-side * 9)
                self.fill(inner, mix(who.skin, who.shade, 0.8) if side < 0 else mix(who.shade, INK, 0.2))
        self.fill(self.face, who.skin)
        inside = self.mask(self.face)
        dark = self.mask(
            through(
                points(
                    "640,180 560,230 548,300 566,372 520,420 566,492 548,560 500,606 490,640 500,700 660,690 690,400"
                ),
                closed=True,
            )
        )
        self.wash(ImageChops.multiply(dark, inside), who.shade)
        self.hatch(
            ImageChops.multiply(
                self.mask(
                    through(
                        points("640,240 592,300 598,380 574,440 594,510 578,570 560,600 600,640 660,600 690,400"),
                        closed=True,
                    )
                ),
                inside,
            ),
            Pen(colour=mix(who.shade, INK, 0.42), width=2.4),
            gap=8.5,
            turn=62,
        )
        bright = self.mask(through(points("330,300 372,262 420,270 400,330 350,350"), closed=True))
        self.wash(ImageChops.multiply(bright, inside), mix(who.skin, who.light, 0.26))
        cheek = self.mask(ellipse((350, 505), (40, 26), turn=-24)).filter(ImageFilter.BoxBlur(16))
        self.wash(cheek, mix(who.skin, who.lips, 0.12))
        self._eyes()
        self._nose()
        self.mouth()
        if who.age:
            self._years()

    def _eyes(self) -> None:
        who = self.sitter
        for side in (-1, 1):
            x, y = 450 + side * 77, 420.0
            base = who.skin if side < 0 else who.shade
            socket = through(
                [(x - 52, y + 2), (x - 8, y - 38), (x + 50, y - 6), (x + 30, y + 22), (x - 30, y + 24)], closed=True
            )
            self.fill(socket, mix(base, who.shade if side < 0 else INK, 0.38 if side < 0 else 0.14))
            outer, inner = x + side * 41, x - side * 38
            white = through([(outer, y - 2), (x, y - 19 * who.eye), (inner, y + 7), (x, y + 14 * who.eye)], closed=True)
            self.fill(white, mix("#f4ead8", base, 0.22 if side < 0 else 0.4))
            iris = ImageChops.multiply(self.mask(ellipse((x - 1, y - 3), (17, 17))), self.mask(white))
            self.wash(iris, "#24160f")
            self.disc((x - 7, y - 8), 4, "#fdf8ee")
            lid = through(
                [
                    (outer + side * 6, y + 2),
                    (x + side * 18, y - 16 * who.eye),
                    (x - side * 10, y - 19 * who.eye),
                    (inner, y + 7),
                ]
            )
            self.stroke(lid, Pen(colour=mix(INK, "#2a1712", 0.6), width=7))
            self.stroke(
                through([(outer - side * 4, y + 9), (x, y + 16), (inner + side * 10, y + 11)]),
                Pen(colour=mix(base, INK, 0.45), width=2.5),
            )
            brow = through(
                [
                    (x - side * 46, y - 42),
                    (x - side * 8, y - 58),
                    (x + side * 32, y - 54),
                    (x + side * 58, y - 32),
                    (x + side * 30, y - 54 + who.brow),
                    (x - side * 8, y - 57 + who.brow * 1.45),
                    (x - side * 44, y - 42 + who.brow * 1.7),
                ],
                closed=True,
            )
            self.fill(brow, mix(who.hair, "#3a2c28", 0.3 + 0.25 * who.age))

    def _nose(self) -> None:
        who = self.sitter
        plane = "462,392 474,440 496,512 500,534 482,546 452,550 470,524 466,470"
        self.shape(self._wide(plane), who.shade)
        line = Pen(colour=mix(who.shade, INK, 0.45), width=4.5)
        self.stroke(
            through(self._wide("410,534 404,546 414,554 432,549 450,559 470,550 488,553 498,544 493,530")), line
        )
        self.shape("440,470 450,462 456,512 446,528 436,516", who.light)

    def _wide(self, outline: str) -> list[Point]:
        return [(450 + (x - 450) * self.sitter.nose, y) for x, y in points(outline)]

    def mouth(self) -> None:
        """Draw the mouth, again where a beard has covered it."""
        who, up = self.sitter, self.sitter.smile
        self.shape("388,600 424,590 450,595 478,590 514,599 480,604 450,605 420,605", mix(who.lips, INK, 0.18))
        self.shape("396,602 424,605 450,606 480,604 508,601 484,622 450,628 418,623", who.lips)
        self.stroke(
            through(
                [
                    (380 - up / 3, 598 - up),
                    (418, 603 - up / 4),
                    (450, 605),
                    (482, 602 - up / 4),
                    (521 + up / 3, 597 - up),
                ]
            ),
            Pen(colour=mix(who.lips, INK, 0.62), width=4.5),
        )
        self.stroke(through(points("424,640 450,645 478,640")), Pen(colour=mix(who.shade, INK, 0.2), width=4))

    def _years(self) -> None:
        pen = Pen(colour=mix(self.sitter.shade, INK, 0.22), width=3)
        for path in (
            "392,538 372,566 366,594",
            "508,538 528,566 534,594",
            "338,452 372,462 404,452",
            "496,452 528,462 562,452",
            "392,296 450,288 512,297",
            "404,268 450,262 500,269",
        ):
            self.stroke(through(points(path)), pen)

    def glasses(self, colour: str, *, circular: bool) -> None:
        """Add spectacles."""
        pen = Pen(colour=colour, width=8)
        for side in (-1, 1):
            x = 450 + side * 80
            reach = (62, 58) if circular else (68, 47)
            rim = ellipse((x, 424), reach) if circular else _lens(x, 424, reach)
            self.fill(rim, "#ffffff1c")
            self.stroke(rim, pen, closed=True)
            self.stroke([(x + side * reach[0], 412), (450 + side * 168, 402)], pen)
        self.stroke(
            through([(388 + 80 - 62 + 20, 418), (450, 404), (474, 418)]) if circular else [(438, 416), (462, 416)], pen
        )

    def strands(self, paths: list[str], colour: str, *, width: float = 4) -> None:
        """Draw loose lines of hair."""
        for path in paths:
            self.stroke(through(points(path)), Pen(colour=colour, width=width))


def _lens(x: float, y: float, reach: Point) -> list[Point]:
    """Return a rounded rectangle (a superellipse)."""
    outline = []
    for step in range(72):
        angle = math.tau * step / 72
        cos, sin = math.cos(angle), math.sin(angle)
        outline.append(
            (x + reach[0] * math.copysign(abs(cos) ** 0.45, cos), y + reach[1] * math.copysign(abs(sin) ** 0.45, sin))
        )
    return outline
