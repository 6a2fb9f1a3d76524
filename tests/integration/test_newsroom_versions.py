"""Every save is kept, and an old text comes back without touching what readers have."""

import pytest

from articles.admin.versions import find_last_saver, list_versions
from articles.models import Access, Article, Byline, State, Topic, WorkflowState
from articles.publishing import publish
from kjreport.accounts.models import User
from tests.cast import a_topic, an_article, an_author
from tests.integration.newsroom import address_of, at_the_desk, filled_in

pytestmark = pytest.mark.django_db

OLD = '<p>Old words.</p><hr data-paywall-line=""><p>Old, for subscribers.</p>'
NEW = '<p>New words.</p><hr data-paywall-line=""><p>New, for subscribers.</p>'


@pytest.fixture
def a_piece_with_a_past(an_editor: User) -> Article:
    """An article saved twice; the second text is published."""
    article = an_article("Then", authors=["Ada Byron", "Charles Babbage"], topics=["Armenia"])
    desk = at_the_desk(an_editor)
    desk.post(address_of(article), filled_in(article, source=OLD))
    rows = {"bylines-1-DELETE": "on", "topics": [a_topic("Iran").pk], "headline": "Now", "access": Access.SUBSCRIBERS}
    desk.post(address_of(article), filled_in(article) | rows | {"source": NEW, "_step": "publish"})
    publish(article, by=an_editor)
    article.refresh_from_db()
    return article


def signed_by(article: Article) -> list[str]:
    return [byline.author.name for byline in Byline.objects.filter(article=article).order_by("position")]


def test_every_save_is_a_version(an_editor: User, a_piece_with_a_past: Article) -> None:
    kept = list_versions(a_piece_with_a_past)
    assert [version.source for version in kept] == [NEW, OLD]
    assert [version.comment for version in kept] == ["Saved, to publish", "Saved"]
    assert {version.saved_by for version in kept} == {an_editor.display_name}
    assert find_last_saver(a_piece_with_a_past) == an_editor.display_name


def test_a_refused_form_is_no_version(an_editor: User, a_piece_with_a_past: Article) -> None:
    at_the_desk(an_editor).post(address_of(a_piece_with_a_past), filled_in(a_piece_with_a_past, headline=""))
    assert len(list_versions(a_piece_with_a_past)) == 2


def test_history_and_version_can_be_read(an_editor: User, a_piece_with_a_past: Article) -> None:
    desk = at_the_desk(an_editor)
    old = list_versions(a_piece_with_a_past)[-1]
    assert "Saved, to publish" in desk.get(address_of(a_piece_with_a_past, "history")).content.decode()
    page = desk.get(address_of(a_piece_with_a_past, "history", str(old.pk))).content.decode()
    assert "Old words." in page
    assert "New words." not in page


def test_restore_brings_back_text_names_and_topics_only(an_editor: User, a_piece_with_a_past: Article) -> None:
    article, live = a_piece_with_a_past, a_piece_with_a_past.live_edition
    assert live is not None
    Article.objects.filter(pk=article.pk).update(access=Access.OPEN)
    old = list_versions(article)[-1]
    at_the_desk(an_editor).post(address_of(article, "history", str(old.pk), "restore"))
    article.refresh_from_db()
    assert (article.headline, article.source, article.slug) == ("Then", OLD, "now")
    assert signed_by(article) == ["Ada Byron", "Charles Babbage"]
    assert list(article.topics.all()) == [Topic.objects.get(name="Armenia")]
    assert article.access == Access.OPEN
    assert WorkflowState.objects.of(article).state == State.PUBLISHED
    still = article.live_edition
    assert still == live
    assert still.preview == "<p>New words.</p>"


def test_a_restore_is_itself_a_version_that_can_be_undone(an_editor: User, a_piece_with_a_past: Article) -> None:
    article, desk = a_piece_with_a_past, at_the_desk(an_editor)
    newest, old = list_versions(article)
    desk.post(address_of(article, "history", str(old.pk), "restore"))
    assert list_versions(article)[0].comment.startswith("Brought back the version of")
    desk.post(address_of(article, "history", str(newest.pk), "restore"))
    article.refresh_from_db()
    assert (article.source, signed_by(article)) == (NEW, ["Ada Byron"])


def test_a_deleted_author_does_not_stop_a_restore(an_editor: User, a_piece_with_a_past: Article) -> None:
    an_author("Charles Babbage").delete()
    old = list_versions(a_piece_with_a_past)[-1]
    at_the_desk(an_editor).post(address_of(a_piece_with_a_past, "history", str(old.pk), "restore"))
    assert signed_by(a_piece_with_a_past) == ["Ada Byron"]


def test_looking_restores_nothing(an_editor: User, a_piece_with_a_past: Article) -> None:
    old = list_versions(a_piece_with_a_past)[-1]
    answer = at_the_desk(an_editor).get(address_of(a_piece_with_a_past, "history", str(old.pk), "restore"))
    assert answer.status_code == 405
    a_piece_with_a_past.refresh_from_db()
    assert a_piece_with_a_past.source == NEW


def test_a_version_of_another_article_is_not_found(an_editor: User, a_piece_with_a_past: Article) -> None:
    other, old = an_article("Other"), list_versions(a_piece_with_a_past)[-1]
    desk = at_the_desk(an_editor)
    assert desk.get(address_of(other, "history", str(old.pk))).status_code == 404
    assert desk.post(address_of(other, "history", str(old.pk), "restore")).status_code == 404
