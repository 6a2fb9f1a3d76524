"""Would the hunt notice? Each leak is built in on purpose, and must be found by the very same code."""

import gzip
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db.models import Q
from django.test import Client
from django.utils import timezone
from django.utils.safestring import SafeString

from articles import feeds, paywall, search, structured_data, views
from articles.admin.article import ArticleAdmin
from articles.api import serializers
from articles.api import views as api_views
from articles.models import Article, Edition, EditionBody
from articles.models.edition import EditionQuerySet
from articles.related import admin as related_admin
from kjreport import headers
from kjreport.leaks.addresses import Kind
from subscriptions import entitlements
from tests.leaks.crawling import SharedCache, a_short_walk, ask, everywhere, find_answers_to_guesses, hunt, said
from tests.leaks.personas import PERSONAS, signed_in
from tests.leaks.planting import Planted

pytest_plugins = ("tests.leaks.fixtures",)
PAGES: Any = views  # what it imports is changed as well
Patch = pytest.MonkeyPatch
Fault = Callable[[Patch, Planted], None]


def body_of(edition: Edition) -> str:
    """Return the paid text, as a careless hand would."""
    body = EditionBody.objects.filter(pk=edition.pk).first()
    return body.text if body else ""


def _open_to_everybody(patch: Patch, paper: Planted) -> None:
    def careless(edition: Edition, reader: object) -> paywall.Reading:
        return paywall._full(edition, paywall.Ground.OPEN, EditionBody.objects.filter(pk=edition.pk).first())

    patch.setattr(PAGES, "open_article", careless)


def _print_in_the_page(wrap: Callable[[str], str]) -> Fault:
    """Let the article's page carry the paid text where no reader looks."""

    def fault(patch: Patch, paper: Planted) -> None:
        real = PAGES.render

        def careless(request: Any, template: str, context: dict[str, Any], **more: Any) -> Any:
            response = real(request, template, context, **more)
            if "reading" in context:
                response.content = response.content + wrap(body_of(context["edition"])).encode()
            return response

        patch.setattr(PAGES, "render", careless)

    return fault


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace("q", "&#113;")


def _packed(text: str) -> str:
    return f'<div data-more="{b64encode(gzip.compress(text.encode())).decode()}"></div>'


def _hyphenated(text: str) -> str:
    return f"<template>{text.replace('x', 'x\u00ad').replace('q', '<wbr>q')}</template>"


def _in_a_header(patch: Patch, paper: Planted) -> None:
    real = PAGES.render

    def careless(request: Any, template: str, context: dict[str, Any], **more: Any) -> Any:
        response = real(request, template, context, **more)
        if "reading" in context:
            response["X-Summary"] = paper.words.word_at("paid / below / quote").upper()
        return response

    patch.setattr(PAGES, "render", careless)


def _in_every_address(patch: Patch, paper: Planted) -> None:
    """Let whatever shows a card of an edition carry its text along."""
    patch.setattr(Edition, "get_absolute_url", lambda self: f"{self.article.get_absolute_url()}#{body_of(self)[:700]}")


def _in_structured_data(patch: Patch, paper: Planted) -> None:
    real = structured_data.describe_article
    patch.setattr(views, "describe_article", lambda reading: real(reading) | {"articleBody": body_of(reading.edition)})


def _in_the_api(patch: Patch, paper: Planted) -> None:
    patch.setattr(serializers.ReadingSerializer, "get_text", lambda _, reading: reading.text + body_of(reading.edition))


def _in_the_apis_list(patch: Patch, paper: Planted) -> None:
    patch.setattr(serializers.ArticleSerializer, "get_url", lambda _, edition: body_of(edition)[:200])


def _in_the_feed(patch: Patch, paper: Planted) -> None:
    patch.setattr(feeds, "open_article", lambda edition, _: _read_in_full(edition))


def _read_in_full(edition: Edition) -> paywall.Reading:
    return replace(paywall.open_article(edition, AnonymousUser()), text=SafeString(edition.preview + body_of(edition)))


def _show_what_search_found(patch: Patch, paper: Planted) -> None:
    real = PAGES.find

    def with_snippets(query: str, **more: Any) -> Any:
        results = real(query, **more)
        for edition in results.editions:
            edition.standfirst = f"… {body_of(edition)[:400]}"
        return results

    patch.setattr(PAGES, "find", with_snippets)


def _let_pictures_go(patch: Patch, paper: Planted) -> None:
    patch.setattr(PAGES, "may_see_photo", lambda *_: True)


def _forget_the_time(patch: Patch, paper: Planted) -> None:
    patch.setattr(EditionQuerySet, "live", lambda self: self.filter(Q(live_until=None)))


def _forget_the_end(patch: Patch, paper: Planted) -> None:
    patch.setattr(EditionQuerySet, "live", lambda self: self.filter(published_at__lte=timezone.now()))


def _show_drafts_by_address(patch: Patch, paper: Planted) -> None:
    real = views._answer_for_absent

    def careless(request: Any, slug: str) -> Any:
        article = Article.objects.filter(slug=slug).first()
        if article is None:
            return real(request, slug)
        return PAGES.render(request, "articles/section.html", {"section": {"name": article.headline}, "turn": None})

    patch.setattr(PAGES, "_answer_for_absent", careless)


def _name_every_topic(patch: Patch, paper: Planted) -> None:
    patch.setattr(api_views, "with_live_pieces", lambda rows, _: rows)


