"""Every public page, light and dark, on a phone and on a desk, under axe: nothing serious may be found."""

import json
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from articles import publishing
from articles.models import Access, Article, Lead
from donations import giving
from kjreport.accounts.models import User
from subscriptions import catalogue
from subscriptions.models import Grant
from tests.cast import an_article
from tests.pictures import a_photo

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
GRAVE = {"serious", "critical"}
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
DRESSES = [("light", PHONE), ("light", DESK), ("dark", PHONE), ("dark", DESK)]

FIGURES = {
    "kind": "line",
    "title": "Transits",
    "unit": "ships a day",
    "source": "Canal authority",
    "rows": [["", "Suez", "Cape"], ["2022", "64", "31"], ["2023", "70", "33"], ["2024", "36", "62"]],
}
ROW = "<tr>" + "<td><p>About eleven words of no use but to make it wide</p></td>" * 5 + "</tr>"
BLOCKS = (
    f'<table data-caption="Routes" data-source="Port records"><tbody>{ROW.replace("td>", "th>")}{ROW}</tbody></table>'
    f'<figure data-chart="{escape(json.dumps(FIGURES))}"></figure>'
    '<aside data-context=""><h3>Who is who</h3><p>Two names.</p></aside>'
    '<figure data-embed="https://www.youtube.com/watch?v=abc" data-title="The speech"></figure>'
)
SOURCE = (
    '<h2>A subhead</h2><p>Words with a note<span data-footnote="Where it stands: https://example.org/"></span> and '
    '<a href="/about/">a link</a>.</p><aside data-pull-quote=""><p>A line worth repeating.</p></aside>'
    "<blockquote><p>Somebody said this.</p></blockquote><ul><li>One</li><li>Two</li></ul>{figure}"
    '<hr data-paywall-line=""><h2>Below</h2><p>The rest of it.</p>'
)
PUBLIC = [
    "/",
    "/articles/",
    "/articles/the-bridge/",
    "/articles/an-open-piece/",
    "/sections/diplomacy/",
    "/topics/armenia/",
    "/authors/ada-byron/",
    "/search/",
    "/search/?q=bridge",
    "/search/?q=nothing-of-the-kind",
    "/about/",
    "/corrections/",
    "/subscribe/",
    "/donate/",
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/articles/no-such-piece/",
]
OWN = ["/account/", "/account/email/", "/account/2fa/", "/account/delete/", "/articles/the-bridge/", "/subscribe/"]
NEWSROOM = ["/admin/", "/admin/articles/article/", "/admin/articles/article/add/", "/admin/articles/photo/"]


@pytest.fixture
def a_paper(transactional_db: None, an_editor: User) -> Article:
    """A small paper with a piece of every kind of part."""
    catalogue.ensure_plans()
    giving.ensure_campaign()
    photo = a_photo(alt="The bridge at Meghri")
    article = an_article(
        "The bridge", hero=photo, source=SOURCE.format(figure=f'<figure data-photo="{photo.pk}"></figure>{BLOCKS}')
    )
    publishing.publish(article, by=an_editor)
    publishing.correct(article, by=an_editor, text="An earlier version placed the bridge upstream. It is downstream.")
    Lead.objects.create(article=article, chosen_by=an_editor)
    for number in range(6):
        publishing.publish(an_article(f"Another piece {number}", hero=photo), by=an_editor)
    publishing.publish(an_article("An open piece", access=Access.OPEN), by=an_editor)
    return article


def find_grave_faults(page: Page, address: str) -> list[str]:
    """Return what axe finds serious on a page: rule, address and the first places."""
    page.goto(address)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate("rules => axe.run(document, rules).then(r => r.violations)", RULES)
    return [
        f"{address}: {fault['id']} ({fault['help']}): {[node['target'] for node in fault['nodes'][:3]]}"
        for fault in found
        if fault["impact"] in GRAVE
    ]


@pytest.mark.parametrize(("scheme", "size"), DRESSES)
def test_axe_finds_nothing_serious_on_any_public_page(
    new_page: Callable[..., Page], a_paper: Article, scheme: str, size: dict[str, int]
) -> None:
    page = new_page(color_scheme=scheme, viewport=size)
    assert [fault for address in PUBLIC for fault in find_grave_faults(page, address)] == []


@pytest.mark.parametrize(("scheme", "size"), DRESSES)
def test_axe_finds_nothing_serious_on_a_subscribers_own_pages(
    new_page: Callable[..., Page],
    a_paper: Article,
    a_reader: User,
    sign_in: Callable[[Page, User], None],
    scheme: str,
    size: dict[str, int],
) -> None:
    Grant.objects.create(user=a_reader, reason="Tries the paper")
    page = new_page(color_scheme=scheme, viewport=size)
    sign_in(page, a_reader)
    assert [fault for address in OWN for fault in find_grave_faults(page, address)] == []


@pytest.mark.parametrize(("scheme", "size"), DRESSES)
def test_axe_finds_nothing_serious_in_the_newsroom(
    new_page: Callable[..., Page],
    a_paper: Article,
    an_editor: User,
    sign_in: Callable[[Page, User], None],
    scheme: str,
    size: dict[str, int],
) -> None:
    page = new_page(color_scheme=scheme, viewport=size)
    sign_in(page, an_editor)
    its = f"/admin/articles/article/{a_paper.pk}"
    addresses = [*NEWSROOM, f"{its}/change/", f"{its}/publish/"]
    assert [fault for address in addresses for fault in find_grave_faults(page, address)] == []


def test_axe_is_asked_in_earnest(new_page: Callable[..., Page], a_paper: Article) -> None:
    page = new_page()
    page.goto("/about/")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/x.png\"><button></button>')"
    )
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, rules).then(r => r.violations.map(v => v.id))", RULES)
    assert {"image-alt", "button-name"} <= set(found)


@pytest.mark.parametrize("width", [320, 390, 768, 1440, 1920])
def test_nothing_is_wider_than_the_window(new_page: Callable[..., Page], a_paper: Article, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 800})
    for address in PUBLIC:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_the_whole_way_to_the_text_goes_by_keyboard(new_page: Callable[..., Page], a_paper: Article) -> None:
    page = new_page()
    page.goto(a_paper.get_absolute_url())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to the text"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
