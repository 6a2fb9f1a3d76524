"""The authors' portraits: hair, clothes and colours for each sitter."""

from PIL import Image

from kjreport.demo.drawing.canvas import Pen
from kjreport.demo.drawing.curves import ellipse, points, through
from kjreport.demo.drawing.heads import Portrait, Sitter
from kjreport.demo.drawing.palette import INK, LINEN, OCHRE, OXBLOOD, PAPER, PINE, SAGE, SLATE, VERMILION, mix


def leila_sarkis() -> Image.Image:
    """Leila Sarkis: dark waves to the shoulder, a sage scarf."""
    art = Portrait(
        Sitter(ground="#c98a3c", skin="#d9a57e", hair="#2a1a1c", jaw=0.98, lips="#a5433c", brow=11, nose=1.02, smile=5)
    )
    back = art.shape(
        "450,130 560,146 646,222 668,340 664,440 694,540 700,650 660,744 560,760 450,740 340,760 "
        "240,744 200,650 206,540 236,440 232,340 254,222 340,146",
        art.sitter.hair,
    )
    art.shade(back, mix(art.sitter.hair, OCHRE, 0.26), turn=84, gap=13)
    cloth = art.bust(INK)
    art.hatch(cloth, Pen(colour=mix(INK, SLATE, 0.4), width=2), gap=11, turn=30)
    art.head(ears=False)
    art.shape(
        "448,150 404,214 332,262 296,336 284,430 268,520 240,600 214,540 232,430 226,330 256,220 340,146 400,128",
        art.sitter.hair,
    )
    art.shape(
        "450,148 500,212 574,262 606,336 618,420 630,500 668,600 704,560 676,440 676,330 648,220 560,140 480,126",
        art.sitter.hair,
    )
    art.strands(
        [
            "430,160 340,230 280,340 262,470",
            "410,150 320,220 254,330 240,460",
            "480,160 580,220 640,330 646,470",
            "520,150 616,226 662,340 664,440",
        ],
        mix(art.sitter.hair, OCHRE, 0.34),
    )
    scarf = art.shape("318,712 380,742 450,770 530,742 584,708 640,760 600,830 450,862 300,832 262,766", SAGE)
    art.shade(scarf, mix(SAGE, INK, 0.34), turn=18, gap=12)
    art.strands(["300,770 380,800 470,806 590,760", "316,740 400,776 480,780 576,736"], mix(SAGE, INK, 0.5), width=4)
    return art.finished()


def tomas_reyne() -> Image.Image:
    """Tomas Reyne: fair, bearded, a dark roll-neck."""
    art = Portrait(
        Sitter(
            ground="#5d7280",
            skin="#e8bd9b",
            hair="#8a5a32",
            jaw=1.06,
            lips="#b0604f",
            brow=13,
            nose=1.08,
            smile=3,
            eye=0.86,
        )
    )
    cloth = art.bust("#20304f", width=350)
    art.hatch(cloth, Pen(colour="#33466a", width=2.4), gap=14, turn=90)
    roll = art.shape("336,690 450,736 564,690 592,760 556,816 450,842 344,816 308,760", "#1a2744")
    art.shade(roll, "#3b4d70", turn=84, gap=11)
    art.head()
    beard = art.shape(
        "286,452 306,500 330,556 372,574 410,566 450,574 490,566 528,574 570,556 594,500 614,452 "
        "616,540 588,632 520,702 450,720 380,702 312,632 284,540",
        art.sitter.hair,
    )
    art.shade(beard, mix(art.sitter.hair, INK, 0.45), turn=80, gap=9)
    art.shape("392,600 450,592 510,600 484,630 450,636 418,630", art.sitter.skin)
    art.mouth()
    art.shape(
        "286,430 272,330 296,232 350,176 430,140 520,146 590,186 626,250 628,340 614,430 602,340 "
        "580,270 500,256 420,270 350,250 312,310 298,360",
        art.sitter.hair,
    )
    art.strands(
        ["330,250 400,190 500,176", "360,250 430,206 540,200", "420,262 480,226 580,226", "560,240 604,290 612,360"],
        mix(art.sitter.hair, INK, 0.45),
    )
    return art.finished()


