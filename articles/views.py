"""The pages readers see: each loads, asks once, renders."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.contrib.messages.storage.cookie import CookieStorage
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from articles.authors.models import Author
from articles.corrections import list_corrections
from articles.front_page import compose_front_page
from articles.images import FORMATS, rendition_path
from articles.models import Edition, Photo, Section, Topic
from articles.models.edition import EditionQuerySet
from articles.paywall import Audience, find_audience, may_see_photo, open_article
from articles.related.selection import related_to
from articles.search import search as find
from articles.sharing import card_address, card_of, open_card
from articles.sitemaps import with_live_pieces
from articles.structured_data import describe_article, describe_author, describe_site, describe_trail
from articles.turning import Turn, read_number, turn_to

KEPT_FOR = 60  # seconds a shared cache may answer visitors with a page
STALE_FOR = 60  # seconds more while it fetches the page anew
YEAR = 365 * 24 * 60 * 60  # seconds


def for_everybody(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let shared caches keep what a visitor gets. `kjreport.headers` takes it back where a session had a say."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: str) -> HttpResponse:
        response = view(request, **kwargs)
        if CookieStorage.cookie_name not in request.COOKIES:  # a message is shown once, to one person
            patch_cache_control(response, public=True, max_age=0, s_maxage=KEPT_FOR, stale_while_revalidate=STALE_FOR)
        return response

    return answer


@require_safe
@for_everybody
def front_page(request: HttpRequest) -> HttpResponse:
    """Today's paper."""
    return render(
        request,
        "articles/front_page.html",
        {
            "page": compose_front_page(),
            "topics": with_live_pieces(Topic.objects.order_by("kind", "name"), "topics"),
            "described": [describe_site()],
        },
    )


@require_safe
@for_everybody
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One piece, as its reader may read it."""
    edition = Edition.objects.live().filter(article__slug=slug).for_page().first()
    if edition is None:
        return _answer_for_absent(request, slug)
    reading = open_article(edition, request.user)
    context = {
        "edition": edition,
        "social_card": card_address(edition),
        "reading": reading,
        "related": related_to(edition),
        "described": [describe_article(reading), describe_trail(edition)],
    }
    return render(request, "articles/article.html", context)


def _answer_for_absent(request: HttpRequest, slug: str) -> HttpResponse:
    """Say “gone” of what readers have seen; of a draft nothing more than of what never was."""
    last = (
        Edition.objects.been_live()
        .filter(article__slug=slug)
        .select_related("article", "section")
        .order_by("published_at")
        .last()
    )
    if last is None:
        raise Http404
    withdrawal = None if last.has_expired else last.article.withdrawals.last()
    context = {"last": last, "has_expired": last.has_expired, "withdrawal": withdrawal}
    return render(request, "articles/gone.html", context, status=410)


@require_safe
@for_everybody
def corrections(request: HttpRequest) -> HttpResponse:
    """What we have corrected, clarified and updated, newest first."""
    return render(
        request, "articles/corrections.html", {"turn": list_corrections(read_number(request.GET.get("page")))}
    )


@require_safe
@for_everybody
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """One section's pieces."""
    section = get_object_or_404(Section, slug=slug)
    turn = _turn(request, Edition.objects.live().filter(section=section))
    return render(request, "articles/section.html", {"section": section, "turn": turn, "leads": True})


@require_safe
@for_everybody
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """What a subject is, and what we have written on it; one with nothing yet could tell what is being written."""
    topic = get_object_or_404(with_live_pieces(Topic.objects.all(), "topics"), slug=slug)
    turn = _turn(request, Edition.objects.live().filter(topics=topic))
    return render(request, "articles/topic.html", {"topic": topic, "turn": turn, "leads": True})


@require_safe
@for_everybody
def author(request: HttpRequest, slug: str) -> HttpResponse:
    """A person, and what they have written."""
    author = get_object_or_404(Author.objects.select_related("portrait"), slug=slug)
    turn = _turn(request, Edition.objects.live().filter(bylines__author=author))
    return render(
        request, "articles/author.html", {"author": author, "turn": turn, "described": [describe_author(author)]}
    )


