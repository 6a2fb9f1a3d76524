"""What to read next."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles import publishing
from articles.models import Edition
from articles.related.models import RelatedArticle
from articles.related.selection import related_to
from kjreport.accounts.models import User
from tests.cast import a_section, an_article

pytestmark = pytest.mark.django_db


def test_chosen_come_first_then_shared_topics_then_section_then_the_newest(
    an_editor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    article = an_article("This one", topics=["Armenia", "Water"])
    elsewhere = a_section("Society")
    pieces = {
        "chosen": an_article("Chosen by hand", topics=["Chile"], section=elsewhere),
        "both": an_article("Shares two topics", topics=["Armenia", "Water"], section=elsewhere),
        "one": an_article("Shares one topic", topics=["Water"], section=elsewhere),
        "section": an_article("Shares the section", topics=["Chile"]),
        "newer": an_article("Shares nothing, newer", topics=["Chile"], section=elsewhere),
        "older": an_article("Shares nothing, older", topics=["Chile"], section=elsewhere),
    }
    RelatedArticle.objects.create(article=article, related=pieces["chosen"])
    for days, piece in enumerate([article, *pieces.values()], start=1):
        publishing.publish(piece, by=an_editor, at=timezone.now() - timedelta(days=days))
    withdrawn, scheduled = an_article("Withdrawn", topics=["Armenia"]), an_article("Scheduled", topics=["Armenia"])
    publishing.publish(withdrawn, by=an_editor)
    publishing.withdraw(withdrawn, by=an_editor)
    publishing.schedule(scheduled, by=an_editor, at=timezone.now() + timedelta(days=1))
    an_article("Draft", topics=["Armenia"])

    edition = Edition.objects.live().for_page().get(article=article)
    with django_assert_num_queries(1):
        related = related_to(edition, count=10)
        assert [each.section.name for each in related]
    assert [each.article_id for each in related] == [piece.pk for piece in pieces.values()]
    assert len(related_to(edition)) == 4
