"""A text is compared with an earlier one, brought back, and corrected where readers see it: in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from articles.admin.versions import keeping_version
from articles.models import Article, Correction
from kjreport.accounts.models import User
from tests.browser.test_accessibility import AXE, GRAVE, RULES
from tests.cast import LINE, published

pytestmark = pytest.mark.browser

SignIn = Callable[[Page, User], None]
SOURCE = f"<p>The bridge stands on four pillars.</p>{LINE}<p>Nobody crosses it.</p>"
TOLD = "We said that the bridge stands on four pillars. It stands on five."


@pytest.fixture
def a_piece(an_editor: User) -> Article:
    """A live piece, of which two versions are kept."""
    article = published("The bridge at Meghri", source=SOURCE).article
    for number, source in enumerate((SOURCE, SOURCE.replace("four", "five")), start=1):
        with keeping_version(by=an_editor):
            article.source, article.revision = source, number
            article.save()
    return article


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_compare_restore_and_correct(
    new_page: Callable[..., Page], sign_in: SignIn, an_editor: User, a_piece: Article, width: int, scheme: str
) -> None:
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    sign_in(page, an_editor)
    page.goto(f"/admin/articles/article/{a_piece.pk}/history/")
    assert_fits(page)
    page.locator('input[name="from"][value="live"]').focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Compare").press("Enter")
    expect(page.get_by_role("heading", name="1 difference")).to_be_visible()
    expect(page.locator(".contrast-block ins")).to_have_text("five")
    expect(page.locator(".contrast-block del")).to_have_text("four")
    assert_fits(page)

    page.go_back()
    page.get_by_role("row").last.get_by_label("From").check()
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("button", name="Make this the working copy").click()
    expect(page.get_by_text("That version is the working copy again.")).to_be_visible()
    a_piece.refresh_from_db()
    assert a_piece.source == SOURCE

    Article.objects.filter(pk=a_piece.pk).update(source=SOURCE.replace("four", "no fewer than five"))
    page.goto(f"/admin/articles/article/{a_piece.pk}/publish/")
    page.get_by_role("button", name="Publish changes now").click()
    expect(page.get_by_text("Say what changed, or say why no note is needed.").first).to_be_visible()
    assert_fits(page)
    page.get_by_label("Correction: something was wrong").check()
    page.get_by_label("What readers are told").fill(TOLD)
    page.get_by_role("button", name="Publish changes now").click()
    expect(page.get_by_text("Readers have it now.")).to_be_visible()
    assert Correction.objects.get().text == TOLD

    reader = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    reader.goto("/corrections/")
    expect(reader.get_by_text(TOLD)).to_be_visible()
    assert_fits(reader)
    reader.get_by_role("link", name="The bridge at Meghri").click()
    expect(reader.locator("#corrections").get_by_text(TOLD)).to_be_in_viewport()


def assert_fits(page: Page) -> None:
    """Ask the page whether it is as wide as its screen, and axe whether everybody can use it."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, rules).then(r => r.violations.map(v => [v.impact, v.id]))", RULES)
    assert [name for impact, name in found if impact in GRAVE] == [], page.url
