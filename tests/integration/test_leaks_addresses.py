"""Has somebody said of every address who may learn what there?"""

from typing import Any

import pytest
from django.conf import settings as ours
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from kjreport.leaks.addresses import CLASSIFIED, Kind, NotClassifiedError, list_addresses, list_patterns
from kjreport.urls import urlpatterns as real
from tests.leaks.crawling import ask
from tests.leaks.planting import Planted

pytest_plugins = ("tests.leaks.fixtures",)
ONLY_ON_A_LAPTOP = {"mailroom", "mailroom_letter"}


def an_addition(_request: HttpRequest, **_arguments: object) -> HttpResponse:
    return HttpResponse("something new")


urlpatterns = [*real, path("print/<slug:slug>/", an_addition, name="print"), path("llms.txt", an_addition)]


def test_every_address_is_classified(paper: Planted) -> None:
    """If this fails, the message says what to do."""
    for pattern in list_patterns():
        assert pattern.kind in Kind
        pattern.fill()


def test_every_classified_address_is_there() -> None:
    there = {pattern.key for pattern in list_patterns()}
    missing = set(CLASSIFIED) - there - (set() if ours.DEBUG else ONLY_ON_A_LAPTOP)
    assert missing == set(), "take these out of kjreport/leaks/addresses.py"


def test_an_address_that_nobody_classified_fails_the_build(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    unknown = [pattern for pattern in list_patterns() if pattern.key in {"print", "llms.txt"}]
    assert len(unknown) == 2
    for pattern in unknown:
        with pytest.raises(NotClassifiedError, match=r"is not classified\. Add it to kjreport/leaks/addresses\.py"):
            _ = pattern.kind


def test_an_address_with_arguments_that_nobody_named_fails_the_build(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    pattern = next(pattern for pattern in list_patterns() if pattern.key == "print")
    with pytest.raises(NotClassifiedError, match="takes arguments"):
        pattern.fill()


def test_addresses_are_real(paper: Planted) -> None:
    """Most of them answer with a page: a walk over errors would find nothing."""
    client = Client()
    answers = [ask(client, address.path) for address in list_addresses(Kind.PUBLIC, Kind.TEASER, Kind.MACHINE)]
    assert len([answer for answer in answers if answer.status == 200]) > 0.7 * len(answers)
    for wanted in ("/", "/feed/", "/feed/atom/", "/sitemap-articles.xml", "/api/v1/articles/", "/api/v1/schema/"):
        assert any(answer.asked == wanted and answer.status == 200 for answer in answers), wanted
