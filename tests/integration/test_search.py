"""Found by their words: the right pieces, in the right order, and never by a word behind the wall."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from articles import publishing
from articles.models import Access, Article
from articles.search import fold, read_query, search
from kjreport.accounts.models import User
from tests.cast import LINE, a_section, a_topic, an_article, an_author

pytestmark = pytest.mark.django_db

VISITOR = AnonymousUser()


def a_piece(publisher: User, headline: str, preview: str = "Plain opening.", **fields: Any) -> Article:
    paid = fields.pop("paid", "Plain ending.")
    article = an_article(headline, source=f"<p>{preview}</p>{LINE}<p>{paid}</p>", **fields)
    publishing.publish(article, by=publisher)
    return article


def found(query: str, reader: User | AnonymousUser = VISITOR, **narrowed: Any) -> list[str]:
    results = search(query, reader=reader, **narrowed)
    assert results.total == len(results.editions)
    return [edition.headline for edition in results.editions]


# What is found --------------------------------------------------------------------------------------------------------


def test_headline_standfirst_preview_author_and_topic_are_found_by_everybody(a_publisher: User) -> None:
    a_piece(a_publisher, "Harbours of salt", "Opening on granite.", standfirst="On copper.", authors=["Mina Okello"])
    for query in ("harbours", "copper", "granite", "okello", "armenia"):
        assert found(query) == ["Harbours of salt"], query


def test_words_are_found_in_other_forms_cases_and_accents(a_publisher: User) -> None:
    a_piece(a_publisher, "Türkiye\u2019s negotiated ceasefires")
    for query in ("turkiye", "TÜRKIYE", "negotiating", "ceasefire", "Türkiye's"):
        assert found(query) == ["Türkiye\u2019s negotiated ceasefires"], query


def test_every_word_must_be_there_and_one_may_be_left_out(a_publisher: User) -> None:
    a_piece(a_publisher, "Water and power", topics=["Chile"])
    a_piece(a_publisher, "Water and grain", topics=["Chile"])
    assert found("water grain") == ["Water and grain"]
    assert found("water -grain") == ["Water and power"]
    assert found("water copper") == []
    assert found("-grain") == []


def test_a_phrase_is_kept_together(a_publisher: User) -> None:
    a_piece(a_publisher, "The price of gas", topics=["Chile"])
    a_piece(a_publisher, "Gas, at any price", topics=["Chile"])
    assert found('"price of gas"') == ["The price of gas"]
    assert found("“price of gas”") == ["The price of gas"]
    assert len(found("price gas")) == 2


def test_a_name_with_a_hyphen_is_found_with_and_without_it(a_publisher: User) -> None:
    a_piece(a_publisher, "Nagorno-Karabakh, a year on")
    assert (
        found("nagorno-karabakh") == found("Nagorno Karabakh") == found("karabakh") == ["Nagorno-Karabakh, a year on"]
    )


def test_words_that_say_nothing_are_not_asked_for(a_publisher: User) -> None:
    a_piece(a_publisher, "War in the east")
    assert found("the war of the east") == ["War in the east"]
    assert found("the of in") == []


def test_the_judged_set_comes_in_the_same_order_on_every_engine(a_publisher: User) -> None:
    """Headline, then standfirst, then topic, then a text that dwells on it, then one that mentions it."""
    filler = "Nothing else of note happened that week in the capital. " * 12
    pieces: list[tuple[str, dict[str, Any]]] = [
        ("Mentions it", {"preview": f"{filler} A pipeline was there. {filler}"}),
        ("Dwells on it", {"preview": f"The pipeline opened. A pipeline closes. One pipeline leaks. {filler}"}),
        ("Touches the subject", {"preview": filler, "topics": ["Pipeline politics"]}),
        ("Says so below", {"preview": filler, "standfirst": "A pipeline, and another pipeline."}),
        ("The pipeline that was not built", {"preview": filler}),
        ("Has nothing of it", {"preview": filler}),
    ]
    for headline, fields in pieces:
        a_piece(a_publisher, headline, **{"topics": ["Chile"], **fields})
    assert found("pipeline") == [
        "The pipeline that was not built",
        "Says so below",
        "Touches the subject",
        "Dwells on it",
        "Mentions it",
    ]


def test_of_equals_the_newest_comes_first(a_publisher: User) -> None:
    for days, headline in ((3, "Grain one"), (1, "Grain two"), (2, "Grain six")):
        article = an_article(headline)
        publishing.publish(article, by=a_publisher, at=timezone.now() - timedelta(days=days))
    assert found("grain") == ["Grain two", "Grain six", "Grain one"]


def test_results_can_be_narrowed(a_publisher: User) -> None:
    a_piece(a_publisher, "Grain here", section=a_section("Economy"), topics=["Chile"], authors=["Mina Okello"])
    a_piece(a_publisher, "Grain there", section=a_section("Society"), topics=["Kenya"], authors=["Ada Byron"])
    assert found("grain", section=a_section("Economy")) == ["Grain here"]
    assert found("grain", topic=a_topic("Kenya")) == ["Grain there"]
    assert found("grain", author=an_author("Mina Okello")) == ["Grain here"]
    assert found("grain", author=an_author("Mina Okello"), topic=a_topic("Kenya")) == []


def test_results_come_in_pages(a_publisher: User, settings: Any) -> None:
    settings.ARTICLES_PER_PAGE = 2
    for number in range(5):
        a_piece(a_publisher, f"Grain {number}")
    pages = [search("grain", reader=VISITOR, page=page) for page in (1, 2, 3)]
    assert [(len(one.editions), one.total, one.pages, one.has_next) for one in pages] == [
        (2, 5, 3, True),
        (2, 5, 3, True),
        (1, 5, 3, False),
    ]
    assert len({edition.pk for one in pages for edition in one.editions}) == 5
    for beyond in (4, 0, -1, 10**30):
        assert search("grain", reader=VISITOR, page=beyond).editions == ()


def test_a_search_costs_the_same_however_much_it_finds(
    a_publisher: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        a_piece(a_publisher, f"Grain {number}")
    with django_assert_max_num_queries(4):
        names = [edition.bylines.all()[0].author.name for edition in search("grain", reader=VISITOR).editions]
    assert len(names) == 6


# Who finds what -------------------------------------------------------------------------------------------------------


def test_a_word_behind_the_wall_gives_a_visitor_no_hit_and_no_count(a_publisher: User, a_reader: User) -> None:
    a_piece(a_publisher, "Harbours of salt", paid='Zephyrine winds.<span data-footnote="Quixotry."></span>')
    for reader in (VISITOR, a_reader):
        for query in ("zephyrine", "quixotry", "harbours zephyrine", '"zephyrine winds"'):
            results = search(query, reader=reader)
            assert (results.editions, results.total, results.pages) == ((), 0, 0)
        assert found("harbours -zephyrine", reader) == ["Harbours of salt"]


def test_a_reader_of_analyses_finds_words_behind_the_wall(a_publisher: User, a_subscriber: User) -> None:
    a_piece(a_publisher, "Harbours of salt", paid='Zephyrine winds.<span data-footnote="Quixotry."></span>')
    for query in ("zephyrine", "quixotry", "harbours zephyrine", "plain"):
        assert found(query, a_subscriber) == ["Harbours of salt"], query


def test_the_public_index_holds_no_paid_word(a_publisher: User) -> None:
    a_piece(a_publisher, "Harbours of salt", paid="Zephyrine winds.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM articles_search_public")
        assert "zephyrin" not in str(cursor.fetchall())
        cursor.execute("SELECT * FROM articles_search_whole")
        assert "zephyrin" in str(cursor.fetchall())


def test_an_open_piece_is_found_whole_by_everybody(a_publisher: User) -> None:
    a_piece(a_publisher, "Harbours of salt", paid="Zephyrine winds.", access=Access.OPEN)
    assert found("zephyrine") == ["Harbours of salt"]


# When it is found -----------------------------------------------------------------------------------------------------


def test_drafts_scheduled_and_withdrawn_pieces_are_not_found(a_publisher: User) -> None:
    an_article("Harbours drafted")
    publishing.schedule(an_article("Harbours to come"), by=a_publisher, at=timezone.now() + timedelta(hours=1))
    gone = a_piece(a_publisher, "Harbours withdrawn")
    assert found("harbours") == ["Harbours withdrawn"]
    publishing.withdraw(gone, by=a_publisher)
    for reader in (VISITOR, a_publisher):
        assert found("harbours", reader) == []


def test_a_scheduled_piece_is_found_from_its_time_on_without_any_task(
    a_publisher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    article = an_article("Harbours of old")
    publishing.publish(article, by=a_publisher)
    article.headline = "Harbours of tomorrow"
    article.save()
    publishing.schedule(article, by=a_publisher, at=now + timedelta(hours=1))
    assert found("harbours") == ["Harbours of old"]
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=1, seconds=1))
    assert found("harbours") == ["Harbours of tomorrow"]
    assert found("old") == []


def test_a_new_edition_takes_the_place_of_the_one_before(a_publisher: User) -> None:
    article = a_piece(a_publisher, "Harbours of salt")
    article.headline = "Havens of salt"
    article.save()
    publishing.publish(article, by=a_publisher)
    assert found("harbours") == []
    assert found("havens") == ["Havens of salt"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM articles_search_whole")
        assert cursor.fetchone() == (1,)


def test_rebuilding_takes_up_a_changed_name(a_publisher: User) -> None:
    a_piece(a_publisher, "Harbours of salt")
    publishing.schedule(an_article("Harbours to come"), by=a_publisher, at=timezone.now() + timedelta(hours=1))
    topic = a_topic()
    topic.name = "Hayastan"
    topic.save()
    assert found("hayastan") == []
    call_command("rebuild_search", verbosity=0)
    assert found("hayastan") == ["Harbours of salt"]
    assert found("plain") == ["Harbours of salt"]


# What people type -----------------------------------------------------------------------------------------------------

ODD = [
    *(
        "",
        " ",
        '"',
        '""',
        '"""',
        "'",
        "-",
        "--",
        "- -",
        "*",
        "a*",
        "^a",
        "(",
        ")",
        "()",
        "AND",
        "OR",
        "NOT",
        "NEAR(a b)",
    ),
    *(
        "headline:salt",
        "{headline about}: salt",
        "a & b | !c",
        "a <-> b",
        ":*",
        "salt:*A",
        "\\",
        "%",
        "_",
        ";--",
        "'; DROP",
    ),
    *(
        "\0",
        "salt\0salt",
        "\ud800",
        "salt \udfff",
        "\u202e",
        "﷽" * 300,
        "ﷺ" * 300,
        "salt " * 2000,
        "x" * 10_000,
        '"' * 10_000,
    ),
    *(
        "<script>alert(1)</script>",
        "🧂",
        "盐",
        "ملح",
        "\x1a",
        "\n\t",
        "1e400",
        "-1",
        "salt -",
        'salt "',
        'salt -"',
        "%s %(a)s {table}",
    ),
]


