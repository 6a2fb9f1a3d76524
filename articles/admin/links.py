"""What the editor asks while one writes: which of our pieces to link to, and how a chart will be drawn."""

from collections.abc import Callable
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, URLPattern, path, resolve
from django.utils.formats import date_format
from django.views.decorators.http import require_GET, require_POST

from articles.chart_figures import ChartError
from articles.charts import read_chart, write_chart
from articles.models import Article, Edition
from articles.related.admin import choosable_by, label_choice, search_choosable
from kjreport.accounts.models import User

MOST_OFFERED = 12
MAY_WRITE = "articles.view_article"


def editor_urls(own: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the addresses the editor asks; `own` is the admin site's guard."""
    return [
        path("links/", own(link_search), name="articles_link_search"),
        path("chart/", own(chart_preview), name="articles_chart_preview"),
    ]


@require_GET
def link_search(request: HttpRequest) -> HttpResponse:
    """Find pieces to link to, as JSON: live ones and those one may open, by headline or by address. Three queries."""
    user = _writer(request)
    if address := request.GET.get("address", ""):
        found = choosable_by(user).filter(slug=_read_slug(address))
    else:
        found = search_choosable(user, " ".join(request.GET.get("q", "").split()))
    return JsonResponse({"pieces": [_describe(piece) for piece in found.order_by("-pk")[:MOST_OFFERED]]})


@require_POST
def chart_preview(request: HttpRequest) -> HttpResponse:
    """Draw a chart as readers will get it, or say why it cannot be drawn."""
    _writer(request)
    try:
        return JsonResponse({"html": write_chart(read_chart(request.POST.get("chart", "")))})
    except ChartError as refusal:
        return JsonResponse({"refusal": str(refusal)})


def _writer(request: HttpRequest) -> User:
    user = cast("User", request.user)
    if not user.has_perm(MAY_WRITE):
        raise PermissionDenied
    return user


def _read_slug(address: str) -> str:
    try:
        matched = resolve(address)
    except Resolver404:
        return ""
    return str(matched.kwargs.get("slug", "")) if matched.view_name == "articles:article" else ""


def _describe(piece: Article) -> dict[str, str | int]:
    live: list[Edition] = getattr(piece, "live_editions", [])
    said = f"Published {date_format(live[0].first_published_at, 'j F Y')}" if live else "Not published yet"
    headline = live[0].headline if live else label_choice(piece).removesuffix(" (not published)")
    return {"id": piece.pk, "headline": headline, "address": piece.get_absolute_url(), "said": said}
