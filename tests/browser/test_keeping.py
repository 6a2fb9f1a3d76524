"""Nothing a journalist types is lost: signed out, crashed, off line, beside a colleague, on a phone."""

import os
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from articles.admin.versions import list_versions
from articles.models import Article, UnsavedWork
from kjreport.accounts.models import User
from tests.browser.conftest import ARGUMENTS, CHROMIUMS
from tests.browser.test_accessibility import AXE, GRAVE, RULES
from tests.cast import a_section, an_article, an_author

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignIn = Callable[[Page, User], None]
Opens = Callable[..., Page]
BASE = '<p>First.</p><p>Second.</p><hr data-paywall-line=""><p>Third.</p>'


def open_form(page: Page, article: Article) -> None:
    page.goto(f"/admin/articles/article/{article.pk}/change/")
    expect(page.get_by_role("toolbar", name="Text tools")).to_be_visible()


def type_at_the_end(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="Text").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def state(page: Page) -> Any:
    return page.locator("[data-saved]")


def saved(page: Page) -> None:
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()


def source_of(article: Article) -> str:
    article.refresh_from_db()
    return article.source


def test_text_lives_through_a_sign_out_and_the_page_goes_on(
    page: Page, sign_in: SignIn, a_journalist: User, an_editor: User
) -> None:
    article = an_article("Signed out", created_by=a_journalist, source=BASE)
    sign_in(page, a_journalist)
    open_form(page, article)
    type_at_the_end(page, " Kept.")
    expect(state(page)).to_contain_text("Not saved yet, kept")
    assert "Third. Kept." in UnsavedWork.objects.get().form["source"][0]
    assert source_of(article) == BASE

    Session.objects.all().delete()
    type_at_the_end(page, " After.")
    dialog = page.get_by_role("dialog", name="You have been signed out")
    expect(dialog.get_by_role("link", name="Sign in as Jonas Journalist")).to_have_attribute("target", "_blank")
    sign_in(page, an_editor)
    expect(page.get_by_role("dialog", name="Somebody else is signed in")).to_be_visible()
    assert UnsavedWork.objects.filter(person=an_editor).count() == 0
    assert "After" not in str(UnsavedWork.objects.get().form)

    sign_in(page, a_journalist)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(state(page)).to_contain_text("Not saved yet, kept")
    assert "Third. Kept. After." in UnsavedWork.objects.get().form["source"][0]
    saved(page)
    assert "Third. Kept. After." in source_of(article)
    assert not UnsavedWork.objects.exists()
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('kj-unsaved:'))") == []


def test_a_save_asked_for_while_signed_out_is_done_after_signing_in(
    page: Page, sign_in: SignIn, a_journalist: User
) -> None:
    article = an_article("Signed out", created_by=a_journalist, source=BASE)
    sign_in(page, a_journalist)
    open_form(page, article)
    page.get_by_placeholder("Standfirst").fill("Typed in the last second.")
    Session.objects.all().delete()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("dialog", name="You have been signed out")).to_be_visible()
    sign_in(page, a_journalist)
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    article.refresh_from_db()
    assert article.standfirst == "Typed in the last second."


def test_text_the_server_never_got_comes_back_from_the_browser(
    new_page: Opens, sign_in: SignIn, a_journalist: User, an_editor: User
) -> None:
    article = an_article("Crashed", created_by=a_journalist, source=BASE)
    page = new_page()
    sign_in(page, a_journalist)
    open_form(page, article)
    page.context.set_offline(offline=True)
    type_at_the_end(page, " Never sent.")
    expect(state(page)).to_contain_text("no network")
    page.close(run_before_unload=False)
    page.context.set_offline(offline=False)
    assert not UnsavedWork.objects.exists()

    again = page.context.new_page()
    sign_in(again, an_editor)  # a colleague on the same machine sees and sends nothing of it
    open_form(again, article)
    again.wait_for_timeout(500)
    assert "Never sent" not in again.content()
    assert not UnsavedWork.objects.exists()
    sign_in(again, a_journalist)
    open_form(again, article)
    expect(again.get_by_role("textbox", name="Text")).to_contain_text("Third. Never sent.")
    expect(again.get_by_text("and did not save.")).to_be_visible()
    again.get_by_role("button", name="Discard it").click()
    expect(again.get_by_role("textbox", name="Text")).not_to_contain_text("Never sent.")
    assert not UnsavedWork.objects.exists()


