"""The charts of power, water and minerals; every figure in them is illustrative."""

import math

from PIL import Image

from kjreport.demo.drawing.canvas import Lettering, Pen
from kjreport.demo.drawing.chart_frame import BOTTOM, TOP, Chart, Scale
from kjreport.demo.drawing.palette import (
    INK,
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


def moldova_power() -> Image.Image:
    """Stack Moldova's power by source over two winters."""
    art = Chart("Where Moldova's electricity comes from", "Average megawatts by month, two winters")
    months = ["Oct", "Nov", "Dec", "Jan", "Feb", "Mar"] * 2
    sources = (
        ("Cuciurgan plant", SLATE, (520, 560, 540, 90, 60, 40, 30, 20, 20, 20, 20, 20)),
        ("Chisinau heat|and power", OCHRE, (60, 150, 230, 260, 250, 190, 80, 180, 260, 280, 270, 200)),
        ("Wind and solar", SAGE, (60, 45, 40, 45, 60, 85, 110, 80, 70, 80, 100, 150)),
        ("Bought from|Romania", VERMILION, (40, 60, 90, 520, 510, 450, 430, 500, 540, 560, 520, 430)),
    )
    scale = Scale(first=-0.7, last=13.2, high=1000, rules=(0, 250, 500, 750, 1000), right=1440)
    places = [index + (1.2 if index > 5 else 0) for index in range(12)]
    art.frame(scale, list(zip(places, months, strict=True)), unit=" MW")
    for index, place in enumerate(places):
        base = 0
        for _, colour, values in sources:
            art.bar(scale, place, (base, base + values[index]), (72, colour))
            base += values[index]
    base = 0
    for name, colour, values in sources:
        _, y = scale.place(0, base + values[-1] / 2)
        dark = {SLATE: SLATE, OCHRE: mix(OCHRE, INK, 0.3), SAGE: PINE, VERMILION: VERMILION}[colour]
        art.tag((1446, min(y, BOTTOM - 18)), name, dark)
        base += values[-1]
    for place, name in ((2.5, "First winter"), (9.7, "Second winter")):
        x, _ = scale.place(place, 0)
        art.words((x, BOTTOM + 84), name, Lettering(size=29, bold=True, anchor="m"))
    return art.finished()


def nickel_share() -> Image.Image:
    """Show the growth of Indonesia's part of the world's mined nickel."""
    art = Chart("How one country came to hold the market", "Share of mined nickel, per cent of the world's tonnage")
    years = list(range(2012, 2026))
    indonesia = (11, 15, 8, 6, 9, 16, 24, 31, 31, 37, 48, 54, 59, 62)
    others = (13, 14, 20, 21, 19, 17, 15, 13, 13, 13, 11, 10, 9, 8)
    scale = Scale(first=2012, last=2025, high=100, rules=(0, 25, 50, 75, 100), right=1420)
    base = [(float(year), 0.0) for year in years]
    low = [(float(year), float(value)) for year, value in zip(years, indonesia, strict=True)]
    middle = [(float(year), float(a + b)) for year, a, b in zip(years, indonesia, others, strict=True)]
    top = [(float(year), 100.0) for year in years]
    art.area(scale, top, middle, mix(PAPER, SAND, 0.85))
    art.area(scale, middle, low, mix(SAGE, PAPER, 0.1))
    art.area(scale, low, base, VERMILION)
    art.stroke([scale.place(*value) for value in low], Pen(colour=PAPER, width=4))
    art.stroke([scale.place(*value) for value in middle], Pen(colour=PAPER, width=4))
    art.frame(scale, [(year, str(year)) for year in years[1::3]], unit=" %")
    art.tag((1450, scale.place(0, 31)[1]), "Indonesia 62", VERMILION)
    art.tag((1450, scale.place(0, 64)[1]), "Philippines 8", PINE)
    art.tag((1450, scale.place(0, 84)[1]), "Everyone else 30", mix(SLATE, INK, 0.2))
    for year, text in ((2014, "Ore export|ban"), (2020, "Ban|renewed")):
        x, _ = scale.place(year, 0)
        art.stroke([(x, TOP - 30), (x, BOTTOM)], Pen(colour=INK, width=2.5, dash=(9, 8)))
        art.words((x + 12, TOP - 36), text.replace("|", " "), Lettering(size=27, bold=True))
    return art.finished()


def reservoir_levels() -> Image.Image:
    """Draw the reservoir's level in a dry year against the range of earlier ones."""
    art = Chart("A run of dry summers", "Akhuryan reservoir: metres above the lowest outlet, by week")
    weeks = list(range(53))
    shape = [19 + 7 * math.cos(math.tau * (week - 7) / 52) for week in weeks]
    upper = [(week, level + 7 + 0.8 * math.sin(week / 3.1)) for week, level in zip(weeks, shape, strict=True)]
    lower = [(week, level - 5.5 + 0.7 * math.sin(week / 2.3)) for week, level in zip(weeks, shape, strict=True)]
    scale = Scale(first=0, last=52, high=40, rules=(0, 10, 20, 30, 40), right=1470)
    quarters = [(4, "Jan"), (17, "Apr"), (30, "Jul"), (43, "Oct")]
    blue = "#4f7f94"
    art.area(scale, upper, lower, mix(PAPER, blue, 0.26))
    art.frame(scale, quarters, unit=" m")
    art.series(scale, list(zip(weeks, shape, strict=True)), Pen(colour=blue, width=6))
    ours = [
        (week, level - 1 - 0.16 * week + 0.5 * math.sin(week / 1.7)) for week, level in zip(weeks, shape, strict=True)
    ][:44]
    theirs = [(week, level + 1.6 + 0.035 * week + 0.3 * math.sin(week / 1.3)) for week, level in ours]
    art.series(scale, theirs, Pen(colour=OCHRE, width=9, dash=(20, 12)))
    art.series(scale, ours, Pen(colour=OXBLOOD, width=11))
    art.tag((1500, scale.place(0, shape[-1] + 6)[1]), "Usual range|1985-2017", mix(blue, INK, 0.3))
    art.tag((1500, scale.place(0, shape[-1])[1] + 26), "Mean 1985-2017", blue)
    x, y = scale.place(*ours[-1])
    art.tag((x + 36, y + 26), "Last year", OXBLOOD)
    x, y = scale.place(*theirs[-1])
    art.tag((x + 34, y - 4), "Mean since 2018", mix(OCHRE, INK, 0.3))
    return art.finished()


def lithium() -> Image.Image:
    """Set the price of lithium against what Chile shipped."""
    art = Chart(
        "The price fell; the tonnes kept coming",
        "Lithium carbonate: price (line) and Chile's exports (bars), index, 2019 = 100",
    )
    years = list(range(2016, 2027))
    tonnes = (62, 71, 84, 100, 112, 138, 176, 193, 214, 226, 238)
    price = (70, 118, 150, 100, 72, 150, 480, 300, 125, 96, 104)
    scale = Scale(first=2015.3, last=2026.7, high=500, rules=(0, 100, 200, 300, 400, 500))
    art.frame(scale, [(year, str(year)) for year in years[::2]])
    for year, value in zip(years, tonnes, strict=True):
        art.bar(scale, year, (0, value), (96, mix(SAGE, PAPER, 0.12)))
    art.series(scale, list(zip(years, price, strict=True)), Pen(colour=VERMILION, width=12))
    x, y = scale.place(2022, 480)
    art.disc((x, y), 15, VERMILION)
    art.tag((x + 40, y + 8), "Price peaks|late 2022", VERMILION)
    x, y = scale.place(2025.5, 238)
    art.tag((x, y - 30), "Exports", PINE, anchor="m")
    x, y = scale.place(2017.4, 150)
    art.tag((x, y - 40), "First boom", VERMILION, anchor="m")
    return art.finished()
