"""What is examined before a text comes out: what stands in the way, and what is only advice."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from articles.models import Access, Article, Photo
from articles.publishing import publish
from articles.readiness import Finding, examine
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User
from tests.cast import ABOVE, BELOW, LINE, a_topic, an_article, published
from tests.integration.newsroom import address_of, at_the_desk
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

WORDS = "word " * 30


def blocking(article: Article) -> dict[str, Finding]:
    return {finding.code: finding for finding in examine(article).blocking}


def advice(article: Article) -> dict[str, Finding]:
    return {finding.code: finding for finding in examine(article).advisory}


def with_text(text: str, **fields: Any) -> Article:
    return an_article(source=ABOVE + LINE + text, **fields)


def test_a_finished_text_has_nothing_in_its_way() -> None:
    assert examine(an_article()).blocking == ()


@pytest.mark.parametrize(
    ("fields", "code", "says", "anchor"),
    [
        ({"headline": " ", "slug": "none"}, "headline", "Write one", "id_headline"),
        ({"standfirst": ""}, "standfirst", "the sentence or two", "id_standfirst"),
        ({"authors": []}, "byline", "Add at least one byline", "bylines-group"),
        ({"source": ""}, "text", "Write it", "id_source"),
        ({"source": ABOVE + BELOW}, "paywall_line", "Put the line between two paragraphs", "id_source"),
        ({"source": LINE + BELOW}, "paywall_line", "Nothing stands above", "id_source"),
        ({"source": ABOVE + LINE}, "paywall_line", "Nothing stands below", "id_source"),
    ],
)
def test_what_is_missing_is_said_with_what_to_do_and_where(
    fields: dict[str, Any], code: str, says: str, anchor: str
) -> None:
    found = blocking(an_article(**fields))
    assert set(found) == {code}
    assert says in found[code].sentence
    assert found[code].anchor == anchor


def test_a_piece_without_a_section_waits() -> None:
    article = an_article()
    Article.objects.filter(pk=article.pk).update(section=None)
    article.refresh_from_db()
    assert set(blocking(article)) == {"section"}


def test_an_open_piece_needs_no_line() -> None:
    assert blocking(an_article(access=Access.OPEN, source=BELOW)) == {}


@pytest.mark.parametrize("missing", ["alt", "credit", "licence"])
@pytest.mark.parametrize("place", ["hero", "text"])
def test_every_picture_says_what_it_shows_and_whose_it_is(missing: str, place: str) -> None:
    photo = a_photo()
    Photo.objects.filter(pk=photo.pk).update(**{"caption": "The bridge", missing: ""})
    photo.refresh_from_db()
    figure = f'<figure data-photo="{photo.pk}"></figure>' if place == "text" else ""
    article = with_text(BELOW + figure, hero=photo if place == "hero" else None)
    article.refresh_from_db()
    found = blocking(article)
    assert set(found) == {missing}
    assert found[missing].anchor == ("id_source" if place == "text" else "id_hero")
    assert ("“The bridge”" if place == "text" else "The picture over the article") in found[missing].sentence


@pytest.mark.parametrize(
    ("days", "blocks", "advises"),
    [(-1, {"licence_over"}, set()), (0, set(), {"licence_ends"}), (30, set(), {"licence_ends"}), (31, set(), set())],
)
@pytest.mark.parametrize("place", ["hero", "text"])
def test_a_licence_that_is_over_blocks_and_one_that_ends_is_told(
    days: int, blocks: set[str], advises: set[str], place: str
) -> None:
    photo = a_photo()
    photo.licence_until = timezone.localdate() + timedelta(days=days)
    photo.save()
    figure = f'<figure data-photo="{photo.pk}"></figure>' if place == "text" else ""
    article = with_text(BELOW + figure, hero=photo if place == "hero" else None)
    assert set(blocking(article)) == blocks
    assert {code for code in advice(article) if code.startswith("licence")} == advises


def test_a_picture_that_is_gone_is_told() -> None:
    assert set(blocking(with_text(BELOW + '<figure data-photo="987"></figure>'))) == {"picture"}


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/articles/never-was/", "a piece that we do not have"),
        ("/articles/a-draft/", "a piece that readers do not have"),
        ("http://testserver/articles/a-draft/", "a piece that readers do not have"),
        ("/articles/a-draft", "a piece that readers do not have"),
        ("/sections/nowhere/", "a page that we do not have"),
        ("/topics/nothing/", "a page that we do not have"),
        ("/authors/nobody/", "a page that we do not have"),
        ("/no/such/page/", "a page that we do not have"),
        ("/admin/articles/article/1/change/", "leads into the newsroom"),
        ("relative/page", "a page that we do not have"),
    ],
)
def test_a_link_into_nowhere_stands_in_the_way(address: str, says: str) -> None:
    an_article("A draft")
    found = blocking(with_text(f'<p>See <a href="{address}">what we wrote</a> then.</p>'))
    assert set(found) == {"link"}
    assert "The link “what we wrote” " in found["link"].sentence
    assert says in found["link"].sentence


@pytest.mark.parametrize(
    "address",
    [
        *("/articles/live/", "/articles/live", "http://testserver/articles/live/#note-1", "/articles/itself/"),
        *("/", "/topics/armenia/", "/sections/diplomacy/", "/authors/ada-byron/", "/subscribe/", "#mark-1"),
        *("https://example.org/articles/never-was/", "mailto:desk@example.org", "/search/?q=armenia"),
    ],
)
def test_sound_links_and_those_of_others_are_let_be(address: str) -> None:
    published("Live")
    article = with_text(f'<p>See <a href="{address}">this</a>.</p>', headline="Itself")
    assert blocking(article) == {}


def test_a_link_by_number_follows_the_piece(an_editor: User) -> None:
    other = an_article("Other")
    link = '<p>See <a data-article="{}" href="/articles/other/">this</a>.</p>'
    article = with_text(link.format(other.pk), headline="Links")
    assert "readers do not have" in blocking(article)["link"].sentence
    publish(other, by=an_editor)
    assert blocking(article) == {}
    assert "link" in blocking(with_text(link.format(98765), headline="Lost"))


def test_embargo_and_expiry_are_matters_of_the_moment() -> None:
    now = timezone.now()
    article = an_article(embargo_until=now + timedelta(hours=1), expires_at=now + timedelta(hours=3))
    assert set(blocking(article)) == {"embargo"}
    assert examine(article).but_for_time == ()
    assert examine(article, at=now + timedelta(hours=2)).is_ready
    assert [one.code for one in examine(article, at=now + timedelta(hours=4)).blocking] == ["expiry"]


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"headline": "x" * 91}, "headline_long", "91 characters"),
        ({"standfirst": "x" * 221}, "standfirst_long", "221 characters"),
        ({"topics": []}, "no_topics", "Two to five"),
        ({"topics": ["A", "B", "C", "D", "E", "F"]}, "many_topics", "6 topics"),
        ({"source": ABOVE + LINE + f"<p>{'Word. ' * 601}</p>"}, "no_subhead", "608 words go by without a subhead"),
        ({"source": ABOVE + LINE + f"<p>{'word ' * 41}. Short.</p>"}, "long_sentences", "One sentence has more"),
        ({"source": ABOVE + LINE + f"<p>{'Two words. ' * 91}</p>"}, "long_paragraph", "182 words"),
        ({}, "short_preview", "Only 7 words"),
        ({}, "no_hero", "Choose one"),
        ({}, "no_related", "choose one or two"),
    ],
)
def test_advice_names_its_reason(fields: dict[str, Any], code: str, says: str) -> None:
    article = an_article(**fields)
    found = advice(article)
    assert code in found
    assert says in found[code].sentence
    assert not blocking(article)


def test_a_piece_that_lacks_nothing_gets_no_advice() -> None:
    half = f"<p>{'Ten words stand here in a row, counted by us. ' * 17}</p>"
    source = half + LINE + half + "<h2>On</h2>" + half + half
    article = an_article(source=source, hero=a_photo())
    article.topics.add(a_topic("Iran"))
    RelatedArticle.objects.create(article=article, related=an_article("Other"))
    assert examine(article).advisory == ()


def test_a_draft_is_saved_with_a_working_title_and_the_form_says_what_is_missing(a_journalist: User) -> None:
    article = Article.objects.create(headline="Working title", slug="working-title", created_by=a_journalist)
    page = at_the_desk(a_journalist).get(address_of(article)).content.decode()
    assert '<a href="#bylines-group">The article has no author. Add at least one byline.</a>' in page
    assert '<a href="#id_section">The article has no section. Choose one.</a>' in page


def test_every_anchor_is_a_place_in_the_form(an_editor: User) -> None:
    photo = a_photo()
    Photo.objects.filter(pk=photo.pk).update(alt="")
    later = timezone.now() + timedelta(hours=1)
    article = an_article(
        "x" * 91, source="", standfirst="", authors=[], topics=[], hero=photo, embargo_until=later, slug="x"
    )
    Article.objects.filter(pk=article.pk).update(section=None)
    page = at_the_desk(an_editor).get(address_of(article))
    readiness = page.context["readiness"]
    anchors = {finding.anchor for finding in (*readiness.blocking, *readiness.advisory)}
    assert len(anchors) >= 8
    assert {anchor for anchor in anchors if f'id="{anchor}"' not in page.content.decode()} == set()
