"""The maps of the Nile and of the Horn of Africa."""

from PIL import Image

from kjreport.demo.drawing import borders as land
from kjreport.demo.drawing import coastlines as water
from kjreport.demo.drawing.canvas import Lettering, Pen
from kjreport.demo.drawing.cartography import Sheet, flat, legend
from kjreport.demo.drawing.curves import points
from kjreport.demo.drawing.palette import (
    INK,
    LINEN,
    OXBLOOD,
    RIVER,
    SLATE,
    TINT_OCHRE,
    TINT_RED,
    TINT_SAGE,
    TINT_SAND,
    VERMILION,
    mix,
)


def nile() -> Image.Image:
    """Draw the Nile from its lakes to its delta, with the dams on it."""
    scale = 32.2
    sheet = Sheet(flat((29.6, 15.7), scale))
    rings = [
        (land.EGYPT, TINT_OCHRE),
        (land.SUDAN, TINT_SAND),
        (land.SOUTH_SUDAN, mix(TINT_SAND, LINEN, 0.5)),
        (land.ETHIOPIA, TINT_SAGE),
        (land.ERITREA, LINEN),
        (land.DJIBOUTI, LINEN),
        (land.SOMALIA, LINEN),
        (land.KENYA, LINEN),
        (land.UGANDA, TINT_SAND),
    ]
    sheet.paint(rings, meridians=10)
    sheet.river(water.ATBARA, Pen(colour=RIVER, width=3.5))
    sheet.river(water.WHITE_NILE, Pen(colour=RIVER, width=5.5))
    sheet.river(water.BLUE_NILE, Pen(colour=RIVER, width=7.5))
    sheet.river(water.NILE, Pen(colour=RIVER, width=9))
    for branch in water.DELTA:
        sheet.river(branch, Pen(colour=RIVER, width=5))
    for place, name, size in (
        ((28.3, 26.4), "Egypt", 34),
        ((29.3, 13.0), "Sudan", 34),
        ((40.6, 6.7), "Ethiopia", 28),
        ((29.2, 7.4), "South Sudan", 24),
    ):
        sheet.country_name(place, name, size=size)
    for place, name in (((20.5, 27.4), "Libya"), ((38, 0.6), "Kenya"), ((23.4, 0.2), "Congo")):
        sheet.country_name(place, name, size=24, faint=True)
    sheet.sea_name((38.3, 20.4), "Red Sea", size=26, turn=-62)
    sheet.sea_name((52.2, 4.2), "Indian Ocean", size=28)
    for place, name, side in (
        ((31.25, 30.05), "Cairo", "l"),
        ((32.5, 15.6), "Khartoum", "l"),
        ((38.75, 9.0), "Addis Ababa", "r"),
        ((31.6, 4.85), "Juba", "l"),
    ):
        sheet.town(place, name, side=side, size=24)
    for place, name, year in (
        ((32.9, 24.05), "Aswan High Dam", "1970"),
        ((32.05, 18.7), "Merowe", "2009"),
        ((34.4, 11.8), "Roseires", "1966"),
        ((35.1, 11.2), "Grand Ethiopian Renaissance Dam", "2025"),
    ):
        _dam(sheet, place, (name, year))
    _shares(sheet)
    sheet.scale_bar((1480, 1160), 500, 500 / 111.2 * scale)
    return sheet.strip("One river, many engineers", "The Nile and its principal dams, with the year each was completed")


def _shares(sheet: Sheet) -> None:
    """Show in the margin where the water that reaches Aswan comes from."""
    sheet.words((72, 620), "Water reaching Aswan", Lettering(size=28, bold=True))
    sheet.words((72, 656), "share of mean flow, per cent", Lettering(size=24, colour=SLATE))
    for index, (name, share) in enumerate((("Blue Nile", 59), ("White Nile", 14), ("Sobat", 14), ("Atbara", 13))):
        top = 684 + index * 58
        sheet.fill([(72, top), (72 + share * 5, top), (72 + share * 5, top + 36), (72, top + 36)], RIVER)
        sheet.words((84 + share * 5, top + 27), f"{name} {share}", Lettering(size=25))


