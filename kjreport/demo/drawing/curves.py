"""Shapes as lists of points: read, rounded, weathered, turned and broken into dashes."""

import math
import random
from collections.abc import Sequence
from itertools import pairwise

type Point = tuple[float, float]


type Path = Sequence[Point]


def points(text: str) -> list[Point]:
    """Read `"1,2 3,4"` as points."""
    pairs = (pair.split(",") for pair in text.split())
    return [(float(x), float(y)) for x, y in pairs]


def rounded(path: Path, *, closed: bool = True, passes: int = 2) -> list[Point]:
    """Cut the corners of a path (Chaikin), keeping the ends of an open one."""
    line = list(path)
    for _ in range(passes):
        steps = zip(line, [*line[1:], line[0]] if closed else line[1:], strict=False)
        cut: list[Point] = [] if closed else [line[0]]
        for (ax, ay), (bx, by) in steps:
            cut.append((ax * 0.75 + bx * 0.25, ay * 0.75 + by * 0.25))
            cut.append((ax * 0.25 + bx * 0.75, ay * 0.25 + by * 0.75))
        line = cut if closed else [*cut, line[-1]]
    return line


def weathered(path: Path, *, roughness: float = 0.16) -> list[Point]:
    """Break each side of a closed path in three, a little off the straight, as coasts are.

    A side is broken the same way whichever way it is walked, so neighbours keep their common border.
    """
    coast: list[Point] = []
    for start, end in pairwise([*path, path[0]]):
        (ax, ay), (bx, by) = sorted((start, end))
        dice = random.Random(f"{ax:.2f} {ay:.2f} {bx:.2f} {by:.2f}")
        side = []
        for share in (0.33, 0.67):
            push = dice.uniform(-roughness, roughness)
            side.append((ax + (bx - ax) * share - (by - ay) * push, ay + (by - ay) * share + (bx - ax) * push))
        coast.extend([start, *(side if start <= end else reversed(side))])
    return coast


def through(path: Path, *, closed: bool = False, steps: int = 10) -> list[Point]:
    """Draw a curve through every point (Catmull-Rom)."""
    line = [path[-1], *path, path[0], path[1]] if closed else [path[0], *path, path[-1]]
    curve: list[Point] = []
    for a, b, c, d in zip(line, line[1:], line[2:], line[3:], strict=False):
        for step in range(steps):
            t = step / steps
            curve.append((_spline((a[0], b[0], c[0], d[0]), t), _spline((a[1], b[1], c[1], d[1]), t)))
    return curve if closed else [*curve, path[-1]]


def _spline(knots: tuple[float, float, float, float], t: float) -> float:
    a, b, c, d = knots
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


def ellipse(centre: Point, radius: Point, *, turn: float = 0, steps: int = 72) -> list[Point]:
    """Return the outline of an ellipse turned by so many degrees."""
    tilt = math.radians(turn)
    outline = []
    for step in range(steps):
        angle = math.tau * step / steps
        x, y = radius[0] * math.cos(angle), radius[1] * math.sin(angle)
        outline.append(
            (
                centre[0] + x * math.cos(tilt) - y * math.sin(tilt),
                centre[1] + x * math.sin(tilt) + y * math.cos(tilt),
            )
        )
    return outline


def box(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """Return the corners of a rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def dashes(path: Path, dash: tuple[float, float]) -> list[list[Point]]:
    """Break a path into the pieces a dashed pen leaves on the paper."""
    pieces: list[list[Point]] = []
    piece: list[Point] = [path[0]]
    drawing, left = True, dash[0]
    for (ax, ay), (bx, by) in pairwise(path):
        length, done = math.hypot(bx - ax, by - ay), 0.0
        while length - done > left:
            done += left
            turn = (ax + (bx - ax) * done / length, ay + (by - ay) * done / length)
            if drawing:
                pieces.append([*piece, turn])
            piece, drawing = [turn], not drawing
            left = dash[0] if drawing else dash[1]
        left -= length - done
        piece.append((bx, by))
    return [*pieces, piece] if drawing and len(piece) > 1 else pieces


def spun(centre: Point, corners: Path, degrees: float) -> list[Point]:
    """Turn a shape drawn about nought and set it at a centre."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [(centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos) for x, y in corners]
