"""The maps of trade: the Red Sea detour, the Middle Corridor, nickel and the power grid."""

from PIL import Image

from kjreport.demo.drawing import borders as land
from kjreport.demo.drawing.canvas import Lettering, Pen
from kjreport.demo.drawing.cartography import DARK, Sheet, Tones, flat, legend
from kjreport.demo.drawing.curves import Point, box, points
from kjreport.demo.drawing.palette import (
    INK,
    LINEN,
    OCHRE,
    OXBLOOD,
    PAPER,
    SAGE,
    SAND,
    VERMILION,
    mix,
)

SUEZ_ROUTE = points("""
104.2,.9 100.5,3.2 97.5,5.8 94.5,6.1 86,5.6 80.5,5.4 75,7 65,10.2 55,12.9 50.5,12.9 46.5,11.9 43.4,12.5 42,14.4
40,17.6 38.2,20.6 36,24 34.2,27.2 32.9,29.2 32.45,30.2 32.3,31.6 29,32.8 22,34.4 14,35.9 11,37.6 5,37.6 0,36.6
-5.4,35.95 -9.6,36.4 -10.2,39 -10,43.4 -6.6,48.2 -2,49.9 1.3,50.9 3.6,52.1
""")
CAPE_ROUTE = points("""
104.2,.9 103,-2 104.6,-5.9 98,-8.5 80,-17 60,-26.5 45,-32.5 30,-35 20,-36 14.5,-32 8,-20 0,-7 -9,3 -16.5,9.5 -19.3,15
-18.6,22 -15.6,29 -12,37 -10.4,43.4 -6.6,48.2
""")


def red_sea_routes() -> Image.Image:
    """Draw the way through Suez and the way round the Cape on a night sea."""
    sheet = Sheet(flat((38, 9.5), 11.1), DARK)
    sheet.paint(meridians=15)
    sheet.course(CAPE_ROUTE, Pen(colour=OCHRE, width=8))
    sheet.course(SUEZ_ROUTE, Pen(colour=VERMILION, width=8, dash=(22, 13)))
    for place, name, side in (
        ((4.2, 52), "Rotterdam", "r"),
        ((32.5, 29.9), "Suez", "r"),
        ((103.9, 1.3), "Singapore", "t"),
        ((18.4, -34), "Cape Town", "t"),
    ):
        sheet.town(place, name, side=side, capital=False, size=28)
    x, y = sheet.project((43.4, 12.6))
    sheet.ring((x, y), 27, Pen(colour=PAPER, width=4))
    sheet.words((x + 42, y - 24), "Bab el-Mandeb", Lettering(size=28, colour=PAPER, bold=True))
    sheet.sea_name((-31, 33), "Atlantic", size=34)
    sheet.sea_name((74, -7), "Indian Ocean", size=36)
    sheet.country_name((19, 8), "Africa", size=38, faint=True)
    sheet.country_name((88, 40), "Asia", size=38, faint=True)
    ochre = mix(OCHRE, PAPER, 0.15)
    red = mix(VERMILION, PAPER, 0.3)
    _tally(sheet, (84, 690), (red, "Through Suez", "8,300", "nautical miles, about 25 days"))
    _tally(sheet, (84, 900), (ochre, "Round the Cape", "11,800", "nautical miles, about 35 days"))
    return sheet.strip("The long way round", "Singapore to Rotterdam by the two routes, at ordinary speed")


def _tally(sheet: Sheet, place: Point, text: tuple[str, str, str, str]) -> None:
    """Set one large figure with its name and unit."""
    colour, name, figure, unit = text
    x, y = place
    sheet.stroke([(x, y - 44), (x + 120, y - 44)], Pen(colour=colour, width=6))
    sheet.words((x, y), name, Lettering(size=30, colour=colour, bold=True))
    sheet.words((x - 4, y + 84), figure, Lettering(size=88, colour=PAPER))
    sheet.words((x, y + 124), unit, Lettering(size=25, colour=DARK.water_text))


