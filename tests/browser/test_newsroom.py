"""A journalist writes, an editor publishes, readers read: through the newsroom, in a real browser."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from articles.admin.versions import list_versions
from articles.models import Access, Article, State, WorkflowState
from kjreport.accounts.models import User
from tests.browser.watching import watch
from tests.cast import a_section, a_topic, an_article, an_author
from tests.pictures import a_photo

pytestmark = pytest.mark.browser

SignIn = Callable[[Page, User], None]
OPENING = "The road to Meghri is narrow,  & it ends at a river."
CORRIDOR = "A corridor for whom"


@pytest.fixture
def a_desk(a_journalist: User, an_editor: User) -> None:
    """What an article needs to be about."""
    a_section("Diplomacy")
    a_topic("Armenia")
    an_author("Jonas Journalist", account=a_journalist)
    a_photo(alt="The bridge at Meghri")


def begin(page: Page, headline: str) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="New article").click()
    expect(page.get_by_role("toolbar", name="Text tools")).to_be_visible()  # until then the text is a plain field
    page.get_by_placeholder("Headline", exact=True).fill(headline)


def text_of(page: Page) -> str:
    return page.locator("#id_source").input_value()


def tool(page: Page, name: str) -> None:
    page.get_by_role("toolbar").get_by_text(name, exact=True).click()


def open_step(page: Page, name: str) -> None:
    page.locator(".desk-bar summary").get_by_text(re.compile(f"^{name}")).click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()


def write_an_analysis(page: Page) -> None:
    begin(page, CORRIDOR)
    page.get_by_placeholder("Standfirst").fill("Yerevan wants transit without surrender.")
    page.get_by_role("textbox", name="Text").click()
    page.keyboard.type(OPENING)
    tool(page, "Footnote")
    page.get_by_label("What the note says").fill("Interview, Meghri, 2 November.")
    page.get_by_role("button", name="Add footnote").click()
    page.keyboard.press("Enter")
    tool(page, "Subhead")
    page.keyboard.type("What is on the table")
    tool(page, "Paywall line")
    page.keyboard.type("Only subscribers learn the price.")
    tool(page, "Photo")
    page.get_by_role("button", name="The bridge at Meghri").click()
    page.keyboard.type("Under the bridge.")


@pytest.mark.usefixtures("a_desk")
def test_what_is_typed_is_what_is_stored(page: Page, sign_in: SignIn, a_journalist: User) -> None:
    sign_in(page, a_journalist)
    begin(page, "Spaces")
    page.get_by_role("textbox", name="Text").click()
    page.keyboard.type("One two  three & four <five> “six” seven ")
    page.keyboard.press("Enter")
    page.keyboard.type(" - eight")
    save(page)
    source = Article.objects.get().source
    assert source == "<p>One two  three &amp; four &lt;five&gt; “six” seven </p><p> - eight</p>"
    assert "\xa0" not in source
    assert "nbsp" not in source
    assert text_of(page) == source


@pytest.mark.usefixtures("a_desk")
def test_journalist_writes_and_submits_then_editor_publishes(
    page: Page, sign_in: SignIn, a_journalist: User, an_editor: User, new_page: Callable[..., Page]
) -> None:
    sign_in(page, a_journalist)
    write_an_analysis(page)
    save(page)
    article = Article.objects.get()
    photo = article.source.partition('data-photo="')[2].partition('"')[0]
    assert article.source == (
        "<p>The road to Meghri is narrow,  &amp; it ends at a river."
        '<span data-footnote="Interview, Meghri, 2 November."></span></p>'
        '<h2>What is on the table</h2><hr data-paywall-line=""><p>Only subscribers learn the price.</p>'
        f'<figure data-photo="{photo}" data-caption=""></figure><p>Under the bridge.</p>'
    )
    assert [byline.author.name for byline in article.bylines.all()] == ["Jonas Journalist"]
    expect(page.locator(".desk-bar summary", has_text="Publish")).to_have_count(0)
    open_step(page, "Submit for review")
    page.locator("#submit-words").fill("The river's name is checked.")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("The editors have it on their desk.")).to_be_visible()

    desk = new_page()
    sign_in(desk, an_editor)
    desk.goto("/admin/")
    expect(desk.get_by_text("The river's name is checked.")).to_be_visible()
    desk.get_by_role("link", name=re.compile(CORRIDOR)).click()
    desk.get_by_role("button", name="Publish…").click()
    expect(desk.get_by_role("button", name="Publish now")).to_have_count(0)
    desk.get_by_role("link", name="The article has no section. Choose one.").click()
    desk.get_by_label("Section").select_option("Diplomacy")
    desk.locator(".field-topics .select2-selection").click()
    desk.keyboard.type("Arm")
    desk.get_by_role("option", name="Armenia").click()
    desk.get_by_role("button", name="Publish…").click()
    desk.get_by_role("button", name="Publish now").click()
    expect(desk.get_by_text("Readers have it now.")).to_be_visible()

    reader = new_page()
    reader.goto(article.get_absolute_url())
    expect(reader.get_by_role("heading", name=CORRIDOR)).to_be_visible()
    expect(reader.get_by_text("it ends at a river")).to_be_visible()
    assert "Only subscribers learn the price" not in reader.content()
    assert "Under the bridge" not in reader.content()


@pytest.mark.usefixtures("a_desk")
def test_previews_show_what_was_just_typed(page: Page, sign_in: SignIn, a_journalist: User) -> None:
    sign_in(page, a_journalist)
    write_an_analysis(page)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview").click()
    shown = opened.value
    reader = shown.frame_locator("iframe")
    expect(reader.get_by_text("it ends at a river")).to_be_visible()
    expect(reader.get_by_text("Only subscribers learn the price")).to_have_count(0)
    shown.get_by_role("link", name="Subscriber", exact=True).click()
    expect(reader.get_by_text("Only subscribers learn the price.")).to_be_visible()
    shown.get_by_role("link", name="Back to writing").click()
    expect(shown.get_by_role("textbox", name="Text")).to_contain_text("Under the bridge.")
    assert not Article.objects.exists()


@pytest.mark.usefixtures("a_desk")
def test_a_draft_needs_only_a_headline(page: Page, sign_in: SignIn, a_journalist: User) -> None:
    sign_in(page, a_journalist)
    for address in ("working-title", "working-title-2"):
        begin(page, "Working title")
        save(page)
        expect(page.get_by_label("Address")).to_have_value(address)


@pytest.mark.usefixtures("a_desk")
def test_the_paywall_line_stands_once_and_undo_brings_it_back(page: Page, sign_in: SignIn, a_journalist: User) -> None:
    sign_in(page, a_journalist)
    begin(page, "One line")
    page.get_by_role("textbox", name="Text").click()
    page.keyboard.type("First.")
    page.keyboard.press("Control+Alt+p")
    page.keyboard.type("Second.")
    assert text_of(page) == '<p>First.</p><hr data-paywall-line=""><p>Second.</p>'
    tool(page, "Paywall line")
    assert text_of(page) == '<p>First.</p><p>Second.</p><hr data-paywall-line=""><p></p>'
    page.keyboard.press("Control+z")
    assert text_of(page) == '<p>First.</p><hr data-paywall-line=""><p>Second.</p>'


PASTED = (
    '<meta charset="utf-8"><b style="font-weight:normal" id="docs-internal-guid-1"><h1 style="color:red">A title</h1>'
    '<p class="MsoNormal" style="margin:0"><span style="font-family:Arial">Plain&nbsp;and <i>leaning</i></span>'
    '<span style="font-weight:700"> and bold</span>'
    '<script>window.pasted = true</script><img src="https://tracker.example/pixel.gif" onerror="window.pasted = true">'
    '<a href="https://example.org/" target="_blank" onclick="x()">a link</a>'
    '<a href="javascript:alert(1)">a trap</a></p><table><tr><td>cell</td></tr></table></b>'
)
PASTE = """(element, html) => {
  const data = new DataTransfer()
  data.setData("text/html", html)
  element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
}"""


@pytest.mark.usefixtures("a_desk")
def test_paste_keeps_words_and_drops_the_rest(page: Page, sign_in: SignIn, a_journalist: User) -> None:
    sign_in(page, a_journalist)
    begin(page, "Pasted")
    page.get_by_role("textbox", name="Text").click()
    page.get_by_role("textbox", name="Text").evaluate(PASTE, PASTED)
    assert text_of(page) == (
        "<h2>A title</h2><p>Plain and <em>leaning</em><strong> and bold</strong>"
        '<a href="https://example.org/">a link</a>a trap</p><p>cell</p>'
    )
    assert page.evaluate("window.pasted") is None


@pytest.mark.usefixtures("a_desk")
def test_a_picture_can_be_added_while_writing(page: Page, sign_in: SignIn, a_journalist: User) -> None:
    sign_in(page, a_journalist)
    begin(page, "With a picture")
    page.get_by_role("button", name="Choose picture").click()
    page.get_by_text("Add a picture from this computer").click()
    page.get_by_label("What it shows", exact=True).fill("A grey square")
    page.get_by_label("Credit", exact=True).fill("A test")
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"not a picture"}
    )
    page.get_by_role("button", name="Add and use this picture").click()
    expect(page.get_by_text("This file is not a picture we can use.")).to_be_visible()
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((48, 32)).save(picture, "PNG")  # like none that the library has
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "b.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    page.get_by_role("button", name="Add and use this picture").click()
    expect(page.get_by_text("A grey square · A test")).to_be_visible()
    save(page)
    hero = Article.objects.get().hero
    assert hero is not None
    assert (hero.alt, hero.uploaded_by) == ("A grey square", a_journalist)


@pytest.mark.usefixtures("a_desk")
def test_second_of_two_keeps_the_words_and_overwrites_nothing(
    page: Page, sign_in: SignIn, a_journalist: User, an_editor: User, new_page: Callable[..., Page]
) -> None:
    article = an_article("Two at once", created_by=a_journalist)
    address = f"/admin/articles/article/{article.pk}/change/"
    sign_in(page, a_journalist)
    page.goto(address)
    desk = new_page()
    sign_in(desk, an_editor)
    desk.goto(address)
    desk.get_by_placeholder("Standfirst").fill("The editor's words.")
    save(desk)
    page.get_by_placeholder("Standfirst").fill("The journalist's words.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Edith Editor saved this article at")).to_be_visible()
    article.refresh_from_db()
    assert article.standfirst == "The editor's words."
    page.get_by_role("button", name=re.compile("^Leave Edith Editor")).click()
    expect(page.get_by_placeholder("Standfirst")).to_have_value("The editor's words.")
    assert "The journalist's words." in [version.standfirst for version in list_versions(article)]
    article.refresh_from_db()
    assert article.standfirst == "The editor's words."


@pytest.mark.usefixtures("a_desk")
def test_bylines_change_places_and_the_order_is_kept(page: Page, sign_in: SignIn, an_editor: User) -> None:
    article = an_article("Signed twice", authors=["Ada Byron", "Charles Babbage"])
    sign_in(page, an_editor)
    page.goto(f"/admin/articles/article/{article.pk}/change/")
    page.locator("#bylines-group").get_by_role("button", name="Move down").first.click()
    save(page)
    assert [byline.author.name for byline in article.bylines.all()] == ["Charles Babbage", "Ada Byron"]


@pytest.mark.usefixtures("a_desk")
def test_editor_schedules_corrects_leads_and_withdraws(page: Page, sign_in: SignIn, an_editor: User) -> None:
    article = an_article("A life in print", access=Access.OPEN)
    sign_in(page, an_editor)
    page.goto(f"/admin/articles/article/{article.pk}/change/")
    page.get_by_role("button", name="Publish…").click()
    page.get_by_label("Or at a day and time in London").fill("2099-01-02T06:30")
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.get_by_text("The next comes out on Friday 2 January 2099, 06:30.")).to_be_visible()
    page.get_by_role("button", name="Publish…").click()
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("Readers have it now.")).to_be_visible()
    open_step(page, "Correction")
    page.get_by_label("In public").fill("It was a bridge, not a tunnel.")
    page.get_by_role("button", name="Add correction").click()
    expect(page.get_by_text("The correction stands under the article.")).to_be_visible()
    open_step(page, "Lead the front page")
    page.get_by_role("button", name="Let it lead").click()
    expect(page.get_by_text("It leads the front page.")).to_be_visible()
    open_step(page, "Withdraw")
    page.get_by_role("button", name="Withdraw from readers").click()
    expect(page.get_by_text("Readers no longer have it.")).to_be_visible()
    assert WorkflowState.objects.of(article).state == State.WITHDRAWN


@pytest.mark.usefixtures("a_desk")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_newsroom_keeps_the_policy(
    new_page: Callable[..., Page], sign_in: SignIn, an_editor: User, scheme: str
) -> None:
    article = an_article("Any article")
    page = new_page(color_scheme=scheme, viewport={"width": 390, "height": 844})
    sign_in(page, an_editor)
    for address in (
        "",
        "articles/article/",
        f"articles/article/{article.pk}/change/",
        f"articles/article/{article.pk}/history/",
        f"articles/article/{article.pk}/publish/",
        f"articles/article/{article.pk}/delete/",
        "articles/photo/",
        "articles/photo/add/",
        f"articles/photo/{a_photo().pk}/change/",
        "articles/topic/add/",
        "articles/section/",
        "articles/lead/add/",
        "authors/author/add/",
    ):
        answer = page.goto(f"/admin/{address}", wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200, address
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{address} is wider than a phone"


@pytest.mark.parametrize(
    "fault",
    [
        "document.body.setAttribute('style', 'color: red')",
        "document.body.insertAdjacentHTML('beforeend', '<img src=\"https://tracker.example/x.gif\">')",
        "document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.x = 1'}))",
        "setTimeout(() => { throw new Error('broken') })",
    ],
)
def test_what_no_page_may_do_is_seen(browser: Browser, live_server: LiveServer, fault: str) -> None:
    faults: list[str] = []
    context = browser.new_context(base_url=live_server.url)
    watch(context, faults)
    page = context.new_page()
    page.goto("/about/")
    assert faults == []
    page.evaluate(fault)
    page.wait_for_timeout(300)
    context.close()
    assert faults != []
