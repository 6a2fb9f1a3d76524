"""From a finished text to readers in a few clicks; notes and approval on the way: in a real browser."""

from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from articles.models import Article, Edition, Note, State, WorkflowState
from kjreport.accounts.models import User
from tests.cast import LINE, an_article, published

pytestmark = pytest.mark.browser

SignIn = Callable[[Page, User], None]
SOURCE = f"<p>The road to Meghri is narrow.</p>{LINE}<p>It ends at a river, and nobody has built a bridge.</p>"

COUNT_CLICKS = "addEventListener('click', () => (window.name = String(Number(window.name || 0) + 1)), true)"


@pytest.fixture
def a_finished_text(a_journalist: User) -> Article:
    """A journalist's piece that lacks nothing."""
    published("What came before")
    return an_article("A corridor for whom", created_by=a_journalist, source=SOURCE)


def form_of(article: Article) -> str:
    return f"/admin/articles/article/{article.pk}/change/"


def open_step(page: Page, name: str) -> None:
    page.locator(".desk-bar summary").get_by_text(name).click()


def test_a_finished_text_is_published_in_at_most_five_clicks(
    page: Page, sign_in: SignIn, an_editor: User, a_finished_text: Article
) -> None:
    sign_in(page, an_editor)
    page.goto(form_of(a_finished_text))
    page.evaluate("window.name = '0'")
    page.context.add_init_script(
        "addEventListener('click', () => (window.name = String(Number(window.name) + 1)), true)"
    )
    page.reload()
    page.get_by_placeholder("Standfirst").fill("The last word before it comes out.")
    page.get_by_role("button", name="Publish…").click()
    expect(page.get_by_role("heading", name="A corridor for whom")).to_be_visible()
    expect(page.get_by_text("The last word before it comes out.")).to_be_visible()
    expect(page.get_by_role("row", name="Visitor 6 of 17 words")).to_be_visible()
    expect(page.get_by_text("Publishing sends no e-mail")).to_be_visible()
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("Readers have it now.")).to_be_visible()
    assert int(page.evaluate("window.name")) <= 5
    edition = a_finished_text.live_edition
    assert edition is not None
    assert edition.standfirst == "The last word before it comes out."


def test_changes_are_shown_and_a_schedule_is_told_in_the_editors_own_clock(
    new_page: Callable[..., Page], sign_in: SignIn, an_editor: User
) -> None:
    article = published("Live already", source=SOURCE).article
    Article.objects.filter(pk=article.pk).update(source=SOURCE.replace("a bridge", "a second bridge"))
    page = new_page(timezone_id="Asia/Yerevan")
    sign_in(page, an_editor)
    page.goto(form_of(article))
    page.get_by_role("button", name="Publish changes…").click()
    expect(page.locator(".publish-blocks ins")).to_have_text("second")
    page.get_by_label("Or at a day and time in London").fill("2098-07-01T06:30")
    expect(page.get_by_text("That is Tuesday 1 July at 09:30 for you (Asia/Yerevan).")).to_be_visible()
    page.get_by_role("button", name="Schedule").click()
    expect(page.get_by_text("It comes out by itself on Tuesday 1 July 2098, 06:30.")).to_be_visible()
    coming = Edition.objects.scheduled().get()
    assert coming.published_at.isoformat() == "2098-07-01T05:30:00+00:00"


def test_what_stands_in_the_way_leads_to_its_place_in_the_form(page: Page, sign_in: SignIn, an_editor: User) -> None:
    article = an_article("Unsigned", authors=[], source=SOURCE)
    sign_in(page, an_editor)
    page.goto(form_of(article))
    page.get_by_role("button", name="Publish…").click()
    expect(page.get_by_role("button", name="Publish now")).to_have_count(0)
    page.get_by_role("link", name="The article has no author. Add at least one byline.").click()
    page.wait_for_url(f"**{form_of(article)}#bylines-group")
    expect(page.locator("#bylines-group")).to_be_in_viewport()


