"""Carries an article from draft to readers: each verb checks, then acts, then logs, in one transaction."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from articles import search
from articles.models import (
    Access,
    Action,
    Article,
    Correction,
    Edition,
    EditionBody,
    EditionByline,
    EditionPhoto,
    Photo,
    State,
    WorkflowEvent,
    WorkflowState,
)
from articles.paywall import compose_edition, render_working_copy
from articles.prose import Prose, photo_ids_in
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User

PUBLISH = "articles.publish_article"
SUBMIT = "articles.submit_article"


class PublishingError(ValidationError):
    """What stands in the way, as sentences that say what to do."""


def submit(article: Article, *, by: User, note: str = "") -> None:
    """Hand a draft to the editors.

    Raises:
        PermissionDenied: not theirs to submit.
        PublishingError: it is in review already.
    """
    _require(by, SUBMIT)
    with transaction.atomic():
        article = _lock(article)
        if _state_of(article).state == State.IN_REVIEW:
            raise PublishingError("This article is in review already.")
        _log(article, Action.SUBMIT, by=by, state=State.IN_REVIEW, note=note)


def return_to_author(article: Article, *, by: User, note: str) -> None:
    """Send a piece in review back, saying why.

    Raises:
        PermissionDenied: editors only.
        PublishingError: it is not in review, or no reason is given.
    """
    _require(by, PUBLISH)
    if not note.strip():
        raise PublishingError("Say what should change, so that the author knows.")
    with transaction.atomic():
        article = _lock(article)
        if _state_of(article).state != State.IN_REVIEW:
            raise PublishingError("Only an article in review can be returned.")
        _log(article, Action.RETURN, by=by, state=State.DRAFT, note=note)


def publish(article: Article, *, by: User, at: datetime | None = None) -> Edition:
    """Give readers a new edition of the working copy, now or at a time to come.

    The edition that is live stays so until that time; one that was scheduled is replaced.

    Raises:
        PermissionDenied: editors only.
        PublishingError: every obstacle, as sentences.
    """
    _require(by, PUBLISH)
    with transaction.atomic():
        article = _lock(article)
        obstacles = find_obstacles(article)
        if obstacles:
            raise PublishingError(obstacles)
        moment = timezone.now() if at is None else at
        _require_after_what_is_live(article, moment)
        edition = _make_edition(article, by=by, at=moment)
        action = Action.SCHEDULE if moment > timezone.now() else Action.PUBLISH
        search.index_edition(edition)
        _log(article, action, by=by, state=State.PUBLISHED, edition=edition)
    return edition


def schedule(article: Article, *, by: User, at: datetime) -> Edition:
    """Give readers a new edition at a time to come. No task has to run for it.

    Raises:
        PermissionDenied: editors only.
        PublishingError: the time has passed, or any obstacle to publishing.
    """
    if at <= timezone.now():
        raise PublishingError("That time has passed. Choose a later one, or publish now.")
    return publish(article, by=by, at=at)


def unschedule(article: Article, *, by: User) -> None:
    """Take a scheduled edition off the schedule; what is live stays live.

    Raises:
        PermissionDenied: editors only.
        PublishingError: nothing is scheduled.
    """
    _require(by, PUBLISH)
    with transaction.atomic():
        article = _lock(article)
        scheduled = article.editions.scheduled().first()
        if scheduled is None:
            raise PublishingError("Nothing is scheduled for this article.")
        _cancel(scheduled)
        live = article.editions.live().first()
        if live is not None:
            _end(live, None)
        search.forget_ended(article)
        _log(article, Action.UNSCHEDULE, by=by, state=State.PUBLISHED if live else State.DRAFT, edition=scheduled)


def withdraw(article: Article, *, by: User, note: str = "") -> None:
    """Take an article from readers at once; its address says that it was withdrawn.

    Raises:
        PermissionDenied: editors only.
        PublishingError: it is neither live nor scheduled.
    """
    _require(by, PUBLISH)
    with transaction.atomic():
        article = _lock(article)
        live, scheduled = article.editions.live().first(), article.editions.scheduled().first()
        if live is None and scheduled is None:
            raise PublishingError("This article is not published, so it cannot be withdrawn.")
        if scheduled is not None:
            _cancel(scheduled)
        if live is not None:
            _end(live, timezone.now())
        search.forget_ended(article)
        _log(article, Action.WITHDRAW, by=by, state=State.WITHDRAWN, note=note, edition=live or scheduled)


def correct(article: Article, *, by: User, text: str, at: datetime | None = None) -> Correction:
    """Tell readers, under the piece, what was wrong and what is right.

    Raises:
        PermissionDenied: editors only.
        PublishingError: the piece is not live, or the words are missing.
    """
    _require(by, PUBLISH)
    if not text.strip():
        raise PublishingError("Say what was wrong and what is right.")
    with transaction.atomic():
        article = _lock(article)
        live = article.editions.live().first()
        if live is None:
            raise PublishingError("Only a published article can be corrected.")
        correction = Correction.objects.create(
            article=article, text=text.strip(), made_by=by, made_at=at or timezone.now()
        )
        _log(article, Action.CORRECT, by=by, state=None, note=text.strip(), edition=live)
    return correction


def find_obstacles(article: Article) -> list[str]:
    """Return what stands in the way of publishing, as sentences; empty if nothing does. At most five queries."""
    prose = render_working_copy(article)
    return [*_obstacles_around(article), *_obstacles_in(article, prose)]


def _obstacles_around(article: Article) -> list[str]:
    found = []
    if not article.headline.strip():
        found.append("The article has no headline.")
    if not article.standfirst.strip():
        found.append("The article has no standfirst. Write the sentence or two under the headline.")
    if article.section_id is None:
        found.append("The article has no section. Choose one.")
    if not article.bylines.exists():
        found.append("The article has no author. Add at least one byline.")
    if article.hero is not None and not article.hero.alt.strip():
        found.append("The picture over the article has no alt text. Say what it shows.")
    return found


def _obstacles_in(article: Article, prose: Prose) -> list[str]:
    if not prose.word_count:
        return ["The article has no text."]
    found = []
    if article.access == Access.SUBSCRIBERS:
        if not prose.has_line:
            found.append(
                "This article is for subscribers but has no paywall line. Put the line between two paragraphs, "
                "where the free part should end, or open the article to everybody."
            )
        elif not prose.preview_word_count:
            found.append("Nothing stands above the paywall line. Leave readers something to begin with.")
        elif prose.word_count == prose.preview_word_count:
            found.append("Nothing stands below the paywall line. Move it up, or open the article to everybody.")
    missing = photo_ids_in(article.source) - {*prose.photo_ids_above, *prose.photo_ids_below}
    if missing:
        found.append("A picture in the text is no longer in the library. Take it out or choose another.")
    without_alt = Photo.objects.filter(pk__in=[*prose.photo_ids_above, *prose.photo_ids_below], alt="")
    found.extend(f"The picture “{photo}” has no alt text. Say what it shows." for photo in without_alt)
    return found


def _make_edition(article: Article, *, by: User, at: datetime) -> Edition:
    prose = render_working_copy(article)
    edition = compose_edition(article, prose)
    live, scheduled = article.editions.live().first(), article.editions.scheduled().first()
    if scheduled is not None:
        _cancel(scheduled)
    if live is not None:
        _end(live, at)
    edition.number = (article.editions.aggregate(last=Max("number"))["last"] or 0) + 1
    edition.published_by = by
    edition.published_at = at
    edition.first_published_at = min(edition.first_published_at, at) if article.editions.been_live().exists() else at
    edition.related_article_ids = list(
        RelatedArticle.objects.filter(article=article).order_by("position", "pk").values_list("related_id", flat=True)
    )
    edition.save(force_insert=True)
    if not edition.is_open:
        EditionBody.objects.create(edition=edition, text=prose.rest, notes=prose.rest_notes)
    edition.topics.set(article.topics.all())
    EditionByline.objects.bulk_create(
        EditionByline(edition=edition, author_id=byline.author_id, position=place)
        for place, byline in enumerate(article.bylines.order_by("position", "pk"))
    )
    _place_photos(edition, prose)
    return edition


def _require_after_what_is_live(article: Article, moment: datetime) -> None:
    live = article.editions.live().first()
    if live is not None and moment < live.published_at:
        raise PublishingError("A new edition cannot begin before the one that readers have now.")


def _place_photos(edition: Edition, prose: Prose) -> None:
    public = {*prose.photo_ids_above, *([edition.hero_id] if edition.hero_id else [])}
    if edition.is_open:
        public |= set(prose.photo_ids_below)
    EditionPhoto.objects.bulk_create(
        EditionPhoto(edition=edition, photo_id=pk, is_below_the_wall=pk not in public)
        for pk in sorted(public | set(prose.photo_ids_below))
    )


def _cancel(scheduled: Edition) -> None:
    """End an edition at the moment it would have begun, so that it is never live."""
    Edition.objects.filter(pk=scheduled.pk).update(live_until=F("published_at"))


def _end(live: Edition, at: datetime | None) -> None:
    Edition.objects.filter(pk=live.pk).update(live_until=at)


def _lock(article: Article) -> Article:
    """Return the article as it is now, locked until the transaction ends."""
    return Article.objects.select_for_update(of=("self",)).select_related("hero").get(pk=article.pk)


def _state_of(article: Article) -> WorkflowState:
    return WorkflowState.objects.of(article)


def _log(
    article: Article, action: Action, *, by: User, state: State | None, note: str = "", edition: Edition | None = None
) -> None:
    WorkflowEvent.objects.create(article=article, action=action, by=by, note=note, edition=edition)
    if state is not None:
        WorkflowState.objects.update_or_create(article=article, defaults={"state": state, "changed_at": timezone.now()})


def _require(by: User, permission: str) -> None:
    if not by.has_perm(permission):
        raise PermissionDenied(f"{by} may not do this; it needs {permission}.")
