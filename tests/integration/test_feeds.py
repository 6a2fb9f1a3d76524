"""The feeds: what feed readers and their validators expect, and a visitor's text."""

import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from pytest_django import DjangoAssertNumQueries

from articles import publishing
from articles.models import Access
from kjreport.accounts.models import User
from tests.cast import LINE, a_section, an_article
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
FEEDS = ("/feed/", "/feed/atom/")


def rss(client: Client) -> ET.Element:
    channel = ET.fromstring(client.get("/feed/").content).find("channel")  # noqa: S314 - our own feed
    assert channel is not None
    return channel


def atom(client: Client) -> ET.Element:
    return ET.fromstring(client.get("/feed/atom/").content)  # noqa: S314 - our own feed


def text(element: ET.Element, name: str) -> str:
    found = element.findtext(name)
    assert found is not None, name
    return found


@pytest.fixture
def a_rich_piece(an_editor: User) -> Any:
    source = (
        f'<p>A &amp; B, <a href="/about/">about us</a>.<span data-footnote="A note."></span></p>{LINE}<p>Zephyrine.</p>'
    )
    article = an_article(
        "Salt & <grain>",
        standfirst="Less < more & so on.",
        source=source,
        topics=["Kenya", "Water"],
        authors=["Mina Okello", "Ada Byron"],
        hero=a_photo(),
    )
    return publishing.publish(article, by=an_editor, at=timezone.now() - timedelta(hours=5))


def test_rss_says_what_a_validator_asks_for(client: Client, a_rich_piece: Any) -> None:
    response = client.get("/feed/")
    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    channel = rss(client)
    assert text(channel, "title") == settings.SITE_NAME
    assert text(channel, "link") == "http://testserver/"
    assert text(channel, "description")
    assert text(channel, "language") == "en-gb"
    itself = channel.find(f"{ATOM}link")
    assert itself is not None
    assert itself.attrib == {"rel": "self", "href": "http://testserver/feed/"}
    assert parsedate_to_datetime(text(channel, "lastBuildDate")).tzinfo is not None
    (item,) = channel.findall("item")
    assert text(item, "title") == "Salt & <grain>"
    assert text(item, "description") == "Less &lt; more &amp; so on."
    assert text(item, "link") == text(item, "guid") == "http://testserver/articles/salt-grain/"
    assert item.find("guid").attrib == {"isPermaLink": "true"}  # type: ignore[union-attr]
    published = parsedate_to_datetime(text(item, "pubDate"))
    assert abs(published - a_rich_piece.first_published_at) < timedelta(seconds=1)
    assert [one.text for one in item.findall(CREATOR)] == ["Mina Okello", "Ada Byron"]
    assert [one.text for one in item.findall("category")] == ["Diplomacy", "Kenya", "Water"]


def test_atom_says_what_a_validator_asks_for(client: Client, a_rich_piece: Any) -> None:
    assert client.get("/feed/atom/")["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = atom(client)
    assert text(feed, f"{ATOM}id") == "http://testserver/"
    assert text(feed, f"{ATOM}title") == settings.SITE_NAME
    assert parse_datetime(text(feed, f"{ATOM}updated")) is not None
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"alternate": "http://testserver/", "self": "http://testserver/feed/atom/"}
    (entry,) = feed.findall(f"{ATOM}entry")
    assert text(entry, f"{ATOM}id") == "http://testserver/articles/salt-grain/"
    assert text(entry, f"{ATOM}title") == "Salt & <grain>"
    assert text(entry, f"{ATOM}summary") == "Less &lt; more &amp; so on."
    for name in ("published", "updated"):
        assert parse_datetime(text(entry, ATOM + name)) is not None
    names = [text(author, f"{ATOM}name") for author in entry.findall(f"{ATOM}author")]
    assert names == ["Mina Okello", "Ada Byron"]
    assert [one.get("term") for one in entry.findall(f"{ATOM}category")] == ["Diplomacy", "Kenya", "Water"]


def test_the_picture_is_enclosed_with_its_size(client: Client, a_rich_piece: Any) -> None:
    enclosure = rss(client).find("item/enclosure")
    assert enclosure is not None
    assert enclosure.get("type") == "image/jpeg"
    assert enclosure.get("url") == f"http://testserver{a_rich_piece.hero.social_src}"
    assert int(enclosure.get("length", "")) > 100
    picture = client.get(enclosure.get("url", ""))
    assert picture.status_code == 200
    assert picture["Cross-Origin-Resource-Policy"] == "cross-origin"  # a feed reader on the web shows it
    b"".join(picture)  # read to the end, it closes its file


