"""Pages beside an article's form: previews, and its history. The caller says which articles this person may open."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from articles.admin import versions
from articles.admin.steps import take_step
from articles.models import Article, Photo
from articles.paywall import preview_working_copy
from articles.prose import photo_ids_in, plain_text, trust
from articles.prose import render as render_prose
from articles.publishing import PublishingError, note_edit
from articles.related.selection import related_to

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from kjreport.accounts.models import User

AUDIENCES = ("visitor", "subscriber")


def preview_page(request: HttpRequest, articles: "QuerySet[Article]", pk: int, audience: str) -> HttpResponse:
    """Show the saved working copy in the public template, as one of two readers would get it."""
    article = get_object_or_404(articles, pk=pk)
    if audience not in AUDIENCES:
        raise Http404
    reading = preview_working_copy(article, as_subscriber=audience == "subscriber")
    edition = reading.edition
    edition.related_article_ids = list(article.chosen_related.values_list("related_id", flat=True))
    context = {
        "article": article,
        "edition": edition,
        "reading": reading,
        "related": related_to(edition),
        "audience": audience,
        "is_signed_in": audience == "subscriber",
    }
    response = render(request, "admin/articles/preview.html", context)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def history_page(
    request: HttpRequest, articles: "QuerySet[Article]", object_id: str, context: dict[str, Any]
) -> HttpResponse:
    """Show who did what, and every version of the working copy."""
    article = get_object_or_404(articles, pk=object_id if object_id.isdecimal() else 0)
    context |= {
        "title": f"History of “{article}”",
        "article": article,
        "versions": versions.list_versions(article),
        "events": article.workflow_events.select_related("by", "edition"),
        "editions": article.editions.order_by("-number"),
    }
    return render(request, "admin/articles/article/object_history.html", context)


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
        "preview": trust(prose.preview),
        "rest": trust(prose.rest),
        "has_line": prose.has_line,
        "notes": [plain_text(note) for note in [*prose.preview_notes, *prose.rest_notes]],
    }
    return render(request, "admin/articles/article/version.html", context)


def steps_page(request: HttpRequest, articles: "QuerySet[Article]", pk: int) -> HttpResponse:
    """Take a step of an article as it is saved, and say what happened on its form."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    article = get_object_or_404(articles, pk=pk)
    given = {name: str(value) for name, value in request.POST.items()}
    try:
        messages.success(request, take_step(article, given.get("_step", ""), by=cast("User", request.user), said=given))
    except PublishingError as refusal:
        for sentence in refusal.messages:
            messages.error(request, sentence)
    return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))


def restore_page(request: HttpRequest, articles: "QuerySet[Article]", pk: int, version: int) -> HttpResponse:
    """Make a version the working copy again; what readers have stays as it is."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    article = get_object_or_404(articles, pk=pk)
    if versions.get_version(article, version) is None:
        raise Http404
    versions.restore(article, version, by=cast("User", request.user))
    note_edit(article, by=cast("User", request.user))  # what was approved was another text
    messages.success(
        request, "That version is the working copy again. Readers see nothing of it until it is published."
    )
    return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))
