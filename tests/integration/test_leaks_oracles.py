"""Can anything be guessed of what may not be seen?"""

import re
from itertools import product
from typing import Any

import pytest
from django.test import Client

from articles import publishing
from articles.models import Article, Edition
from kjreport.leaks.hunting import Answer
from tests.cast import LINE
from tests.leaks.crawling import ask, find_answers_to_guesses
from tests.leaks.personas import PERSONAS, signed_in
from tests.leaks.planting import Planted

pytest_plugins = ("tests.leaks.fixtures",)


@pytest.mark.parametrize("who", ["a visitor", "a lapsed subscriber"])
def test_search_answers_no_guesses(paper: Planted, who: str) -> None:
    """A word that stands below the line, or in a draft, finds exactly what a word finds that stands nowhere."""
    assert find_answers_to_guesses(signed_in(PERSONAS[who].make()), paper) == []


def test_subscribers_find_by_the_whole_text_of_what_is_live_and_no_more(paper: Planted, subscriber: Client) -> None:
    answered = set(find_answers_to_guesses(subscriber, paper))
    assert "paid / below / quote" in answered
    assert answered <= paper.below


@pytest.mark.parametrize(
    "query", ['"then {word}"', "-{word} bridge", "piece {word}", "{word}*", "{half}*", "text:{word}", "{word} OR paid"]
)
def test_no_way_of_asking_search_answers_guesses(paper: Planted, query: str) -> None:
    word, other = paper.words.word_at("paid / below / first paragraph"), "qxnowhr"
    answers = []
    for one in (word, other):
        asked = query.format(word=one, half=one[:5])
        body = ask(Client(), "/search/", QUERY_STRING=f"q={asked}").body
        answers.append(body.replace(one.encode(), b"").replace(one[:5].encode(), b""))
    assert answers[0] == answers[1]


def the_same(answer: Answer, slug: str) -> tuple[Any, ...]:
    """Return all of an answer that could tell one address from another."""
    told = {
        name: re.sub(r"'nonce-[^']*'", "", value).replace(slug or "-", "-")
        for name, value in answer.headers
        if name not in {"Date", "Content-Length"}
    }
    return answer.status, told, re.sub(rb'nonce="[^"]*"', b"", answer.body).replace(slug.encode() or b"-", b"-")


@pytest.mark.parametrize("piece", ["draft", "submitted", "scheduled", "cancelled"])
@pytest.mark.parametrize("who", ["a visitor", "a subscriber"])
def test_what_is_not_out_is_as_if_it_never_was(paper: Planted, piece: str, who: str) -> None:
    client, slug = signed_in(PERSONAS[who].make()), paper.articles[piece].slug
    never = "a" * len(slug)
    addresses = ("/articles/{}/", "/articles/{}", "/api/v1/articles/{}/")
    for method, address in product(("GET", "HEAD", "OPTIONS", "POST"), addresses):
        told = the_same(ask(client, address.format(slug), method), slug)
        assert told == the_same(ask(client, address.format(never), method), never)


def test_a_hidden_picture_is_as_if_it_never_was(paper: Planted) -> None:
    never = "0" * 20
    for photo in paper.photos.values():
        answer = ask(Client(), photo.default_src)
        unknown = ask(Client(), photo.default_src.replace(photo.key, never))
        assert the_same(answer, photo.key) == the_same(unknown, never)
        assert answer.status == 404


def test_a_topic_of_what_is_not_out_is_as_if_it_never_was(paper: Planted) -> None:
    slug = next(topic.slug for topic in paper.articles["scheduled"].topics.all() if topic.slug != "armenia")
    for address in ("/topics/{}/", "/api/v1/topics/{}/"):
        told = the_same(ask(Client(), address.format(slug)), slug)
        assert told == the_same(ask(Client(), address.format("a" * len(slug))), "a" * len(slug))
    listed = ask(Client(), f"/api/v1/articles/?topic={slug}").body
    assert listed == ask(Client(), "/api/v1/articles/?topic=nothing").body


@pytest.mark.parametrize(
    "question",
    [
        *("body__text__contains={word}", "source__contains={word}", "search={word}", "q={word}"),
        *("ordering=body__text", "headline__startswith=The", "created_by=1", "live_until__isnull=false", "pk=1"),
        *(
            "published_at__gt=2000-01-01",
            "edition__body__text={word}",
            "article__source__contains={word}",
            "fields=text",
            "format=api",
        ),
    ],
)
def test_the_api_answers_no_questions_about_hidden_columns(paper: Planted, question: str) -> None:
    hidden, nowhere = paper.words.word_at("paid / below / quote"), "qxnowhr"
    for listing in ("articles", "authors", "topics", "sections"):
        answers = [ask(Client(), f"/api/v1/{listing}/?{question.format(word=word)}") for word in (hidden, nowhere)]
        assert answers[0].status == answers[1].status
        assert answers[0].body.replace(hidden.encode(), b"") == answers[1].body.replace(nowhere.encode(), b"")
        assert answers[0].status in {400, 404}


def test_a_visitors_page_does_not_depend_on_what_is_below_the_line(paper: Planted) -> None:
    """Not its bytes, not its length, not its ETag: only the number of words, which is told on purpose."""
    article, pages = paper.articles["paid"], []
    addresses = (f"/articles/{article.slug}/", f"/api/v1/articles/{article.slug}/")
    for rest in (
        "<p>A bee can do.</p>",
        "<p>Incomprehensibilities notwithstanding, <strong>epsilon</strong> zeta.</p>",
    ):
        Article.objects.filter(pk=article.pk).update(source=f"<p>Above.</p>{LINE}{rest}")
        edition = publishing.publish(article, by=paper.editor)
        Edition.objects.filter(pk=edition.pk).update(published_at=edition.first_published_at)
        pages.append([the_same(ask(Client(), path), "") for path in addresses])
        Edition.objects.filter(pk=edition.pk).update(live_until=edition.first_published_at)
    assert pages[0] == pages[1]
    assert pages[0][0][0] == 200
