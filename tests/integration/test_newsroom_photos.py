"""The picture library: finding, adding, refusing."""

import io
import random
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from articles.models import Photo
from kjreport.accounts.models import User
from tests.cast import an_article, an_author, published
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
    given = {"file": a_file(), **WORDS, "focal_x": "25", "focal_y": "75"}
    answer = at_the_desk(an_editor).post("/admin/articles/photo/add/", given)
    assert answer.status_code == 302
    photo = Photo.objects.get()
    assert (photo.focal_x, photo.focal_y, photo.uploaded_by) == (25, 75, an_editor)


def test_a_broken_picture_is_refused_in_the_library_too(an_editor: User) -> None:
    given = {"file": a_file(b"broken"), **WORDS, "focal_x": "50", "focal_y": "50"}
    page = at_the_desk(an_editor).post("/admin/articles/photo/add/", given).content.decode()
    assert "This file is not a picture we can use." in page
    assert not Photo.objects.exists()


def test_words_of_a_picture_change_without_its_file(an_editor: User) -> None:
    photo = a_photo()
    given = {**WORDS, "focal_x": "50", "focal_y": "50"}
    assert at_the_desk(an_editor).post(f"/admin/articles/photo/{photo.pk}/change/", given).status_code == 302
    photo.refresh_from_db()
    assert (photo.alt, photo.caption) == ("A teal square", "Square.")


UPLOAD = "/admin/articles/photo/upload/"
AS_A_SCRIPT = {"Accept": "application/json"}


