"""The maps of frontiers: the South Caucasus, the Arctic and a shared river."""

import math

from PIL import Image

from kjreport.demo.drawing import borders as land
from kjreport.demo.drawing.canvas import Lettering, Pen
from kjreport.demo.drawing.cartography import DARK, Sheet, Tones, flat, legend, polar
from kjreport.demo.drawing.curves import points, rounded, through
from kjreport.demo.drawing.palette import (
    INK,
    LINEN,
    OCHRE,
    OXBLOOD,
    PAPER,
    RIVER,
    SAGE,
    SLATE,
    TINT_BLUE,
    TINT_OCHRE,
    TINT_RED,
    TINT_SAGE,
    VERMILION,
    mix,
)


def south_caucasus() -> Image.Image:
    """Draw Georgia, Armenia and Azerbaijan and the two ways through."""
    sheet = Sheet(flat((44.75, 41.05), 163))
    sheet.paint(
        [
            (land.GEORGIA, TINT_SAGE),
            (land.AZERBAIJAN, TINT_OCHRE),
            (land.NAKHCHIVAN, TINT_OCHRE),
            (land.ARMENIA, TINT_RED),
        ],
        meridians=2,
    )
    sheet.frontier(land.TURKIYE_EAST)
    west = [(51.2, 40.3), (49.9, 40.42), (48.4, 40.5), (47.2, 40.65), (46.2, 40.95), (44.8, 41.72), (43.2, 41.55)]
    sheet.course([*west, (43.05, 40.6), (41.3, 39.95), (37, 39.75)], Pen(colour=INK, width=7))
    meghri = [(48.2, 40.2), (47.6, 39.75), (46.9, 39.05), (46.3, 38.88), (45.5, 39.2), (44.75, 39.75), (43.9, 40.1)]
    sheet.course([*meghri, (43.15, 40.5)], Pen(colour=VERMILION, width=7, dash=(20, 13)))
    sheet.sea_name((38.85, 42.5), "Black Sea", size=42)
    sheet.sea_name((50.15, 41.95), "Caspian Sea", size=40, turn=-62)
    for place, name in (((43, 42.16), "Georgia"), ((47.45, 40.2), "Azerbaijan")):
        sheet.country_name(place, name, size=40)
    sheet.country_name((44.33, 40.68), "Armenia", size=29)
    for place, name in (((44.6, 43.75), "Russia"), ((40.6, 39.15), "Türkiye"), ((46.7, 38.0), "Iran")):
        sheet.country_name(place, name, size=38, faint=True)
    sheet.town((44.8, 41.72), "Tbilisi", side="t")
    sheet.town((44.5, 40.18), "Yerevan", side="r")
    sheet.town((49.87, 40.4), "Baku", side="b")
    sheet.town((41.64, 41.64), "Batumi", side="l", capital=False)
    sheet.town((43.1, 40.6), "Kars", side="l", capital=False)
    sheet.town((45.41, 39.2), "Nakhchivan", side="l", capital=False, size=25)
    sheet.town((46.25, 38.9), "Meghri", side="b", capital=False, size=25)
    x, y = sheet.project((50.75, 40.34))
    sheet.words((x, y - 22), "to Aktau", Lettering(size=25, colour=sheet.tones.water_text, slant=0.2))
    sheet.scale_bar((1480, 1160), 200, 200 / 111.2 * 163)
    legend(
        sheet,
        (84, 1112),
        [
            (Pen(colour=INK, width=7), "Rail and pipeline, in use"),
            (Pen(colour=VERMILION, width=7, dash=(18, 12)), "The southern link, negotiated"),
        ],
    )
    return sheet.strip("Three states, two ways through", "Main east-west corridors of the South Caucasus")


