"""What machines are told: no word from behind the wall, and nothing of what is not live, on any surface."""

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote
from xml.etree import ElementTree as ET

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from articles import feeds, paywall, publishing, search
from articles.api import views as api_views
from articles.models import Article, Edition, EditionBody, EditionQuerySet
from articles.paywall import Reading
from kjreport.accounts.models import ReaderToken, User
from tests.cast import LINE, a_section, an_article
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

PAID = [f"zephyrine{place}" for place in ("para", "head", "caption", "alt", "note", "quote", "link", "pull", "late")]
HIDDEN = [f"quokka{state}{part}" for state in ("draft", "coming", "gone", "next") for part in ("head", "stand", "text")]
SLUG = "the-corridor-nobody-drew"
PUBLIC = [
    *("/feed/", "/feed/atom/", "/sitemap.xml", "/news-sitemap.xml", "/robots.txt"),
    *(f"/sitemap-{part}.xml" for part in ("articles", "sections", "topics", "authors", "pages")),
    *(f"/api/v1/{path}" for path in ("", "articles/", "authors/", "sections/", "topics/", "schema/")),
    *(f"/api/v1/articles/{SLUG}/", "/api/v1/authors/ada-byron/", "/api/v1/topics/armenia/"),
    *("/", f"/articles/{SLUG}/", "/authors/ada-byron/", "/search/?q=corridor"),
]
ABSENT = [
    f"{where}{slug}/"
    for where in ("/api/v1/articles/", "/articles/")
    for slug in ("quokkadrafthead", "quokkacominghead", "quokkagonehead")
]


@pytest.fixture
def a_guarded_paper(an_editor: User) -> Article:
    """A live piece with a token in every place below its line, and pieces that are not live."""
    p = {name.removeprefix("zephyrine"): name for name in PAID}
    photo = a_photo(alt=p["alt"])
    below = (
        f'<h2>{p["head"]}</h2><p>{p["para"]} <a href="https://example.com/{p["link"]}/">x</a>'
        f'<span data-footnote="{p["note"]}"></span></p>'
        f'<figure data-photo="{photo.pk}" data-caption="{p["caption"]}"></figure>'
        f'<blockquote><p>{p["quote"]}</p></blockquote><aside data-pull-quote=""><p>{p["pull"]}</p></aside>'
        f"<p>{p['late']}</p>"
    )
    article = an_article(source=f"<p>Everybody may read this.</p>{LINE}{below}")
    publishing.publish(article, by=an_editor)
    _hide("draft")
    publishing.schedule(_hide("coming"), by=an_editor, at=timezone.now() + timedelta(hours=1))
    gone = _hide("gone")
    publishing.publish(gone, by=an_editor)
    publishing.withdraw(gone, by=an_editor)
    article.headline, article.standfirst = "quokkanexthead", "quokkanextstand"
    article.source = f"<p>quokkanexttext</p>{LINE}<p>quokkanexttext</p>"
    article.save()
    publishing.schedule(article, by=an_editor, at=timezone.now() + timedelta(hours=1))
    return article


def _hide(state: str) -> Article:
    text = f"quokka{state}text"
    return an_article(
        f"quokka{state}head",
        standfirst=f"quokka{state}stand",
        source=f"<p>{text}</p>{LINE}<p>{text}</p>",
        section=a_section(),
        topics=[f"quokka{state}head topic"],
        authors=[f"quokka{state}head author"],
    )


def said(response: Any) -> str:
    """Return everything an answer says, headers too, as somebody who digs would read it."""
    raw = response.content.decode() + "\n" + "\n".join(f"{name}: {value}" for name, value in response.items())
    readings = [raw, html.unescape(raw), html.unescape(html.unescape(raw)), unquote(raw), re.sub(r"<[^>]*>", "", raw)]
    if response.headers["Content-Type"] == "application/json":
        readings.append(json.dumps(response.json(), ensure_ascii=False))
    return "\n".join(readings).replace("\u00ad", "").casefold()


def leaks(client: Client, addresses: list[str], forbidden: list[str]) -> Iterator[str]:
    for address in addresses:
        text = said(client.get(address))
        yield from (f"{address}: {token}" for token in forbidden if token in text)


@pytest.mark.usefixtures("a_guarded_paper")
def test_a_visitor_is_told_nothing_from_behind_the_wall(client: Client) -> None:
    assert list(leaks(client, PUBLIC, PAID + HIDDEN)) == []
    for address in PUBLIC:
        assert client.get(address).status_code == 200, address


@pytest.mark.usefixtures("a_guarded_paper")
def test_nor_is_a_reader_who_does_not_subscribe(
    client: Client, a_reader: User, a_lapsed_subscriber: User, a_subscriber_past_grace: User, a_donor: User
) -> None:
    for reader in (a_reader, a_lapsed_subscriber, a_subscriber_past_grace, a_donor):
        client.force_login(reader)
        assert list(leaks(client, PUBLIC, PAID + HIDDEN)) == []
        with_a_token = Client(headers={"Authorization": f"Bearer {ReaderToken.objects.make(reader, name='x')[1]}"})
        assert list(leaks(with_a_token, [one for one in PUBLIC if "/api/" in one], PAID + HIDDEN)) == []


