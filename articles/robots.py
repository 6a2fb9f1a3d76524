"""What crawlers need not fetch, and where the sitemaps are."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from articles.addresses import absolute

KEPT_FOR = 60 * 60  # seconds
# Pages that are somebody's own, or without end. Nothing is kept secret here: what is secret has a lock.
_NOT_WORTH_FETCHING = ("/account/", "/admin/", "/api/", "/search/", "/subscribe/return/", "/donate/return/")


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """Answer `/robots.txt`."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in _NOT_WORTH_FETCHING),
        "",
        *(f"Sitemap: {absolute(reverse(name))}" for name in ("sitemap", "news_sitemap")),
        "",
    ]
    response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
    patch_cache_control(response, public=True, max_age=KEPT_FOR)
    return response