def middle_corridor() -> Image.Image:
    """Draw the rail and ship route from China to Europe across the Caspian."""
    scale = 39
    sheet = Sheet(flat((57.5, 44.3), scale))
    tint = mix(LINEN, OCHRE, 0.5)
    sheet.paint(
        [
            (land.KAZAKHSTAN, tint),
            (land.AZERBAIJAN, mix(LINEN, SAGE, 0.55)),
            (land.GEORGIA, mix(LINEN, SAGE, 0.55)),
        ],
        meridians=10,
    )
    north = points("87.6,43.9 82.6,45.2 76,49 71.4,51.2 63.6,53.2 56,54.8 49.2,55.6 37.6,55.7 30,54.2 26,53")
    sheet.course(north, Pen(colour=mix(LINEN, INK, 0.5), width=6, dash=(18, 12)))
    east = points(
        "87.6,43.9 80.3,44.2 76.9,43.5 71.4,43 68,44.4 65.5,44.9 63.6,46 61,46.9 58,47.8 55.2,46 52.5,44.4 51.2,43.65"
    )
    sheet.course(east, Pen(colour=VERMILION, width=9))
    sheet.course(points("51.2,43.65 50.8,42.2 50.3,41 49.9,40.4"), Pen(colour=VERMILION, width=9, dash=(12, 13)))
    west = points("49.9,40.4 47.2,40.6 44.8,41.7 43.1,40.6 41.3,39.95 37,39.75 32.9,39.9 30.5,40.2 29,41")
    sheet.course(west, Pen(colour=VERMILION, width=9))
    sheet.course(
        points("44.8,41.7 43,42.1 41.7,42.1 38,42.9 33,43.6 28.8,44.1"), Pen(colour=VERMILION, width=6, dash=(16, 12))
    )
    sheet.country_name((67.5, 49), "Kazakhstan", size=44)
    for place, name in (
        ((47.5, 52.0), "Russia"),
        ((85.3, 40.6), "China"),
        ((35.5, 38.2), "Türkiye"),
        ((55.0, 34.6), "Iran"),
        ((63.5, 41.9), "Uzbekistan"),
        ((32.0, 49.0), "Ukraine"),
        ((59.3, 38.6), "Turkmenistan"),
    ):
        sheet.country_name(place, name, size=27, faint=True)
    sheet.sea_name((34.5, 42.75), "Black Sea", size=26)
    sheet.sea_name((51.35, 38.4), "Caspian", size=24)
    for place, name, side in (
        ((80.3, 44.2), "Khorgos", "b"),
        ((76.9, 43.25), "Almaty", "b"),
        ((51.2, 43.65), "Aktau", "r"),
        ((49.87, 40.4), "Baku", "l"),
        ((44.8, 41.72), "Tbilisi", "b"),
        ((29.0, 41.05), "Istanbul", "t"),
        ((41.65, 42.15), "Poti", "t"),
        ((37.6, 55.7), "Moscow", "b"),
        ((71.4, 51.2), "Astana", "b"),
    ):
        sheet.town(place, name, side=side, capital=name in {"Baku", "Tbilisi", "Moscow", "Astana"}, size=27)
    sheet.scale_bar((1440, 1160), 800, 800 / 111.2 * scale)
    legend(
        sheet,
        (84, 1070),
        [
            (Pen(colour=VERMILION, width=9), "Middle Corridor, by rail"),
            (Pen(colour=VERMILION, width=8, dash=(12, 13)), "Across the Caspian and Black Sea"),
            (Pen(colour=mix(LINEN, INK, 0.5), width=6, dash=(18, 12)), "Northern route through Russia"),
        ],
    )
    return sheet.strip("A corridor with a sea in it", "The Middle Corridor and the route it hopes to replace")


def nickel() -> Image.Image:
    """Draw Sulawesi and Halmahera with their mines and smelters."""
    scale = 103
    sheet = Sheet(flat((123.6, -1.5), scale), Tones(land=mix(LINEN, SAGE, 0.35)))
    sheet.paint(meridians=2)
    belts = (
        points("121.2,-2.5 121.8,-2.45 122.2,-3.05 122.4,-3.9 121.7,-4.3 121.5,-3.6 121.2,-3.1"),
        points("127.8,.75 128.25,.6 128.6,.5 128.4,1.2 128.1,1.0"),
    )
    for belt in belts:
        mask = sheet.mask([sheet.project(place) for place in belt])
        both = Image.new("L", mask.size, 0)
        both.paste(mask, (0, 0), sheet.land)
        sheet.wash(both, mix(OCHRE, LINEN, 0.2))
        sheet.hatch(both, Pen(colour=OXBLOOD, width=2), gap=9)
    sheet.sea_name((118.6, -0.5), "Makassar Strait", size=28, turn=74)
    sheet.sea_name((124.7, -4.6), "Banda Sea", size=40)
    sheet.sea_name((126.1, 0.2), "Molucca Sea", size=30, turn=64)
    sheet.sea_name((122.9, 2.2), "Celebes Sea", size=40)
    sheet.country_name((120.3, -1.95), "Sulawesi", size=25)
    sheet.country_name((129.4, 1.75), "Halmahera", size=28)
    sheet.country_name((116.4, -0.6), "Borneo", size=30, faint=True)
    for place, name, side, tonnes in (
        ((122.15, -2.83), "Morowali", "r", 46),
        ((127.93, 0.5), "Weda Bay", "r", 36),
        ((122.4, -3.9), "Konawe", "r", 26),
        ((121.37, -2.53), "Sorowako", "l", 20),
        ((121.6, -4.2), "Pomalaa", "l", 16),
        ((127.45, -1.52), "Obi", "l", 24),
    ):
        x, y = sheet.project(place)
        sheet.disc((x, y), tonnes, mix(VERMILION, LINEN, 0.1) + "d0")
        sheet.ring((x, y), tonnes, Pen(colour=OXBLOOD, width=2.5))
        gap = tonnes + 12
        style = Lettering(size=30, bold=True, anchor="l" if side == "r" else "r", halo=sheet.tones.sea)
        sheet.words((x + gap if side == "r" else x - gap, y + 11), name, style)
    for place, name, side in (
        ((119.42, -5.13), "Makassar", "l"),
        ((124.85, 1.48), "Manado", "r"),
        ((119.87, -0.9), "Palu", "r"),
    ):
        sheet.town(place, name, side=side, capital=False, size=26)
    sheet.scale_bar((84, 1160), 250, 250 / 111.2 * scale)
    sheet.fill(box(1300, 1056, 1740, 1164), PAPER)
    sheet.disc((1340, 1090), 17, VERMILION)
    sheet.words((1376, 1099), "Smelting capacity, by area", Lettering(size=25))
    key = sheet.mask(box(1322, 1121, 1358, 1151))
    sheet.wash(key, mix(OCHRE, LINEN, 0.2))
    sheet.hatch(key, Pen(colour=OXBLOOD, width=2), gap=8)
    sheet.words((1376, 1147), "Laterite nickel belts", Lettering(size=25))
    return sheet.strip("Where the nickel is", "Ore belts and smelting parks of eastern Indonesia")


