"""The picture library: finding, adding, refusing."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from articles.models import Photo
from kjreport.accounts.models import User
from tests.integration.newsroom import at_the_desk
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

LIBRARY = "/admin/articles/photo/library/"
WORDS = {"alt": "A teal square", "caption": "Square.", "credit": "A test"}


def a_file(content: bytes | None = None) -> SimpleUploadedFile:
    if content is None:
        out = io.BytesIO()
        Image.new("RGB", (48, 32), "teal").save(out, "PNG")
        content = out.getvalue()
    return SimpleUploadedFile("square.png", content, content_type="image/png")


def test_pictures_are_found_by_every_word(a_journalist: User) -> None:
    bridge = a_photo(alt="The bridge at Meghri", credit="Ada")
    a_photo(alt="A harbour", credit="Ada")
    desk = at_the_desk(a_journalist)
    found = desk.get(LIBRARY, {"q": "ada bridge"}).json()
    assert [photo["id"] for photo in found["photos"]] == [bridge.pk]
    assert found["more"] is False
    assert desk.get(LIBRARY, {"id": bridge.pk}).json()["photos"][0]["alt"] == "The bridge at Meghri"
    assert desk.get(LIBRARY, {"id": "x"}).json()["photos"] == []


def test_library_turns_its_pages(a_journalist: User) -> None:
    Photo.objects.bulk_create(
        Photo(alt=f"Picture {number}", credit="A test", width=1, height=1, key=f"k{number}") for number in range(30)
    )
    desk = at_the_desk(a_journalist)
    first, second = desk.get(LIBRARY).json(), desk.get(LIBRARY, {"page": 2}).json()
    assert (len(first["photos"]), first["more"]) == (24, True)
    assert (len(second["photos"]), second["more"]) == (6, False)


def test_a_picture_is_added_from_the_form(a_journalist: User) -> None:
    answer = at_the_desk(a_journalist).post(LIBRARY, {"file": a_file(), **WORDS})
    assert answer.status_code == 201
    photo = Photo.objects.get()
    assert answer.json()["photo"]["id"] == photo.pk
    assert (photo.alt, photo.credit, photo.uploaded_by) == ("A teal square", "A test", a_journalist)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"file": b"nothing of the kind"}, "This file is not a picture we can use. Upload a JPEG, PNG, WebP or AVIF."),
        ({"alt": ""}, "Say what the picture shows."),
        ({"credit": ""}, "Say who made it, or whose it is."),
    ],
)
def test_a_refusal_is_a_sentence(a_journalist: User, sent: dict[str, bytes | str], sentence: str) -> None:
    content = sent.pop("file", None)
    file = a_file(content if isinstance(content, bytes) else None)
    answer = at_the_desk(a_journalist).post(LIBRARY, {"file": file, **WORDS, **sent})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [sentence]
    assert not Photo.objects.exists()


def test_a_picture_is_added_in_the_library_itself(an_editor: User) -> None:
    given = {"file": a_file(), **WORDS, "focal_x": "0.25", "focal_y": "0.75"}
    answer = at_the_desk(an_editor).post("/admin/articles/photo/add/", given)
    assert answer.status_code == 302
    photo = Photo.objects.get()
    assert (photo.focal_x, photo.focal_y, photo.uploaded_by) == (0.25, 0.75, an_editor)


def test_a_broken_picture_is_refused_in_the_library_too(an_editor: User) -> None:
    given = {"file": a_file(b"broken"), **WORDS, "focal_x": "0.5", "focal_y": "0.5"}
    page = at_the_desk(an_editor).post("/admin/articles/photo/add/", given).content.decode()
    assert "This file is not a picture we can use." in page
    assert not Photo.objects.exists()


def test_words_of_a_picture_change_without_its_file(an_editor: User) -> None:
    photo = a_photo()
    given = {**WORDS, "focal_x": "0.5", "focal_y": "0.5"}
    assert at_the_desk(an_editor).post(f"/admin/articles/photo/{photo.pk}/change/", given).status_code == 302
    photo.refresh_from_db()
    assert (photo.alt, photo.caption) == ("A teal square", "Square.")
