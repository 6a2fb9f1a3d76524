"""Pictures are added many at once, described one after the other, and told what crops must keep: in a real browser."""

import io
import random
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from articles.models import Photo
from kjreport.accounts.models import User
from tests.browser.test_accessibility import find_grave_faults
from tests.pictures import a_photo

pytestmark = pytest.mark.browser

SignIn = Callable[[Page, User], None]


def a_file(name: str, seed: int, size: tuple[int, int] = (240, 160)) -> FilePayload:
    rough = Image.frombytes("L", (12, 8), bytes(random.Random(seed).choices(range(256), k=96)))  # noqa: S311 - no secret
    out = io.BytesIO()
    rough.resize(size, Image.Resampling.BICUBIC).save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def test_many_pictures_are_added_and_described_one_after_the_other(
    page: Page, sign_in: SignIn, a_journalist: User
) -> None:
    sign_in(page, a_journalist)
    page.goto("/admin/articles/photo/upload/")
    lie: FilePayload = {"name": "lie.jpg", "mimeType": "image/jpeg", "buffer": b"GIF89a"}
    page.get_by_label("Pictures:", exact=True).set_input_files([a_file("a.png", 1), lie, a_file("b.png", 2)])
    page.get_by_label("Credit").fill("Ada Byron")
    page.get_by_label("Licence").select_option("Our own work")
    page.get_by_role("button", name="Add pictures").click()
    expect(page.get_by_text("3 of 3 sent, 2 in the library.")).to_be_visible()
    expect(page.get_by_text("This file is a GIF.")).to_be_visible()

    tiles = page.locator("[data-photo-tile]")
    tiles.nth(0).get_by_label("What it shows").fill("The first")
    tiles.nth(0).get_by_role("button", name="Save and next").click()
    expect(tiles.nth(0).locator(".tile-name")).to_have_text("The first")
    page.keyboard.type("The second")  # the next one's first field has the keyboard
    tiles.nth(1).get_by_role("button", name="Save", exact=True).click()
    expect(tiles.nth(1).locator(".tile-name")).to_have_text("The second")
    assert {(photo.alt, photo.credit, photo.licence) for photo in Photo.objects.all()} == {
        ("The first", "Ada Byron", "own"),
        ("The second", "Ada Byron", "own"),
    }

    page.get_by_label("Pictures:", exact=True).set_input_files([a_file("again.png", 1)])
    page.get_by_role("button", name="Add pictures").click()
    expect(page.get_by_text("The library has this picture already: “The first”")).to_be_visible()
    page.get_by_role("button", name="Keep both").click()
    expect(tiles).to_have_count(3)
    assert Photo.objects.count() == 3


def test_the_focal_point_is_set_by_click_and_by_keys(page: Page, sign_in: SignIn, an_editor: User) -> None:
    photo = Photo.objects.keep(io.BytesIO(a_file("a.png", 1, (1200, 800))["buffer"]), alt="Hills")
    sign_in(page, an_editor)
    page.goto(f"/admin/articles/photo/{photo.pk}/change/")
    picture = page.locator("[data-focal] img")
    box = picture.bounding_box()
    assert box
    picture.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
    expect(page.get_by_role("button", name="Focal point")).to_be_focused()
    across, down = (int(page.locator(f"#id_focal_{axis}").input_value()) for axis in "xy")
    assert abs(across - 25) <= 1  # a pointer points at whole pixels
    assert abs(down - 75) <= 1
    place, box = page.locator(".focal-marker").bounding_box(), picture.bounding_box()
    assert place
    assert box
    assert abs(place["x"] + place["width"] / 2 - box["x"] - box["width"] * across / 100) < 2
    assert abs(place["y"] + place["height"] / 2 - box["y"] - box["height"] * down / 100) < 2
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    expect(
        page.get_by_role("button", name=f"Focal point: {across + 1} per cent from the left, {down - 10} from the top")
    ).to_be_focused()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    photo.refresh_from_db()
    assert (photo.focal_x, photo.focal_y) == (across + 1, down - 10)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_library_is_for_everybody_on_a_phone(
    new_page: Callable[..., Page], sign_in: SignIn, an_editor: User, scheme: str
) -> None:
    photo = a_photo()
    page = new_page(color_scheme=scheme, viewport={"width": 390, "height": 844})
    sign_in(page, an_editor)
    for address in ("", "upload/", f"{photo.pk}/change/"):
        assert find_grave_faults(page, f"/admin/articles/photo/{address}") == []
        for summary in page.locator(".tile-words summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
