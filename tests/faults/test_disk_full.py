"""The disk is full: letters are answered 5xx and come again, readers get a kind sentence, nothing stored is lost.

The first tests fill SQLite by its own page limit, and files by the kernel's limit for a process, to the byte. The last
ones put a whole site on a real disk of a few megabytes, and fill that; they need Linux and the right to mount one.
"""

import io
import resource
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.test import Client
from PIL import Image

from articles.models import Article, Edition, Photo
from articles.models.photo import NO_ROOM
from kjreport.accounts.models import User
from kjreport.launch import HOUSE
from kjreport.payments.models import CheckoutAttempt, StripeEvent
from kjreport.standin.server import StandIn
from tests.cast import an_article
from tests.cluster import find_programs
from tests.integration.money.till import a_letter, post_letter, press_subscribe
from tests.integration.newsroom import address_of, at_the_desk, filled_in

pytestmark = pytest.mark.django_db(transaction=True)

LIBRARY = "/admin/articles/photo/library/"
FAR_TOO_MUCH = "<p>" + "A long story. " * 20_000 + "</p>"


def until_full(deed: Callable[[], object]) -> None:
    """Do something again and again, until there is no more room for it."""
    with pytest.raises(DatabaseError, match="full"):
        _do_often(deed)


def _do_often(deed: Callable[[], object]) -> None:
    for _ in range(10_000):
        deed()


@contextmanager
def full_database() -> Iterator[None]:
    """Leave SQLite no further page, and no room in those it has."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ballast (weight BLOB)")
        [most] = cursor.execute("PRAGMA max_page_count").fetchone()
        [pages] = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {int(pages)}")
        for size in (4000, 400, 40):
            until_full(partial(cursor.execute, "INSERT INTO ballast VALUES (zeroblob(%s))", [size]))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {int(most)}")
            cursor.execute("DROP TABLE ballast")


@contextmanager
def no_large_files(largest: int) -> Iterator[None]:
    """Have the kernel refuse this process any file that is larger, in bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def a_client() -> Client:
    """Give a browser that shows failures as a reader sees them."""
    return Client(raise_request_exception=False)


def test_a_letter_that_cannot_be_kept_is_answered_5xx_and_kept_when_it_comes_again(a_client: Client) -> None:
    letter = a_letter("galaxy.collapsed", padding="x" * 20_000)
    with full_database():
        assert post_letter(a_client, letter).status_code == 500
        assert not StripeEvent.objects.exists()
    assert post_letter(a_client, letter).status_code == 200
    assert StripeEvent.objects.get().ignored_at is not None


def test_a_reader_who_wants_to_subscribe_is_told_kindly_and_can_press_again(
    a_client: Client, till: StandIn, a_reader: User
) -> None:
    a_client.force_login(a_reader)
    key = str(uuid.uuid4())
    with full_database():
        for length in (400, 0):  # a small row finds room in the fullest of databases, if its page has any
            until_full(partial(_begin_another, "/" * length))
        answer = press_subscribe(a_client, key=key)
        assert answer.status_code == 503
        assert "Nothing was charged on this page" in answer.content.decode()
        assert not CheckoutAttempt.objects.filter(user=a_reader).exists()
    assert till.dump().get("checkout.session", []) == []
    assert press_subscribe(a_client, key=key).status_code == 302


def _begin_another(return_to: str) -> None:
    CheckoutAttempt.objects.create(key=uuid.uuid4(), kind="gift", return_to=return_to)


def test_saving_an_article_loses_nothing_that_was_stored(a_client: Client, a_publisher: User) -> None:
    article = an_article()
    before = Article.objects.values().get(pk=article.pk)
    a_client.force_login(a_publisher, backend="django.contrib.auth.backends.ModelBackend")
    form = filled_in(article, source=article.source + FAR_TOO_MUCH)
    with full_database():
        answer = a_client.post(address_of(article), form)
        assert answer.status_code == 500
        assert Article.objects.values().get(pk=article.pk) == before
        assert not Edition.objects.exists()
    assert a_client.post(address_of(article), form).status_code == 302
    assert FAR_TOO_MUCH[3:30] in Article.objects.get(pk=article.pk).source


def a_picture() -> SimpleUploadedFile:
    """Give a picture that does not become small when it is made anew."""
    out = io.BytesIO()
    Image.effect_noise((900, 600), 80).save(out, "PNG")
    return SimpleUploadedFile("noise.png", out.getvalue(), content_type="image/png")


@pytest.fixture
def pictures(settings: Any, tmp_path: Path) -> Path:
    """Keep pictures in files, as production does."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    return Path(settings.MEDIA_ROOT)


@pytest.mark.parametrize("largest", [100, 100_000], ids=["not even the original", "some renditions"])
def test_a_picture_that_finds_no_room_is_refused_clearly_and_leaves_nothing(
    a_journalist: User, pictures: Path, largest: int
) -> None:
    sent = {"alt": "Noise", "caption": "", "credit": "A test"}
    desk = at_the_desk(a_journalist)
    with no_large_files(largest):
        answer = desk.post(LIBRARY, sent | {"file": a_picture()})
    assert (answer.status_code, answer.json()) == (400, {"errors": [NO_ROOM]})
    assert not Photo.objects.exists()
    assert [path for path in pictures.rglob("*") if path.is_file()] == []
    assert desk.post(LIBRARY, sent | {"file": a_picture()}).status_code == 201


def test_a_picture_whose_row_finds_no_room_leaves_no_files(a_journalist: User, pictures: Path) -> None:
    desk = at_the_desk(a_journalist)
    sent = {"alt": "Noise", "caption": "", "credit": "A test", "file": a_picture()}
    with full_database(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Photo, "save", lambda *_args, **_options: connection.cursor().execute(_TOO_LARGE))
        answer = desk.post(LIBRARY, sent)
    assert (answer.status_code, answer.json()) == (400, {"errors": [NO_ROOM]})
    assert [path for path in pictures.rglob("*") if path.is_file()] == []


_TOO_LARGE = "INSERT INTO ballast VALUES (zeroblob(400000))"


# A real disk, really full ---------------------------------------------------------------------------------------------


def _mounting() -> list[str]:
    """Return how to run a program that may mount a disk nobody else sees; nothing where that is not allowed."""
    for way in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
        if shutil.which("unshare") and not subprocess.run([*way, "true"], capture_output=True, check=False).returncode:
            return way
    return []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_site_on_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(
    kind: str, sqlite_file: Path, tmp_path: Path
) -> None:
    way = _mounting()
    if not way:
        pytest.skip("a small disk cannot be mounted here (it needs Linux and user namespaces)")
    if kind == "postgresql" and (find_programs() is None or "--map-root-user" in way):
        pytest.skip("no PostgreSQL server programs here (on Debian: apt install postgresql)")
    command = [*way, sys.executable, "-m", "tests.faults.small_disk", kind, str(tmp_path), str(sqlite_file)]
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