def _keep_exif(patch: Patch, paper: Planted) -> None:
    """Serve the file as it was uploaded, to everybody."""
    photo = paper.photos["paid"]
    word = paper.words.word_at("paid / never / EXIF description").encode()
    real = PAGES.default_storage.open

    def careless(name: str, mode: str = "rb") -> Any:
        file = real(name, mode)
        return ContentFile(file.read() + word, name="x.webp") if photo.key in name else file

    patch.setattr(PAGES, "may_see_photo", lambda *_: True)
    patch.setattr(PAGES.default_storage, "open", careless)


SHOWN_TO_VISITORS: dict[str, tuple[Fault, str]] = {
    "the wall is open": (_open_to_everybody, "paid / below / first paragraph"),
    "a comment in the page": (_print_in_the_page(lambda text: f"<!-- {text} -->"), "paid / below / quote"),
    "a template element": (_print_in_the_page(_hyphenated), "paid / below / numbered item"),
    "escaped in an attribute": (_print_in_the_page(_escaped), "paid / below / pull quote"),
    "packed in an attribute": (_print_in_the_page(_packed), "paid / below / last paragraph"),
    "only the first 160 characters": (_print_in_the_page(lambda text: text[:160]), "paid / below / first paragraph"),
    "a header": (_in_a_header, "paid / below / quote"),
    "a fragment of a link": (_in_every_address, "paid / below / subhead"),
    "JSON-LD": (_in_structured_data, "paid / below / small subhead"),
    "the API's text": (_in_the_api, "paid / below / emphasis"),
    "the API's list": (_in_the_apis_list, "paid / below / first paragraph"),
    "the feed": (_in_the_feed, "paid / below / link target"),
    "search's snippets": (_show_what_search_found, "paid / below / first paragraph"),
    "pictures": (_let_pictures_go, "paid / picture / file"),
    "drafts' pictures": (_let_pictures_go, "draft / picture / file"),
    "metadata of a picture": (_keep_exif, "paid / never / EXIF description"),
    "what is scheduled": (_forget_the_time, "scheduled / head / headline"),
    "what was withdrawn": (_forget_the_end, "withdrawn / head / headline"),
    "an earlier edition": (_forget_the_end, "renewed / gone / paragraph"),
    "drafts by address": (_show_drafts_by_address, "draft / head / second headline"),
    "topics of what is not out": (_name_every_topic, "scheduled / topic / name"),
}


@pytest.mark.parametrize("fault", SHOWN_TO_VISITORS)
def test_a_leak_to_visitors_is_found(paper: Planted, monkeypatch: Patch, fault: str) -> None:
    build_in, what = SHOWN_TO_VISITORS[fault]
    quarry = paper.quarry(but=paper.public)
    paths = a_short_walk(paper)
    build_in(monkeypatch, paper)
    client = Client(raise_request_exception=False)
    assert what in said(hunt(client, paths, quarry))


def test_a_search_that_answers_guesses_is_found(paper: Planted, monkeypatch: Patch) -> None:
    monkeypatch.setattr(search, "_PUBLIC", search._WHOLE)
    assert "paid / below / first paragraph" in find_answers_to_guesses(Client(), paper)


def test_a_leak_to_lapsed_readers_alone_is_found(paper: Planted, monkeypatch: Patch) -> None:
    lapsed = signed_in(PERSONAS["a lapsed subscriber"].make())
    monkeypatch.setattr(entitlements.Standing, "opens_the_text", property(lambda _: True))
    found = said(hunt(lapsed, everywhere(Kind.GATED), paper.quarry(but=paper.public)))
    assert "paid / below / first paragraph" in found


@pytest.mark.parametrize("careless", ["the middleware", "the API"])
def test_a_subscribers_page_in_a_shared_cache_is_found(
    paper: Planted, subscriber: Client, monkeypatch: Patch, careless: str
) -> None:
    slug = paper.articles["paid"].slug
    path = f"/articles/{slug}/" if careless == "the middleware" else f"/api/v1/articles/{slug}/"
    monkeypatch.setattr(headers, "_is_personal", lambda *_: False)
    monkeypatch.setattr(api_views, "NOBODY_KEEPS_IT", "public, s-maxage=60")
    shared = SharedCache(vary=False)
    shared.get(subscriber, path)
    assert "paid / below / quote" in said(paper.quarry(but=paper.public).look_through(shared.get(Client(), path)))


def test_a_newsroom_that_shows_everything_to_everybody_is_found(paper: Planted, monkeypatch: Patch) -> None:
    monkeypatch.setattr(ArticleAdmin, "get_queryset", lambda *_: Article.objects.all())
    monkeypatch.setattr(related_admin, "label_choice", lambda article: article.headline)
    journalist = signed_in(paper.journalist)
    quarry = paper.quarry(but=paper.public | paper.in_the_library)
    found = said(hunt(journalist, [path for path in everywhere(Kind.STAFF) if "/articles/article/" in path], quarry))
    assert {"draft / head / second headline", "draft / below / quote", "submitted / desk / note"} <= found


def test_without_a_fault_nothing_is_found(paper: Planted) -> None:
    quarry = paper.quarry(but=paper.public)
    assert hunt(Client(), a_short_walk(paper), quarry) == set()
    assert find_answers_to_guesses(Client(), paper) == []
    assert ask(Client(), f"/articles/{paper.articles['paid'].slug}/").status == 200
