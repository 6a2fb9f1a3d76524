import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles import publishing
from articles.models import Access
from kjreport.accounts.models import User
from tests.cast import a_price, an_article, an_author, published
from tests.pages import ADDRESS, PUBLIC_PAGES, headlines, read, within

pytestmark = pytest.mark.django_db


def test_a_visitor_reads_the_preview_and_meets_the_wall(client: Client) -> None:
    published()
    page = read(client, ADDRESS)
    assert "Above the line" in page
    assert "Below the line" not in page
    assert "The rest of this analysis is 6&nbsp;words, about one minute more." in page
    assert f"?next={ADDRESS}" in page


def test_a_subscriber_reads_all_of_it_and_meets_no_wall(client: Client, a_subscriber: User) -> None:
    published()
    client.force_login(a_subscriber)
    page = read(client, ADDRESS)
    assert "Above the line" in page
    assert "Below the line" in page
    assert 'class="wall' not in page
    assert "My account" in page


def test_a_lapsed_subscriber_gets_the_preview(client: Client, a_lapsed_subscriber: User) -> None:
    published()
    client.force_login(a_lapsed_subscriber)
    assert "Below the line" not in read(client, ADDRESS)


def test_an_open_piece_is_whole_for_everybody(client: Client) -> None:
    published(access=Access.OPEN)
    page = read(client, ADDRESS)
    assert "Below the line" in page
    assert "Free to read" in page
    assert 'class="wall' not in page


def test_the_page_names_who_wrote_it_when_and_about_what(client: Client) -> None:
    an_author("Ada Byron", role="Correspondent", biography="She counts.\n\nShe also flies.")
    published(authors=["Ada Byron", "Mary Wells"], topics=["Armenia", "Water"], at=timezone.now() - timedelta(days=400))
    page = read(client, ADDRESS)
    assert page.index("Ada Byron</a>") < page.index("Mary Wells</a>")
    assert "Correspondent" in page
    assert "She counts." in page
    assert "She also flies." not in page  # the rest of a biography is on its own page
    assert 'href="/topics/armenia/"' in page
    assert 'href="/topics/water/"' in page
    assert "1-minute read" in page
    assert "Updated" not in page


def test_a_new_edition_says_that_it_is_an_update(client: Client, an_editor: User) -> None:
    edition = published(at=timezone.now() - timedelta(days=3))
    publishing.publish(edition.article, by=an_editor)
    assert "Updated <time" in read(client, ADDRESS)


def test_footnotes_lead_there_and_back(client: Client) -> None:
    note = '<p>A claim.<span data-footnote="Its source."></span></p>'
    published(access=Access.OPEN, source=note)
    page = read(client, ADDRESS)
    assert 'href="#note-1" id="mark-1"' in page
    assert '<li id="note-1">Its source.' in page
    assert 'href="#mark-1"' in page


def test_a_correction_stands_under_the_piece_at_once(client: Client, an_editor: User) -> None:
    edition = published()
    assert "Correct" not in within(read(client, ADDRESS))
    publishing.correct(edition.article, by=an_editor, text="It was <b>four</b> metres, not five.")
    page = read(client, ADDRESS)
    assert "It was &lt;b&gt;four&lt;/b&gt; metres, not five." in page
    assert '<a href="#corrections">Corrected</a>' in page


def test_related_posts_are_offered_and_the_piece_itself_is_not_among_them(client: Client) -> None:
    published()
    published("A neighbour of the corridor")
    page = read(client, ADDRESS)
    assert "Related posts" in page
    assert headlines(page) == ["A neighbour of the corridor"]


def test_subscribe_or_contribute_stands_under_every_piece(client: Client) -> None:
    a_price()
    published()
    page = read(client, ADDRESS)
    assert "Subscribe or Contribute" in page
    assert "Subscribe from £10 a month" in page
    assert 'href="/donate/"' in page


def test_search_engines_are_told_what_is_free_and_what_is_not(client: Client) -> None:
    standfirst = "It ends </script><script>alert(1)</script> here."
    published(standfirst=standfirst)
    page = read(client, ADDRESS)
    blocks = [json.loads(block) for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)]
    described = next(block for block in blocks if block["@type"] == "NewsArticle")
    assert described["isAccessibleForFree"] is False
    assert described["description"] == standfirst
    assert described["hasPart"]["cssSelector"] == ".paid"
    assert '<section class="wall paid"' in page


def test_a_withdrawn_piece_is_gone_and_says_so(client: Client, an_editor: User) -> None:
    edition = published()
    publishing.withdraw(edition.article, by=an_editor)
    page = read(client, ADDRESS, 410)
    assert "no longer published" in page
    assert "corridor" not in within(page)


def test_drafts_and_scheduled_pieces_look_like_pieces_that_never_were(client: Client) -> None:
    an_article("A draft")
    published("A scheduled one", at=timezone.now() + timedelta(days=1))
    answers = {within(read(client, f"/articles/{slug}/", 404)) for slug in ("a-draft", "a-scheduled-one", "never")}
    assert len(answers) == 1


def test_a_scheduled_piece_appears_when_its_time_has_come(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    published(at=timezone.now() + timedelta(hours=1))
    read(client, ADDRESS, 404)
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    read(client, ADDRESS)


@pytest.mark.parametrize(
    "address",
    [
        "/articles/?month=2019-01",
        "/articles/?month=nonsense",
        "/articles/?page=0",
        "/articles/?page=2",
        "/articles/?page=%D9%A3",
        "/articles/?page=99999999999999999999",
        "/sections/none/",
        "/topics/none/",
        "/authors/none/",
        "/search/?q=corridor&page=7",
    ],
)
def test_an_address_that_leads_nowhere_is_not_found(client: Client, address: str) -> None:
    published()
    assert "no page at this address" in read(client, address, 404)


def test_addresses_without_their_slash_are_led_to_those_with(client: Client) -> None:
    published()
    response = client.get(ADDRESS.rstrip("/"))
    assert response.status_code == 301
    assert response["Location"] == ADDRESS


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_pages_are_read_and_not_written_to(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
