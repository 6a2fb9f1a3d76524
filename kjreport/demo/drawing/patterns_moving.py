"""The abstract illustrations that move: crowds, flights, swarms, signals and threads."""

import math
import random
from itertools import pairwise

from PIL import Image, ImageChops

from kjreport.demo.drawing.canvas import Canvas, Pen
from kjreport.demo.drawing.curves import Path, Point, box, ellipse, points, rounded, spun, through
from kjreport.demo.drawing.palette import (
    INK,
    LINEN,
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


def crowd() -> Image.Image:
    """A street full of people, divided by a crack."""
    art = Canvas(WIDTH, HEIGHT, mix(LINEN, SAND, 0.4))
    dice = random.Random("crowd")
    crack = points("1120,-20 1010,130 1090,250 930,400 1010,520 850,690 930,800 760,960 830,1060 720,1230")
    cool = (INK, mix(INK, SLATE, 0.5), SLATE, mix(SLATE, SAGE, 0.5), PINE, SAGE)
    warm = (OXBLOOD, VERMILION, mix(VERMILION, OCHRE, 0.5), OCHRE, mix(OXBLOOD, INK, 0.4), SAND)
    for row in range(12):
        y, size = 120 + row * 100 + row * row * 1.2, 46 + row * 4.6
        offset = dice.uniform(0, size)
        for place in range(-1, int(WIDTH / (size * 1.62)) + 2):
            x = place * size * 1.62 + offset + dice.uniform(-8, 8)
            tone = dice.choice(cool if x < _crossing(crack, y) else warm)
            _figure(
                art,
                (x, y + dice.uniform(-16, 16)),
                size * dice.uniform(0.92, 1.06),
                mix(tone, LINEN, max(0, 0.42 - row * 0.05)),
            )
    left = [(x - 20 - i % 2 * 14, y) for i, (x, y) in enumerate(crack)]
    right = [(x + 22 + i % 3 * 12, y) for i, (x, y) in enumerate(crack)]
    art.fill([*left, *reversed(right)], PAPER)
    art.stroke(left, Pen(colour=NIGHT, width=5))
    return art.finished()


def _crossing(path: Path, y: float) -> float:
    """Return how far across a path stands at a height."""
    for (ax, ay), (bx, by) in pairwise(path):
        if ay <= y <= by:
            return ax + (bx - ax) * (y - ay) / (by - ay)
    return path[-1][0]


def _figure(art: Canvas, place: Point, size: float, tone: str) -> None:
    """Draw one person: a head and rounded shoulders."""
    x, y = place
    edge = mix(tone, NIGHT, 0.35)
    body = [
        (x - size * 0.8, y + size * 2.3),
        *ellipse((x, y + size * 1.35), (size * 0.8, size * 0.74), steps=40)[20:40],
        (x + size * 0.8, y + size * 1.35),
        (x + size * 0.8, y + size * 2.3),
    ]
    art.fill(body, tone)
    art.stroke(body, Pen(colour=edge, width=2.5))
    art.disc((x, y), size * 0.47, mix(tone, PAPER, 0.14))
    art.ring((x, y), size * 0.47, Pen(colour=edge, width=2.5))


def flightlines() -> Image.Image:
    """Flight paths bend round an empty sky."""
    art = Canvas(WIDTH, HEIGHT, INK)
    dice = random.Random("flightlines")
    for _ in range(260):
        art.disc(
            (dice.uniform(0, WIDTH), dice.uniform(0, HEIGHT)),
            dice.uniform(0.8, 2.2),
            mix(INK, PAPER, dice.uniform(0.1, 0.5)),
        )
    closed = points(
        "640,240 900,190 1200,250 1370,380 1330,560 1380,660 1150,780 900,730 720,790 520,660 560,510 470,380"
    )
    mask = art.mask(closed)
    art.wash(mask, mix(INK, SLATE, 0.32))
    art.hatch(mask, Pen(colour=mix(INK, SLATE, 0.75), width=2.4), gap=17, turn=-45)
    art.stroke(closed, Pen(colour=mix(SLATE, PAPER, 0.45), width=4, dash=(16, 12)), closed=True)
    lanes = 22
    for lane in range(lanes):
        share = lane / (lanes - 1)
        start, end = (-40, 330 + 560 * share), (1840, 250 + 640 * share)
        above = share < 0.3
        bend = 42 + share * 330 if above else 830 + (share - 0.3) * 420
        path = through(
            [
                start,
                (260, start[1] * 0.7 + bend * 0.3),
                (620, bend + (30 if above else -6)),
                (950, bend),
                (1290, bend + (18 if above else -14)),
                (1560, end[1] * 0.65 + bend * 0.35),
                end,
            ],
            steps=24,
        )
        tone = (OCHRE, VERMILION, mix(PAPER, SAND, 0.5), mix(SAGE, PAPER, 0.2))[lane % 4]
        art.stroke(path, Pen(colour=tone, width=3 + 2.4 * (lane % 3 == 0)))
        at = dice.randrange(20, len(path) - 24)
        _plane(art, path[at], math.atan2(path[at + 2][1] - path[at][1], path[at + 2][0] - path[at][0]), tone)
    return art.finished()


def _plane(art: Canvas, place: Point, heading: float, tone: str) -> None:
    """Draw a small aircraft, seen from above."""
    outline = points(
        "26,0 6,4 -6,26 -13,26 -6,4 -18,4 -24,12 -28,12 -25,0 -28,-12 -24,-12 -18,-4 -6,-4 -13,-26 -6,-26 6,-4"
    )
    cos, sin = math.cos(heading), math.sin(heading)
    turned = [(place[0] + 1.25 * (x * cos - y * sin), place[1] + 1.25 * (x * sin + y * cos)) for x, y in outline]
    art.stroke(turned, Pen(colour=INK, width=5), closed=True)
    art.fill(turned, mix(tone, PAPER, 0.35))


def swarm() -> Image.Image:
    """Hundreds of small darts wheel about one heavy block."""
    art = Canvas(WIDTH, HEIGHT, mix(PAPER, LINEN, 0.6))
    dice = random.Random("swarm")
    heart = (1130.0, 640.0)
    shadow = points("1000,790 1290,770 1480,860 1190,900")
    art.fill(shadow, mix(LINEN, SLATE, 0.5))
    art.fill(points("980,560 1130,500 1290,560 1290,770 1140,840 980,780"), INK)
    art.fill(points("980,560 1130,500 1290,560 1140,626"), mix(INK, SLATE, 0.55))
    side = art.mask(points("1140,626 1290,560 1290,770 1140,840"))
    art.wash(side, NIGHT)
    art.hatch(side, Pen(colour=mix(INK, SLATE, 0.5), width=2.5), gap=11, turn=-24)
    for _ in range(940):
        angle, reach = dice.uniform(0, math.tau), 240 + 1150 * dice.random() ** 1.25
        x = heart[0] + reach * math.cos(angle) * 1.12 - 60
        y = heart[1] + reach * math.sin(angle) * 0.74
        course = angle + math.pi / 2 + 0.62 * math.sin(reach / 170) + dice.uniform(-0.16, 0.16)
        near = max(0.0, min(1.0, 1.15 - reach / 1000))
        tone = VERMILION if dice.random() < 0.1 + 0.3 * near else mix(mix(SLATE, PAPER, 0.25), INK, near)
        _dart(art, (x, y), course, size=8 + 15 * near + dice.uniform(0, 4), tone=tone)
    return art.finished()


def _dart(art: Canvas, place: Point, course: float, *, size: float, tone: str) -> None:
    corners = [(size * 1.5, 0), (-size, size * 0.82), (-size * 0.45, 0), (-size, -size * 0.82)]
    art.fill(spun(place, corners, math.degrees(course)), tone)


def balance() -> Image.Image:
    """A hanging mobile whose unequal discs keep each other level."""
    art = Canvas(WIDTH, HEIGHT, mix(PAPER, LINEN, 0.35))
    art.fill(
        rounded(points("-200,1400 -200,860 260,800 700,900 1240,830 2000,930 2000,1400"), passes=3),
        mix(LINEN, SAND, 0.8),
    )
    art.fill(
        rounded(points("-200,1500 -200,1010 500,960 1100,1060 1600,990 2000,1040 2000,1500"), passes=3),
        mix(SAND, OCHRE, 0.4),
    )
    wire = Pen(colour=INK, width=6)
    for beam in (
        "980,0 980,150",
        "360,252 660,170 980,150 1290,170 1500,236",
        "360,252 360,420",
        "150,486 260,434 360,420 480,440 560,478",
        "150,486 150,560",
        "560,478 560,640",
        "1500,236 1500,330",
        "1310,412 1400,346 1500,330 1610,350 1690,396",
        "1310,412 1310,540",
        "1690,396 1690,540",
        "980,150 980,470",
        "760,560 870,486 980,470 1080,486 1140,520",
        "760,560 760,690",
        "1140,520 1140,800",
    ):
        art.stroke(through(points(beam)), wire)
    for place, radius, tone in (
        ((150, 650), 92, INK),
        ((560, 752), 112, VERMILION),
        ((760, 756), 68, SAGE),
        ((1140, 850), 54, OXBLOOD),
        ((1310, 640), 112, OCHRE),
        ((1690, 590), 56, SLATE),
    ):
        _coin(art, place, radius, tone)
    art.fill(ellipse((980, 150), (15, 15)), INK)
    return art.finished()


def _coin(art: Canvas, place: Point, radius: float, tone: str) -> None:
    """Draw a disc with an engraved crescent of shade."""
    art.disc(place, radius, tone)
    disc = art.mask(ellipse(place, (radius, radius)))
    lit = art.mask(ellipse((place[0] - radius * 0.36, place[1] - radius * 0.3), (radius, radius)))
    art.hatch(ImageChops.subtract(disc, lit), Pen(colour=mix(tone, NIGHT, 0.6), width=3), gap=9, turn=50)


HEAD = (
    "900,150 1050,170 1170,260 1210,400 1196,470 1250,580 1256,610 1206,632 1214,676 1196,700 "
    "1208,736 1184,764 1180,830 1120,868 1030,850 1010,930 1040,1040 1180,1110 1240,1240 "
    "560,1240 640,1100 690,960 670,820 600,700 570,520 610,330 730,200"
)


def signal() -> Image.Image:
    """A face in profile made of broadcast lines, slipping out of true."""
    art = Canvas(WIDTH, HEIGHT, INK)
    inside = rounded(points(HEAD), passes=2)
    slips = {
        **dict.fromkeys(range(23, 29), 84),
        **dict.fromkeys(range(35, 39), -58),
        **dict.fromkeys(range(49, 55), 120),
        **dict.fromkeys(range(60, 63), -90),
    }
    for line in range(88):
        y = 14 + line * 13.5
        slip = slips.get(line, 0)
        edges = sorted(
            ax + (bx - ax) * (y - ay) / (by - ay)
            for (ax, ay), (bx, by) in zip(inside, [*inside[1:], inside[0]], strict=True)
            if (ay <= y) != (by <= y)
        )
        quiet = [(x, y + 3.2 * math.sin(x / 38 + line * 0.9) * math.sin(line / 5)) for x in range(-10, 1821, 10)]
        art.stroke(quiet, Pen(colour=mix(INK, SLATE, 0.55), width=2.2))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            tone = VERMILION if slip else mix(PAPER, SAND, 0.25)
            if slip:
                art.stroke([(start, y), (end, y)], Pen(colour=mix(INK, SLATE, 0.9), width=4))
            steps = max(2, int((end - start) / 12))
            for step in range(steps):
                a, b = start + (end - start) * step / steps, start + (end - start) * (step + 1) / steps
                width = 4 + 5.6 * (step / steps) ** 1.4
                art.fill(box(a + slip, y - width / 2, b + slip + 0.6, y + width / 2), tone)
    for ring in range(5):
        arc = [
            (1300 + (110 + ring * 88) * math.cos(t / 20), 690 + (110 + ring * 88) * math.sin(t / 20))
            for t in range(-14, 15)
        ]
        art.stroke(arc, Pen(colour=mix(OCHRE, INK, ring * 0.16), width=13 - ring))
    return art.finished()


def threads() -> Image.Image:
    """Threads run from one knot to many far places."""
    art = Canvas(WIDTH, HEIGHT, mix(PAPER, LINEN, 0.7))
    dice = random.Random("threads")
    tones = (VERMILION, OXBLOOD, INK, OCHRE, PINE, SLATE, mix(VERMILION, OCHRE, 0.5))
    knot = (430.0, 640.0)
    ends = []
    for thread in range(64):
        share = thread / 63
        end = (
            1080 + 620 * math.sin(math.pi * share) + dice.uniform(-190, 60),
            70 + 1070 * share + dice.uniform(-20, 20),
        )
        ends.append((end, tones[thread % len(tones)]))
    for end, tone in ends:
        sag = dice.uniform(-90, 90)
        start = (knot[0] + dice.uniform(-30, 30), knot[1] + dice.uniform(-56, 56))
        path = through(
            [
                start,
                (640, knot[1] + (end[1] - knot[1]) * 0.16 + sag * 0.3),
                (880, knot[1] + (end[1] - knot[1]) * 0.6 + sag),
                end,
            ],
            steps=24,
        )
        art.stroke(path, Pen(colour=tone, width=dice.choice((2.6, 3.4, 5))))
    for end, tone in ends:
        art.disc(end, 15, mix(PAPER, LINEN, 0.7))
        art.disc(end, 11, tone)
    for strand in range(34):
        y = 640 + (strand - 16.5) * 12
        tone = tones[(strand * 3) % len(tones)]
        art.stroke(
            through([(-20, y * 0.55 + 290), (150, y * 0.7 + 190), (330, y * 0.32 + 435), knot]),
            Pen(colour=tone, width=7),
        )
    for turn in range(9):
        x = 372 + turn * 14
        art.stroke(
            through([(x, 552 + 5 * (turn % 3)), (x + 26, 640), (x + 4, 730 - 5 * (turn % 2))]),
            Pen(colour=(VERMILION, OXBLOOD)[turn % 2], width=13),
        )
    return art.finished()