def arctic() -> Image.Image:
    """Draw the Arctic Ocean about the Pole with its ridge and its passages."""
    tones = Tones(
        sea="#1d3350",
        land="#e6ded0",
        shore="#0f1f38",
        shallows="#35506f",
        grid="#2f4868",
        text=INK,
        water_text="#b4c6d6",
        border=DARK.border,
    )
    sheet = Sheet(polar((900, 655), 20.6, down=0), tones)
    sheet.paint(
        [
            (
                points(
                    "30,72 31,69.3 28.5,66 30,62 28,58 30,50 38,20 70,10 110,10 150,10 192,30 192,66 186,73 "
                    "150,78 100,83 50,83 40,74"
                ),
                mix(TINT_RED, LINEN, 0.4),
            ),
            (points("-169,66 -170,55 -150,52 -136,54 -141,60 -141,72 -156,74 -168,70"), TINT_BLUE),
            (
                points(
                    "-141,72 -141,60 -136,54 -128,20 -95,10 -60,10 -48,30 -50,55 -58,64 -68,74 -74,79 "
                    "-60,82.2 -64,84 -90,84 -130,80"
                ),
                mix(TINT_OCHRE, LINEN, 0.35),
            ),
            (points("-20,84.5 -60,84 -60,82.2 -74,79 -66,74 -58,66 -45,58 -20,66 -8,80"), TINT_SAGE),
        ],
        meridians=15,
    )
    ice = [
        (sheet.project((lon, lat)))
        for lon, lat in points(
            "-170,76 -150,75 -130,76 -110,80 -80,83.7 -40,84.2 -10,82.5 10,82.5 35,82.6 60,83 90,83 "
            "115,82 140,80 160,78 178,76.5"
        )
    ]
    ice = rounded(ice, passes=3)
    mask = sheet.mask(ice)
    sheet.wash(mask, mix("#dbe6ea", tones.sea, 0.12))
    sheet.hatch(mask, Pen(colour="#f4f8f8", width=1.6), gap=9, turn=-35)
    sheet.stroke(ice, Pen(colour="#ffffff", width=2.5), closed=True)
    circle = [sheet.project((lon, 66.56)) for lon in range(-180, 181, 3)]
    sheet.stroke(circle, Pen(colour=OCHRE, width=2.5, dash=(12, 10)))
    ridge = points("143,79.5 146,84 150,88.2 -60,88.6 -56,86 -50,84.4")
    sheet.stroke(_across(sheet, ridge), Pen(colour=OXBLOOD, width=15))
    north_east = points(
        "24,72.4 36,72.4 50,70.4 57.5,70.4 69,73.5 82,75.2 95,77.3 106,78.2 118,75.4 139,73.4 "
        "158,72.4 175,70.4 188,68.2 191.2,65.4"
    )
    sheet.course(north_east, Pen(colour=VERMILION, width=6.5, dash=(20, 12)))
    north_west = points(
        "-169,66 -163,70.6 -156,72 -140,71 -127,71.2 -117,68.9 -107,68.6 -101,69.2 -96.5,72.6 "
        "-93,74.4 -82,74.3 -75,73.8 -66,72 -60,67 -56,61"
    )
    sheet.course(north_west, Pen(colour=OCHRE, width=6.5, dash=(20, 12)))
    x, y = sheet.project((0, 90))
    sheet.disc((x, y), 9, INK)
    sheet.words((x + 18, y + 36), "North Pole", Lettering(size=27, halo="#dbe6ea"))
    for place, name, size in (
        ((100, 66.5), "Russia", 40),
        ((-112, 64.2), "Canada", 36),
        ((-40, 74.2), "Greenland", 22),
        ((-152, 66), "Alaska", 28),
    ):
        sheet.country_name(place, name, size=size)
    for place, name, turn in (
        ((2, 71), "Norwegian Sea", 0),
        ((40, 74.3), "Barents Sea", 24),
    ):
        sheet.sea_name(place, name, size=25, turn=turn)
    sheet.note(
        (84, 250), ["Northwest Passage", "Through islands Canada", "calls its own"], colour=mix(OCHRE, INK, 0.45)
    )
    sheet.note(
        (1716, 250),
        ["Northern Sea Route", "Along Russia's coast,", "under Russia's rules"],
        colour=mix(VERMILION, INK, 0.25),
        anchor="r",
    )
    sheet.note(
        (1716, 1010), ["Lomonosov Ridge", "Claimed as seabed by", "three states at once"], colour=OXBLOOD, anchor="r"
    )
    sheet.words((84, 1150), "Dashed ring: the Arctic Circle", Lettering(size=24, colour=mix(OCHRE, PAPER, 0.2)))
    return sheet.strip("An ocean with several names", "Summer ice, the two sea passages and the ridge under the Pole")


