"""Carries an article from pitch to readers: each verb checks, then acts, then logs, in one transaction."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from articles import search
from articles.corrections import PublicNote
from articles.fingerprint import fingerprint
from articles.models import (
    Action,
    Article,
    Correction,
    Edition,
    EditionBody,
    EditionByline,
    EditionPhoto,
    State,
    Withdrawal,
    WorkflowEvent,
    WorkflowState,
    workflow,
)
from articles.paywall import compose_edition, render_working_copy
from articles.prose import Prose
from articles.readiness import examine
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User

PUBLISH = workflow.PUBLISH
SUBMIT = workflow.SUBMIT


class PublishingError(ValidationError):
    """What stands in the way, as sentences that say what to do."""


# Between writer and editors -------------------------------------------------------------------------------------------


def pitch(article: Article, *, by: User, note: str = "") -> None:
    """Offer an idea to the editors.

    Raises:
        PermissionDenied: not theirs to offer.
        PublishingError: it is with the editors already, or with readers.
    """
    with transaction.atomic():
        article = _open(article, Action.PITCH, by=by)
        if article.editions.been_live().exists() or article.editions.scheduled().exists():
            raise PublishingError("Readers have had this piece, so it is no pitch any more. Submit it for review.")
        _go(article, Action.PITCH, by=by, note=note)


def accept(article: Article, *, by: User, note: str = "") -> None:
    """Take a pitch on, so that it becomes a draft.

    Raises:
        PermissionDenied: editors only.
        PublishingError: it is no pitch.
    """
    with transaction.atomic():
        _go(_open(article, Action.ACCEPT, by=by), Action.ACCEPT, by=by, note=note)


def take_back(article: Article, *, by: User, note: str = "") -> None:
    """Take a pitch, or a piece in review, back to work on it.

    Raises:
        PermissionDenied: not theirs.
        PublishingError: the editors do not have it.
    """
    with transaction.atomic():
        article = _open(article, Action.TAKE_BACK, by=by)
        _go(article, Action.TAKE_BACK, by=by, note=note, after=_find_rest(article))


def submit(article: Article, *, by: User, note: str = "") -> None:
    """Hand a draft to the editors.

    Raises:
        PermissionDenied: not theirs to submit.
        PublishingError: it is in review already.
    """
    with transaction.atomic():
        _go(_open(article, Action.SUBMIT, by=by), Action.SUBMIT, by=by, note=note)


def return_to_author(article: Article, *, by: User, note: str) -> None:
    """Ask for changes, saying which.

    Raises:
        PermissionDenied: editors only.
        PublishingError: the editors do not have it, or no reason is given.
    """
    _require(by, Action.RETURN)
    if not note.strip():
        raise PublishingError("Say what should change, so that the author knows.")
    with transaction.atomic():
        _go(_open(article, Action.RETURN, by=by), Action.RETURN, by=by, note=note.strip())


def approve(article: Article, *, by: User, note: str = "") -> None:
    """Say that this very text may come out; whoever changes it voids that.

    Raises:
        PermissionDenied: editors only.
        PublishingError: it is approved already, or what stands in the way of publishing but for time.
    """
    with transaction.atomic():
        article = _open(article, Action.APPROVE, by=by)
        obstacles = [finding.sentence for finding in examine(article).but_for_time]
        if obstacles:
            raise PublishingError(obstacles)
        _go(article, Action.APPROVE, by=by, note=note)


def note_edit(article: Article, *, by: User) -> bool:
    """Void the approval of a text that is another now; return whether there was one. Call it after every save.

    Four queries where a piece is approved, else one.
    """
    approved = WorkflowState.objects.filter(article=article, state=State.APPROVED).first()
    if approved is None or approved.approved_fingerprint == fingerprint(article):
        return False
    with transaction.atomic():
        _go(_lock(article), Action.VOID, by=by)
    return True


def log_deletion(article: Article, *, by: User) -> None:
    """Note that a draft is about to be deleted; the log keeps its headline.

    Raises:
        PermissionDenied: not theirs to delete.
    """
    _go(_open(article, Action.DELETE, by=by), Action.DELETE, by=by)


# To readers and back --------------------------------------------------------------------------------------------------


def publish(
    article: Article, *, by: User, at: datetime | None = None, seen: str = "", note: PublicNote | None = None
) -> Edition:
    """Give readers a new edition of the working copy, now or at a time to come.

    The edition that is live stays so until that time; one that was scheduled is replaced. `seen` is the fingerprint of
    the text that the editor looked at; another text is not published in its place. `note` says what readers are told of
    the change, and comes out with the edition.

    Raises:
        PermissionDenied: editors only.
        PublishingError: every obstacle, as sentences.
    """
    with transaction.atomic():
        article = _open(article, Action.PUBLISH, by=by)
        now = timezone.now()
        moment = now if at is None else at
        print_of_text = fingerprint(article)
        if seen and seen != print_of_text:
            raise PublishingError("Somebody changed the article since you opened this page. Look at it again.")
        obstacles = find_obstacles(article, at=moment)
        if obstacles:
            raise PublishingError(obstacles)
        _require_after_what_is_live(article, moment)
        edition = _make_edition(article, by=by, at=moment, print_of_text=print_of_text)
        search.index_edition(edition)
        if note and note.kind:
            Correction.objects.create(
                article=article, kind=note.kind, text=note.words, edition=edition, made_at=moment, made_by=by
            )
        told = note.for_log if note else ""
        _go(article, Action.SCHEDULE if moment > now else Action.PUBLISH, by=by, note=told, edition=edition)
    return edition


def schedule(article: Article, *, by: User, at: datetime, seen: str = "", note: PublicNote | None = None) -> Edition:
    """Give readers a new edition at a time to come. No task has to run for it.

    Raises:
        PermissionDenied: editors only.
        PublishingError: the time has passed, or any obstacle to publishing.
    """
    if at <= timezone.now():
        raise PublishingError("That time has passed. Choose a later one, or publish now.")
    return publish(article, by=by, at=at, seen=seen, note=note)


def unschedule(article: Article, *, by: User) -> None:
    """Take a scheduled edition off the schedule; what is live stays live.

    Raises:
        PermissionDenied: editors only.
        PublishingError: nothing is scheduled.
    """
    with transaction.atomic():
        article = _open(article, Action.UNSCHEDULE, by=by)
        scheduled = article.editions.scheduled().first()
        if scheduled is None:
            raise PublishingError("Nothing is scheduled for this article.")
        _cancel(scheduled)
        live = article.editions.live().first()
        if live is not None:
            _end(live, None)
        search.forget_ended(article)
        _go(article, Action.UNSCHEDULE, by=by, edition=scheduled, after=_find_rest(article))


def withdraw(article: Article, *, by: User, note: str = "", reason: str = "") -> None:
    """Take an article from readers at once; its address says that it was withdrawn, and the reason if one is given.

    `note` is for colleagues.

    Raises:
        PermissionDenied: editors only.
        PublishingError: it is neither live nor scheduled.
    """
    with transaction.atomic():
        article = _open(article, Action.WITHDRAW, by=by)
        live, scheduled = article.editions.live().first(), article.editions.scheduled().first()
        if live is None and scheduled is None:
            raise PublishingError("This article is not published, so it cannot be withdrawn.")
        if scheduled is not None:
            _cancel(scheduled)
        if live is not None:
            _end(live, timezone.now())
            Withdrawal.objects.create(article=article, reason=reason.strip(), made_by=by)
        search.forget_ended(article)
        _go(article, Action.WITHDRAW, by=by, note=note, edition=live or scheduled)


def correct(
    article: Article, *, by: User, text: str, kind: str = Correction.Kind.CORRECTION, at: datetime | None = None
) -> Correction:
    """Tell readers, under the piece, what was wrong and what is right.

    Raises:
        PermissionDenied: editors only.
        PublishingError: the piece is not live, or the words are missing.
    """
    _require(by, Action.CORRECT)
    if kind not in Correction.Kind.values:
        raise PublishingError("Say whether it is a correction, a clarification or an update.")
    if not text.strip():
        raise PublishingError("Say what was wrong and what is right.")
    with transaction.atomic():
        article = _open(article, Action.CORRECT, by=by)
        live = article.editions.live().first()
        if live is None:
            raise PublishingError("Only a published article can be corrected.")
        correction = Correction.objects.create(
            article=article, kind=kind, text=text.strip(), made_by=by, made_at=at or timezone.now()
        )
        _go(article, Action.CORRECT, by=by, note=text.strip(), edition=live)
    return correction


def find_obstacles(article: Article, *, at: datetime | None = None) -> list[str]:
    """Return what stands in the way of publishing, as sentences; empty if nothing does."""
    return [finding.sentence for finding in examine(article, at=at).blocking]


# How it is done -------------------------------------------------------------------------------------------------------


def _make_edition(article: Article, *, by: User, at: datetime, print_of_text: str) -> Edition:
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
    edition.expires_at = edition.live_until = article.expires_at
    edition.fingerprint = print_of_text
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
    """Let a live edition end at a moment, or when it expires if that is sooner; without a moment, only then."""
    moments = [moment for moment in (at, live.expires_at) if moment is not None]
    Edition.objects.filter(pk=live.pk).update(live_until=min(moments, default=None))


def _find_rest(article: Article) -> State:
    """Return the state of a piece that nobody is working on, which is what readers have had of it last."""
    if article.editions.live().exists() or article.editions.scheduled().exists():
        return State.PUBLISHED
    last = article.editions.been_live().order_by("published_at").last()
    if last is None:
        return State.DRAFT
    return State.PUBLISHED if last.has_expired else State.WITHDRAWN


def _open(article: Article, action: Action, *, by: User) -> Article:
    """Return the article as it is now, locked until the transaction ends, for somebody who may do that to it."""
    _require(by, action)
    if not Article.objects.editable_by(by).filter(pk=article.pk).exists():
        raise PermissionDenied(f"{by} may not open this article.")
    return _lock(article)


def _lock(article: Article) -> Article:
    return Article.objects.select_for_update(of=("self",)).select_related("hero").get(pk=article.pk)


def _require(by: User, action: Action) -> None:
    right = next(one.right for one in workflow.TRANSITIONS if one.action == action)
    if not right or not by.has_perm(right):
        raise PermissionDenied(f"{by} may not do this; it needs {right}.")


# What is said where the table has no way to go.
_NO_WAY = {
    Action.PITCH: "Only a draft can be pitched.",
    Action.ACCEPT: "This is no pitch any more.",
    Action.TAKE_BACK: "Only a pitch, or an article in review, can be taken back.",
    Action.RETURN: "Changes can be asked of what the editors have: a pitch, an article in review or an approved one.",
}


def _refuse(action: Action, state: State) -> PublishingError:
    if state == State.PITCH:
        return PublishingError("It is a pitch still. Accept it first.")
    said = _NO_WAY.get(action, f"This article is {state.label.lower()} already.")
    return PublishingError(said)


def _go(
    article: Article,
    action: Action,
    *,
    by: User,
    note: str = "",
    edition: Edition | None = None,
    after: State | None = None,
) -> None:
    """Take one way of the table and log it.

    Raises:
        PublishingError: there is no such way from where the article stands.
    """
    row = WorkflowState.objects.of(article)
    before = State(row.state)
    way = workflow.find_transition(action, before)
    if way is None:
        raise _refuse(action, before)
    row.state = before if way.stays else (after or next(iter(way.after)))
    WorkflowEvent.objects.create(
        article=article,
        headline=article.headline,
        action=action,
        before=before,
        after=row.state,
        by=by,
        note=note,
        edition=edition,
    )
    if not way.stays:
        row.approved_fingerprint = fingerprint(article) if row.state == State.APPROVED else ""
        row.changed_at = timezone.now()
        row.save()
