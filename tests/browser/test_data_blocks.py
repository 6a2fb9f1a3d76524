"""What pages tell search engines, as a browser sees it: data without a nonce, which the content policy lets be."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from articles import publishing
from kjreport.accounts.models import User
from tests.cast import an_article

pytestmark = pytest.mark.browser

BLOCKS = """() => [...document.querySelectorAll('script[type="application/ld+json"]')].map(
  (block) => ({ nonce: block.nonce || block.getAttribute("nonce") || "", text: block.textContent }))"""
NASTY = '</script><!--<script>document.title = "broken"//'


@pytest.fixture
def a_nasty_piece(an_editor: User) -> None:
    publishing.publish(an_article(NASTY, slug="nasty", standfirst=NASTY), by=an_editor)


@pytest.mark.usefixtures("a_nasty_piece")
def test_data_blocks_need_no_nonce_break_no_policy_and_hold_their_words(page: Page) -> None:
    page.goto("/articles/nasty/")
    blocks = page.evaluate(BLOCKS)
    article, trail = (json.loads(block["text"]) for block in blocks)
    assert [block["nonce"] for block in blocks] == ["", ""]
    assert (article["@type"], article["headline"], article["description"]) == ("NewsArticle", NASTY, NASTY)
    assert trail["itemListElement"][-1]["name"] == NASTY
    assert page.title().startswith("</script>")
    assert page.locator(article["hasPart"]["cssSelector"]).count() == 1


@pytest.mark.usefixtures("a_nasty_piece")
def test_the_paid_part_a_subscriber_reads_is_marked_too(
    page: Page, a_subscriber: User, sign_in: Callable[[Page, User], None]
) -> None:
    sign_in(page, a_subscriber)
    page.goto("/articles/nasty/")
    article = json.loads(page.evaluate(BLOCKS)[0]["text"])
    assert "Below the line" in page.locator(article["hasPart"]["cssSelector"]).inner_text()


@pytest.mark.usefixtures("a_nasty_piece")
def test_feeds_and_sitemaps_are_well_formed_to_a_browsers_own_parser(page: Page) -> None:
    page.goto("/about/")
    for address in ("/feed/", "/feed/atom/", "/sitemap.xml", "/sitemap-articles.xml", "/news-sitemap.xml"):
        fault = page.evaluate(
            """async (address) => {
              const text = await (await fetch(address)).text();
              return new DOMParser().parseFromString(text, "application/xml").querySelector("parsererror")?.textContent
            }""",
            address,
        )
        assert fault is None, address