def _across(sheet: Sheet, path: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return rounded([sheet.project(place) for place in path], closed=False, passes=3)


BORDER = points(
    "760,60 800,150 880,260 960,360 1014,462 1010,540 960,620 1000,700 962,770 956,841 930,900 850,950 800,1010 "
    "840,1090 860,1260"
)
LAKE = points(
    "1014,450 1046,480 1050,540 1110,566 1120,610 1040,640 1030,680 1090,720 1080,770 1010,790 990,838 924,838 900,780 "
    "820,760 700,770 690,738 800,716 900,700 910,640 880,600 900,560 960,540 976,480"
)


def reservoir() -> Image.Image:
    """Draw the reservoir on the Akhuryan, with the border along its bed."""
    sheet = Sheet(flat((43.62, 40.64), 2300))
    west, east = mix(LINEN, OCHRE, 0.32), mix(LINEN, VERMILION, 0.15)
    sheet.fill([(0, 0), (1800, 0), (1800, 1200), (0, 1200)], west)
    edge = rounded(BORDER, closed=False, passes=3)
    sheet.fill([*edge, (1900, 1260), (1900, 0)], east)
    _relief(sheet)
    _basin(sheet)
    sheet.stroke(edge, Pen(colour=INK, width=6, dash=(26, 11)))
    sheet.stroke([(916, 846), (998, 842)], Pen(colour=INK, width=24))
    for place, text in (((330, 420), "TÜRKIYE"), ((1460, 600), "ARMENIA")):
        sheet.words(place, text, Lettering(size=50, bold=True, tracking=11, anchor="m"))
    sheet.town((43.847, 40.787), "Gyumri", capital=False, size=32)
    sheet.town((43.562, 40.507), "Ani (ruins)", side="l", capital=False, size=29)
    sheet.words((72, 700), "from Kars", Lettering(size=28, slant=0.2, colour=SLATE, halo=west))
    sheet.words((1320, 230), "from Lake Arpi", Lettering(size=28, slant=0.2, colour=SLATE, halo=east))
    sheet.words((880, 1120), "to the Aras", Lettering(size=28, slant=0.2, colour=SLATE, halo=east))
    thin = Pen(colour=OXBLOOD, width=2.5)
    sheet.stroke([(1012, 848), (1120, 900), (1196, 900)], thin)
    sheet.note(
        (1212, 908),
        ["One dam, two crews", "releases agreed each period,", "the water halved since 1927"],
        colour=OXBLOOD,
    )
    sheet.stroke([(930, 600), (760, 560), (640, 560)], thin)
    sheet.note((624, 552), ["The border", "lies along the bed"], colour=OXBLOOD, anchor="r")
    sheet.scale_bar((1480, 1160), 10, 10 / 111.2 * 2300)
    return sheet.strip(
        "When the border runs under water", "The Akhuryan reservoir, shared by Armenia and Türkiye; sketch"
    )


def _relief(sheet: Sheet) -> None:
    """Draw the valley's contours."""
    pen = Pen(colour=mix(LINEN, SLATE, 0.4), width=1.7)
    for step in range(13):
        for side in (-1, 1):
            line = []
            for level in range(0, 1260, 30):
                valley = 985 + 60 * math.sin(level / 170 + 0.6)
                spread = 170 + step * 62 + 0.1 * step * abs(700 - level) ** 0.85
                ripple = (14 + 5 * step) * math.sin(level / 88 + step * 0.5 + side) + 16 * math.sin(
                    level / 41 + step * 0.9
                )
                line.append((valley + side * (spread + ripple), level))
            sheet.stroke(through(line), pen)


def _basin(sheet: Sheet) -> None:
    """Draw the rivers, the reservoir and the fields it waters."""
    for path, width in (
        ("1420,100 1330,200 1240,290 1200,380 1120,420 1030,462", 10),
        ("-20,740 140,690 300,730 460,700 600,752 720,756", 7),
        ("956,841 930,900 850,950 800,1010 840,1090 860,1260", 11),
        ("990,846 1020,900 1130,1000 1290,1050 1420,1110", 4),
        ("920,848 860,884 700,916 560,1000 470,1110", 4),
    ):
        sheet.stroke(rounded(points(path), closed=False, passes=3), Pen(colour=RIVER, width=width))
    for x, y in ((330, 1090), (400, 1130), (480, 1100), (1370, 1100), (1450, 1070), (1290, 1075)):
        field = [(x, y), (x + 66, y - 16), (x + 74, y + 26), (x + 8, y + 42)]
        sheet.fill(field, mix(SAGE, PAPER, 0.15))
        sheet.hatch(sheet.mask(field), Pen(colour=mix(SAGE, INK, 0.45), width=2), gap=8, turn=-14)
    shore = rounded(LAKE, passes=2)
    sheet.stroke(shore, Pen(colour=mix(LINEN, OCHRE, 0.75), width=26), closed=True)
    sheet.stroke(shore, Pen(colour=mix(LINEN, RIVER, 0.45), width=11), closed=True)
    mask = sheet.mask(shore)
    sheet.wash(mask, mix(RIVER, PAPER, 0.15))
    sheet.hatch(mask, Pen(colour=mix(RIVER, PAPER, 0.38), width=1.8), gap=10, turn=0)
