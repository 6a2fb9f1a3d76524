"""The demo issue's pictures are drawn whole, described in words, and the same each time."""

import re
import tomllib
from pathlib import Path

import pytest

import kjreport.demo
from kjreport.demo.drawing import coastlines
from kjreport.demo.drawing.canvas import Canvas, Lettering, measure
from kjreport.demo.drawing.cartography import Sheet, flat
from kjreport.demo.drawing.catalogue import KEYS, draw
from kjreport.demo.drawing.curves import dashes
from kjreport.demo.drawing.palette import mix

DEMO = Path(kjreport.demo.__file__).parent
PICTURES = tomllib.loads((DEMO / "pictures.toml").read_text(encoding="utf-8"))["pictures"]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture["key"])
def test_picture_is_drawn_at_its_size_and_described(picture: dict[str, str]) -> None:
    image = draw(picture["key"])

    assert image.mode == "RGB"
    assert image.size == ((900, 900) if picture["key"].startswith("portrait-") else (1800, 1200))
    colours = image.resize((60, 40)).getcolors(2400)
    assert colours is not None
    assert len(colours) > 30, "almost blank"
    assert set(picture) == {"key", "alt", "caption", "credit"}
    assert len(picture["alt"]) > 40
    assert picture["caption"].strip()
    assert picture["credit"] == "KJ Report graphics"


def test_every_drawing_is_described_once() -> None:
    assert sorted(picture["key"] for picture in PICTURES) == sorted(KEYS)


@pytest.mark.parametrize("key", ["pattern-swarm", "map-horn", "portrait-priya-raman"])
def test_picture_is_the_same_each_time(key: str) -> None:
    assert draw(key).tobytes() == draw(key).tobytes()


def test_every_picture_an_article_shows_is_drawn() -> None:
    shown: set[str] = set()
    for article in (DEMO / "articles").glob("*.html"):
        text = article.read_text(encoding="utf-8")
        shown.update(re.findall(r'^hero = "([^"]+)"', text, re.MULTILINE))
        shown.update(re.findall(r'data-photo="([^"]+)"', text))

    assert shown <= set(KEYS)


def test_dashed_line_leaves_its_gaps_unpainted() -> None:
    assert dashes([(0, 0), (10, 0)], (4, 2)) == [[(0, 0), (4, 0)], [(6, 0), (10, 0)]]


def test_colours_mix_between_their_ends() -> None:
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ff0000", 0.5) == "#800000"


def test_dotted_letter_the_bundled_face_lacks_is_drawn_with_its_dots() -> None:
    def dark_above_the_letter(text: str) -> int:
        canvas = Canvas(80, 120, "#ffffff")
        canvas.words((10, 100), text, Lettering(size=80, colour="#000000"))
        above = canvas.finished().convert("L").crop((0, 38, 80, 54))
        return sum(above.histogram()[:128])

    assert dark_above_the_letter("u") == 0
    assert dark_above_the_letter("ü") > 40
    assert measure("ü", Lettering(size=80)) == measure("u", Lettering(size=80))


def test_land_and_sea_are_told_apart() -> None:
    project = flat((35, 15), 30)
    sheet = Sheet(project)

    def on_land(place: tuple[float, float]) -> bool:
        x, y = project(place)
        return bool(sheet.land.getpixel((round(x * 2), round(y * 2))))

    assert on_land((32.5, 15.6)), "Khartoum"
    assert not on_land((38.5, 19.5)), "the Red Sea"
    assert not on_land((33, -1)), "Lake Victoria"


@pytest.mark.parametrize("ring", coastlines.LAND, ids=lambda ring: str(ring[0]))
def test_coast_is_made_of_real_places(ring: list[tuple[float, float]]) -> None:
    assert len(ring) >= 3
    assert all(-180 <= lon <= 195 and -90 <= lat <= 90 for lon, lat in ring)
