"""From draft to readers: editions, their times, and who may do what."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles import publishing
from articles.models import Access, Action, Edition, EditionBody, State, WorkflowState
from articles.publishing import PublishingError
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User
from tests.cast import ABOVE, BELOW, LINE, an_article

pytestmark = pytest.mark.django_db


def soon() -> timedelta:
    return timedelta(hours=2)


def test_publishing_splits_the_text_at_the_paywall_line(an_editor: User) -> None:
    edition = publishing.publish(an_article(), by=an_editor)
    assert edition.preview == ABOVE
    assert EditionBody.objects.get(pk=edition.pk).text == BELOW
    assert (edition.word_count, edition.preview_word_count, edition.reading_minutes) == (13, 7, 1)


def test_an_open_piece_has_no_paid_text(an_editor: User) -> None:
    edition = publishing.publish(an_article(access=Access.OPEN), by=an_editor)
    assert edition.preview == ABOVE + BELOW
    assert not EditionBody.objects.exists()


def test_an_analysis_for_subscribers_without_a_paywall_line_is_refused_saying_what_to_do(an_editor: User) -> None:
    article = an_article(source=ABOVE + BELOW)
    with pytest.raises(PublishingError) as refusal:
        publishing.publish(article, by=an_editor)
    assert "Put the line between two paragraphs" in refusal.value.messages[0]
    assert not Edition.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"standfirst": ""}, "no standfirst"),
        ({"authors": []}, "no author"),
        ({"source": ""}, "no text"),
        ({"source": LINE + BELOW}, "Nothing stands above"),
        ({"source": ABOVE + LINE}, "Nothing stands below"),
        ({"source": ABOVE + LINE + BELOW + '<figure data-photo="99"></figure>'}, "no longer in the library"),
    ],
)
def test_every_obstacle_is_a_sentence(fields: dict[str, Any], sentence: str) -> None:
    assert any(sentence in obstacle for obstacle in publishing.find_obstacles(an_article(**fields)))


def test_editing_a_live_piece_changes_nothing_until_it_is_published_again(an_editor: User) -> None:
    article = an_article()
    first = publishing.publish(article, by=an_editor)
    article.headline, article.source = "Rewritten", ABOVE + LINE + "<p>New.</p>"
    article.save()
    assert Edition.objects.live().get().headline == first.headline
    second = publishing.publish(article, by=an_editor)
    assert Edition.objects.live().get() == second
    assert (second.number, second.headline) == (2, "Rewritten")
    assert second.first_published_at == first.published_at
    assert second.is_updated


def test_a_scheduled_edition_waits_for_its_time_and_the_live_one_stays(an_editor: User) -> None:
    article = an_article()
    first = publishing.publish(article, by=an_editor)
    second = publishing.schedule(article, by=an_editor, at=timezone.now() + soon())
    assert Edition.objects.live().get() == first
    assert Edition.objects.scheduled().get() == second
    begins = timezone.now() - timedelta(seconds=1)
    Edition.objects.filter(pk=first.pk).update(
        published_at=begins - soon(), first_published_at=begins - soon(), live_until=begins
    )
    Edition.objects.filter(pk=second.pk).update(published_at=begins, first_published_at=begins - soon())
    assert Edition.objects.live().get() == second
    assert not Edition.objects.scheduled().exists()


def test_a_new_schedule_replaces_the_old_one(an_editor: User) -> None:
    article = an_article()
    publishing.schedule(article, by=an_editor, at=timezone.now() + soon())
    later = publishing.schedule(article, by=an_editor, at=timezone.now() + 2 * soon())
    assert article.editions.scheduled().get() == later
    assert not article.editions.live().exists()
    published = publishing.publish(article, by=an_editor)
    assert article.editions.live().get() == published
    assert not article.editions.scheduled().exists()


def test_unscheduling_leaves_what_is_live(an_editor: User) -> None:
    article = an_article()
    first = publishing.publish(article, by=an_editor)
    publishing.schedule(article, by=an_editor, at=timezone.now() + soon())
    publishing.unschedule(article, by=an_editor)
    first.refresh_from_db()
    assert first.live_until is None
    assert not article.editions.scheduled().exists()
    assert WorkflowState.objects.of(article).state == State.PUBLISHED


def test_unscheduling_a_first_edition_makes_it_a_draft_again(an_editor: User) -> None:
    article = an_article()
    publishing.schedule(article, by=an_editor, at=timezone.now() + soon())
    publishing.unschedule(article, by=an_editor)
    assert WorkflowState.objects.of(article).state == State.DRAFT
    assert not article.has_been_published


def test_a_time_that_has_passed_is_refused(an_editor: User) -> None:
    with pytest.raises(PublishingError, match="has passed"):
        publishing.schedule(an_article(), by=an_editor, at=timezone.now() - soon())


def test_an_edition_cannot_begin_before_the_live_one(an_editor: User) -> None:
    article = an_article()
    publishing.publish(article, by=an_editor)
    with pytest.raises(PublishingError, match="cannot begin before"):
        publishing.publish(article, by=an_editor, at=timezone.now() - soon())


def test_withdrawing_takes_it_from_readers_and_from_the_schedule(an_editor: User) -> None:
    article = an_article()
    publishing.publish(article, by=an_editor)
    publishing.schedule(article, by=an_editor, at=timezone.now() + soon())
    publishing.withdraw(article, by=an_editor, note="A source withdrew.")
    assert not article.editions.live().exists()
    assert not article.editions.scheduled().exists()
    assert article.has_been_published
    again = publishing.publish(article, by=an_editor)
    assert again.number == 3
    assert again.first_published_at == article.editions.get(number=1).published_at


def test_a_journalist_submits_and_does_not_publish(a_journalist: User, an_editor: User) -> None:
    article = an_article(created_by=a_journalist)
    publishing.submit(article, by=a_journalist)
    assert WorkflowState.objects.of(article).state == State.IN_REVIEW
    with pytest.raises(PublishingError, match="in review already"):
        publishing.submit(article, by=a_journalist)
    for verb in (publishing.publish, publishing.withdraw, publishing.unschedule):
        with pytest.raises(PermissionDenied):
            verb(article, by=a_journalist)
    publishing.return_to_author(article, by=an_editor, note="A second source, please.")
    assert WorkflowState.objects.of(article).state == State.CHANGES_WANTED
    assert list(article.workflow_events.values_list("action", "note")) == [
        (Action.RETURN, "A second source, please."),
        (Action.SUBMIT, ""),
    ]


def test_returning_needs_a_reason(an_editor: User) -> None:
    with pytest.raises(PublishingError, match="what should change"):
        publishing.return_to_author(an_article(), by=an_editor, note=" ")


def test_a_correction_belongs_to_a_live_piece(an_editor: User) -> None:
    article = an_article()
    with pytest.raises(PublishingError, match="Only a published"):
        publishing.correct(article, by=an_editor, text="It is 525, not 252.")
    publishing.publish(article, by=an_editor)
    publishing.correct(article, by=an_editor, text="It is 525, not 252.")
    assert article.corrections.get().made_by == an_editor


def test_related_articles_chosen_by_hand_travel_with_the_edition(an_editor: User) -> None:
    article, other = an_article("One"), an_article("Two")
    RelatedArticle.objects.create(article=article, related=other)
    assert publishing.publish(article, by=an_editor).related_article_ids == [other.pk]


def test_the_database_keeps_one_open_ended_edition(an_editor: User) -> None:
    edition = publishing.publish(an_article(), by=an_editor)
    edition.pk, edition.number = None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        edition.save(force_insert=True)