def _dam(sheet: Sheet, place: tuple[float, float], label: tuple[str, str]) -> None:
    """Mark a dam and lead its name out to the margin on the right."""
    x, y = sheet.project(place)
    level = {"Aswan High Dam": y, "Merowe": y + 24, "Roseires": y - 34, "Grand Ethiopian Renaissance Dam": y + 22}[
        label[0]
    ]
    sheet.stroke([(x, y), (x + 40, level), (1300, level)], Pen(colour=OXBLOOD, width=2))
    sheet.fill([(x - 13, y + 10), (x + 13, y + 10), (x, y - 14)], OXBLOOD)
    style = Lettering(size=26, colour=OXBLOOD, bold=True, halo=LINEN)
    sheet.words((1312, level + 2), label[0], style)
    sheet.words((1312, level + 31), label[1], Lettering(size=23, colour=OXBLOOD, halo=LINEN))


def horn() -> Image.Image:
    """Draw landlocked Ethiopia and the ports it might use."""
    scale = 54
    sheet = Sheet(flat((43.4, 7.1), scale))
    sheet.paint(
        [
            (land.SUDAN, LINEN),
            (land.SOUTH_SUDAN, LINEN),
            (land.KENYA, LINEN),
            (land.UGANDA, LINEN),
            (land.YEMEN, LINEN),
            (land.SOMALIA, TINT_OCHRE),
            (land.ERITREA, TINT_SAND),
            (land.DJIBOUTI, TINT_RED),
            (land.ETHIOPIA, TINT_SAGE),
        ]
    )
    sheet.frontier(points("49,11.4 48.6,9.6 48,8"), dash=(12, 9), width=3)
    addis = (38.75, 9.02)
    for path, busy in (
        ([addis, (40.2, 9.4), (41.8, 9.8), (42.6, 10.9), (43.1, 11.55)], True),
        ([addis, (41.2, 8.9), (42.9, 9.3), (44.2, 9.6), (45.0, 10.4)], False),
        ([addis, (39.6, 11.2), (41.0, 12.2), (42.7, 13.0)], False),
        ([addis, (39.0, 11.5), (39.2, 13.8), (39.45, 15.55)], False),
        ([addis, (38.6, 6.5), (39.6, 3.2), (40.5, -0.5), (40.9, -2.2)], False),
    ):
        pen = Pen(colour=INK, width=9) if busy else Pen(colour=VERMILION, width=5.5, dash=(16, 11))
        sheet.course(path, pen)
    for place, name, size in (
        ((41.6, 7.0), "Ethiopia", 40),
        ((45.6, 3.9), "Somalia", 36),
        ((46.2, 9.2), "Somaliland", 20),
    ):
        sheet.country_name(place, name, size=size)
    sheet.country_name((37.9, 16.3), "Eritrea", size=21)
    for place, name in (
        ((34.2, 13.9), "Sudan"),
        ((37.6, 1.5), "Kenya"),
        ((46.4, 15.2), "Yemen"),
        ((31.6, 7.3), "South Sudan"),
    ):
        sheet.country_name(place, name, size=29, faint=True)
    sheet.sea_name((41.15, 15.5), "Red Sea", size=24, turn=-54)
    sheet.sea_name((47.9, 12.05), "Gulf of Aden", size=30, turn=7)
    sheet.sea_name((51.6, 4.2), "Indian Ocean", size=42)
    sheet.town(addis, "Addis Ababa", side="l", size=32)
    for place, name, side in (
        ((43.15, 11.6), "Djibouti", "r"),
        ((45.0, 10.44), "Berbera", "r"),
        ((42.74, 13.0), "Assab", "l"),
        ((39.45, 15.6), "Massawa", "l"),
        ((40.9, -2.27), "Lamu", "r"),
        ((45.34, 2.05), "Mogadishu", "r"),
    ):
        sheet.town(place, name, side=side, capital=name in {"Djibouti", "Mogadishu"})
    sheet.scale_bar((1480, 1160), 400, 400 / 111.2 * scale)
    legend(
        sheet,
        (84, 1112),
        [
            (Pen(colour=INK, width=9), "Carries nearly all trade today"),
            (Pen(colour=VERMILION, width=5.5, dash=(15, 10)), "Discussed or little used"),
        ],
    )
    return sheet.strip("So many ports, none its own", "Ethiopia's present and possible outlets to the sea")
