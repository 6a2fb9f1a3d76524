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
                TINT_RED,
            ),
            (points("-169,66 -170,55 -150,52 -136,54 -141,60 -141,72 -156,74 -168,70"), TINT_BLUE),
            (
                points(
                    "-141,72 -141,60 -136,54 -128,20 -95,10 -60,10 -48,30 -50,55 -58,64 -68,74 -74,79 "
                    "-60,82.2 -64,84 -90,84 -130,80"
                ),
                TINT_OCHRE,
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
        ((-146, 73.0), "Beaufort", 0),
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
    sheet.words((84, 1150), "Dotted ring: the Arctic Circle", Lettering(size=24, colour=mix(OCHRE, PAPER, 0.2)))
    return sheet.strip("An ocean with several names", "Summer ice, the two sea passages and the ridge under the Pole")


def _across(sheet: Sheet, path: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return rounded([sheet.project(place) for place in path], closed=False, passes=3)


def reservoir() -> Image.Image:
    """Draw an imagined river whose reservoir lies across a border."""
    tones = Tones(sea=mix(LINEN, SAGE, 0.32))
    sheet = Sheet(flat((-150, -50), 60), tones)
    sheet.image.paste(mix(LINEN, SAGE, 0.3), (0, 0, sheet.image.width, sheet.image.height))
    lower = points("-900,1900 -300,790 0,760 330,700 700,716 940,742 1180,700 1420,640 1800,610 2300,560 3200,1900")
    sheet.fill(rounded(lower), mix(LINEN, OCHRE, 0.3))
    _relief(sheet)
    _basin(sheet)
    edge = rounded(points("-300,790 0,760 330,700 700,716 940,742 1180,700 1420,640 1800,610 2300,560"), closed=False)
    sheet.stroke(edge, Pen(colour=INK, width=5, dash=(26, 9)))
    for place, text, size in (((330, 440), "Upstream state", 44), ((330, 930), "Downstream state", 44)):
        sheet.words(place, text.upper(), Lettering(size=size, bold=True, tracking=9, anchor="m"))
    sheet.words((1500, 606), "Agreed border", Lettering(size=27, turn=7, anchor="m", halo=mix(LINEN, SAGE, 0.3)))
    for place, text in (((1010, 230), "mountain gauge"), ((990, 1110), "delta gauge")):
        sheet.ring((place[0], place[1]), 11, Pen(colour=OXBLOOD, width=5))
        sheet.words((place[0] + 28, place[1] + 9), text, Lettering(size=27, colour=OXBLOOD))
    sheet.note((1270, 870), ["The dam", "stands in one country,", "fills in the other"], colour=OXBLOOD)
    return sheet.strip("When the border runs under water", "A reservoir shared by two states, and who measures it")


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
    """Draw the river, its reservoir, the dam and the fields below."""
    for path, width in (
        ("1130,120 1060,210 990,250 960,340 985,420", 13),
        ("600,150 690,260 820,300 900,380 960,470", 8),
        ("1420,170 1330,290 1200,330 1090,400 1010,480", 8),
        ("985,860 960,930 1000,1010 985,1090 1010,1200", 15),
        ("985,880 860,960 760,1000 700,1090", 5),
        ("985,880 1150,930 1290,1000 1370,1110", 5),
    ):
        sheet.stroke(rounded(points(path), closed=False, passes=3), Pen(colour=RIVER, width=width))
    for x, y in ((560, 1060), (640, 1106), (720, 1064), (1310, 1120), (1400, 1080), (1470, 1130)):
        field = [(x, y), (x + 66, y - 16), (x + 74, y + 26), (x + 8, y + 42)]
        sheet.fill(field, mix(SAGE, PAPER, 0.15))
        sheet.hatch(sheet.mask(field), Pen(colour=mix(SAGE, INK, 0.45), width=2), gap=8, turn=-14)
    lake = points(
        "960,420 1010,430 1060,500 1130,540 1120,600 1070,640 1100,700 1180,720 1170,770 1080,790 "
        "1050,850 935,856 900,790 820,770 800,710 880,690 905,640 850,600 800,580 830,540 900,520"
    )
    shore = rounded(lake, passes=3)
    sheet.stroke(shore, Pen(colour=mix(LINEN, OCHRE, 0.7), width=30), closed=True)
    sheet.stroke(shore, Pen(colour=mix(LINEN, RIVER, 0.45), width=12), closed=True)
    mask = sheet.mask(shore)
    sheet.wash(mask, RIVER)
    sheet.hatch(mask, Pen(colour=mix(RIVER, PAPER, 0.22), width=1.8), gap=10, turn=0)
    sheet.fill(points("896,840 1090,836 1084,872 902,876"), INK)
    sheet.stroke(points("1092,852 1180,862 1250,862"), Pen(colour=OXBLOOD, width=2.5))