def test_a_note_on_a_passage_reaches_whom_it_names(
    new_page: Callable[..., Page], sign_in: SignIn, an_editor: User, a_journalist: User, a_finished_text: Article
) -> None:
    desk = new_page()
    sign_in(desk, an_editor)
    desk.goto(form_of(a_finished_text))
    desk.get_by_placeholder("Standfirst").fill("Typed and not saved.")
    desk.locator(".ProseMirror p", has_text="It ends at a river").click()
    desk.get_by_text("Write a note", exact=True).click()
    expect(desk.get_by_label("On", exact=True)).to_have_value("2")
    desk.get_by_role("button", name="@Jonas Journalist").click()
    desk.keyboard.type("who says so?")
    desk.get_by_role("button", name="Add note").click()
    expect(desk.get_by_text("@Jonas Journalist who says so?")).to_be_visible()
    expect(desk.get_by_placeholder("Standfirst")).to_have_value("Typed and not saved.")
    note = Note.objects.get()
    assert (note.block, note.quote) == (2, "It ends at a river, and nobody has built a bridge.")
    (letter,) = [sent for sent in mail.outbox if sent.to == [a_journalist.email]]
    assert "Edith Editor mentions you" in letter.subject

    page = new_page()
    sign_in(page, a_journalist)
    page.goto(f"{form_of(a_finished_text)}#note-{note.pk}")
    thread = page.locator(f"#note-{note.pk}")
    thread.get_by_text("Answer", exact=True).first.click()
    thread.get_by_role("textbox").fill("The governor.")
    thread.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("The governor.")).to_be_visible()
    page.locator(f"#note-{note.pk}").get_by_role("button", name="Resolve").click()
    expect(page.get_by_text("1 settled")).to_be_visible()
    page.get_by_text("1 settled").click()
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_text("1 open")).to_be_visible()


def test_a_note_that_could_not_be_sent_is_not_lost(page: Page, sign_in: SignIn, an_editor: User) -> None:
    article = an_article("Offline", source=SOURCE)
    sign_in(page, an_editor)
    page.goto(form_of(article))
    page.get_by_text("Write a note", exact=True).click()
    page.get_by_label("Note", exact=True).fill("Typed in a tunnel.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("The note could not be sent.")).to_be_visible()
    expect(page.get_by_label("Note", exact=True)).to_have_value("Typed in a tunnel.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".note-text", has_text="Typed in a tunnel.")).to_be_visible()


def test_changes_are_asked_for_then_approved_and_an_edit_asks_again(
    new_page: Callable[..., Page], sign_in: SignIn, an_editor: User, a_journalist: User, a_finished_text: Article
) -> None:
    page, desk = new_page(), new_page()
    sign_in(page, a_journalist)
    sign_in(desk, an_editor)
    page.goto(form_of(a_finished_text))
    open_step(page, "Submit for review")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("The editors have it on their desk.")).to_be_visible()
    desk.goto(form_of(a_finished_text))
    open_step(desk, "Ask for changes")
    desk.get_by_label("Note for colleagues: what should change").fill("A second source.")
    desk.get_by_role("button", name="Ask for changes").click()
    expect(desk.locator(".desk-bar .chip")).to_have_text("Changes wanted")
    page.goto(form_of(a_finished_text))
    expect(page.get_by_text("A second source.")).to_be_visible()
    open_step(page, "Submit for review")
    page.get_by_role("button", name="Submit for review").click()
    desk.goto(form_of(a_finished_text))
    open_step(desk, "Approve")
    desk.get_by_role("button", name="Approve this text").click()
    expect(desk.locator(".desk-bar .chip")).to_have_text("Approved")
    page.goto(form_of(a_finished_text))
    page.get_by_placeholder("Standfirst").fill("Another thought.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("As it is another text now, it waits for review again.")).to_be_visible()
    assert WorkflowState.objects.of(a_finished_text).state == State.IN_REVIEW