@pytest.mark.usefixtures("a_guarded_paper")
def test_a_subscriber_is_told_it_where_reading_is_personal_and_only_there(client: Client, a_subscriber: User) -> None:
    client.force_login(a_subscriber)
    told = said(client.get(f"/api/v1/articles/{SLUG}/"))
    assert [token for token in PAID if token not in told] == []
    shared = [one for one in PUBLIC if SLUG not in one]
    assert list(leaks(client, shared, PAID)) == []
    assert list(leaks(client, PUBLIC, HIDDEN)) == []


@pytest.mark.usefixtures("a_guarded_paper")
def test_what_is_not_live_is_absent_for_everybody(client: Client, a_subscriber: User) -> None:
    for is_signed_in in (False, True):
        if is_signed_in:
            client.force_login(a_subscriber)
        for address in ABSENT:
            response = client.get(address)
            assert response.status_code in {404, 410}
            assert not [token for token in HIDDEN if token in said(response).replace(address, "")]
        for name in ("topics", "authors"):
            slugs = [f"quokka{state}head-{name[:-1]}" for state in ("draft", "coming", "gone")]
            assert {client.get(f"/api/v1/{name}/{slug}/").status_code for slug in slugs} == {404}


@pytest.mark.usefixtures("a_guarded_paper")
def test_searching_tells_a_visitor_neither_hits_nor_counts(client: Client, a_reader: User) -> None:
    for token in PAID + HIDDEN:
        for reader in (AnonymousUser(), a_reader):
            assert search.search(token, reader=reader).total == 0, token
    # The page says the same of a word behind the wall as of a word that is nowhere.
    behind, nowhere = (
        client.get(f"/search/?q={quote(word)}").content.decode() for word in ("zephyrinepara", "xylophonx")
    )
    assert behind.replace("zephyrinepara", "W") == nowhere.replace("xylophonx", "W")


@pytest.mark.usefixtures("a_guarded_paper")
def test_searching_tells_a_subscriber_what_is_live_only(a_subscriber: User) -> None:
    # Links and alt texts are not words of the text.
    for token in set(PAID) - {"zephyrinelink", "zephyrinealt"}:
        assert search.search(token, reader=a_subscriber).total == 1, token
    for token in HIDDEN:
        assert search.search(token, reader=a_subscriber).total == 0, token


def test_a_scheduled_edition_is_told_from_its_time_on(
    client: Client, a_guarded_paper: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = Edition.objects.scheduled().get(article=a_guarded_paper).published_at
    surfaces = ["/feed/", "/feed/atom/", "/news-sitemap.xml", "/api/v1/articles/"]
    for moment, expected in ((begins - timedelta(seconds=1), False), (begins, True)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        for address in surfaces:
            assert ("quokkanexthead" in said(client.get(address))) is expected, (address, moment)


def test_an_unchanged_etag_does_not_tell_of_a_change_behind_the_wall(client: Client, an_editor: User) -> None:
    article = an_article()
    moment = timezone.now() - timedelta(hours=1)
    publishing.publish(article, by=an_editor, at=moment)
    before = ET.fromstring(client.get("/feed/").content).findtext("channel/item/description")  # noqa: S314 - our feed
    article.source = article.source.replace("subscribers only", "subscribers alone")
    article.save()
    publishing.publish(article, by=an_editor)
    after = client.get("/feed/").content.decode()
    assert before is not None
    assert before in after
    assert "alone" not in after


# The suite must be able to find a leak --------------------------------------------------------------------------------


def _open_wide(edition: Edition, _reader: object) -> Reading:
    return paywall._full(edition, paywall.Ground.PERMISSION, EditionBody.objects.get(pk=edition.pk))


@pytest.mark.usefixtures("a_guarded_paper")
def test_a_feed_that_asks_the_wall_as_somebody_else_is_found_out(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "open_article", _open_wide)
    assert {leak.partition(":")[0] for leak in leaks(client, PUBLIC, PAID)} == {"/feed/", "/feed/atom/"}


@pytest.mark.usefixtures("a_guarded_paper")
def test_an_api_that_asks_the_wall_as_somebody_else_is_found_out(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_views, "open_article", _open_wide)
    found = list(leaks(client, PUBLIC, PAID))
    assert {leak.partition(": ")[0] for leak in found} == {f"/api/v1/articles/{SLUG}/"}
    assert {leak.partition(": ")[2] for leak in found} == set(PAID)


@pytest.mark.usefixtures("a_guarded_paper")
def test_lists_that_forget_time_are_found_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EditionQuerySet, "live", lambda editions: editions)
    lists = ["/feed/", "/feed/atom/", "/sitemap-articles.xml", "/news-sitemap.xml", "/api/v1/articles/"]
    assert {leak.partition(": ")[0] for leak in leaks(client, lists, HIDDEN)} == set(lists)


@pytest.mark.usefixtures("a_guarded_paper")
def test_a_search_of_the_wrong_index_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_PUBLIC", search._WHOLE)
    assert search.search("zephyrinepara", reader=AnonymousUser()).total == 1
