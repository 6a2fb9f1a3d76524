"""Chooses what to read next: first what a journalist chose, then what shares topics, section and days."""

from django.conf import settings
from django.db.models import Case, Count, F, IntegerField, Q, Value, When

from articles.models import Edition, EditionQuerySet


def related_to(edition: Edition, *, count: int | None = None) -> list[Edition]:
    """Return live editions to read after this one: never itself, never one twice.

    One query; the links carry no names. The edition's topics must have been fetched (`for_page` does). Computed ones
    are ranked by two points for each shared topic and one for the section, then by recency.
    """
    wanted = settings.RELATED_ARTICLES_SHOWN if count is None else count
    topics = [topic.pk for topic in edition.topics.all()]
    ranked = _rank(Edition.objects.live().exclude(article=edition.article_id), edition, topics)
    return list(ranked.for_links()[:wanted])


def _rank(editions: EditionQuerySet, edition: Edition, topics: list[int]) -> EditionQuerySet:
    chosen = [
        When(article_id=article_id, then=Value(place)) for place, article_id in enumerate(edition.related_article_ids)
    ]
    last = len(chosen)
    return editions.annotate(
        choice=Case(*chosen, default=Value(last), output_field=IntegerField()) if chosen else Value(0),
        shared=Count("topics", filter=Q(topics__in=topics), distinct=True),
        same_section=Case(
            When(section_id=edition.section_id, then=Value(1)), default=Value(0), output_field=IntegerField()
        ),
    ).order_by("choice", (2 * F("shared") + F("same_section")).desc(), "-first_published_at", "-pk")
