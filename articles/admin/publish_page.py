"""The page between a finished text and its readers: what will change, when and for whom; then publish or schedule."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from articles import publishing
from articles.admin.steps import Standing, find_standing, read_moment
from articles.comparing import Comparison, compare_with_live, last_words
from articles.corrections import PublicNote, asks_for_note, read_note
from articles.fingerprint import fingerprint
from articles.models import Access, Article, Edition
from articles.models.workflow import PUBLISH
from articles.paywall import preview_working_copy, render_working_copy
from articles.publishing import PublishingError
from articles.readiness import Readiness, examine
from articles.related.selection import related_to

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from kjreport.accounts.models import User


@dataclass(frozen=True)
class Audience:
    """One kind of reader, and how much of the text they get."""

    name: str
    words: int
    of: int
    stops_at: str = ""

    @property
    def is_full(self) -> bool:
        """Whether that is all of it."""
        return self.words == self.of


@dataclass(frozen=True)
class Outlook:
    """What would happen if this text came out."""

    standing: Standing
    readiness: Readiness
    comparison: Comparison | None
    audiences: tuple[Audience, ...]
    related: list[Edition]
    minutes: int


def to_publish_page(article: Article, *, by: "User") -> HttpResponseRedirect:
    """Lead an editor who saved the form on to this page.

    Raises:
        PermissionDenied: editors only.
    """
    if not by.has_perm(PUBLISH):
        raise PermissionDenied(f"{by} may not publish.")
    return HttpResponseRedirect(reverse("admin:articles_article_publish", args=[article.pk]))


def publish_page(
    request: HttpRequest, articles: "QuerySet[Article]", pk: int, *, context: dict[str, Any]
) -> HttpResponse:
    """Show what publishing would do (GET), or do it (POST).

    Raises:
        PermissionDenied: editors only.
    """
    user = cast("User", request.user)
    if not user.has_perm(PUBLISH):
        raise PermissionDenied(f"{user} may not publish.")
    article = get_object_or_404(articles.select_related("hero", "section"), pk=pk)
    typed = request.POST.get("moment", "")
    if request.method == "POST":
        try:
            messages.success(request, _act(article, request, by=user))
            return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))
        except PublishingError as refusal:
            for sentence in refusal.messages:
                messages.error(request, sentence)
    live = article.live_edition
    context |= {
        "note": request.POST,
        "asks_for_note": live is not None and asks_for_note(article, live, reader=user),
        "title": f"Publish “{article.headline}”",
        "article": article,
        "outlook": look_ahead(article, by=user),
        "chosen": set(article.chosen_related.values_list("related_id", flat=True)),
        "seen": fingerprint(article),
        "now": timezone.now(),
        "moment": typed or _suggest_moment(article),
        "zone": settings.TIME_ZONE,
    }
    return render(request, "admin/articles/article/publish.html", context)


def _act(article: Article, request: HttpRequest, *, by: "User") -> str:
    seen = request.POST.get("seen", "")
    if not seen:
        raise PublishingError("This page was sent without the text it was about. Look at it again.")
    note = _read_note(article, request, by=by)
    if request.POST.get("do") == "schedule":
        at = read_moment(request.POST.get("moment", ""))
        edition = publishing.schedule(article, by=by, at=at, seen=seen, note=note)
        return f"Scheduled. It comes out by itself on {timezone.localtime(edition.published_at):%A %-d %B %Y, %H:%M}."
    publishing.publish(article, by=by, seen=seen, note=note)
    return "Published. Readers have it now."


def _read_note(article: Article, request: HttpRequest, *, by: "User") -> PublicNote | None:
    """Return what is said of a change to what readers have; one that they should be told of needs it."""
    note = read_note({name: str(value) for name, value in request.POST.items()})
    live = article.live_edition
    if note is None and live is not None and asks_for_note(article, live, reader=by):
        raise PublishingError(
            f"Readers have had this text since {date_format(timezone.localtime(live.published_at), 'j F Y, H:i')}. "
            "Say what changed, or say why no note is needed."
        )
    return note


def look_ahead(article: Article, *, by: "User") -> Outlook:
    """Return what would happen if the saved text came out."""
    prose = render_working_copy(article)
    standing = find_standing(article)
    reading = preview_working_copy(article, as_subscriber=True)
    edition = reading.edition
    edition.related_article_ids = list(article.chosen_related.values_list("related_id", flat=True))
    stops_at = last_words(prose.preview) if article.access == Access.SUBSCRIBERS else ""
    free, whole = edition.preview_word_count, edition.word_count
    before = "Visitor", "Reader with an account"
    return Outlook(
        standing=standing,
        readiness=examine(article, prose),
        comparison=compare_with_live(article, prose, standing.live, reader=by) if standing.live else None,
        audiences=(
            *(Audience(name, free, whole, stops_at if free < whole else "") for name in before),
            Audience("Subscriber", whole, whole),
        ),
        related=related_to(edition),
        minutes=edition.reading_minutes,
    )


def _suggest_moment(article: Article) -> str:
    """Return what the field for the moment begins with: the end of an embargo that is not over."""
    if article.embargo_until is None or article.embargo_until <= timezone.now():
        return ""
    return _as_typed(article.embargo_until)


def _as_typed(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")
