"""Decides how much of an article a reader gets; the only place that hands out the paid text."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.safestring import SafeString

from articles.authors.models import Author
from articles.models import Access, Article, Edition, EditionBody, EditionByline, EditionPhoto, Photo, Topic
from articles.prose import Prose, article_ids_in, photo_ids_in, render, trust
from kjreport.accounts.models import User

Reader = User | AnonymousUser
READ_ANALYSES = "articles.read_analyses"


class Extent(StrEnum):
    """How much of the text."""

    FULL = "full"
    PREVIEW = "preview"


class Ground(StrEnum):
    """Why."""

    OPEN = "open"  # the piece is open to everybody
    PERMISSION = "permission"  # the reader holds articles.read_analyses: a subscription, a grant, the newsroom
    NONE = "none"  # there is no ground: the preview


@dataclass(frozen=True)
class Reading:
    """An article as one reader gets it. Text and notes are safe HTML and hold nothing this reader may not see."""

    edition: Edition
    extent: Extent
    ground: Ground
    text: SafeString
    notes: tuple[SafeString, ...]

    @property
    def is_full(self) -> bool:
        """Whether this is all of it."""
        return self.extent == Extent.FULL

    @property
    def words_left(self) -> int:
        """How many words lie behind the wall for this reader."""
        return 0 if self.is_full else self.edition.words_below_the_wall

    @property
    def minutes_left(self) -> int:
        """How many minutes of reading lie behind the wall, rounded up."""
        return math.ceil(self.words_left / settings.WORDS_PER_MINUTE)


def open_article(edition: Edition, reader: Reader) -> Reading:
    """Open an edition for a reader.

    No query for an open piece or a visitor; for others the entitlement's, and one for the text they may read. Whether
    the edition is live is the caller's question: ask `Edition.objects.live()`.
    """
    ground = _find_ground(edition, reader)
    if ground is Ground.PERMISSION:
        body = EditionBody.objects.filter(pk=edition.pk).first()
        return _full(edition, ground, body)
    extent = Extent.FULL if ground is Ground.OPEN else Extent.PREVIEW
    return Reading(edition, extent, ground, trust(edition.preview), _trust_all(edition.preview_notes))


def may_read_analyses(reader: Reader) -> bool:
    """Whether this reader reads pieces for subscribers in full. At most the entitlement's queries."""
    return reader.is_authenticated and reader.has_perm(READ_ANALYSES)


def preview_working_copy(article: Article, *, as_subscriber: bool) -> Reading:
    """Return the working copy as readers would get it, if it were published now. The edition in it is never saved.

    Whether the person may see a draft is the caller's question.
    """
    bylines = article.bylines.select_related("author__portrait")
    return preview_copy(
        article,
        authors=[byline.author for byline in bylines],
        topics=list(article.topics.all()),
        as_subscriber=as_subscriber,
    )


def preview_copy(article: Article, *, authors: list[Author], topics: list[Topic], as_subscriber: bool) -> Reading:
    """Return what is in an article's fields, saved or not, signed and tagged so, as readers would get it.

    Whether the person may see it is the caller's question. The edition in it is never saved.
    """
    prose = render_working_copy(article)
    edition = compose_edition(article, prose)
    edition.pk = 0
    edition.is_corrected = article.pk is not None
    _pretend_fetched(edition, "topics", Topic, topics)
    _pretend_fetched(
        edition,
        "bylines",
        EditionByline,
        [EditionByline(edition=edition, author=author, position=place) for place, author in enumerate(authors)],
    )
    if edition.is_open or as_subscriber:
        ground = Ground.OPEN if edition.is_open else Ground.PERMISSION
        return _full(edition, ground, EditionBody(edition=edition, text=prose.rest, notes=prose.rest_notes))
    return Reading(edition, Extent.PREVIEW, Ground.NONE, trust(edition.preview), _trust_all(edition.preview_notes))


def render_working_copy(article: Article) -> Prose:
    """Render an article's source with the photos it asks for and its links as they lead now. At most two queries."""
    photos = Photo.objects.in_bulk(photo_ids_in(article.source))
    linked = Article.objects.filter(pk__in=article_ids_in(article.source)).only("slug")
    addresses = {other.pk: other.get_absolute_url() for other in linked}
    return render(article.source, {pk: photo.in_text for pk, photo in photos.items()}, articles=addresses)


def compose_edition(article: Article, prose: Prose) -> Edition:
    """Return an unsaved edition of the working copy; of an open piece, all the text is its preview."""
    now = timezone.now()
    is_open = article.access == Access.OPEN
    first = article.editions.been_live().order_by("published_at").first() if article.pk else None
    return Edition(
        article=article,
        headline=article.headline,
        standfirst=article.standfirst,
        section=article.section,
        access=article.access,
        hero=article.hero,
        search_title=article.search_title,
        search_description=article.search_description,
        social_title=article.social_title,
        preview=prose.preview + prose.rest if is_open else prose.preview,
        preview_notes=prose.preview_notes + prose.rest_notes if is_open else prose.preview_notes,
        word_count=prose.word_count,
        preview_word_count=prose.word_count if is_open else prose.preview_word_count,
        reading_minutes=max(1, math.ceil(prose.word_count / settings.WORDS_PER_MINUTE)),
        published_at=now,
        first_published_at=first.published_at if first else now,
    )


class Audience(StrEnum):
    """Who may see a picture."""

    EVERYBODY = "everybody"
    READERS_OF_ANALYSES = "readers of analyses"
    NEWSROOM = "newsroom"


def find_audience(photo: Photo) -> Audience:
    """Return who may see a picture, by where it stands in what is live now. At most two queries."""
    live = Edition.objects.live().values("pk")
    placings = set(
        EditionPhoto.objects.filter(photo=photo, edition__in=live).values_list("is_below_the_wall", flat=True)
    )
    if False in placings or Author.objects.filter(portrait=photo).exists():
        return Audience.EVERYBODY
    return Audience.READERS_OF_ANALYSES if placings else Audience.NEWSROOM


def may_see_photo(photo: Photo, reader: Reader) -> bool:
    """Whether this reader may see this picture by its address."""
    match find_audience(photo):
        case Audience.EVERYBODY:
            return True
        case Audience.READERS_OF_ANALYSES if may_read_analyses(reader):
            return True
        case _:
            return reader.is_authenticated and reader.has_perm("articles.view_photo")


def _find_ground(edition: Edition, reader: Reader) -> Ground:
    if edition.is_open:
        return Ground.OPEN
    return Ground.PERMISSION if may_read_analyses(reader) else Ground.NONE


def _full(edition: Edition, ground: Ground, body: EditionBody | None) -> Reading:
    rest, notes = (body.text, body.notes) if body else ("", [])
    return Reading(
        edition, Extent.FULL, ground, trust(edition.preview + rest), _trust_all([*edition.preview_notes, *notes])
    )


def _trust_all(notes: list[str]) -> tuple[SafeString, ...]:
    return tuple(trust(note) for note in notes)


def _pretend_fetched[M: models.Model](instance: models.Model, name: str, model: type[M], rows: list[M]) -> None:
    """Let an unsaved edition answer `edition.topics.all` as a saved one would, for the public templates."""
    queryset = model._default_manager.none()  # noqa: SLF001 - Django's public name for the manager a model has
    queryset._result_cache = rows  # noqa: SLF001 - as prefetch_related itself does
    queryset._prefetch_done = True  # type: ignore[attr-defined] # noqa: SLF001
    cache = cast("dict[str, Any]", instance.__dict__.setdefault("_prefetched_objects_cache", {}))
    cache[name] = queryset
