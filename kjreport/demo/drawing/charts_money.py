"""The charts of budgets, trade and prices; every figure in them is illustrative."""

from PIL import Image

from kjreport.demo.drawing.canvas import Lettering, Pen
from kjreport.demo.drawing.chart_frame import BOTTOM, LEFT, RIGHT, RULE, TOP, Chart, Scale
from kjreport.demo.drawing.curves import box
from kjreport.demo.drawing.palette import INK, OCHRE, OXBLOOD, PAPER, PINE, SAGE, SAND, SLATE, VERMILION, mix


def kenya_debt() -> Image.Image:
    """Set Kenya's interest bill beside what it spends on health and schools."""
    art = Chart("The first call on every shilling", "Kenya: share of tax revenue spent on each, per cent")
    years = list(range(2013, 2026))
    scale = Scale(first=2013, last=2025, high=40, rules=(0, 10, 20, 30, 40), right=1500)
    art.frame(scale, [(year, str(year)) for year in years[::2]], unit=" %")
    interest = list(zip(years, (13, 14, 16, 18, 19, 21, 22.5, 25, 26, 28.5, 31, 34.5, 36), strict=True))
    schools = list(zip(years, (27, 27.4, 26.5, 26.8, 26, 26.4, 25.6, 25, 24.4, 24, 23.6, 22.9, 22.4), strict=True))
    health = list(zip(years, (6, 6.3, 6.6, 7, 7.2, 7.9, 8, 8.6, 8.9, 8.4, 8, 7.6, 7.4), strict=True))
    art.area(scale, interest, [(year, 0) for year in years], mix(PAPER, VERMILION, 0.16))
    art.series(scale, schools, Pen(colour=INK, width=8))
    art.series(scale, health, Pen(colour=mix(SAGE, PINE, 0.4), width=8))
    art.series(scale, interest, Pen(colour=VERMILION, width=12))
    art.tag((1530, scale.place(0, 36)[1] + 10), "Interest 36", VERMILION)
    art.tag((1530, scale.place(0, 22.4)[1] + 10), "Schools 22", INK)
    art.tag((1530, scale.place(0, 7.4)[1] + 10), "Health 7", PINE)
    x, y = scale.place(2020.05, 25)
    art.ring((x, y), 24, Pen(colour=INK, width=3.5))
    art.stroke([(x, y - 26), (x, y - 150)], Pen(colour=INK, width=2.5))
    art.tag((x - 14, y - 200), "Interest overtakes schools|2020-21", INK, anchor="r")
    return art.finished()


def poland_spending() -> Image.Image:
    """Show Poland's defence spending as a share of its economy."""
    art = Chart("Paying for the long run", "Defence spending as a share of output, per cent")
    years = list(range(2014, 2027))
    values = (1.9, 2.2, 2.0, 1.9, 2.0, 2.0, 2.2, 2.2, 2.4, 3.3, 4.1, 4.5, 4.8)
    scale = Scale(first=2013.2, last=2026.8, high=5, rules=(0, 1, 2, 3, 4, 5))
    art.frame(scale, [(year, str(year)) for year in years[::2]], unit=" %")
    for year, value in zip(years, values, strict=True):
        colour = OXBLOOD if year < 2025 else mix(OXBLOOD, PAPER, 0.45)
        art.bar(scale, year, (0, value), (84, colour))
        x, _ = scale.place(year, value)
        art.words((x, BOTTOM - 24), f"{value}", Lettering(size=28, colour=PAPER, bold=True, anchor="m"))
    line = scale.place(0, 2)[1]
    art.stroke([(LEFT, line), (RIGHT, line)], Pen(colour=INK, width=4, dash=(16, 10)))
    art.tag((LEFT + 10, line - 84), "Old alliance guideline|2 per cent", INK)
    x, y = scale.place(2025.5, 5)
    art.tag((x + 60, y - 24), "Planned", mix(OXBLOOD, PAPER, 0.3), anchor="m")
    return art.finished()