def test_text_lives_through_the_death_of_the_browser(
    browser: Browser, live_server: LiveServer, tmp_path: Path, new_page: Opens, sign_in: SignIn, a_journalist: User
) -> None:
    an_author("Jonas Journalist", account=a_journalist)
    helper = new_page()
    sign_in(helper, a_journalist)
    cookies = helper.context.cookies()
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    doomed = browser.browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=program, args=ARGUMENTS, base_url=live_server.url
    )
    doomed.add_cookies(cookies)  # type: ignore[arg-type] # as they were given
    page = doomed.new_page()
    page.goto("/admin/articles/article/add/")
    expect(page.get_by_role("toolbar", name="Text tools")).to_be_visible()
    page.get_by_placeholder("Headline", exact=True).fill("Before the crash")
    type_at_the_end(page, "Every word of it.")
    expect(state(page)).to_contain_text("Not saved yet, kept")
    for process in _processes_of(tmp_path / "profile"):
        os.kill(process, signal.SIGKILL)

    helper.goto("/admin/articles/article/add/")
    helper.get_by_role("link", name="Before the crash").click()
    expect(helper.get_by_role("textbox", name="Text")).to_contain_text("Every word of it.")
    helper.get_by_role("button", name="Save").click()
    expect(helper.get_by_text("Saved.", exact=True)).to_be_visible()
    assert Article.objects.get().source == "<p>Every word of it.</p>"
    assert not UnsavedWork.objects.exists()


def _processes_of(profile: Path) -> list[int]:
    found = []
    for place in Path("/proc").iterdir():
        command = place / "cmdline"
        if place.name.isdecimal() and command.exists() and str(profile).encode() in command.read_bytes():
            found.append(int(place.name))
    return found


def test_a_lost_network_is_said_and_made_good(page: Page, sign_in: SignIn, a_journalist: User) -> None:
    article = an_article("In a tunnel", created_by=a_journalist, source=BASE)
    sign_in(page, a_journalist)
    open_form(page, article)
    page.context.set_offline(offline=True)
    type_at_the_end(page, " In the tunnel.")
    expect(state(page)).to_contain_text("Not saved: no network")
    page.keyboard.press("Control+s")
    expect(state(page)).to_contain_text("Not saved: no network")
    page.context.set_offline(offline=False)
    expect(state(page)).to_contain_text("Not saved yet, kept")
    assert "In the tunnel." in UnsavedWork.objects.get().form["source"][0]
    saved(page)
    assert "In the tunnel." in source_of(article)


def test_two_windows_of_one_person_do_not_undo_each_other(new_page: Opens, sign_in: SignIn, a_journalist: User) -> None:
    article = an_article("Twice", created_by=a_journalist, source=BASE)
    page, other = new_page(), new_page()
    for one in (page, other):
        sign_in(one, a_journalist)
        open_form(one, article)
    type_at_the_end(page, " From the office.")
    expect(state(page)).to_contain_text("Not saved yet, kept")
    type_at_the_end(other, " From home.")
    expect(other.get_by_text("in another window, too")).to_be_visible()
    assert "From the office." in UnsavedWork.objects.get().form["source"][0]
    other.get_by_role("button", name=re.compile("^Keep this window")).click()
    expect(state(other)).to_contain_text("Not saved yet, kept")
    assert "From home." in UnsavedWork.objects.get().form["source"][0]


def test_second_of_two_puts_both_together(
    new_page: Opens, sign_in: SignIn, a_journalist: User, an_editor: User
) -> None:
    article = an_article("Two at once", created_by=a_journalist, source=BASE, standfirst="As it was.")
    page, desk = new_page(), new_page()
    sign_in(desk, an_editor)
    open_form(desk, article)
    saved(desk)  # so that the state both begin with is a version
    sign_in(page, a_journalist)
    for one in (page, desk):
        open_form(one, article)
    expect(page.get_by_text("Edith Editor has been editing this since")).to_be_visible()
    type_at_the_end(page, " Mine.")
    desk.get_by_placeholder("Standfirst").fill("Hers.")
    desk.get_by_role("textbox", name="Text").get_by_text("First.").click()
    desk.keyboard.press("End")
    desk.keyboard.type(" Hers.")
    saved(desk)
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Edith Editor saved this article at")).to_be_visible()
    expect(page.get_by_text("You changed different places")).to_be_visible()
    assert _grave_faults(page) == []
    assert source_of(article) == BASE.replace("First.", "First. Hers.")
    page.get_by_role("button", name="Put together what is chosen, and look it over").click()
    expect(page.get_by_placeholder("Standfirst")).to_have_value("Hers.")
    expect(page.get_by_role("textbox", name="Text")).to_contain_text("First. Hers.")
    expect(page.get_by_role("textbox", name="Text")).to_contain_text("Third. Mine.")
    saved(page)
    assert source_of(article) == BASE.replace("First.", "First. Hers.").replace("Third.", "Third. Mine.")
    kept = [version.source for version in list_versions(article)]
    assert BASE.replace("Third.", "Third. Mine.") in kept
    assert BASE.replace("First.", "First. Hers.") in kept


