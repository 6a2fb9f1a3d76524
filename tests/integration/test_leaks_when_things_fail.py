"""With something broken, does the wall stand, and do known subscribers still read?"""

from typing import Any, Never

import pytest
from django.conf import settings
from django.core.cache.backends.locmem import LocMemCache
from django.db import DatabaseError, connection
from django.test import Client

from articles.search import _Index
from kjreport.leaks.hunting import Answer
from subscriptions import entitlements
from tests.leaks.crawling import a_short_walk, ask, hunt, said
from tests.leaks.planting import Planted

pytest_plugins = ("tests.leaks.fixtures",)
Patch = pytest.MonkeyPatch


class BrokenError(Exception):
    """What was broken on purpose."""


def fail(*_args: object, **_more: object) -> Never:
    raise BrokenError


def break_cache(patch: Patch) -> None:
    for name in ("get", "set", "add", "get_many", "set_many", "get_or_set", "incr", "delete", "touch", "has_key"):
        patch.setattr(LocMemCache, name, fail, raising=False)


def break_search(patch: Patch) -> None:
    def refuse(self: _Index, *_args: object, **_more: object) -> Never:
        raise DatabaseError("no such table")

    patch.setattr(_Index, "_run", refuse)


def drop_search(patch: Patch) -> None:
    with connection.cursor() as cursor:
        for table in ("articles_search_public", "articles_search_whole"):
            cursor.execute(f"DROP TABLE {table}")


def break_stripe(patch: Patch) -> None:
    patch.setattr(settings, "STRIPE_API_BASE", "http://127.0.0.1:9")
    patch.setattr(settings, "STRIPE_SECRET_KEY", "")


def break_pictures(patch: Patch) -> None:
    patch.setattr("django.core.files.storage.InMemoryStorage._open", fail)


BROKEN = {"cache": break_cache, "search": break_search, "Stripe": break_stripe, "pictures": break_pictures}


def read(client: Client, path: str) -> Answer:
    client.raise_request_exception = False
    return ask(client, path)


@pytest.mark.parametrize("what", BROKEN)
def test_the_wall_stands_and_subscribers_read(
    paper: Planted, subscriber: Client, monkeypatch: Patch, what: str
) -> None:
    BROKEN[what](monkeypatch)
    visitor, hidden = Client(raise_request_exception=False), paper.quarry(but=paper.public)
    subscriber.raise_request_exception = False
    assert hunt(visitor, a_short_walk(paper), hidden) == set()
    path = f"/articles/{paper.articles['paid'].slug}/"
    assert ask(visitor, path).status == 200
    assert "paid / below / quote" in said(hunt(subscriber, [path], hidden))


def test_without_the_cache_machines_are_answered_too(paper: Planted, monkeypatch: Patch) -> None:
    break_cache(monkeypatch)
    for path in ("/feed/", "/feed/atom/", "/api/v1/articles/", f"/api/v1/articles/{paper.articles['paid'].slug}/"):
        assert read(Client(), path).status == 200, path


def test_without_the_search_tables_the_pages_stand(paper: Planted, subscriber: Client, monkeypatch: Patch) -> None:
    paths = [path for path in a_short_walk(paper) if not path.startswith("/search/")]
    drop_search(monkeypatch)
    hidden = paper.quarry(but=paper.public)
    assert hunt(Client(), paths, hidden) == set()
    assert "paid / below / quote" in said(hunt(subscriber, paths, hidden))


def test_an_entitlement_that_cannot_be_asked_opens_nothing(
    paper: Planted, subscriber: Client, monkeypatch: Patch
) -> None:
    def refuse(reader: Any) -> Never:
        raise DatabaseError("the subscriptions are gone")

    monkeypatch.setattr(entitlements, "_find", refuse)
    subscriber.raise_request_exception = False
    hidden = paper.quarry(but=paper.public)
    assert hunt(subscriber, a_short_walk(paper), hidden) == set()
    assert hunt(Client(), a_short_walk(paper), hidden) == set()
    assert ask(Client(), f"/articles/{paper.articles['paid'].slug}/").status == 200


def test_an_error_page_holds_nothing_of_the_article(paper: Planted, subscriber: Client, monkeypatch: Patch) -> None:
    monkeypatch.setattr("articles.views.related_to", fail)
    answer = read(subscriber, f"/articles/{paper.articles['paid'].slug}/")
    assert answer.status == 500
    assert paper.quarry().look_through(answer) == set()
    assert answer.header("Cache-Control") == "private, no-store"
