"""The sitemaps and robots.txt: what is live and nothing else."""

from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles import publishing
from articles.sitemaps import ArticleSitemap
from kjreport.accounts.models import User
from tests.cast import a_section, an_article

pytestmark = pytest.mark.django_db

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def read(client: Client, address: str) -> ET.Element:
    response = client.get(address)
    assert response.status_code == 200, address
    assert response["Content-Type"] == "application/xml"
    return ET.fromstring(response.content)  # noqa: S314 - our own sitemap


def addresses(client: Client, address: str) -> list[str]:
    return [str(one.text) for one in read(client, address).iter(f"{MAP}loc")]


@pytest.fixture
def what_is_live_and_what_is_not(an_editor: User) -> None:
    publishing.publish(an_article("Live", topics=["Kenya"], authors=["Mina Okello"]), by=an_editor)
    hidden: Any = {"topics": ["Secret"], "authors": ["Hidden Hand"], "section": a_section("Unopened")}
    an_article("Drafted", **hidden)
    publishing.schedule(an_article("Coming", **hidden), by=an_editor, at=timezone.now() + timedelta(hours=1))
    gone = an_article("Gone", **hidden)
    publishing.publish(gone, by=an_editor)
    publishing.withdraw(gone, by=an_editor)


@pytest.mark.usefixtures("what_is_live_and_what_is_not")
def test_the_index_names_parts_that_hold_what_is_live_only(client: Client) -> None:
    parts = addresses(client, "/sitemap.xml")
    assert parts == [
        f"http://testserver/sitemap-{part}.xml" for part in ("articles", "sections", "topics", "authors", "pages")
    ]
    assert addresses(client, parts[0]) == ["http://testserver/articles/live/"]
    assert addresses(client, parts[1]) == ["http://testserver/sections/diplomacy/"]
    assert addresses(client, parts[2]) == ["http://testserver/topics/kenya/"]
    assert addresses(client, parts[3]) == ["http://testserver/authors/mina-okello/"]
    pages = addresses(client, parts[4])
    for page in ("/", "/articles/", "/about/", "/subscribe/", "/donate/"):
        assert f"http://testserver{page}" in pages
    for address in [*pages, *(one for part in parts[:4] for one in addresses(client, part))]:
        assert client.get(address).status_code == 200, address


def test_a_large_paper_has_pages_of_parts(
    client: Client, an_editor: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(ArticleSitemap, "limit", 2)
    for number in range(5):
        publishing.publish(an_article(f"Piece {number}"), by=an_editor)
    parts = [one for one in addresses(client, "/sitemap.xml") if "articles" in one]
    assert [part.partition("xml")[2] for part in parts] == ["", "?p=2", "?p=3"]
    assert sorted(one for part in parts for one in addresses(client, part)) == [
        f"http://testserver/articles/piece-{number}/" for number in range(5)
    ]
    with django_assert_num_queries(3):
        client.get(parts[0])
    for wrong in ("?p=4", "?p=0", "?p=x", "?p=99999999999999999999"):
        assert client.get(f"/sitemap-articles.xml{wrong}").status_code == 404
    assert client.get("/sitemap-drafts.xml").status_code == 404


def test_an_article_says_when_it_changed(client: Client, an_editor: User) -> None:
    moment = timezone.now() - timedelta(days=3)
    publishing.publish(an_article("Live"), by=an_editor, at=moment)
    changed = read(client, "/sitemap-articles.xml").findtext(f"{MAP}url/{MAP}lastmod")
    assert changed == f"{timezone.localtime(moment):%Y-%m-%d}"


@pytest.mark.usefixtures("what_is_live_and_what_is_not")
def test_the_news_sitemap_tells_of_two_days(client: Client, an_editor: User) -> None:
    publishing.publish(an_article("Old <&> bell\x07"), by=an_editor, at=timezone.now() - timedelta(hours=47))
    publishing.publish(an_article("Older"), by=an_editor, at=timezone.now() - timedelta(hours=49))
    news = read(client, "/news-sitemap.xml")
    assert [one.text for one in news.iter(f"{NEWS}title")] == ["Live", "Old <&> bell"]
    assert {one.text for one in news.iter(f"{NEWS}name")} == {"KJ Report"}
    assert {one.text for one in news.iter(f"{NEWS}language")} == {"en"}
    for one in news.iter(f"{NEWS}publication_date"):
        assert datetime.fromisoformat(str(one.text)).tzinfo is not None


def test_an_update_does_not_make_an_old_piece_news(client: Client, an_editor: User) -> None:
    article = an_article("Old")
    publishing.publish(article, by=an_editor, at=timezone.now() - timedelta(days=9))
    publishing.publish(article, by=an_editor)
    assert addresses(client, "/news-sitemap.xml") == []


@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap-articles.xml", "/news-sitemap.xml"])
def test_sitemaps_are_kept_and_conditional(client: Client, an_editor: User, address: str) -> None:
    publishing.publish(an_article(), by=an_editor)
    first = client.get(address, headers={"Host": "localhost"})
    assert b"localhost" not in first.content
    assert "public" in first["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_robots_may_read_and_are_told_of_the_sitemaps(client: Client) -> None:
    told = client.get("/robots.txt")
    assert told["Content-Type"] == "text/plain; charset=utf-8"
    lines = told.content.decode().splitlines()
    assert "Disallow: /account/" in lines
    assert not any(line in {"Disallow: /", "Disallow: /articles/"} for line in lines)
    assert "Sitemap: http://testserver/sitemap.xml" in lines
    assert "Sitemap: http://testserver/news-sitemap.xml" in lines
