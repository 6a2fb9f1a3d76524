"""The abstract illustrations that stand still: peaks, ranks, a table and arches."""

import math

from PIL import Image, ImageChops

from kjreport.demo.drawing.canvas import SCALE, Canvas, Pen
from kjreport.demo.drawing.curves import Path, Point, box, ellipse, points, rounded, spun
from kjreport.demo.drawing.palette import (
    INK,
    NIGHT,
    OCHRE,
    OXBLOOD,
    PAPER,
    PINE,
    SAGE,
    SAND,
    SLATE,
    VERMILION,
    mix,
)

WIDTH, HEIGHT = 1800, 1200


def summit() -> Image.Image:
    """One small red peak stands among giants."""
    art = Canvas(WIDTH, HEIGHT, mix(OCHRE, PAPER, 0.45))
    art.fade(mix(PAPER, OCHRE, 0.1), start=150, end=HEIGHT)
    sun = ellipse((1190, 400), (190, 190))
    bars = [box(900, 600 - level * level * 5.2, 1500, 611 - level * (level * 5.2 + 1)) for level in range(8)]
    art.wash(ImageChops.subtract(art.mask(sun), art.mask(*bars)), mix(VERMILION, OCHRE, 0.25))
    _peak(art, points("-260,1200 60,560 190,640 420,210 560,420 640,390 1060,1200"), (420, 210), SLATE)
    _peak(
        art,
        points("880,1200 1240,520 1330,600 1530,150 1660,380 1740,340 2260,1200"),
        (1530, 150),
        mix(SLATE, INK, 0.35),
    )
    _peak(art, points("-200,1200 140,850 330,700 560,960 700,1200"), (330, 700), mix(INK, SLATE, 0.25))
    _peak(art, points("1180,1200 1400,900 1560,770 1800,960 2000,1200"), (1560, 770), INK)
    _peak(art, points("690,1200 830,1010 905,880 990,1020 1120,1200"), (905, 880), VERMILION)
    art.stroke([(905, 885), (905, 770)], Pen(colour=INK, width=7))
    art.fill(points("908,770 986,794 908,820"), VERMILION)
    art.fill(rounded(points("-100,1300 -100,1120 300,1090 760,1140 1200,1095 1900,1130 1900,1300"), passes=3), NIGHT)
    return art.finished()


def _peak(art: Canvas, outline: Path, top: Point, colour: str) -> None:
    """Draw a mountain with its right side engraved in shade."""
    art.fill(outline, colour)
    whole = art.mask(outline)
    x, y = top
    fall = [(x, y), (x + 26, y + 110), (x - 30, y + 230), (x + 50, y + 380), (x - 10, 1250), (2400, 1250), (2400, y)]
    shade = ImageChops.multiply(whole, art.mask(fall))
    art.wash(shade, mix(colour, NIGHT, 0.38))
    art.hatch(shade, Pen(colour=mix(colour, NIGHT, 0.62), width=3), gap=12, turn=62)
    art.hatch(ImageChops.subtract(whole, shade), Pen(colour=mix(colour, PAPER, 0.16), width=2), gap=20, turn=-58)