def grid() -> Image.Image:
    """Draw the power links of South-East Asia, built and planned."""
    sheet = Sheet(flat((109.5, 9.5), 31.5), Tones(sea="#cdd8d6"))
    tints = [
        (land.THAILAND, mix(LINEN, OCHRE, 0.35)),
        (land.LAOS, mix(LINEN, SAGE, 0.75)),
        (land.VIETNAM, mix(LINEN, SAGE, 0.35)),
        (land.CAMBODIA, mix(LINEN, SAND, 0.9)),
        *[(ring, mix(LINEN, VERMILION, 0.24)) for ring in land.MALAYSIA],
    ]
    sheet.paint(tints, meridians=10)
    nodes: dict[str, tuple[Point, str, float]] = {
        "Bangkok": ((100.5, 13.8), "l", 26),
        "Vientiane": ((102.6, 18.0), "l", 18),
        "Hanoi": ((105.8, 21.0), "r", 22),
        "Ho Chi Minh City": ((106.7, 10.8), "r", 26),
        "Phnom Penh": ((104.9, 11.6), "l", 13),
        "Kuala Lumpur": ((101.7, 3.15), "r", 22),
        "Singapore": ((103.85, 1.35), "l", 20),
        "Jakarta": ((106.8, -6.2), "r", 22),
        "Kuching": ((110.3, 1.5), "r", 14),
        "Manila": ((121.0, 14.6), "r", 22),
        "Yangon": ((96.2, 16.9), "l", 15),
        "Kunming": ((102.7, 25.0), "r", 18),
        "Medan": ((98.7, 3.6), "l", 13),
        "Kota Kinabalu": ((116.1, 6.0), "r", 12),
    }
    built = (
        "Kunming Hanoi",
        "Vientiane Bangkok",
        "Vientiane Hanoi",
        "Bangkok Kuala Lumpur",
        "Kuala Lumpur Singapore",
        "Phnom Penh Ho Chi Minh City",
        "Phnom Penh Bangkok",
    )
    wanted = (
        "Singapore Kuching",
        "Singapore Ho Chi Minh City",
        "Medan Kuala Lumpur",
        "Kuching Kota Kinabalu",
        "Kota Kinabalu Manila",
        "Jakarta Singapore",
        "Yangon Bangkok",
        "Vientiane Kunming",
    )
    for links, pen in ((wanted, Pen(colour=VERMILION, width=6, dash=(17, 12))), (built, Pen(colour=INK, width=9))):
        for link in links:
            first = next(name for name in nodes if link.startswith(name))
            start, end = (sheet.project(nodes[name][0]) for name in (first, link[len(first) + 1 :]))
            sheet.stroke([start, end], pen)
    for name, (place, side, size) in nodes.items():
        x, y = sheet.project(place)
        sheet.disc((x, y), size, PAPER)
        sheet.ring((x, y), size, Pen(colour=INK, width=5))
        sheet.disc((x, y), size * 0.42, OXBLOOD)
        spot, anchor = {
            "l": ((x - size - 14, y + 10), "r"),
            "r": ((x + size + 14, y + 10), "l"),
            "b": ((x, y + size + 34), "m"),
        }[side]
        sheet.words(spot, name, Lettering(size=28, bold=True, anchor=anchor, halo=mix(LINEN, sheet.tones.sea, 0.4)))
    sheet.sea_name((115.2, 15.2), "South China Sea", size=34, turn=52)
    sheet.sea_name((90.5, 10.5), "Andaman Sea", size=32)
    sheet.country_name((114.2, -1.3), "Borneo", size=28, faint=True)
    legend(
        sheet,
        (84, 1112),
        [
            (Pen(colour=INK, width=9), "Linked today"),
            (Pen(colour=VERMILION, width=6, dash=(17, 12)), "Studied or promised"),
        ],
    )
    return sheet.strip(
        "A grid without a centre", "Electricity links between South-East Asian systems; circles show demand"
    )
