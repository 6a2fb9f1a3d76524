"""The page between a finished text and its readers: it says what will happen, and what it says happens."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from articles.admin.publish_page import look_ahead
from articles.models import Access, Article, Byline, Edition
from articles.publishing import publish, withdraw
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User
from tests.cast import ABOVE, BELOW, LINE, an_article, an_author, published
from tests.integration.newsroom import address_of, at_the_desk, said

pytestmark = pytest.mark.django_db


def open_page(user: User, article: Article) -> Any:
    return at_the_desk(user).get(address_of(article, "publish"))


def press(user: User, article: Article, do: str, moment: str = "", seen: str | None = None) -> Any:
    """Open the page and press one of its buttons."""
    desk = at_the_desk(user)
    shown = desk.get(address_of(article, "publish")).context["seen"] if seen is None else seen
    return desk.post(address_of(article, "publish"), {"do": do, "moment": moment, "seen": shown})


def test_a_new_piece_is_told_and_published(an_editor: User) -> None:
    article = an_article("Ready")
    page = open_page(an_editor, article).content.decode()
    assert "A new article of 13 words" in page
    assert "Publish now" in page
    answer = press(an_editor, article, "publish")
    assert said(answer) == ["Published. Readers have it now."]
    assert article.live_edition is not None


def test_what_stands_in_the_way_is_said_and_no_button_publishes(an_editor: User) -> None:
    article = an_article("Not ready", source=ABOVE + BELOW, authors=[])
    page = open_page(an_editor, article).content.decode()
    assert f'href="{address_of(article)}#id_source"' in page
    assert f'href="{address_of(article)}#bylines-group"' in page
    assert 'name="do"' not in page
    answer = press(an_editor, article, "publish")
    assert answer.status_code == 200
    assert "The article has no author." in answer.content.decode()
    assert not Edition.objects.exists()


def test_who_can_read_how_much(an_editor: User) -> None:
    outlook = look_ahead(an_article("For subscribers"), by=an_editor)
    told = [(one.name, one.words, one.of) for one in outlook.audiences]
    assert told == [("Visitor", 7, 13), ("Reader with an account", 7, 13), ("Subscriber", 13, 13)]
    assert outlook.audiences[0].stops_at == "Above the line, for everybody to read."
    openly = look_ahead(an_article("Open", access=Access.OPEN), by=an_editor)
    assert {(one.words, one.of, one.stops_at) for one in openly.audiences} == {(13, 13, "")}


def test_what_will_change_is_told_against_what_readers_have(an_editor: User) -> None:
    article = an_article("First thought")
    publish(article, by=an_editor)
    assert open_page(an_editor, article).context["outlook"].comparison.is_same
    article.headline, article.source = "Second thought", ABOVE + LINE + "<p>Below the line, for subscribers alone.</p>"
    article.save()
    Byline.objects.create(article=article, author=an_author("Charles Babbage"), position=1)
    page = open_page(an_editor, article)
    comparison = page.context["outlook"].comparison
    changed = {field.name: (field.before, field.after) for field in comparison.fields}
    assert changed == {
        "Headline": ("First thought", "Second thought"),
        "Authors": ("Ada Byron", "Ada Byron, Charles Babbage"),
    }
    assert "<del>only.</del> <ins>alone.</ins>" in page.content.decode()
    assert "Publish changes now" in page.content.decode()


def test_moving_the_paywall_line_is_told(an_editor: User) -> None:
    article = an_article("Line")
    publish(article, by=an_editor)
    article.source = f"{ABOVE}<p>More of it.</p>{LINE}<p>Below the line.</p>"
    article.save()
    changed = {field.name: field.after for field in look_ahead(article, by=an_editor).comparison.fields}  # type: ignore[union-attr]
    assert changed["Words before the wall"] == "10"


def test_a_text_that_changed_meanwhile_is_not_published(an_editor: User) -> None:
    article = an_article("Looked at")
    seen = open_page(an_editor, article).context["seen"]
    Article.objects.filter(pk=article.pk).update(standfirst="Changed by a colleague.")
    for shown in (seen, ""):
        answer = press(an_editor, article, "publish", seen=shown)
        assert "Look at it again." in answer.content.decode()
    assert not Edition.objects.exists()


def test_schedule_reads_london_time_in_summer(an_editor: User) -> None:
    article = an_article("In summer")
    answer = press(an_editor, article, "schedule", "2098-07-01T06:30")
    assert said(answer) == ["Scheduled. It comes out by itself on Tuesday 1 July 2098, 06:30."]
    edition = article.scheduled_edition
    assert edition is not None
    assert edition.published_at.isoformat() == "2098-07-01T05:30:00+00:00"
    assert "It takes the place of the edition scheduled for Tuesday 1 July 2098" in (
        open_page(an_editor, article).content.decode()
    )


@pytest.mark.parametrize("typed", ["", "soon", "2001-01-01T10:00", "2027-03-28T01:30"])
def test_a_moment_that_is_none_is_refused_in_words(an_editor: User, typed: str) -> None:
    article = an_article("When")
    page = press(an_editor, article, "schedule", typed).content.decode()
    assert (
        "Choose a day and a time for it to come out." in page
        or "That time has passed. Choose a later one, or publish now." in page
    )
    assert f'value="{typed}"' in page
    assert article.scheduled_edition is None


def test_under_embargo_it_can_only_be_scheduled(an_editor: User) -> None:
    over = timezone.make_aware(datetime(2098, 7, 1, 6, 30))  # noqa: DTZ001 - made aware at once
    article = an_article("Embargoed", embargo_until=over)
    page = open_page(an_editor, article).content.decode()
    assert "under embargo until Tuesday 1 July 2098, 06:30 London time" in page
    assert 'value="publish"' not in page
    assert 'value="2098-07-01T06:30"' in page, "the field begins with the end of the embargo"
    assert "under embargo" in press(an_editor, article, "schedule", "2098-07-01T06:29").content.decode()
    assert press(an_editor, article, "schedule", "2098-07-01T06:30").status_code == 302


def test_the_end_is_told_and_kept(an_editor: User) -> None:
    article = an_article("For a while", expires_at=timezone.now() + timedelta(days=400))
    assert "Readers lose it again on" in open_page(an_editor, article).content.decode()
    press(an_editor, article, "publish")
    edition = article.live_edition
    assert edition is not None
    assert edition.live_until == edition.expires_at == article.expires_at


def test_what_comes_next_is_what_readers_will_be_offered(an_editor: User) -> None:
    chosen, other = published("Chosen"), published("Other", topics=["Trade"])
    article = an_article("Reads on")
    RelatedArticle.objects.create(article=article, related=chosen.article)
    page = open_page(an_editor, article)
    assert [edition.headline for edition in page.context["outlook"].related] == ["Chosen", "Other"]
    assert "Chosen <small>chosen</small>" in page.content.decode()
    assert other.headline in page.content.decode()


def test_nothing_is_mailed_and_nothing_else_is_said(an_editor: User, a_reader: User) -> None:
    a_reader.wants_new_analyses = True
    a_reader.save()
    assert "Publishing sends no e-mail" in open_page(an_editor, an_article("Quiet")).content.decode()


def test_a_piece_that_was_taken_down_comes_back(an_editor: User) -> None:
    article = an_article("Back again")
    publish(article, by=an_editor)
    withdraw(article, by=an_editor)
    assert "it comes back at the same address" in open_page(an_editor, article).content.decode()


def test_the_page_needs_its_token(an_editor: User) -> None:
    article = an_article("Forged")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(an_editor, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(address_of(article, "publish"), {"do": "publish", "seen": "x"}).status_code == 403
