"""What the editor asks while one writes: pieces one may know of, and charts as readers will get them."""

import json

import pytest
from django.test import Client

from articles import publishing
from articles.models import Article
from articles.paywall import render_working_copy
from articles.readiness import examine
from kjreport.accounts.models import User
from tests.cast import an_article, published

LINKS = "/admin/articles/article/links/"
CHART = "/admin/articles/article/chart/"


def offered(client: Client, **asked: str) -> list[str]:
    return [piece["headline"] for piece in client.get(LINKS, asked).json()["pieces"]]


@pytest.fixture
def a_shelf(a_journalist: User, an_editor: User) -> Article:
    """A live piece that is being rewritten, a draft of the journalist's own, and somebody else's."""
    live = published("The bridge at Meghri").article
    Article.objects.filter(pk=live.pk).update(headline="The bridge that fell")
    an_article("My bridge", slug="my-bridge", created_by=a_journalist)
    an_article("A secret bridge", slug="a-secret-bridge", created_by=an_editor)
    return live


def test_journalist_finds_what_readers_see_and_their_own(client: Client, a_journalist: User, a_shelf: Article) -> None:
    client.force_login(a_journalist)
    assert offered(client, q="bridge") == ["My bridge", "The bridge at Meghri"]
    assert offered(client, q="fell") == []
    assert offered(client, q="secret") == []
    assert offered(client, address="/articles/a-secret-bridge/") == []
    assert offered(client, address=a_shelf.get_absolute_url()) == ["The bridge at Meghri"]
    assert offered(client, address="/about/") == offered(client, address="//x y%00") == []


def test_editor_finds_everything(client: Client, an_editor: User, a_shelf: Article) -> None:
    client.force_login(an_editor)
    said = {piece["headline"]: piece["said"] for piece in client.get(LINKS, {"q": "bridge"}).json()["pieces"]}
    assert set(said) == {"A secret bridge", "My bridge", "The bridge at Meghri"}
    assert said["My bridge"] == "Not published yet"
    assert said["The bridge at Meghri"].startswith("Published ")


def test_a_search_costs_the_same_for_many_pieces(
    client: Client, an_editor: User, a_shelf: Article, django_assert_max_num_queries: object
) -> None:
    for number in range(5):
        publishing.publish(an_article(f"Bridge {number}"), by=an_editor)
    client.force_login(an_editor)
    with django_assert_max_num_queries(8):  # type: ignore[operator] # the fixture is untyped
        assert len(offered(client, q="bridge")) == 8


@pytest.mark.parametrize("address", [LINKS, CHART])
def test_nobody_else_may_ask(client: Client, a_reader: User, a_bookkeeper: User, address: str) -> None:
    ask = client.get if address == LINKS else client.post
    assert ask(address).status_code == 302
    client.force_login(a_reader)
    assert ask(address).status_code == 302
    client.force_login(a_bookkeeper)
    assert ask(address).status_code == 403


def test_a_chart_is_drawn_or_refused_with_a_sentence(client: Client, a_journalist: User) -> None:
    client.force_login(a_journalist)
    chart = {"kind": "bar", "title": "Debt <b>", "rows": [["Kenya", "67"], ["Egypt", "90"]]}
    drawn = client.post(CHART, {"chart": json.dumps(chart)}).json()["html"]
    assert "Debt &lt;b&gt;" in drawn
    assert "<svg" in drawn
    refused = client.post(CHART, {"chart": json.dumps(chart | {"rows": [["Kenya", "many"]]})}).json()
    assert refused == {"refusal": "“many” is not a figure. Every cell but the names must hold one, or be empty."}
    assert client.get(CHART).status_code == 405


def test_a_link_follows_its_piece_to_another_address(a_journalist: User) -> None:
    other = an_article("Working title", slug="working-title")
    href = other.get_absolute_url()
    article = an_article("A piece", source=f'<p><a href="{href}" data-article="{other.pk}">See</a></p>')
    Article.objects.filter(pk=other.pk).update(slug="the-better-title")
    assert 'href="/articles/the-better-title/"' in render_working_copy(article).preview


def test_a_chart_that_cannot_be_drawn_is_not_published(a_journalist: User) -> None:
    article = an_article("A piece", source='<p>Words.</p><figure data-chart="{}"></figure>')
    said = [finding.sentence for finding in examine(article).blocking]
    assert "A chart cannot be drawn. The chart cannot be read. Take it out and make it again." in said