def ifeoma_bright() -> Image.Image:
    """Ifeoma Bright: a wrapped headtie, gold earrings, an oxblood dress."""
    art = Portrait(
        Sitter(ground="#8fa48b", skin="#7d4b32", hair="#1c1214", jaw=1.02, lips="#8f3034", brow=9, nose=1.2, smile=8)
    )
    cloth = art.bust(OXBLOOD)
    art.hatch(cloth, Pen(colour=mix(OXBLOOD, OCHRE, 0.45), width=3), gap=22, turn=35)
    art.hatch(cloth, Pen(colour=mix(OXBLOOD, INK, 0.45), width=2), gap=22, turn=-35)
    art.head()
    for side in (-1, 1):
        art.ring((450 + side * 180, 530), 30, Pen(colour="#e2b04a", width=9))
    wrap = art.shape(
        "270,360 262,250 300,150 380,86 470,66 570,96 636,170 646,270 630,362 596,300 520,262 450,254 370,264 304,304",
        OCHRE,
    )
    inside = art.mask(wrap)
    art.shade(
        through(points("560,90 660,150 660,380 600,330 560,250"), closed=True),
        mix(OCHRE, OXBLOOD, 0.6),
        turn=50,
        gap=9,
        within=inside,
    )
    art.stroke(through(points("352,180 450,196 560,176")), Pen(colour=mix(OCHRE, OXBLOOD, 0.6), width=5))
    knot = art.shape(
        "452,176 384,150 352,96 392,58 440,74 478,40 530,44 552,78 604,86 602,138 548,172", mix(OCHRE, VERMILION, 0.45)
    )
    pleat = mix(OCHRE, OXBLOOD, 0.75)
    art.strands(
        ["462,168 420,130 390,76", "470,166 460,120 470,60", "482,166 500,120 526,58", "494,168 540,138 590,102"],
        pleat,
        width=5,
    )
    art.shade(knot, mix(OCHRE, VERMILION, 0.8), turn=80, gap=14)
    art.strands(
        ["276,330 340,250 440,180", "300,350 380,250 470,190", "640,330 590,240 500,180", "610,320 560,250 480,196"],
        mix(OCHRE, OXBLOOD, 0.6),
        width=5,
    )
    return art.finished()


def marcus_hale() -> Image.Image:
    """Marcus Hale: older, grey and close-cropped, square glasses, a jacket and tie."""
    art = Portrait(
        Sitter(
            ground="#8b3a32",
            skin="#9c6a4a",
            hair="#b9b6b0",
            jaw=1.1,
            age=1,
            lips="#7f3f35",
            brow=14,
            nose=1.24,
            smile=2,
            eye=0.84,
        )
    )
    cloth = art.bust("#39455a", width=356)
    art.hatch(cloth, Pen(colour="#4c5a72", width=2.2), gap=12, turn=58)
    art.fill(points("352,736 450,880 548,736 600,770 520,900 380,900 300,770"), PAPER)
    art.fill(points("424,800 476,800 470,836 488,900 412,900 430,836"), VERMILION)
    art.fill(points("352,734 306,766 250,900 424,900"), "#2c3850")
    art.fill(points("548,734 594,766 650,900 476,900"), "#242f45")
    art.fill(points("350,728 330,748 410,838 450,800"), mix(PAPER, LINEN, 0.4))
    art.fill(points("550,728 570,748 490,838 450,800"), mix(PAPER, SLATE, 0.3))
    art.head()
    crop = art.shape(
        "284,420 268,340 282,260 330,196 400,166 450,160 510,166 576,196 620,260 632,340 616,420 "
        "604,340 580,276 530,236 450,226 370,236 320,276 296,340",
        art.sitter.hair,
    )
    art.shade(crop, mix(art.sitter.hair, INK, 0.45), turn=70, gap=7)
    tache = art.shape("376,590 410,566 450,572 490,566 526,590 490,588 450,584 410,588", art.sitter.hair)
    art.shade(tache, mix(art.sitter.hair, INK, 0.4), turn=80, gap=7)
    art.glasses(INK, circular=False)
    return art.finished()


