"""What search engines are told of a piece, an author and the paper."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles import publishing
from articles.models import Access, Article, Edition
from articles.paywall import open_article
from articles.structured_data import describe_article, describe_author, describe_site, describe_trail
from kjreport.accounts.models import User
from tests.cast import LINE, an_article, an_author
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
PAGE = f"{SITE}/articles/the-corridor-nobody-drew/"


def described(article: Article, reader: User | AnonymousUser | None = None) -> dict[str, Any]:
    edition = Edition.objects.live().for_page().get(article=article)
    return describe_article(open_article(edition, reader or AnonymousUser()))


def blocks(client: Client, address: str) -> list[dict[str, Any]]:
    page = client.get(address).content.decode()
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return [json.loads(block) for block in found]


def test_an_article_is_described_in_full(an_editor: User) -> None:
    article = an_article(topics=["Kenya", "Water"], authors=["Mina Okello", "Ada Byron"], hero=a_photo())
    moment = timezone.now() - timedelta(days=2)
    publishing.publish(article, by=an_editor, at=moment)
    told = described(article)
    assert told["@type"] == "NewsArticle"
    assert told["mainEntityOfPage"] == {"@type": "WebPage", "@id": PAGE}
    assert (told["headline"], told["description"]) == (article.headline, article.standfirst)
    assert told["datePublished"] == told["dateModified"] == moment.isoformat()
    assert told["author"] == [
        {"@type": "Person", "name": "Mina Okello", "url": f"{SITE}/authors/mina-okello/"},
        {"@type": "Person", "name": "Ada Byron", "url": f"{SITE}/authors/ada-byron/"},
    ]
    assert told["publisher"]["name"] == "KJ Report"
    assert told["publisher"]["logo"]["url"] == f"{SITE}/static/kjreport/img/mark.svg"
    assert (told["articleSection"], told["keywords"], told["wordCount"]) == ("Diplomacy", ["Kenya", "Water"], 13)
    assert told["image"]["url"].startswith(f"{SITE}/pictures/")
    assert (told["image"]["width"], told["image"]["height"]) == (48, 32)
    assert json.loads(json.dumps(told)) == told


def test_a_piece_for_subscribers_says_which_part_is_paid(an_editor: User, a_subscriber: User) -> None:
    article = an_article()
    publishing.publish(article, by=an_editor)
    for reader in (AnonymousUser(), a_subscriber):
        told = described(article, reader)
        assert told["isAccessibleForFree"] is False
        assert told["hasPart"] == {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paid"}


def test_an_open_piece_has_no_paid_part(an_editor: User) -> None:
    article = an_article(access=Access.OPEN)
    publishing.publish(article, by=an_editor)
    told = described(article)
    assert told["isAccessibleForFree"] is True
    assert "hasPart" not in told


def test_a_correction_is_told_and_dates_the_piece(an_editor: User) -> None:
    article = an_article()
    publishing.publish(article, by=an_editor, at=timezone.now() - timedelta(days=2))
    correction = publishing.correct(article, by=an_editor, text="It was Tuesday.")
    told = described(article)
    assert told["dateModified"] == correction.made_at.isoformat()
    assert told["correction"] == [
        {"@type": "CorrectionComment", "text": "It was Tuesday.", "datePublished": correction.made_at.isoformat()}
    ]


def test_a_new_edition_dates_the_piece(an_editor: User) -> None:
    article = an_article()
    first = publishing.publish(article, by=an_editor, at=timezone.now() - timedelta(days=2))
    second = publishing.publish(article, by=an_editor)
    told = described(article)
    assert told["datePublished"] == first.published_at.isoformat()
    assert told["dateModified"] == second.published_at.isoformat()


def test_describing_asks_the_database_nothing(
    an_editor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    article = an_article(hero=a_photo())
    publishing.publish(article, by=an_editor)
    edition = Edition.objects.live().for_page().get()
    reading = open_article(edition, AnonymousUser())
    with django_assert_num_queries(0):
        describe_article(reading)
        describe_trail(edition)
        describe_site()


def test_an_author_is_described() -> None:
    author = an_author("Mina Okello", role="Africa editor", biography="Writes.", beat="Water", portrait=a_photo())
    told = describe_author(author)
    assert told["@type"] == "ProfilePage"
    person = told["mainEntity"]
    assert (person["name"], person["jobTitle"], person["description"]) == ("Mina Okello", "Africa editor", "Writes.")
    assert person["url"] == f"{SITE}/authors/mina-okello/"
    assert person["image"].startswith(f"{SITE}/pictures/")


def test_pages_carry_their_descriptions(client: Client, an_editor: User) -> None:
    publishing.publish(an_article(), by=an_editor)
    assert [block["@type"] for block in blocks(client, "/")] == ["WebSite"]
    assert [block["@type"] for block in blocks(client, "/articles/the-corridor-nobody-drew/")] == [
        "NewsArticle",
        "BreadcrumbList",
    ]
    assert [block["@type"] for block in blocks(client, "/authors/ada-byron/")] == ["ProfilePage"]


def test_the_selector_finds_the_paid_part_on_the_page(client: Client, an_editor: User, a_subscriber: User) -> None:
    publishing.publish(an_article(), by=an_editor)
    marked = re.compile(r'class="(?:[^"]* )?paid(?: [^"]*)?"')
    assert len(marked.findall(client.get("/articles/the-corridor-nobody-drew/").content.decode())) == 1
    client.force_login(a_subscriber)
    assert len(marked.findall(client.get("/articles/the-corridor-nobody-drew/").content.decode())) == 1


def test_a_headline_cannot_break_out_of_its_block(client: Client, an_editor: User) -> None:
    nasty = '</script><!--<script>alert(1)//" \\ & \u2028'
    article = an_article("Plain", source=f"<p>x</p>{LINE}<p>y</p>")
    article.headline, article.standfirst = nasty, nasty
    article.save()
    publishing.publish(article, by=an_editor)
    page = client.get("/articles/plain/").content.decode()
    assert "alert(1)//" in page
    assert "<script>alert" not in page
    assert blocks(client, "/articles/plain/")[0]["headline"] == nasty
