"""On a laptop, a page that is not there wears the paper's dress."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/nowhere/", "/articles/no-such-piece/", "/stripe/"])
def test_a_missing_page_looks_as_readers_will_see_it(settings: Any, path: str) -> None:
    settings.DEBUG = True
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "kjreport.laptop.DressedNotFound"]
    response = Client().get(path)
    page = response.content.decode()
    assert response.status_code == 404
    assert "DEBUG = True" not in page
    assert "KJ Report" in page


def test_without_it_a_laptop_shows_djangos_page(settings: Any) -> None:
    settings.DEBUG = True
    assert "DEBUG = True" in Client().get("/nowhere/").content.decode()
