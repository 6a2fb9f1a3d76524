"""The read API: shapes, questions, pages, who may keep an answer, and what each reader gets."""

from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.throttling import AnonRateThrottle

from articles import publishing
from articles.models import Access, Article
from kjreport.accounts.models import ReaderToken, User
from tests.cast import BELOW, LINE, a_section, an_article
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
SLUG = "the-corridor-nobody-drew"


def get(client: Client, path: str, status: int = 200, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = client.get(f"/api/v1/{path}", headers=headers)
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    return response.json()


def slugs(client: Client, path: str) -> list[str]:
    return [one["slug"] for one in get(client, path)["results"]]


def a_token(user: User) -> str:
    raw: str = ReaderToken.objects.make(user, name="My reader")[1]
    return raw


@pytest.fixture
def a_piece(an_editor: User) -> Article:
    article = an_article(topics=["Kenya", "Water"], authors=["Mina Okello", "Ada Byron"], hero=a_photo())
    publishing.publish(article, by=an_editor)
    return article


# Shapes ---------------------------------------------------------------------------------------------------------------


def test_the_start_names_the_lists(client: Client) -> None:
    told = get(client, "")
    assert told["articles"] == f"{SITE}/api/v1/articles/"
    assert {*told} == {"articles", "authors", "sections", "topics", "schema"}
    for address in told.values():
        assert client.get(address).status_code == 200


def test_a_list_tells_what_a_card_shows(client: Client, a_piece: Article) -> None:
    told = get(client, "articles/")
    assert (told["next"], told["previous"]) == (None, None)
    (one,) = told["results"]
    assert {*one} == {
        *("slug", "headline", "standfirst", "url", "api_url", "section", "topics", "authors", "access", "picture"),
        *("published_at", "updated_at", "word_count", "reading_minutes"),
    }
    assert (one["slug"], one["headline"], one["access"]) == (SLUG, a_piece.headline, "subscribers")
    assert one["url"] == f"{SITE}/articles/{SLUG}/"
    assert one["api_url"] == f"{SITE}/api/v1/articles/{SLUG}/"
    assert one["section"] == {"slug": "diplomacy", "name": "Diplomacy", "url": f"{SITE}/sections/diplomacy/"}
    assert [author["name"] for author in one["authors"]] == ["Mina Okello", "Ada Byron"]
    assert [topic["slug"] for topic in one["topics"]] == ["kenya", "water"]
    assert one["picture"]["url"].startswith(f"{SITE}/pictures/")
    assert one["picture"]["alt"] == "A map of nothing"


def test_a_visitor_gets_the_preview_and_how_much_is_left(client: Client, a_piece: Article) -> None:
    told = get(client, f"articles/{SLUG}/")
    assert {*told} == {
        *("article", "extent", "text", "notes", "words_left", "minutes_left", "read_on_url", "corrections"),
    }
    assert told["article"]["slug"] == SLUG
    assert (told["extent"], told["words_left"], told["minutes_left"]) == ("preview", 6, 1)
    assert told["text"] == "<p>Above the line, for everybody to read.</p>"
    assert told["read_on_url"] == f"{SITE}/articles/{SLUG}/"


def test_text_and_notes_have_whole_addresses(client: Client, an_editor: User, a_subscriber: User) -> None:
    source = f'<p>See <a href="/about/">us</a>.<span data-footnote="A note."></span></p>{LINE}{BELOW}'
    publishing.publish(an_article("Noted", source=source), by=an_editor)
    told = get(client, "articles/noted/")
    assert f'href="{SITE}/about/"' in told["text"]
    assert f'href="{SITE}/articles/noted/#note-1"' in told["text"]
    assert told["notes"] == ["A note."]


def test_corrections_are_told(client: Client, a_piece: Article, an_editor: User) -> None:
    publishing.correct(a_piece, by=an_editor, text="It was Tuesday.")
    assert [one["text"] for one in get(client, f"articles/{SLUG}/")["corrections"]] == ["It was Tuesday."]


def test_names_are_told(client: Client, a_piece: Article) -> None:
    assert slugs(client, "authors/") == ["ada-byron", "mina-okello"]
    assert slugs(client, "topics/") == ["kenya", "water"]
    assert slugs(client, "sections/") == ["diplomacy"]
    author = get(client, "authors/mina-okello/")
    assert {*author} == {"slug", "name", "url", "role", "beat", "biography", "portrait"}
    assert {*get(client, "topics/kenya/")} == {"slug", "name", "url", "kind", "introduction"}
    assert {*get(client, "sections/diplomacy/")} == {"slug", "name", "url", "description"}


# Readers --------------------------------------------------------------------------------------------------------------


def test_a_subscribers_token_reads_it_all(client: Client, a_piece: Article, a_subscriber: User) -> None:
    told = get(client, f"articles/{SLUG}/", token=a_token(a_subscriber))
    assert (told["extent"], told["words_left"]) == ("full", 0)
    assert BELOW in told["text"]


def test_a_subscribers_session_reads_it_all(client: Client, a_piece: Article, a_subscriber: User) -> None:
    client.force_login(a_subscriber)
    assert BELOW in get(client, f"articles/{SLUG}/")["text"]


def test_tokens_and_sessions_of_others_read_the_preview(
    client: Client, a_piece: Article, a_reader: User, a_lapsed_subscriber: User, a_donor: User
) -> None:
    for reader in (a_reader, a_lapsed_subscriber, a_donor):
        assert get(client, f"articles/{SLUG}/", token=a_token(reader))["extent"] == "preview"
        client.force_login(reader)
        told = get(client, f"articles/{SLUG}/")
        assert (told["extent"], "Below" in str(told)) == ("preview", False)
        client.logout()


def test_an_open_piece_is_read_by_everybody(client: Client, an_editor: User) -> None:
    publishing.publish(an_article("Open", access=Access.OPEN), by=an_editor)
    told = get(client, "articles/open/")
    assert (told["extent"], BELOW in told["text"]) == ("full", True)


def test_a_token_that_opens_nothing_is_refused(client: Client, a_piece: Article, a_subscriber: User) -> None:
    raw = a_token(a_subscriber)
    for wrong in (raw + "x", raw[:-1], "kjr_", "x" * 5000, "é", "Bearer", raw.upper()):
        response = client.get(f"/api/v1/articles/{SLUG}/", headers={"Authorization": f"Bearer {wrong}"})
        assert response.status_code == 401, wrong
        assert response["WWW-Authenticate"].startswith("Bearer")
        assert response["Cache-Control"] == "private, no-store"
    token = ReaderToken.objects.get()
    token.revoke()
    get(client, f"articles/{SLUG}/", 401, raw)


def test_a_closed_accounts_token_is_refused(client: Client, a_piece: Article, a_subscriber: User) -> None:
    raw = a_token(a_subscriber)
    a_subscriber.is_active = False
    a_subscriber.save()
    get(client, f"articles/{SLUG}/", 401, raw)


def test_another_kind_of_authorisation_is_a_strangers_that_nobody_keeps(client: Client, a_piece: Article) -> None:
    response = client.get(f"/api/v1/articles/{SLUG}/", headers={"Authorization": "Basic eDp5"})
    assert response.json()["extent"] == "preview"
    assert response["Cache-Control"] == "private, no-store"


def test_only_a_strangers_answer_may_be_kept(client: Client, a_piece: Article, a_subscriber: User) -> None:
    for path in ("", "articles/", f"articles/{SLUG}/", "authors/", "topics/kenya/", "schema/"):
        response = client.get(f"/api/v1/{path}")
        assert "public" in response["Cache-Control"], path
        assert {"Authorization", "Cookie"} <= {name.strip() for name in response["Vary"].split(",")}
    client.force_login(a_subscriber)
    for path in ("articles/", f"articles/{SLUG}/"):
        assert client.get(f"/api/v1/{path}")["Cache-Control"] == "private, no-store"
    client.logout()
    assert client.get("/api/v1/articles/nothing/")["Cache-Control"] == "private, no-store"


# Questions ------------------------------------------------------------------------------------------------------------


def test_a_list_can_be_narrowed(client: Client, an_editor: User) -> None:
    first = an_article("First", section=a_section("Economy"), topics=["Chile"], authors=["Mina Okello"])
    publishing.publish(first, by=an_editor, at=timezone.now() - timedelta(days=9))
    publishing.publish(an_article("Second", topics=["Kenya"], authors=["Ada Byron"]), by=an_editor)
    since = (timezone.now() - timedelta(days=1)).isoformat()
    for question, expected in (
        ({}, ["second", "first"]),
        ({"section": "economy"}, ["first"]),
        ({"topic": "kenya"}, ["second"]),
        ({"author": "mina-okello"}, ["first"]),
        ({"since": since}, ["second"]),
        ({"since": since, "author": "mina-okello"}, []),
        ({"section": "no-such"}, []),
    ):
        assert slugs(client, f"articles/?{urlencode(question)}") == expected, question


@pytest.mark.parametrize(
    "question",
    [
        *("ordering=text", "search=x", "q=x", "fields=text", "include=text", "body=x", "format=json", "access=open"),
        *("section__articles__source=x", "headline=x", "published_by=1", "id=1", "live_until=x"),
        *("since=yesterday", "since=", "since=9999999", "section=a%20b", "section=%00", "topic=", "author=%C3%A9"),
        *("page_size=0", "page_size=101", "page_size=x", "page_size=-1", "section=a&section=b"),
    ],
)
def test_a_question_that_is_not_ours_to_answer_is_refused(client: Client, a_piece: Article, question: str) -> None:
    told = get(client, f"articles/?{question}", 400)
    assert {*told} == {question.partition("=")[0]}


@pytest.mark.parametrize("path", ["authors/", "sections/", "topics/", f"articles/{SLUG}/", "authors/ada-byron/", ""])
def test_other_addresses_refuse_unknown_parameters_too(client: Client, a_piece: Article, path: str) -> None:
    get(client, f"{path}?ordering=account__email", 400)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(client: Client, a_piece: Article, a_publisher: User, method: str) -> None:
    client.force_login(a_publisher)
    for path in ("articles/", f"articles/{SLUG}/", "authors/ada-byron/"):
        assert getattr(client, method)(f"/api/v1/{path}", {}, content_type="application/json").status_code == 405


# Pages ----------------------------------------------------------------------------------------------------------------


def test_pages_are_turned_by_keyset_both_ways(client: Client, an_editor: User) -> None:
    for number in range(7):
        at = timezone.now() - timedelta(hours=10 - number // 2)  # two by two at the same moment
        publishing.publish(an_article(f"Piece {number}"), by=an_editor, at=at)
    page, seen, back = get(client, "articles/?page_size=2"), [], ""
    while True:
        seen += [one["slug"] for one in page["results"]]
        if page["next"] is None:
            break
        assert page["next"].startswith(f"{SITE}/api/v1/articles/?")
        page = client.get(page["next"]).json()
        back = page["previous"]
    assert len(seen) == len({*seen}) == 7
    assert seen[0] == "piece-6"
    assert [one["slug"] for one in client.get(back).json()["results"]] == seen[4:6]


@pytest.mark.parametrize(
    "inside", ["p=foo", "p=2026", "p=%00", "o=-1", "o=99999999999999999999&p=x", "r=1&p=é", "p=" + "9" * 400]
)
@pytest.mark.parametrize("listing", ["articles", "authors", "topics"])
def test_a_cursor_that_was_tampered_with_is_no_error(
    client: Client, a_piece: Article, inside: str, listing: str
) -> None:
    for cursor in (b64encode(inside.encode()).decode(), inside, "%%%"):
        response = client.get(f"/api/v1/{listing}/?{urlencode({'cursor': cursor})}")
        assert response.status_code in {200, 404}, (cursor, response.content)


def test_links_come_from_our_address_not_from_a_claimed_one(client: Client, an_editor: User) -> None:
    for number in range(3):
        publishing.publish(an_article(f"Piece {number}"), by=an_editor)
    response = client.get("/api/v1/articles/?page_size=1", headers={"Host": "localhost"})
    assert "localhost" not in response.content.decode()


# Cost and care --------------------------------------------------------------------------------------------------------


def test_a_list_and_a_piece_cost_a_fixed_number_of_queries(
    client: Client, an_editor: User, a_subscriber: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        publishing.publish(an_article(f"Piece {number}", topics=["Kenya", "Water"], hero=None), by=an_editor)
    with django_assert_num_queries(3):
        assert len(get(client, "articles/")["results"]) == 12
    with django_assert_num_queries(3):
        get(client, "articles/piece-3/")
    raw = a_token(a_subscriber)
    get(client, "articles/piece-3/", token=raw)  # notes the token's use, once an hour
    with django_assert_num_queries(6):
        assert get(client, "articles/piece-3/", token=raw)["extent"] == "full"
    with django_assert_num_queries(1):
        get(client, "authors/")


def test_whoever_asks_too_often_is_told_to_wait(
    client: Client, a_piece: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"anon": "3/min", "user": "3/min"})
    for _ in range(3):
        get(client, "articles/")
    response = client.get("/api/v1/articles/")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert response["Cache-Control"] == "private, no-store"


def test_absent_things_are_not_found(client: Client, a_piece: Article) -> None:
    for path in ("articles/nothing/", "authors/nobody/", "sections/nowhere/", "topics/nothing/"):
        get(client, path, 404)


def test_the_schema_is_valid_and_says_what_there_is(client: Client, tmp_path: Any) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))
    schema = yaml.safe_load(client.get("/api/v1/schema/").content)
    assert {path for path in schema["paths"] if path.startswith("/api/v1/articles")} == {
        "/api/v1/articles/",
        "/api/v1/articles/{slug}/",
    }
    asked = {one["name"] for one in schema["paths"]["/api/v1/articles/"]["get"]["parameters"]}
    assert asked == {"section", "topic", "author", "since", "cursor", "page_size"}
    assert "readerToken" in schema["components"]["securitySchemes"]
    assert {method for path in schema["paths"].values() for method in path} == {"get"}
