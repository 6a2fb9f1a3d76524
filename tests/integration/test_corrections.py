"""Readers are told of what we changed: under the piece, on a page of its own, and to machines."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from articles import publishing
from articles.corrections import PublicNote, asks_for_note
from articles.models import Action, Article, Correction, State, WorkflowState
from kjreport.accounts.models import User
from tests.cast import LINE, an_article, published
from tests.integration.newsroom import address_of, at_the_desk, said
from tests.pages import read, within

pytestmark = pytest.mark.django_db

TEXT = f"<p>The bridge at Meghri, built in 1990, is not open.</p>{LINE}<p>It carries forty lorries a day.</p>"
WORDS = "We said the bridge was open. It is not."


@pytest.fixture
def a_live_piece(an_editor: User) -> Article:
    """A piece that readers have."""
    return published("The bridge", source=TEXT).article


def rewrite(article: Article, **fields: str) -> Article:
    Article.objects.filter(pk=article.pk).update(**fields)
    article.refresh_from_db()
    return article


# When a note is asked for ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "asks"),
    [
        ({}, False),
        ({"headline": "The “Bridge”"}, False),
        ({"headline": "The bridges"}, True),
        ({"standfirst": "what it is about: in a sentence"}, False),
        ({"standfirst": "What it was about, in a sentence."}, True),
        ({"source": TEXT.replace("bridge", "<em>Bridge</em>")}, False),
        ({"source": TEXT.replace("carries", "bears")}, False),
        ({"source": TEXT.replace("1990", "1991")}, True),
        ({"source": TEXT.replace("not open", "open")}, True),
        ({"source": TEXT.replace("It carries", "As far as is known today it carries")}, True),
        ({"source": TEXT.replace(LINE, "") + LINE}, False),
        ({"source": TEXT.replace("open.", 'open.<span data-footnote="Seen on 3 May."></span>')}, True),
        ({"access": "open"}, False),
    ],
)
def test_a_change_of_what_is_said_asks_for_a_note(
    an_editor: User, a_live_piece: Article, fields: dict[str, str], *, asks: bool
) -> None:
    live = a_live_piece.live_edition
    assert live is not None
    assert asks_for_note(rewrite(a_live_piece, **fields), live, reader=an_editor) is asks


def publish_by_page(article: Article, by: User, **given: str) -> list[str]:
    desk = at_the_desk(by)
    page = desk.get(address_of(article, "publish"))
    return said(desk.post(address_of(article, "publish"), {"seen": page.context["seen"], "do": "publish"} | given))


@pytest.mark.parametrize(
    "given",
    [{}, {"note_kind": "none"}, {"note_kind": "correction", "note_words": " "}, {"note_kind": "x", "note_words": "y"}],
)
def test_the_page_does_not_publish_such_a_change_without(
    an_editor: User, a_live_piece: Article, given: dict[str, str]
) -> None:
    rewrite(a_live_piece, headline="The ferry")
    [refusal] = publish_by_page(a_live_piece, an_editor, **given)
    assert refusal.startswith("Readers have had this text since")
    assert a_live_piece.editions.count() == 1


@pytest.mark.parametrize(("kind", "label"), Correction.Kind.choices)
def test_a_note_of_each_kind_comes_out_with_its_edition(
    client: Client, an_editor: User, a_live_piece: Article, kind: str, label: str
) -> None:
    rewrite(a_live_piece, headline="The ferry")
    publish_by_page(a_live_piece, an_editor, note_kind=kind, note_words=WORDS)
    page = within(read(client, a_live_piece.get_absolute_url()))
    assert WORDS in page
    assert f"{label}, " in page
    assert "Updated" in page
    event = a_live_piece.workflow_events.first()
    assert event is not None
    assert (event.action, event.note) == (Action.PUBLISH, f"{label}: {WORDS}")


def test_why_no_note_is_needed_stands_in_the_log_alone(client: Client, an_editor: User, a_live_piece: Article) -> None:
    rewrite(a_live_piece, headline="The ferry")
    publish_by_page(a_live_piece, an_editor, note_kind="none", note_why="Only a better headline.")
    event = a_live_piece.workflow_events.first()
    assert event is not None
    assert event.note == "No note to readers: Only a better headline."
    assert not Correction.objects.exists()
    assert "Only a better headline" not in read(client, "/corrections/")


def test_typography_needs_no_note(an_editor: User, a_live_piece: Article) -> None:
    rewrite(a_live_piece, headline="The Bridge")
    assert publish_by_page(a_live_piece, an_editor) == ["Published. Readers have it now."]


def test_a_note_waits_for_its_edition_and_goes_with_it_if_it_is_cancelled(
    client: Client, an_editor: User, a_live_piece: Article, a_later_moment: timedelta
) -> None:
    rewrite(a_live_piece, headline="The ferry")
    note = PublicNote("update", WORDS)
    publishing.schedule(a_live_piece, by=an_editor, at=timezone.now() + a_later_moment, note=note)
    assert WORDS not in read(client, a_live_piece.get_absolute_url()) + read(client, "/corrections/")
    publishing.unschedule(a_live_piece, by=an_editor)
    Correction.objects.update(made_at=timezone.now())  # as if the moment had come
    assert WORDS not in read(client, a_live_piece.get_absolute_url()) + read(client, "/corrections/")


@pytest.fixture
def a_later_moment() -> timedelta:
    """How far off a scheduled edition is."""
    return timedelta(hours=1)


def test_the_step_takes_a_kind(an_editor: User, a_live_piece: Article) -> None:
    given = {"_step": "correct", "correct_kind": "clarification", "correct_words": WORDS}
    at_the_desk(an_editor).post(address_of(a_live_piece, "steps"), given)
    assert Correction.objects.get().kind == Correction.Kind.CLARIFICATION
    answer = at_the_desk(an_editor).post(address_of(a_live_piece, "steps"), given | {"correct_kind": "gossip"})
    assert said(answer) == ["Say whether it is a correction, a clarification or an update."]


def test_journalists_do_not_correct(a_journalist: User, a_live_piece: Article) -> None:
    with pytest.raises(PermissionDenied):
        publishing.correct(a_live_piece, by=a_journalist, text=WORDS)


# The page of corrections ----------------------------------------------------------------------------------------------


def test_the_page_lists_them_newest_first_with_links(client: Client, an_editor: User, a_live_piece: Article) -> None:
    other = published("The road").article
    now = timezone.now()
    publishing.correct(a_live_piece, by=an_editor, text="The older one.", at=now - timedelta(days=2))
    publishing.correct(other, by=an_editor, text="The newer one.", kind="update", at=now - timedelta(days=1))
    page = within(read(client, "/corrections/"))
    assert page.index("The newer one.") < page.index("The older one.")
    assert f'<a href="{a_live_piece.get_absolute_url()}#corrections">The bridge</a>' in page
    assert "forty lorries" not in page
    assert 'href="/corrections/"' in read(client, "/")
    assert "/corrections/" in read(client, "/sitemap-pages.xml")


def test_a_withdrawn_piece_is_named_there_and_not_linked(
    client: Client, an_editor: User, a_live_piece: Article
) -> None:
    publishing.correct(a_live_piece, by=an_editor, text=WORDS)
    rewrite(a_live_piece, headline="A working title nobody should see")
    publishing.withdraw(a_live_piece, by=an_editor)
    page = within(read(client, "/corrections/"))
    assert "The bridge" in page
    assert a_live_piece.get_absolute_url() not in page
    assert "working title" not in page


def test_the_page_has_pages(client: Client, an_editor: User, a_live_piece: Article, settings: object) -> None:
    settings.ARTICLES_PER_PAGE = 2  # type: ignore[attr-defined] # pytest-django's
    for number in range(3):
        publishing.correct(a_live_piece, by=an_editor, text=f"Number {number}.")
    assert "Number 0." not in read(client, "/corrections/")
    assert "Number 0." in read(client, "/corrections/?page=2")
    read(client, "/corrections/?page=3", 404)
    read(client, "/corrections/?page=x", 404)


def test_nothing_corrected_says_so(client: Client) -> None:
    assert "We have corrected nothing yet." in read(client, "/corrections/")


def test_however_many_there_are_the_page_costs_three_queries(
    client: Client, an_editor: User, a_live_piece: Article, django_assert_max_num_queries: object
) -> None:
    for number in range(4):
        publishing.correct(published(f"Piece {number}").article, by=an_editor, text=f"Number {number}.")
    read(client, "/corrections/")  # whatever is kept, such as the sections of the masthead
    with django_assert_max_num_queries(4):  # type: ignore[operator] # pytest-django's; the sections, and three
        read(client, "/corrections/")


def test_a_state_is_not_changed_by_a_correction(an_editor: User, a_live_piece: Article) -> None:
    publishing.correct(a_live_piece, by=an_editor, text=WORDS)
    assert WorkflowState.objects.of(a_live_piece).state == State.PUBLISHED
    assert an_article("Another").corrections.count() == 0
