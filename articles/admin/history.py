"""An article's past: who did what, every version, any two compared, and one brought back."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from articles.admin import versions
from articles.admin.copying import copy_from
from articles.admin.presence import list_colleagues
from articles.admin.states import LIVE, WORKING_COPY, contrast, find_standing
from articles.comparison import copy_of
from articles.models import Article, Edition, Photo, UnsavedWork
from articles.prose import photo_ids_in, plain_text, trust
from articles.prose import render as render_prose
from articles.publishing import note_edit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from kjreport.accounts.models import User


def history_page(
    request: HttpRequest, articles: "QuerySet[Article]", object_id: str, context: dict[str, Any]
) -> HttpResponse:
    """Show who did what, and every version of the working copy, to choose any two and compare them."""
    article = get_object_or_404(articles, pk=object_id if object_id.isdecimal() else 0)
    kept, editions = versions.list_versions(article), list(article.editions.order_by("-number"))
    context |= {
        "title": f"History of “{article}”",
        "article": article,
        "versions": _name_editions(kept, editions),
        "chosen": (str(kept[1].pk if len(kept) > 1 else kept[0].pk) if kept else LIVE, WORKING_COPY),
        "live": article.live_edition,
        "events": article.workflow_events.select_related("by", "edition"),
        "editions": editions,
    }
    return render(request, "admin/articles/article/object_history.html", context)


def _name_editions(kept: "list[versions.KeptVersion]", editions: "Iterable[Edition]") -> "list[versions.KeptVersion]":
    """Say of each version which editions were made of it: of the last that was saved by then."""
    found: dict[int, list[int]] = {}
    for edition in editions:
        version = next((one for one in kept if one.saved_at <= edition.created_at), None)
        if version is not None and version.headline == edition.headline:
            found.setdefault(version.pk, []).append(edition.number)
    return [replace(one, editions=tuple(sorted(found.get(one.pk, ())))) for one in kept]


def version_page(
    request: HttpRequest, articles: "QuerySet[Article]", pk: int, version: int, *, context: dict[str, Any]
) -> HttpResponse:
    """Show the text of one version."""
    article = get_object_or_404(articles, pk=pk)
    kept = versions.get_version(article, version)
    if kept is None:
        raise Http404
    photos = Photo.objects.in_bulk(photo_ids_in(kept.source))
    prose = render_prose(kept.source, {key: photo.in_text for key, photo in photos.items()})
    context |= {
        "title": f"Version of {kept.saved_at:%d %B %Y}",
        "article": article,
        "version": kept,
        "live": article.live_edition,
        "preview": trust(prose.preview),
        "rest": trust(prose.rest),
        "has_line": prose.has_line,
        "notes": [plain_text(note) for note in [*prose.preview_notes, *prose.rest_notes]],
    }
    return render(request, "admin/articles/article/version.html", context)


def compare_page(
    request: HttpRequest, articles: "QuerySet[Article]", pk: int, *, may_restore: bool, context: dict[str, Any]
) -> HttpResponse:
    """Show how two states differ: versions by their numbers, the working copy as `now`, what readers have as `live`."""
    article = get_object_or_404(articles.select_related("section", "hero"), pk=pk)
    reader = cast("User", request.user)
    first = LIVE if article.live_edition else WORKING_COPY
    before = find_standing(article, request.GET.get("from", first), reader=reader)
    after = find_standing(article, request.GET.get("to", WORKING_COPY), reader=reader)
    if before is None or after is None:
        raise Http404
    context |= {
        "title": "Compare two versions",
        "article": article,
        "before": before,
        "after": after,
        "contrast": contrast(before, after),
        "may_restore": may_restore,
    }
    return render(request, "admin/articles/article/compare.html", context)


def restore_page(
    request: HttpRequest, articles: "QuerySet[Article]", pk: int, version: int, *, context: dict[str, Any]
) -> HttpResponse:
    """Make a version the working copy again, asking first where somebody is at it; what readers have stays as it is."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    article = get_object_or_404(articles, pk=pk)
    kept, person = versions.get_version(article, version), cast("User", request.user)
    if kept is None:
        raise Http404
    colleagues, work = list_colleagues(article, person), _find_own_work(article, person)
    if (colleagues or work) and "sure" not in request.POST:
        context |= {"title": "Bring it back?", "article": article, "version": kept}
        context |= {"colleagues": colleagues, "work": work}
        return render(request, "admin/articles/article/restore.html", context, status=409)
    _bring_back(article, kept, work, by=person)
    messages.success(
        request, "That version is the working copy again. Readers see nothing of it until it is published."
    )
    return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))


def _find_own_work(article: Article, person: "User") -> UnsavedWork | None:
    """Return what this person typed and did not save, where it says anything that is not saved."""
    work: UnsavedWork | None = UnsavedWork.objects.of(person, article).first()
    return work if work and copy_from(work.form).differs_from(copy_of(article)) else None


@transaction.atomic
def _bring_back(article: Article, kept: "versions.KeptVersion", work: UnsavedWork | None, *, by: "User") -> None:
    """Restore a version. What this person had not saved is kept in the history, so that it does not come over it."""
    if work is not None:
        typed_at = timezone.localtime(work.saved_at)
        comment = f"Set aside: typed until {typed_at:%d %B %Y, %H:%M}, and not saved"
        versions.set_aside(article, copy_from(work.form), by=by, comment=comment)
    UnsavedWork.objects.of(by, article).delete()
    versions.restore(article, kept.pk, by=by)
    note_edit(article, by=by)  # what was approved was another text
