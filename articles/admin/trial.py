"""Shows what is typed and not saved as readers would get it: the public templates, in a frame of their width."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import get_random_string
from django.utils.csp import CSP

from articles.admin.conflicts import remember
from articles.admin.copying import copy_from, read_typed
from articles.admin.forms import make_slug
from articles.authors.models import Author
from articles.comparison import WORDS, Copy, copy_of
from articles.models import Access, Article, Photo, Section, Topic, UnsavedWork
from articles.paywall import preview_copy
from articles.related.selection import related_to
from articles.sharing import show_card

if TYPE_CHECKING:
    from kjreport.accounts.models import User

AUDIENCES = {"visitor": "Visitor", "registered": "Signed in", "subscriber": "Subscriber"}
WIDTHS = {"phone": "Phone", "desktop": "Desktop", "card": "Shared"}


@dataclass(frozen=True)
class Trial:
    """What is shown: a copy, of an article or of none yet, and whether it is saved."""

    article: Article | None
    copy: Copy
    key: str
    is_unsaved: bool


def trial_shell(request: HttpRequest, article: Article | None) -> HttpResponse:
    """Keep what was posted, then show the frame around the page."""
    if request.method == "POST":
        return _keep_and_show(request, article)
    trial = _find(request, article)
    audience, width = request.GET.get("as", "visitor"), request.GET.get("at", "desktop")
    if audience not in AUDIENCES or width not in WIDTHS:
        raise Http404
    shown = _pretend(trial)
    context = {
        "trial": trial,
        "article": article,
        "audience": audience,
        "width": width,
        "audiences": AUDIENCES,
        "widths": WIDTHS,
        "page": _address(trial, audience),
        "back": reverse("admin:articles_article_change", args=[article.pk])
        if article
        else f"{reverse('admin:articles_article_add')}?work={trial.key}",
        "shown": shown,
        "card": show_card(shown, [author.name for author in _authors_of(trial)]) if width == "card" else "",
        "title": trial.copy.values.get("headline") or "No headline yet",
    }
    response = render(request, "admin/articles/trial.html", context)
    response._csp_config = {**settings.SECURE_CSP, "frame-src": [CSP.SELF]}  # type: ignore[attr-defined] # noqa: SLF001 - where Django's own decorator puts it
    return _unseen(response)


def trial_page(request: HttpRequest, article: Article | None, audience: str) -> HttpResponse:
    """Show the public page of what is typed, as one of three readers would get it."""
    if audience not in AUDIENCES:
        raise Http404
    trial = _find(request, article)
    pretended = _pretend(trial)
    reading = preview_copy(
        pretended,
        authors=_authors_of(trial),
        topics=_in_order(Topic.objects.all(), trial.copy.lists.get("topics", ())),
        as_subscriber=audience == "subscriber",
    )
    edition = reading.edition
    edition.related_article_ids = [int(pk) for pk in trial.copy.lists.get("chosen_related", ()) if pk.isdecimal()]
    context = {
        "article": pretended,
        "edition": edition,
        "reading": reading,
        "related": related_to(edition) if pretended.section_id else [],
        "audience": audience,
        "is_signed_in": audience != "visitor",
        "is_trial": True,
    }
    response = render(request, "admin/articles/trial_page.html", context)
    response._csp_config = {**settings.SECURE_CSP, "frame-ancestors": [CSP.SELF]}  # type: ignore[attr-defined] # noqa: SLF001 - as above
    return _unseen(response)


def _keep_and_show(request: HttpRequest, article: Article | None) -> HttpResponse:
    person, posted = cast("User", request.user), cast("QueryDict", request.POST)
    if posted.get("person", str(person.pk)) != str(person.pk):
        return render(request, "admin/articles/another_person.html", status=409)
    key = posted.get("work", "") or get_random_string(24)
    is_saved = article is not None and not copy_from(read_typed(posted)).differs_from(copy_of(article))
    if not is_saved:
        remember(person, article, posted, key=key)
    shell = (
        reverse("admin:articles_article_trial", args=[article.pk])
        if article
        else f"{reverse('admin:articles_article_new_trial')}?work={key}"
    )
    return HttpResponseRedirect(shell)


def _find(request: HttpRequest, article: Article | None) -> Trial:
    """Find this person's unsaved work, or what is saved.

    Raises:
        Http404: there is neither.
    """
    person, key = cast("User", request.user), request.GET.get("work", "")
    work = UnsavedWork.objects.of(person, article, key=key).first()
    if work is not None:
        return Trial(article, copy_from(work.form), key, is_unsaved=True)
    if article is None:
        raise Http404("Nothing was typed here yet, or it is saved by now.")
    return Trial(article, copy_of(article), "", is_unsaved=False)


def _pretend(trial: Trial) -> Article:
    """Return an article with what was typed; it is never saved."""
    saved, values = trial.article, trial.copy.values
    pretended = Article(pk=saved.pk if saved else None, access=Access.SUBSCRIBERS)
    for name in WORDS:
        setattr(pretended, name, values.get(name, getattr(saved, name) if saved else ""))
    pretended.access = values.get("access") or (saved.access if saved else Access.SUBSCRIBERS)
    pretended.slug = (
        (saved.slug if saved else "") or values.get("slug") or make_slug(pretended.headline, article=pretended)
    )
    pretended.source = trial.copy.source
    section, hero = (values.get(name, str(getattr(saved, f"{name}_id", None) or "")) for name in ("section", "hero"))
    pretended.section = Section.objects.filter(pk=section if section.isdecimal() else 0).first()
    pretended.hero = Photo.objects.filter(pk=hero if hero.isdecimal() else 0).first()
    return pretended


def _authors_of(trial: Trial) -> list[Author]:
    return _in_order(Author.objects.select_related("portrait"), trial.copy.lists.get("bylines", ()))


def _in_order(rows: Any, pks: tuple[str, ...]) -> list[Any]:  # noqa: ANN401 - a queryset of either
    found = rows.in_bulk([int(pk) for pk in pks if pk.isdecimal()])
    return [found[int(pk)] for pk in pks if pk.isdecimal() and int(pk) in found]


def _address(trial: Trial, audience: str) -> str:
    if trial.article is not None:
        return reverse("admin:articles_article_trial_page", args=[trial.article.pk, audience])
    return f"{reverse('admin:articles_article_new_trial_page', args=[audience])}?work={trial.key}"


def _unseen(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