@pytest.mark.parametrize("query", ODD, ids=range(len(ODD)))
def test_odd_input_is_no_error(query: str, a_publisher: User, a_subscriber: User) -> None:
    for reader in (VISITOR, a_subscriber):
        results = search(query, reader=reader)
        assert results.total == 0
        assert len(results.query) <= 200
        results.query.encode()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(), st.text(alphabet=st.sampled_from(list("ab \"'-*:()&|!<>^{}\\\0%\ud800\u0301ﷺ")))))
def test_any_input_gives_results_or_none(query: str) -> None:
    assert search(query, reader=VISITOR).total == 0


def test_a_piece_is_found_by_a_word_among_oddities(a_publisher: User) -> None:
    a_piece(a_publisher, "Harbours of salt")
    for query in ('salt"', "salt*", "(salt)", "salt\0", "salt \ud800", "salt:", "SALT!", "salt " * 2000, "“salt"):
        assert found(query) == ["Harbours of salt"], query


def test_words_are_folded_and_queries_read_alike() -> None:
    assert (
        fold("L\u2019Été à Zürich: “O'Brien\u2019s” co\u00adoperation_now") == "l ete a zurich o brien cooperation now"
    )
    asked = read_query('grain "price of gas" -war -"cold war" grain the')
    assert (asked.held, asked.missing) == (("grain", "price of gas"), ("war", "cold war"))
    assert len(read_query(" ".join(f"w{number}" for number in range(60))).held) == 12


def test_the_page_answers_whatever_is_typed(client: Client, a_publisher: User) -> None:
    a_piece(a_publisher, "Harbours of granite")
    for query in (*ODD, "harbours"):
        asked = {"q": query.encode("utf-8", "ignore").decode()[:3000], "section": "\0", "page": "1"}
        response = client.get("/search/", asked)
        assert response.status_code == 200, repr(query)
        assert ("Harbours of granite" in response.content.decode()) == (query == "harbours"), repr(query)