def anahit_terzian() -> Image.Image:
    """Anahit Terzian: silver hair in a bob, round glasses, a high vermilion collar."""
    art = Portrait(
        Sitter(
            ground="#1f3352",
            skin="#e6b692",
            hair="#c9c5c0",
            jaw=0.95,
            age=0.6,
            lips="#b5423a",
            brow=8,
            nose=0.96,
            smile=6,
            eye=0.9,
        )
    )
    back = art.shape(
        "450,172 560,178 634,252 656,360 664,480 658,590 616,650 540,656 450,640 360,656 284,650 "
        "242,590 236,480 244,360 266,252 340,178",
        mix(art.sitter.hair, SLATE, 0.55),
    )
    art.shade(back, mix(art.sitter.hair, INK, 0.62), turn=88, gap=9)
    cloth = art.bust("#b23a29", width=310)
    art.hatch(cloth, Pen(colour=mix("#b23a29", OXBLOOD, 0.6), width=2.4), gap=12, turn=60)
    art.shape("342,694 392,742 450,758 508,742 560,692 590,770 530,822 450,838 370,822 312,770", "#96301f")
    art.head(ears=False)
    fringe = art.shape(
        "540,160 470,142 390,150 310,200 258,296 242,420 240,530 262,640 316,640 306,540 296,450 "
        "312,366 372,310 452,276 530,226 560,190",
        art.sitter.hair,
    )
    art.shade(fringe, mix(art.sitter.hair, SLATE, 0.6), turn=100, gap=11)
    right = art.shape(
        "470,146 560,160 634,236 660,360 666,500 648,640 594,640 600,540 612,440 596,340 556,270 516,226 480,190",
        mix(art.sitter.hair, SLATE, 0.25),
    )
    art.shade(right, mix(art.sitter.hair, INK, 0.5), turn=86, gap=9)
    art.glasses(INK, circular=True)
    return art.finished()


def priya_raman() -> Image.Image:
    """Priya Raman: black hair drawn back, small gold studs, a pine jacket."""
    art = Portrait(
        Sitter(
            ground="#dccaa6",
            skin="#b67b52",
            hair="#17141c",
            jaw=0.97,
            lips="#9a3a3c",
            brow=12,
            nose=1.06,
            smile=7,
            eye=1.06,
        )
    )
    art.disc((556, 150), 84, art.sitter.hair)
    art.shade(ellipse((556, 150), (80, 80)), mix(art.sitter.hair, SLATE, 0.5), turn=20, gap=12)
    cloth = art.bust(PINE, width=318)
    art.hatch(cloth, Pen(colour=mix(PINE, INK, 0.4), width=2.2), gap=11, turn=60)
    art.fill(points("352,738 450,900 548,738 560,900 340,900"), PAPER)
    art.fill(points("352,734 300,776 330,900 440,900"), mix(PINE, INK, 0.25))
    art.fill(points("548,734 600,776 570,900 460,900"), mix(PINE, INK, 0.5))
    art.head()
    art.shape(
        "280,430 258,330 282,230 346,166 440,136 540,156 612,216 640,320 622,430 606,350 572,284 "
        "510,244 456,206 396,252 330,290 296,350",
        art.sitter.hair,
    )
    art.strands(
        ["450,180 370,226 300,300", "440,164 340,214 280,300", "466,182 560,236 610,320", "480,162 580,220 624,300"],
        mix(art.sitter.hair, SLATE, 0.6),
    )
    for side in (-1, 1):
        art.disc((450 + side * 172, 500), 10, "#e6b754")
    return art.finished()
