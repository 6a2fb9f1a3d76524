"""What search engines should know of: every live piece, what has live pieces in it, and the news of two days."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as write_part
from django.db.models import Exists, Max, Model, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from articles.addresses import absolute
from articles.authors.models import Author
from articles.feeds import for_machines, writable
from articles.models import Edition, Section, Topic

NEWS_IS_NEW_FOR = timedelta(hours=48)  # Google News reads no older ones
MOST_NEWS = 1000  # likewise
_PAGES = ("front_page", "articles:archive", "articles:corrections", "about", "subscriptions:plans", "donations:donate")

if TYPE_CHECKING:
    _Sitemap = Sitemap[Any]
else:
    _Sitemap = Sitemap  # generic in its stubs only


class _OurSitemap(_Sitemap):
    """Takes addresses from `SITE_URL`, not from what a request claims."""

    limit = 5000  # of the 50,000 the protocol allows, so that each part is written quickly

    def get_domain(self, site: object = None) -> str:  # noqa: ARG002 - upstream's signature
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:  # noqa: ARG002 - upstream's signature
        return urlsplit(settings.SITE_URL).scheme


class ArticleSitemap(_OurSitemap):
    """Every live piece."""

    def items(self) -> QuerySet[Edition]:
        """Return them in an order that new pieces do not shift, so that only the last part changes."""
        live: QuerySet[Edition] = Edition.objects.live().select_related("article")
        return live.only("published_at", "article__slug").order_by("article_id")

    def lastmod(self, item: Edition) -> datetime:
        """Return when readers got this state of it."""
        return item.published_at

    def get_latest_lastmod(self) -> datetime | None:
        """Return the newest of those, without loading them. One query."""
        newest: datetime | None = Edition.objects.live().aggregate(newest=Max("published_at"))["newest"]
        return newest


class SectionSitemap(_OurSitemap):
    """Sections with a live piece."""

    def items(self) -> QuerySet[Section]:
        """Return them in the order of the menu."""
        return with_live_pieces(Section.objects.all(), "section").order_by("position", "name")


class TopicSitemap(_OurSitemap):
    """Topics with a live piece: the name of another could tell what is being written."""

    def items(self) -> QuerySet[Topic]:
        """Return them by name."""
        return with_live_pieces(Topic.objects.all(), "topics").order_by("name")


class AuthorSitemap(_OurSitemap):
    """Authors of a live piece."""

    def items(self) -> QuerySet[Author]:
        """Return them by name."""
        return with_live_pieces(Author.objects.all(), "bylines__author").order_by("name", "pk")


class PageSitemap(_OurSitemap):
    """Pages that are always there."""

    def items(self) -> list[str]:
        """Return their addresses; a wing that is not built in has none."""
        return list(_reverse_those_there(_PAGES))

    def location(self, item: str) -> str:
        """Return it as it is."""
        return item


def with_live_pieces[M: Model](rows: QuerySet[M], field: str) -> QuerySet[M]:
    """Keep the rows that a live edition names in this field."""
    return rows.filter(Exists(Edition.objects.live().filter(**{field: OuterRef("pk")})))


def _reverse_those_there(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        try:
            yield reverse(name)
        except NoReverseMatch:
            continue


PARTS: Mapping[str, type[_OurSitemap]] = {
    "articles": ArticleSitemap,
    "sections": SectionSitemap,
    "topics": TopicSitemap,
    "authors": AuthorSitemap,
    "pages": PageSitemap,
}


@for_machines
def sitemap(request: HttpRequest) -> HttpResponse:
    """List the parts; a long one has pages."""
    items = []
    for name, make in PARTS.items():
        part = make()
        address = absolute(reverse("sitemap_part", args=[name]))
        pages = [address, *(f"{address}?p={number}" for number in range(2, part.paginator.num_pages + 1))]
        changed = part.get_latest_lastmod()
        items += [{"location": page, "last_mod": changed} for page in pages]
    return render(request, "sitemap_index.xml", {"sitemaps": items}, content_type="application/xml")


@for_machines
def sitemap_part(request: HttpRequest, section: str) -> HttpResponse:
    """Write one page of one part."""
    part = write_part(request, dict(PARTS), section=section).render()
    return HttpResponse(part.content, content_type="application/xml")  # a template's could not become a 304


@for_machines
def news_sitemap(request: HttpRequest) -> HttpResponse:
    """Tell of what came out in the last two days."""
    since = timezone.now() - NEWS_IS_NEW_FOR
    new = Edition.objects.live().filter(first_published_at__gte=since).select_related("article").newest_first()
    news = [
        {
            "address": absolute(edition.get_absolute_url()),
            "title": writable(edition.headline),
            "published_at": edition.first_published_at.isoformat(timespec="seconds"),
        }
        for edition in new[:MOST_NEWS]
    ]
    return render(
        request,
        "sitemaps/news.xml",
        {"news": news, "name": settings.SITE_NAME, "language": settings.LANGUAGE_CODE.partition("-")[0]},
        content_type="application/xml",
    )