def columns() -> Image.Image:
    """Ranks of uprights march back to the horizon, throwing long shadows."""
    art = Canvas(WIDTH, HEIGHT, mix(SAND, OCHRE, 0.25))
    art.fill(box(0, 0, WIDTH, 330), mix(PAPER, SAND, 0.5))
    art.disc((1480, 330), 150, VERMILION)
    art.fill(box(0, 330, WIDTH, HEIGHT), mix(SAND, OCHRE, 0.3))
    art.fade(mix(SAND, OXBLOOD, 0.34), start=330, end=HEIGHT)
    rows = 9
    for row in range(rows):
        depth = (row / (rows - 1)) ** 1.7
        ground, size = 372 + depth * 800, 10 + depth * 66
        tall, gap = size * 3.9, size * 2.55
        count = int(WIDTH / gap) + 6
        for column in range(-count // 2, count // 2 + 1):
            x = 820 + column * gap
            shadow = [
                (x - size / 2, ground),
                (x + size / 2, ground),
                (x - size * 3.4, ground + size * 1.75),
                (x - size * 4.4, ground + size * 1.75),
            ]
            art.fill(shadow, mix(mix(SAND, OXBLOOD, 0.3), INK, 0.3 + depth * 0.15))
        for column in range(-count // 2, count // 2 + 1):
            x = 820 + column * gap
            red = row == 7 and column == 2
            tone = VERMILION if red else mix(SLATE, INK, 0.25 + depth * 0.6)
            _upright(art, (x, ground), (size, tall), tone)
    return art.finished()


def _upright(art: Canvas, foot: Point, size: Point, tone: str) -> None:
    """Draw one rounded upright, lit from the right."""
    (x, y), (wide, tall) = foot, size
    art.disc((x, y - tall), wide / 2, tone)
    art.fill(box(x - wide / 2, y - tall, x + wide / 2, y), tone)
    light = mix(tone, PAPER, 0.32)
    art.fill(box(x + wide * 0.22, y - tall, x + wide / 2, y), light)


def table() -> Image.Image:
    """A round table from above, its chairs turned, one of them red and empty."""
    art = Canvas(WIDTH, HEIGHT, mix(SAGE, PINE, 0.55))
    art.hatch(art.mask(box(0, 0, WIDTH, HEIGHT)), Pen(colour=mix(SAGE, PINE, 0.66), width=3), gap=44, turn=0)
    art.fill(ellipse((1010, 690), (690, 470), turn=4), mix(PINE, NIGHT, 0.45))
    seats = 13
    for seat in range(seats):
        angle = math.tau * seat / seats + 0.12
        x, y = 900 + 730 * math.cos(angle), 600 + 490 * math.sin(angle)
        tone = VERMILION if seat == 11 else (INK, mix(INK, SLATE, 0.4), OXBLOOD)[seat % 3 if seat % 3 < 2 else 0]
        _chair(art, (x, y), math.degrees(math.atan2(y - 600, x - 900)) + (38 if seat == 11 else 0), tone)
    top = ellipse((900, 600), (610, 390))
    art.fill(top, OCHRE)
    for ring in range(11):
        tone = mix(OCHRE, OXBLOOD, 0.16 + 0.03 * (ring % 3))
        art.stroke(
            ellipse((900 + ring * 3, 600 - ring * 2), (590 - ring * 52, 374 - ring * 33)),
            Pen(colour=tone, width=3.5),
            closed=True,
        )
    art.stroke(top, Pen(colour=mix(OCHRE, INK, 0.55), width=9), closed=True)
    for seat in range(seats):
        angle = math.tau * seat / seats + 0.12
        if seat != 11:
            _sheet(art, (900 + 480 * math.cos(angle), 600 + 292 * math.sin(angle)), math.degrees(angle))
    glow = ellipse((900, 600), (150, 96))
    art.fill(glow, mix(OCHRE, PAPER, 0.5))
    art.stroke(glow, Pen(colour=mix(OCHRE, OXBLOOD, 0.4), width=4), closed=True)
    return art.finished()


def _softened(corners: Path, radius: float) -> list[Point]:
    """Round the corners of a rectangle."""
    soft: list[Point] = []
    for before, corner, after in zip([corners[-1], *corners], corners, [*corners[1:], corners[0]], strict=False):
        for other in (before, after):
            share = radius / math.dist(corner, other)
            soft.append((corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share))
            if other is before:
                soft.append(corner)
    return rounded(soft)


def _chair(art: Canvas, place: Point, turn: float, tone: str) -> None:
    seat, back = box(-62, -66, 48, 66), box(44, -76, 74, 76)
    art.fill(spun((place[0] + 26, place[1] + 28), _softened(seat, 26), turn), mix(PINE, NIGHT, 0.5))
    art.fill(spun(place, _softened(seat, 26), turn), tone)
    art.fill(spun(place, _softened(back, 13), turn), mix(tone, NIGHT, 0.45))


def _sheet(art: Canvas, place: Point, turn: float) -> None:
    art.fill(spun((place[0] + 5, place[1] + 6), box(-36, -27, 36, 27), turn), mix(OCHRE, OXBLOOD, 0.5))
    art.fill(spun(place, box(-36, -27, 36, 27), turn), PAPER)
    for line in (-14, -2, 10):
        art.stroke(spun(place, [(line, -18), (line, 16)], turn), Pen(colour=mix(PAPER, SLATE, 0.6), width=2.5))


def arches() -> Image.Image:
    """An arcade in two storeys holds because each arch leans on the next."""
    art = Canvas(WIDTH, HEIGHT, mix(SAGE, PAPER, 0.55))
    art.fade(mix(OCHRE, PAPER, 0.5), start=200, end=1100)
    art.disc((1330, 330), 130, mix(VERMILION, OCHRE, 0.2))
    art.fill(
        rounded(points("-200,1400 -200,900 300,800 800,880 1300,780 2000,900 2000,1400"), passes=3),
        mix(PINE, SAGE, 0.4),
    )
    _arcade(art, base=620, rise=300, span=225, tone=mix(SLATE, PAPER, 0.16))
    _arcade(art, base=1160, rise=540, span=360, tone=mix(INK, SLATE, 0.22))
    art.fill(box(0, 1150, WIDTH, HEIGHT), NIGHT)
    return art.finished()


def _arcade(art: Canvas, *, base: float, rise: float, span: float, tone: str) -> None:
    """Build one storey of arches across the sheet."""
    top, pier = base - rise, span * 0.13
    wall = Image.new("L", art.image.size, 0)
    wall.paste(255, (0, round(top * SCALE), art.image.width, round(base * SCALE)))
    centres = [span * (index + 0.5) - span * 0.5 for index in range(int(WIDTH / span) + 2)]
    reach, spring = span / 2 - pier, top + rise * 0.2 + span / 2 - pier
    holes = [_arch(x, spring, reach, base) for x in centres]
    wall.paste(0, (0, 0), art.mask(*holes))
    art.wash(wall, tone)
    inner = [_arch(x + span * 0.09, spring, reach, base) for x in centres]
    reveal = ImageChops.subtract(art.mask(*holes), art.mask(*inner))
    art.wash(reveal, mix(tone, NIGHT, 0.5))
    art.hatch(reveal, Pen(colour=mix(tone, NIGHT, 0.78), width=2.4), gap=9, turn=0)
    for number, x in enumerate(centres):
        for stone in range(11):
            start, end = math.pi + math.pi * stone / 11, math.pi + math.pi * (stone + 1) / 11
            block = [
                (x + far * math.cos(a), spring + far * math.sin(a))
                for a, far in ((start, reach), (end, reach), (end, reach + pier * 1.15), (start, reach + pier * 1.15))
            ]
            key = stone == 5
            art.fill(
                block, (VERMILION if number % 2 else OCHRE) if key else mix(tone, PAPER, 0.12 + 0.07 * (stone % 2))
            )
            art.stroke(block, Pen(colour=mix(tone, NIGHT, 0.4), width=2), closed=True)
    art.fill(box(0, top - 26, WIDTH, top + 6), mix(tone, NIGHT, 0.3))
    art.fill(box(0, top - 26, WIDTH, top - 14), mix(tone, PAPER, 0.3))


def _arch(x: float, spring: float, reach: float, base: float) -> list[Point]:
    curve = [
        (x + reach * math.cos(math.pi + math.pi * t / 40), spring + reach * math.sin(math.pi + math.pi * t / 40))
        for t in range(41)
    ]
    return [*curve, (x + reach, base), (x - reach, base)]