def remittances() -> Image.Image:
    """Rank economies by the part of income sent home by workers abroad."""
    art = Chart("Economies with two addresses", "Money sent home by workers abroad, per cent of output")
    rows = (
        ("Tajikistan", 46, 39),
        ("Kyrgyzstan", 24, 28),
        ("Honduras", 26, 20),
        ("Lebanon", 28, 14),
        ("Nepal", 26, 25),
        ("Armenia", 7, 13),
        ("Moldova", 12, 17),
        ("Georgia", 14, 11),
        ("Uzbekistan", 17, 9),
    )
    left, top, step, unit = 360, 262, 90, 27.5
    for value in range(0, 51, 10):
        x = left + value * unit
        art.stroke([(x, top - 34), (x, 1070)], RULE if value else Pen(colour=INK, width=3))
        art.words((x, 1110), f"{value}{' %' if value == 50 else ''}", Lettering(size=28, colour=SLATE, anchor="m"))
    for index, (name, now, before) in enumerate(sorted(rows, key=lambda row: -row[1])):
        y = top + index * step + 20
        ends = left + before * unit, left + now * unit
        art.words((left - 28, y + 11), name, Lettering(size=31, anchor="r", bold=True))
        art.stroke([(left, y), (max(ends), y)], Pen(colour=mix(PAPER, SAND, 0.9), width=10))
        art.stroke([(ends[0], y), (ends[1], y)], Pen(colour=mix(VERMILION, PAPER, 0.45), width=10))
        art.disc((ends[0], y), 17, SLATE)
        art.disc((ends[1], y), 23, VERMILION)
        art.words((max(ends) + 40, y + 11), f"{now}", Lettering(size=31, colour=VERMILION, bold=True))
    for x, colour, size, name in ((1370, SLATE, 17, "2015"), (1530, VERMILION, 23, "2024")):
        art.disc((x, 1000), size, colour)
        art.words((x + 38, 1011), name, Lettering(size=31, colour=colour, bold=True))
    return art.finished()


def price_cap() -> Image.Image:
    """Draw two oil prices and the cap set between them."""
    art = Chart("The gap is the policy", "Price of a barrel at the port of loading, dollars")
    north = (
        92,
        84,
        80,
        82,
        81,
        84,
        76,
        75,
        79,
        85,
        92,
        90,
        83,
        78,
        80,
        83,
        86,
        89,
        83,
        82,
        85,
        79,
        74,
        74,
        73,
        74,
        79,
        75,
        72,
        66,
        64,
        69,
    )
    north_and_gap = (
        70,
        58,
        49,
        50,
        51,
        54,
        53,
        54,
        58,
        68,
        80,
        79,
        71,
        63,
        64,
        68,
        72,
        76,
        70,
        69,
        74,
        67,
        63,
        63,
        62,
        63,
        67,
        62,
        58,
        53,
        52,
        58,
    )
    scale = Scale(first=0, last=31, low=40, high=100, rules=(40, 60, 80, 100), right=1490)
    ticks = [(0, "Nov 2022"), (8, "Jul 2023"), (16, "Mar 2024"), (24, "Nov 2024")]
    upper, lower = list(enumerate(north)), list(enumerate(north_and_gap))
    art.area(scale, upper, lower, mix(PAPER, OCHRE, 0.34))
    art.frame(scale, ticks)
    cap = scale.place(0, 60)[1]
    art.stroke([(scale.place(1, 0)[0], cap), (1490, cap)], Pen(colour=INK, width=6, dash=(22, 12)))
    art.series(scale, upper, Pen(colour=SLATE, width=9))
    art.series(scale, lower, Pen(colour=VERMILION, width=12))
    art.tag((1520, scale.place(0, 69)[1]), "Open market", SLATE)
    art.tag((1520, cap - 8), "The cap, 60", INK)
    art.tag((1520, scale.place(0, 58)[1] + 26), "Capped oil", VERMILION)
    x, y = scale.place(4, 69)
    art.tag((x, y), "The discount", mix(OCHRE, INK, 0.45), anchor="m")
    return art.finished()


def rerouting() -> Image.Image:
    """Show the fall of traffic at Suez and its rise at the Cape."""
    art = Chart("Two routes, one trade", "Ship transits, index: average of the first half of 2023 = 100")
    suez = (
        100,
        101,
        99,
        102,
        100,
        98,
        101,
        100,
        99,
        97,
        92,
        81,
        58,
        47,
        42,
        40,
        39,
        38,
        40,
        39,
        41,
        40,
        42,
        43,
        44,
        46,
        47,
        49,
    )
    cape = (
        100,
        99,
        101,
        100,
        98,
        102,
        99,
        101,
        100,
        103,
        108,
        118,
        142,
        158,
        166,
        169,
        171,
        174,
        172,
        175,
        173,
        172,
        170,
        171,
        168,
        166,
        165,
        162,
    )
    scale = Scale(first=0, last=27, high=200, rules=(0, 50, 100, 150, 200), right=1470)
    months = [(0, "Jan 2023"), (6, "Jul"), (12, "Jan 2024"), (18, "Jul"), (24, "Jan 2025")]
    art.fill(box(scale.place(10.4, 0)[0], TOP, scale.place(12.2, 0)[0], BOTTOM), mix(PAPER, SAND, 0.6))
    art.frame(scale, months)
    art.series(scale, list(enumerate(cape)), Pen(colour=OCHRE, width=12))
    art.series(scale, list(enumerate(suez)), Pen(colour=INK, width=12))
    art.tag((1508, scale.place(0, 162)[1] + 4), "Round the Cape", mix(OCHRE, INK, 0.3))
    art.tag((1508, scale.place(0, 49)[1] + 10), "Suez Canal", INK)
    art.tag((scale.place(10.1, 0)[0], TOP + 54), "First attacks|on shipping", SLATE, anchor="r")
    return art.finished()
