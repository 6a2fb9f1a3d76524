import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from kjreport.accounts.models import User
from tests.cast import published
from tests.pages import PUBLIC_PAGES
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db


FOR_EVERYBODY = "public, max-age=0, s-maxage=60, stale-while-revalidate=60"


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_a_visitor_gets_no_cookie_and_may_share_the_page(client: Client, address: str) -> None:
    published()
    response = client.get(address)
    assert response.status_code == 200
    assert not response.cookies
    assert response["Cache-Control"] == FOR_EVERYBODY
    assert "csrfmiddlewaretoken" not in response.content.decode()


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_what_a_signed_in_reader_gets_is_kept_by_nobody(client: Client, a_subscriber: User, address: str) -> None:
    published()
    client.force_login(a_subscriber)
    assert client.get(address)["Cache-Control"] == "private, no-store"


def test_a_message_for_one_visitor_is_not_shared(client: Client) -> None:
    client.cookies["messages"] = "anything"
    assert client.get("/")["Cache-Control"] == "private, no-store"


class _Inline(HTMLParser):
    """Collects what the content security policy would refuse."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_data = given.get("type") == "application/ld+json"
        if tag == "style" or (tag == "script" and "src" not in given and not is_data):
            self.found.append(tag)
        self.found += [name for name in given if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("address", [*PUBLIC_PAGES, "/no/such/page/"])
def test_nothing_stands_inline_and_nothing_comes_from_elsewhere(client: Client, address: str) -> None:
    published()
    page = client.get(address).content.decode()
    assert not _Inline(page).found
    fetched = re.findall(r'<(?:link rel="(?:stylesheet|icon)"[^>]*href|script[^>]*src|img[^>]*src)="([^"]*)"', page)
    assert fetched
    assert all(one.startswith("/") and not one.startswith("//") for one in fetched)


def test_a_picture_on_a_page_is_for_everybody_and_for_ever(client: Client) -> None:
    photo = a_photo()
    published(hero=photo)
    response = client.get(photo.address(48))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable, s-maxage=60"
    assert not response.has_header("Vary") or "Cookie" not in response["Vary"]


def test_a_picture_below_the_wall_is_for_subscribers_and_for_no_cache(client: Client, a_subscriber: User) -> None:
    photo = a_photo()
    published(source=f'<p>Free.</p><hr data-paywall-line=""><p>Paid.</p><figure data-photo="{photo.pk}"></figure>')
    for extension in ("webp", "avif", "jpg"):
        width = 1200 if extension == "jpg" else 48
        assert client.get(f"/pictures/{photo.key}/{width}.{extension}").status_code == 404
    client.force_login(a_subscriber)
    response = client.get(photo.address(48))
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", ["49.webp", "48.png", "48.html"])
def test_a_rendition_that_was_never_made_is_not_found(client: Client, name: str) -> None:
    photo = a_photo()
    published(hero=photo)
    assert client.get(photo.address(48).rpartition("/")[0] + "/" + name).status_code == 404


def test_the_page_for_our_own_errors_needs_nothing_that_could_be_broken(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    def fail() -> None:
        raise RuntimeError

    monkeypatch.setattr("articles.views.compose_front_page", fail)
    monkeypatch.setattr("kjreport.context.list_sections", fail)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()