@require_safe
@for_everybody
def archive(request: HttpRequest) -> HttpResponse:
    """Everything, by month; the latest unless another is asked for."""
    live = Edition.objects.live()
    months = list(live.datetimes("first_published_at", "month", order="DESC"))
    month = _read_month(request.GET["month"], months) if "month" in request.GET else next(iter(months), None)
    turn = _turn(
        request, live.filter(first_published_at__gte=month, first_published_at__lt=_end(month)) if month else live
    )
    context = {
        "months": months,
        "month": month,
        "turn": turn,
        "is_asked_for": "month" in request.GET,
        "keep": f"month={month:%Y-%m}&" if month else "",
    }
    return render(request, "articles/archive.html", context)


def _read_month(asked: str, months: list[datetime]) -> datetime:
    """Return the month asked for as `2026-11`; 404 when nothing came out in it."""
    for month in months:
        if f"{month:%Y-%m}" == asked:
            return month
    raise Http404


def _end(month: datetime) -> datetime:
    """Return the first moment of the month after."""
    year, number = divmod(month.year * 12 + month.month, 12)
    return timezone.make_aware(datetime(year, number + 1, 1))  # noqa: DTZ001 - made aware at once


def _turn(request: HttpRequest, editions: EditionQuerySet) -> Turn:
    return turn_to(editions.newest_first().for_cards(), read_number(request.GET.get("page")))


@require_safe
@for_everybody
def about(request: HttpRequest) -> HttpResponse:
    """What the paper is and how it lives."""
    return render(request, "about.html", {"authors": Author.objects.select_related("portrait")})


@require_safe
def picture(request: HttpRequest, key: str, width: int, extension: str, *, crop: str = "") -> HttpResponseBase:
    """One rendition of a photo, to those who may see it; anyone else is told that there is none."""
    photo = get_object_or_404(Photo, key=key)
    is_public = find_audience(photo) is Audience.EVERYBODY
    if extension not in FORMATS or not (is_public or may_see_photo(photo, request.user)):
        raise Http404
    try:
        file = (
            _open_crop(photo, crop, width, extension)
            if crop
            else default_storage.open(rendition_path(key, width, extension))
        )
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type=FORMATS[extension])
    if is_public:
        # A browser keeps it for good; a shared cache asks again soon, for the piece may be withdrawn.
        patch_cache_control(response, public=True, max_age=YEAR, immutable=True, s_maxage=KEPT_FOR)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # feed readers on the web show it too
    return response


@require_safe
def social_card(request: HttpRequest, slug: str, digest: str) -> HttpResponseBase:  # noqa: ARG001 - Django's
    """The card of a live piece; an address of an earlier headline leads to the one of today's."""
    edition = get_object_or_404(Edition.objects.live().for_page(), article__slug=slug)
    if card_of(edition).digest != digest:
        return HttpResponseRedirect(card_address(edition))
    response = FileResponse(open_card(edition), content_type=FORMATS["jpg"])
    patch_cache_control(response, public=True, max_age=YEAR, immutable=True, s_maxage=KEPT_FOR)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _open_crop(photo: Photo, name: str, width: int, extension: str) -> File[bytes]:
    """Open a crop, made now if it is one we offer and was never made: of pictures older than crops."""
    path = f"renditions/{photo.key}/{name}/{width}.{extension}"
    offered = photo.find_crop(name)
    if offered and width in offered.widths and extension in {"avif", "webp"} and not default_storage.exists(path):
        photo.write_crops()
    return default_storage.open(path)


@require_safe
@for_everybody
def search(request: HttpRequest) -> HttpResponse:
    """Find pieces by their words, among what the reader may read."""
    asked = request.GET.get("section", "").replace("\0", "")  # which PostgreSQL would not take
    section = Section.objects.filter(slug=asked).first() if asked else None
    number = read_number(request.GET.get("page"))
    results = find(request.GET.get("q", ""), reader=request.user, section=section, page=number)
    if number > 1 and not results.editions:
        raise Http404
    keep = QueryDict(mutable=True)
    keep.update({"q": results.query} | ({"section": section.slug} if section else {}))
    return render(request, "articles/search.html", {"results": results, "section": section, "keep": keep.urlencode()})
