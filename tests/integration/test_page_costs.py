import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from articles import publishing
from articles.models import Article, Lead
from kjreport.accounts.models import User
from tests.cast import a_section, published
from tests.pages import ADDRESS, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def an_issue(an_editor: User) -> Article:
    """Publish enough for every block of a page to hold something; its lead has two authors and three topics."""
    for number in range(8):
        published(f"Piece {number}", section=a_section(f"Section {number % 3}"), authors=["Ada Byron", "Mary Wells"])
    edition = published(topics=["Armenia", "Water", "Debt"], authors=["Ada Byron", "Mary Wells"])
    Lead.objects.create(article=edition.article, chosen_by=an_editor)
    return edition.article


COSTS_OF_A_VISITOR = {
    "/": 5,
    ADDRESS: 4,
    "/articles/": 3,
    "/sections/section-0/": 3,
    "/topics/armenia/": 3,
    "/authors/ada-byron/": 3,
    "/about/": 1,
    "/search/?q=corridor": 4,
}


@pytest.mark.usefixtures("an_issue")
@pytest.mark.parametrize(("address", "cost"), COSTS_OF_A_VISITOR.items())
def test_a_page_costs_a_visitor_few_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, address: str, cost: int
) -> None:
    client.get(address)  # the menu and the offer are remembered for a minute
    with django_assert_num_queries(cost):
        read(client, address)


@pytest.mark.usefixtures("an_issue")
def test_the_menu_the_offer_and_the_suggested_gifts_cost_a_query_each_once_a_minute(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cache.clear()
    with django_assert_max_num_queries(COSTS_OF_A_VISITOR[ADDRESS] + 3):
        read(client, ADDRESS)


@pytest.mark.usefixtures("an_issue")
def test_an_article_costs_a_subscriber_eight_queries(
    client: Client, a_subscriber: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(a_subscriber)
    client.get(ADDRESS)
    with django_assert_num_queries(8):
        read(client, ADDRESS)


def test_a_correction_costs_one_query_more(
    client: Client, an_issue: Article, an_editor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    publishing.correct(an_issue, by=an_editor, text="It was four metres.")
    client.get(ADDRESS)
    with django_assert_num_queries(COSTS_OF_A_VISITOR[ADDRESS] + 1):
        read(client, ADDRESS)