def test_leaving_is_seen_by_colleagues(new_page: Opens, sign_in: SignIn, a_journalist: User, an_editor: User) -> None:
    article = an_article("Shared", created_by=a_journalist)
    page, desk = new_page(), new_page()
    sign_in(page, a_journalist)
    sign_in(desk, an_editor)
    open_form(page, article)
    open_form(desk, article)
    here = desk.get_by_text(re.compile(r"Jonas Journalist has been editing this since \d\d:\d\d\."))
    expect(here).to_be_visible()
    page.goto("/admin/")
    desk.reload()
    expect(here).to_have_count(0)


def test_text_of_an_article_deleted_meanwhile_becomes_a_new_one(
    page: Page, sign_in: SignIn, a_journalist: User
) -> None:
    article = an_article("Doomed", created_by=a_journalist, source=BASE)
    sign_in(page, a_journalist)
    open_form(page, article)
    article.delete()
    type_at_the_end(page, " Alive.")
    expect(page.get_by_text("This article was deleted, or is no longer yours to open.")).to_be_visible()
    expect(state(page)).to_contain_text("Not saved yet, kept")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    assert "Third. Alive." in Article.objects.get().source
    assert not UnsavedWork.objects.exists()


def test_preview_shows_what_is_typed_and_saves_nothing(page: Page, sign_in: SignIn, a_journalist: User) -> None:
    article = an_article("Previewed", created_by=a_journalist, source=BASE)
    sign_in(page, a_journalist)
    open_form(page, article)
    type_at_the_end(page, " Not saved.")
    with page.context.expect_page() as opened:
        page.keyboard.press("Control+Alt+v")
    shown = opened.value
    reader = shown.frame_locator("iframe")
    expect(reader.get_by_text("Second.")).to_be_visible()
    expect(reader.get_by_text("Not saved.")).to_have_count(0)
    shown.get_by_role("link", name="Subscriber").click()
    expect(reader.get_by_text("Third. Not saved.")).to_be_visible()
    shown.get_by_role("link", name="Phone").click()
    expect(reader.get_by_text("Third. Not saved.")).to_be_visible()
    box = shown.locator("iframe").bounding_box()
    assert box is not None
    assert box["width"] == 390
    shown.get_by_role("link", name="Shared").click()
    expect(shown.locator(".trial-card").first).to_contain_text("Previewed")
    assert _grave_faults(shown) == []
    assert source_of(article) == BASE


def test_search_and_share_are_drawn_as_one_types(page: Page, sign_in: SignIn, a_journalist: User) -> None:
    article = an_article("Working headline", created_by=a_journalist, source=BASE)
    sign_in(page, a_journalist)
    open_form(page, article)
    expect(page.locator(".in-share-title")).to_have_text("Working headline")
    page.get_by_label("Headline when shared").fill("A better one")
    expect(page.locator(".in-share-title")).to_have_text("A better one")
    expect(page.locator(".in-search-title")).to_have_text("Working headline")
    saved(page)
    article.refresh_from_db()
    assert article.social_title == "A better one"


def test_a_phone_is_enough_to_write_and_file(new_page: Opens, sign_in: SignIn, a_journalist: User) -> None:
    a_section("Diplomacy")
    an_author("Jonas Journalist", account=a_journalist)
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    sign_in(page, a_journalist)
    page.goto("/admin/articles/article/add/")
    expect(page.get_by_role("toolbar", name="Text tools")).to_be_visible()
    page.get_by_placeholder("Headline", exact=True).fill("From the road")
    type_at_the_end(page, "Typed with two thumbs.")
    expect(page.get_by_label("Section")).to_be_hidden()
    page.get_by_role("link", name="About").click()
    page.get_by_label("Section").select_option("Diplomacy")
    assert _grave_faults(page) == []
    page.get_by_role("link", name="Text", exact=True).click()
    expect(page.get_by_role("textbox", name="Text")).to_contain_text("Typed with two thumbs.")
    assert _grave_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    assert Article.objects.get().section is not None


def _grave_faults(page: Page) -> list[str]:
    page.add_init_script(path=AXE)
    page.evaluate(AXE.read_text())
    found = page.evaluate("(options) => axe.run(document, options)", RULES)
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