def test_the_text_is_the_preview_with_whole_addresses_and_the_way_on(client: Client, a_rich_piece: Any) -> None:
    page = "http://testserver/articles/salt-grain/"
    for written in (text(rss(client), f"item/{CONTENT}"), text(atom(client), f"{ATOM}entry/{ATOM}content")):
        assert '<a href="http://testserver/about/" rel="noopener">about us</a>' in written
        assert f'href="{page}#note-1"' in written
        assert "<ol><li>A note.</li></ol>" in written
        assert f'<a href="{page}">Read the other 1 words as a subscriber</a>' in written
        assert "A &amp; B" in written
        assert "ephyrine" not in written


def test_an_open_piece_is_told_whole(client: Client, an_editor: User) -> None:
    publishing.publish(an_article(access=Access.OPEN), by=an_editor)
    written = text(rss(client), f"item/{CONTENT}")
    assert "Below the line" in written
    assert "as a subscriber" not in written


def test_a_chart_is_told_as_its_table(client: Client, an_editor: User) -> None:
    figures = {"kind": "bar", "title": "Debt", "source": "Treasury", "rows": [["Kenya", "67"], ["Egypt", "90"]]}
    chart = f'<figure data-chart="{escape(json.dumps(figures))}"></figure>'
    publishing.publish(an_article("Open", access=Access.OPEN, source=f"<p>Words.</p>{chart}"), by=an_editor)
    told = text(rss(client), f"item/{CONTENT}")
    assert '<td class="number">67</td>' in told
    assert "<svg" not in told


@pytest.mark.parametrize("feed", FEEDS)
def test_a_subscriber_gets_the_same_feed_as_a_visitor(
    client: Client, a_subscriber: User, a_rich_piece: Any, feed: str
) -> None:
    """A feed's address is shared and cached; who asks must not matter."""
    for_a_visitor = client.get(feed)
    client.force_login(a_subscriber)
    for_a_subscriber = client.get(feed)
    assert for_a_subscriber.content == for_a_visitor.content
    assert "Cookie" not in for_a_visitor.get("Vary", "")
    assert "public" in for_a_subscriber["Cache-Control"]
    assert "s-maxage=300" in for_a_visitor["Cache-Control"]


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_that_has_not_changed_is_not_sent_again(client: Client, a_rich_piece: Any, feed: str) -> None:
    first = client.get(feed)
    assert client.get(feed, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.get(feed, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    assert client.head(feed).status_code == 200
    assert client.post(feed).status_code == 405


@pytest.mark.parametrize("feed", FEEDS)
def test_a_withdrawal_changes_the_feed_for_those_who_ask_by_date(
    client: Client, a_rich_piece: Any, an_editor: User, feed: str
) -> None:
    first = client.get(feed)
    publishing.withdraw(a_rich_piece.article, by=an_editor)
    for question in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        again = client.get(feed, headers=question)
        assert again.status_code == 200
        assert b"grain" not in again.content


@pytest.mark.parametrize("feed", FEEDS)
def test_the_newest_thirty_are_told_of_in_a_fixed_number_of_queries(
    client: Client, an_editor: User, django_assert_num_queries: DjangoAssertNumQueries, feed: str
) -> None:
    for number in range(33):
        at = timezone.now() - timedelta(hours=40 - number)
        publishing.publish(an_article(f"Piece {number}", section=a_section()), by=an_editor, at=at)
    with django_assert_num_queries(4):
        told = client.get(feed).content.decode()
    assert told.count("Piece ") == 30
    assert told.index("Piece 32") < told.index("Piece 31")
    assert "Piece 2<" not in told


@pytest.mark.parametrize("feed", FEEDS)
def test_an_empty_feed_and_odd_characters_are_still_a_feed(client: Client, an_editor: User, feed: str) -> None:
    ET.fromstring(client.get(feed).content)  # noqa: S314 - our own feed
    publishing.publish(an_article("Bell\x07 and\x0b tab ]]> done", slug="bell"), by=an_editor)
    told = ET.fromstring(client.get(feed).content)  # noqa: S314 - our own feed
    assert "Bell and tab ]]> done" in "".join(told.itertext())


@pytest.mark.parametrize("feed", FEEDS)
def test_a_claimed_host_leaves_no_trace(client: Client, a_rich_piece: Any, feed: str) -> None:
    told = client.get(feed, headers={"Host": "localhost"}).content.decode()
    assert "localhost" not in told
