"""Pictures are cropped around what matters in them, at addresses that change with it, and behind the same wall."""

import io

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from articles.images import Crop
from articles.models import Access, Photo
from articles.models.photo import Licence
from kjreport.accounts.models import User
from tests.cast import ABOVE, BELOW, LINE, published
from tests.integration.newsroom import at_the_desk
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

RED, BLUE = (200, 20, 20), (20, 20, 200)


def a_wide_photo() -> Photo:
    """Give one that is red on the left, blue elsewhere."""
    picture = Image.new("RGB", (900, 300), BLUE)
    picture.paste(RED, (0, 0, 300, 300))
    file = io.BytesIO()
    picture.save(file, "PNG")
    file.seek(0)
    return Photo.objects.keep(file, alt="A flag", credit="A test", licence=Licence.OWN)


def colour_of(content: bytes) -> str:
    with Image.open(io.BytesIO(content)) as picture:
        red, _, blue = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc] # a tuple for RGB
    return "red" if red > blue else "blue"


@pytest.mark.parametrize(
    ("focal", "box"),
    [((50, 50), (300, 0)), ((0, 0), (0, 0)), ((100, 100), (600, 0)), ((20, 0), (30, 0)), ((80, 100), (570, 0))],
)
def test_the_focal_point_stands_in_the_middle_as_far_as_the_edges_let_it(
    focal: tuple[int, int], box: tuple[int, int]
) -> None:
    picture = Image.new("L", (900, 300))
    for x in range(900):
        picture.paste(x * 255 // 899, (x, 0, x + 1, 300))
    part = Crop("k", 900, 300, "1x1", focal).cut(picture)
    assert part.size == (300, 300)
    assert part.getpixel((0, 0)) == box[0] * 255 // 899


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (3, 2), (2, 3)])
@pytest.mark.parametrize("shape", ["3x2", "1x1"])
def test_the_smallest_and_thinnest_are_cut_too(size: tuple[int, int], shape: str) -> None:
    crop = Crop("k", *size, shape, (0, 100))
    assert crop.cut(Image.new("RGB", size)).size == crop.size


def test_moving_the_focal_point_moves_the_crop_and_its_address(an_editor: User, client: Client) -> None:
    photo = a_wide_photo()
    published("A piece", hero=photo, access=Access.OPEN)
    before = photo.square.small
    assert colour_of(client.get(before).getvalue()) == "blue"
    given = {"alt": "A flag", "credit": "A test", "licence": "own", "focal_x": "10", "focal_y": "50"}
    at_the_desk(an_editor).post(f"/admin/articles/photo/{photo.pk}/change/", given)
    photo.refresh_from_db()
    assert photo.square.small != before
    assert all(default_storage.exists(crop.path(width, "avif")) for crop in photo.crops for width in crop.widths)
    answer = client.get(photo.square.small)
    assert colour_of(answer.getvalue()) == "red"
    assert "immutable" in answer.headers["Cache-Control"]
    assert colour_of(client.get(before).getvalue()) == "blue"  # a page that is kept somewhere still shows it
    assert photo.wide.small in client.get("/sections/diplomacy/").content.decode()


@pytest.mark.parametrize("extension", ["avif", "webp"])
def test_a_picture_older_than_crops_gets_them_when_asked(client: Client, extension: str) -> None:
    photo = a_wide_photo()
    published("A piece", hero=photo, access=Access.OPEN)
    path = photo.wide.path(320, extension)
    default_storage.delete(path)
    assert client.get(photo.wide.address(320, extension)).status_code == 200
    assert default_storage.exists(path)


@pytest.mark.parametrize(
    "asked", ["3x2-1-99/320.webp", "3x2-50-50/321.webp", "3x2-50-50/320.jpg", "9x9-50-50/320.webp"]
)
def test_crops_that_we_do_not_offer_are_not_made(client: Client, asked: str) -> None:
    photo = a_wide_photo()
    published("A piece", hero=photo, access=Access.OPEN)
    assert client.get(f"/pictures/{photo.key}/{asked}").status_code == 404
    assert not default_storage.exists(f"renditions/{photo.key}/{asked}")


def test_crops_below_the_wall_are_for_those_who_may_read(
    client: Client, a_reader: User, a_subscriber: User, an_editor: User
) -> None:
    photo = a_photo()
    published("A piece", source=ABOVE + LINE + BELOW + f'<figure data-photo="{photo.pk}"></figure>')
    draft = a_wide_photo()
    for person, statuses in (
        (None, (404, 404)),
        (a_reader, (404, 404)),
        (a_subscriber, (200, 404)),
        (an_editor, (200, 200)),
    ):
        if person:
            client.force_login(person)
        assert tuple(client.get(one.square.small).status_code for one in (photo, draft)) == statuses


def test_a_card_tells_the_size_and_colour_of_its_picture(client: Client) -> None:
    photo = a_wide_photo()
    published("First", access=Access.OPEN, hero=photo)
    page = client.get("/sections/diplomacy/").content.decode()
    assert f'srcset="{photo.wide.avif}"' in page
    assert 'width="450" height="300"' in page
    assert f'fill="{photo.colour}"' in page
