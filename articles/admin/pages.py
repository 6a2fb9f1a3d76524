"""Pages beside an article's form: previews, and its steps. The caller says which articles this person may open."""

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from articles.admin.steps import take_step
from articles.paywall import preview_working_copy
from articles.publishing import PublishingError
from articles.related.selection import related_to

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from articles.models import Article
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