def a_scene(seed: int, *, size: tuple[int, int] = (600, 400), kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture with light and dark of its own, as photographs have."""
    rough = Image.frombytes("L", (12, 8), bytes(random.Random(seed).choices(range(256), k=96)))  # noqa: S311 - no secret
    out = io.BytesIO()
    rough.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(out, kind, **options)
    return out.getvalue()


def named(content: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_many_pictures_come_in_one_request_and_each_is_answered_for(a_journalist: User) -> None:
    files = [named(a_scene(1), "one.png"), named(b"nothing", "lie.jpg"), named(a_scene(2), "two.png")]
    given = {"pictures": [*files, named(a_scene(1, kind="JPEG"), "again.jpg")], "credit": "Ada", "licence": "own"}
    page = at_the_desk(a_journalist).post(UPLOAD, given).content.decode()
    assert [(photo.credit, photo.licence, photo.uploaded_by) for photo in Photo.objects.all()] == [
        ("Ada", "own", a_journalist)
    ] * 2
    assert "<b>lie.jpg</b>: This file is not a picture we can use." in page
    assert "<b>again.jpg</b>: The library has this picture already" in page
    assert page.count("data-photo-tile") == 2


def test_a_script_sends_one_file_and_gets_its_tile(a_journalist: User) -> None:
    answer = at_the_desk(a_journalist).post(UPLOAD, {"pictures": named(a_scene(1), "one.png")}, headers=AS_A_SCRIPT)
    assert answer.status_code == 201
    assert f'id="photo-{Photo.objects.get().pk}"' in answer.json()["tile"]
    assert "Lacks what it shows, a credit, a licence" in answer.json()["tile"]


@pytest.mark.parametrize(
    "again",
    [
        a_scene(1, kind="JPEG", quality=60),
        a_scene(1, size=(300, 200), kind="WEBP"),
        a_scene(1, kind="PNG", optimize=True),
    ],
    ids=["saved again", "smaller", "the same"],
)
def test_a_picture_is_known_again_and_one_chooses(a_journalist: User, again: bytes) -> None:
    desk = at_the_desk(a_journalist)
    there = Photo.objects.keep(io.BytesIO(a_scene(1)), alt="There")
    answer = desk.post(UPLOAD, {"pictures": named(again, "again")}, headers=AS_A_SCRIPT)
    assert answer.status_code == 409
    assert answer.json()["twin"]["id"] == there.pk
    answer = desk.post(LIBRARY, {"file": named(again, "again"), **WORDS})
    assert (answer.status_code, answer.json()["twin"]["id"]) == (409, there.pk)
    assert Photo.objects.count() == 1
    given = {"pictures": named(again, "again"), "keep_both": "on"}
    assert desk.post(UPLOAD, given, headers=AS_A_SCRIPT).status_code == 201
    assert Photo.objects.count() == 2


def test_another_picture_is_no_twin(a_journalist: User) -> None:
    desk = at_the_desk(a_journalist)
    for seed in range(5):
        given = {"pictures": named(a_scene(seed), "x.png")}
        assert desk.post(UPLOAD, given, headers=AS_A_SCRIPT).status_code == 201


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"GIF89a" + b"\0" * 20, "This file is a GIF. Upload a JPEG, PNG, WebP or AVIF."),
        (b"\0\0\0\x18ftypheic" + b"\0" * 20, "This file is a HEIC picture, as some telephones make."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This file is an SVG drawing."),
        (b"%PDF-1.7", "This file is a PDF."),
        (a_scene(1)[:300], "This picture is damaged: it could not be read to its end."),
        (a_scene(1, kind="JPEG")[:-2000], "This picture is damaged: it could not be read to its end."),
        (b"", "This file is empty."),
    ],
    ids=["gif", "heic", "svg", "pdf", "cut png", "cut jpeg", "empty"],
)
def test_a_lying_or_broken_file_is_refused_with_its_reason(a_journalist: User, content: bytes, sentence: str) -> None:
    answer = at_the_desk(a_journalist).post(UPLOAD, {"pictures": named(content, "photo.jpg")}, headers=AS_A_SCRIPT)
    assert answer.status_code == 400
    assert sentence in " ".join(answer.json()["errors"])
    assert not Photo.objects.exists()


@pytest.mark.parametrize("size", [(6400, 6251), (14_000, 14_000)])
def test_more_than_forty_megapixels_are_refused(a_journalist: User, size: tuple[int, int]) -> None:
    out = io.BytesIO()
    Image.new("1", size).save(out, "PNG")
    answer = at_the_desk(a_journalist).post(UPLOAD, {"pictures": named(out.getvalue(), "x.png")}, headers=AS_A_SCRIPT)
    assert answer.json()["errors"] == ["This picture has more than 40 megapixels. Make it smaller and try again."]


def test_where_it_was_taken_is_dropped_and_it_stands_upright(a_journalist: User) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif.get_ifd(0x8825)[2] = (40.0, 11.0, 2.0)
    file = named(a_scene(1, kind="JPEG", exif=exif), "x.jpg")
    assert at_the_desk(a_journalist).post(UPLOAD, {"pictures": file}, headers=AS_A_SCRIPT).status_code == 201
    photo = Photo.objects.get()
    assert (photo.width, photo.height) == (400, 600)
    with photo.original.open() as kept, Image.open(kept) as picture:
        assert not picture.getexif()


def test_words_are_changed_where_the_picture_is_seen(an_editor: User) -> None:
    photo, desk = a_photo(), at_the_desk(an_editor)
    address = f"/admin/articles/photo/{photo.pk}/words/"
    given = {"alt": "A bridge", "credit": "Ada", "licence": "cc-by", "licence_until": "2031-01-02"}
    assert "A bridge" in desk.post(address, given, headers=AS_A_SCRIPT).json()["tile"]
    photo.refresh_from_db()
    assert (photo.alt, photo.licence, str(photo.licence_until)) == ("A bridge", "cc-by", "2031-01-02")
    answer = desk.post(address, {"licence": "other"}, headers=AS_A_SCRIPT)
    assert (answer.status_code, answer.json()["errors"]) == (400, ["Say in the terms which licence it is."])
    assert desk.post(address, given).headers["Location"] == f"/admin/articles/photo/#photo-{photo.pk}"


def test_a_journalist_mends_the_words_of_her_own_pictures_only(a_journalist: User) -> None:
    desk = at_the_desk(a_journalist)
    mine = Photo.objects.keep(io.BytesIO(a_scene(1)), by=a_journalist)
    for photo, status in ((mine, 200), (a_photo(), 403)):
        given = {"alt": "Mine", "licence": "own"}
        answer = desk.post(f"/admin/articles/photo/{photo.pk}/words/", given, headers=AS_A_SCRIPT)
        assert answer.status_code == status
    page = desk.get("/admin/articles/photo/").content.decode()
    assert page.count("data-words") == 1


def test_the_list_is_narrowed_by_rights(an_editor: User) -> None:
    today = timezone.localdate()
    photos = {days: a_photo(alt=f"Ends in {days}") for days in (-1, 0, 30, 31)}
    for days, photo in photos.items():
        Photo.objects.filter(pk=photo.pk).update(licence_until=today + timedelta(days=days))
    bare = Photo.objects.keep(io.BytesIO(a_scene(1)), alt="Bare")
    desk = at_the_desk(an_editor)
    for rights, wanted in (("lacking", {bare}), ("ending", {photos[0], photos[30]}), ("over", {photos[-1]})):
        found = desk.get("/admin/articles/photo/", {"rights": rights}).context["cl"].result_list
        assert set(found) == wanted
    assert "2 with a licence that ends within 30 days" in desk.get("/admin/articles/photo/").content.decode()


def test_a_picture_says_where_it_is_used_and_keeps_colleagues_drafts_to_itself(
    a_journalist: User, an_editor: User
) -> None:
    photo = a_photo()
    published("Live piece", hero=photo)
    an_article("Secret draft", source=f'<figure data-photo="{photo.pk}"></figure>')
    an_author("Bea Portrayed", portrait=photo)
    address = f"/admin/articles/photo/{photo.pk}/change/"
    seen = at_the_desk(an_editor).get(address).content.decode()
    assert "Live piece</a>: readers have it now" in seen
    assert "Secret draft</a>: working copy" in seen
    assert "Bea Portrayed</a>: portrait" in seen
    seen = at_the_desk(a_journalist).get(address).content.decode()
    assert "Live piece</a>: readers have it now" in seen
    assert "Secret draft" not in seen
    assert "2 working copies of colleagues" in seen


@pytest.mark.parametrize(("x", "y"), [(101, 50), (50, 101)])
def test_the_focal_point_stays_in_the_picture(x: int, y: int) -> None:
    photo = a_photo()
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.filter(pk=photo.pk).update(focal_x=x, focal_y=y)
