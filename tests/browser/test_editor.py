"""The editor in a real browser: what is typed, pasted, found, linked, tabled and drawn is what is stored."""
# ruff: noqa: RUF001 - typographic signs are what is tested

import base64
import io
import json
import re
from collections.abc import Callable
from html import escape, unescape
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from articles.models import Access, Article, Photo
from kjreport.accounts.models import User
from tests.cast import an_article, published

pytestmark = pytest.mark.browser
SignIn = Callable[[Page, User], None]
PASTED = Path(__file__).parent / "pasted"
PASTE = """(element, [kind, text]) => {
  const data = new DataTransfer()
  data.setData(kind, text)
  element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
}"""
FIGURES = {
    "kind": "line",
    "title": "Transits",
    "unit": "ships a day",
    "source": "Canal authority",
    "rows": [["", "Suez"], ["2022", "64"], ["2023", "70"], ["2024", "36"]],
}
EVERY_BLOCK = (
    "<p>First words here.</p><h2>A subhead</h2>"
    '<table data-caption="Routes" data-source="Port records"><tbody><tr><th><p>Route</p></th><th><p>Days</p></th></tr>'
    "<tr><td><p>Cape</p></td><td><p>31</p></td></tr></tbody></table>"
    f'<figure data-chart="{escape(json.dumps(FIGURES))}"></figure>'
    '<aside data-context=""><h3>Who is who</h3><p>Two names.</p></aside>'
    '<figure data-embed="https://www.youtube.com/watch?v=abc" data-title="The speech"></figure><p>Last words.</p>'
)


@pytest.fixture
def write(page: Page, sign_in: SignIn, a_journalist: User) -> Callable[..., Article]:
    """Give `write(source)`: the journalist has a draft of it open, with the cursor at its end."""

    def write(source: str = "") -> Article:
        article = an_article("A draft", source=source, created_by=a_journalist, access=Access.OPEN)
        sign_in(page, a_journalist)
        page.goto(f"/admin/articles/article/{article.pk}/change/")
        expect(page.get_by_role("toolbar", name="Text tools")).to_be_visible()
        text(page).click()
        page.keyboard.press("Control+End")
        return article

    return write


def text(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text", exact=True)


def stored(page: Page) -> str:
    return page.locator("#id_source").input_value()


def tool(page: Page, name: str, *, of: str = "Text tools") -> None:
    page.get_by_role("toolbar", name=of).get_by_text(name, exact=True).click()


def paste(page: Page, html: str, kind: str = "text/html") -> None:
    text(page).evaluate(PASTE, [kind, html])


def save(page: Page, article: Article) -> str:
    before = article.updated_at
    page.get_by_role("button", name=re.compile("^Save( draft)?$")).click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    article.refresh_from_db()
    assert article.updated_at > before
    return article.source


# Paste ----------------------------------------------------------------------------------------------------------------


def test_word_pastes_as_a_journalist_meant_it(page: Page, write: Callable[..., Article]) -> None:
    article = write()
    paste(page, (PASTED / "word.html").read_text(encoding="utf-8"))
    expect(page.get_by_text("A picture was left out")).to_be_visible()
    assert save(page, article) == (
        "<h2>The corridor nobody paid for</h2>"
        "<p>Officials in Yerevan call it “the crossroads”; others don’t."
        '<span data-footnote="Interview, Yerevan, 2 November."></span> '
        "The <strong>bold</strong> and the <em>leaning</em> stay.</p>"
        "<h2>What is on the table</h2>"
        "<ul><li><p>A railway</p><ul><li><p>of one track</p></li></ul></li><li><p>A road</p></li></ul>"
        "<p>Then:</p><ol><li><p>Sign</p></li><li><p>Build</p></li></ol>"
        '<p>put in, and H<sub>2</sub>O. <a href="https://example.org/treaty">The treaty</a>.</p>'
        "<table><tbody><tr><td><p><strong>Route</strong></p></td><td><p><strong>Days</strong></p></td></tr>"
        "<tr><td><p>North</p></td><td><p>12</p></td></tr></tbody></table>"
        "<blockquote><p>“A road is a promise.”</p></blockquote>"
    )


def test_google_docs_pastes_as_a_journalist_meant_it(page: Page, write: Callable[..., Article]) -> None:
    article = write()
    paste(page, (PASTED / "docs.html").read_text(encoding="utf-8"))
    expect(page.get_by_text("A picture was left out")).to_be_visible()
    assert save(page, article) == (
        "<h2>What the delta needs</h2>"
        "<p>Plain, then <strong>bold</strong> and <em>leaning</em> “words”"
        '<span data-footnote="See the annex https://example.org/annex."></span>'
        ' with a <a href="https://example.org/report?a=1">link</a>.</p>'
        "<ul><li><p>Water</p><ul><li><p>in spring</p></li></ul></li><li><p>Silt</p></li></ul>"
        "<table><tbody><tr><td><p><strong>Country</strong></p></td><td><p><strong>Share</strong></p></td></tr>"
        "<tr><td><p>Egypt</p></td><td><p>55.5</p></td></tr></tbody></table>"
    )


def test_libreoffice_pastes_as_a_journalist_meant_it(page: Page, write: Callable[..., Article]) -> None:
    write()
    paste(page, (PASTED / "libreoffice.html").read_text(encoding="utf-8"))
    assert stored(page) == (
        '<h2>A part</h2><p>The port<span data-footnote="Harbour master, in May."></span> is <strong>shut</strong>.</p>'
        "<ul><li><p>Ships wait</p></li><li><p>Crews wait</p></li></ul>"
    )
    expect(page.get_by_role("region", name="Notes").get_by_role("button")).to_have_text("Harbour master, in May.")


def test_a_web_page_and_plain_text_paste_their_words(page: Page, write: Callable[..., Article]) -> None:
    write()
    paste(
        page,
        '<nav><a href="/x">Menu</a></nav><div class="story" style="color:red"><h4>A part</h4><p>One<br>two '
        '<a href="https://example.org/a">out</a> <a href="#top">up</a></p><figure><img src="https://example.org/p.jpg">'
        "</figure><table><tr><td><div>Layout only</div></td></tr></table></div>",
    )
    paste(page, "Three\n\nfour  “five”", "text/plain")
    assert stored(page) == (
        '<h3>A part</h3><p>One<br>two <a href="https://example.org/a">out</a> up</p><p>Layout onlyThree</p>'
        "<p>four  “five”</p>"
    )


def test_what_is_copied_in_the_editor_pastes_whole(page: Page, write: Callable[..., Article]) -> None:
    article = write(EVERY_BLOCK)
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+x")
    expect(page.locator("#id_source")).to_have_value("")
    page.keyboard.press("Control+v")
    assert save(page, article) == EVERY_BLOCK


# Typing ---------------------------------------------------------------------------------------------------------------


def test_quotes_and_dashes_are_set_as_one_types_and_each_undone_by_one_stroke(
    page: Page, write: Callable[..., Article]
) -> None:
    article = write()
    page.keyboard.type(
        "\"It's 'so'\" - in 1990-95, he said... -- the '90s, x-ray F-16 https://a.example/b-c-d 2026-11-23."
    )
    wanted = "“It’s ‘so’” – in 1990–95, he said… – the ’90s, x-ray F-16 https://a.example/b-c-d 2026-11-23."
    assert stored(page) == f"<p>{wanted}</p>"
    assert save(page, article) == f"<p>{wanted}</p>"
    text(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(' "')
    assert stored(page).endswith("23. “</p>")
    page.keyboard.press("Control+z")
    assert stored(page).endswith('23. "</p>')
    page.keyboard.type("six's")
    assert stored(page).endswith("six’s</p>")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert stored(page).endswith("six'</p>")


def test_undo_goes_on_behind_a_reload_and_a_save(page: Page, write: Callable[..., Article]) -> None:
    article = write("<p>As it was.</p>")
    page.keyboard.type(" First.")
    page.wait_for_timeout(1400)
    page.keyboard.type(" Second.")
    save(page, article)
    text(page).click()
    assert stored(page) == "<p>As it was. First. Second.</p>"
    page.keyboard.press("Control+z")
    assert stored(page) == "<p>As it was. First.</p>"
    page.keyboard.press("Control+z")
    assert stored(page) == "<p>As it was.</p>"
    page.keyboard.press("Control+z")
    assert stored(page) == "<p>As it was.</p>"
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+Shift+z")
    assert stored(page) == "<p>As it was. First. Second.</p>"


def test_find_and_replace_by_keyboard(page: Page, write: Callable[..., Article]) -> None:
    write("<p>The Gulf, the gulf and the <em>gulf</em>ward side. It’s the end.</p><h2>Gulf states</h2>")
    page.keyboard.press("Control+f")
    page.keyboard.type("gulf")
    status = page.locator(".find-count")
    expect(status).to_have_text(re.compile(r"^\d of 4$"))
    page.get_by_label("Whole words").check()
    expect(status).to_have_text(re.compile(r"^\d of 3$"))
    page.get_by_label("Match case").check()
    expect(status).to_have_text("1 of 1")
    page.get_by_label("Match case").uncheck()
    page.get_by_label("Find", exact=True).fill("it's")
    expect(status).to_have_text("1 of 1")
    page.get_by_label("Find", exact=True).fill("gulf")
    page.keyboard.press("Control+h")
    page.get_by_label("Replace with").fill("Sea")
    page.get_by_role("button", name="Replace all").click()
    expect(status).to_have_text("3 replaced")
    changed = "<p>The Sea, the Sea and the <em>gulf</em>ward side. It’s the end.</p><h2>Sea states</h2>"
    assert stored(page) == changed
    page.keyboard.press("Escape")
    expect(text(page)).to_be_focused()
    page.keyboard.press("Control+z")
    assert stored(page) != changed
    assert stored(page).count("ulf") == 4


# Blocks ---------------------------------------------------------------------------------------------------------------


def test_a_table_is_made_and_grows_by_keyboard(page: Page, write: Callable[..., Article]) -> None:
    article = write()
    page.keyboard.type("/tab")
    expect(page.get_by_role("option", name=re.compile("^Table"))).to_be_visible()
    page.keyboard.press("Enter")
    for word in ("Route", "Days", "Ships", "Cape", "31", "12", "Suez", "22"):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    page.keyboard.type("8")
    page.keyboard.press("Tab")
    page.keyboard.type("New row")
    tool(page, "Delete column", of="Table tools")
    tool(page, "Column after", of="Table tools")
    tool(page, "Title and source", of="Table tools")
    page.get_by_label("Title", exact=True).fill("Two ways round")
    page.get_by_label("Source", exact=True).fill("Port records")
    page.get_by_role("button", name="Save", exact=True).last.click()
    source = save(page, article)
    assert source.startswith(
        '<table data-caption="Two ways round" data-source="Port records"><tbody><tr><th><p>Days</p></th>'
    )
    assert source.count("<tr>") == 4
    assert source.count("<th>") == 3
    assert "<td><p>31</p></td>" in source


def test_a_chart_is_drawn_from_pasted_cells(page: Page, write: Callable[..., Article]) -> None:
    article = write("<p>Before.</p>")
    tool(page, "Chart")
    page.get_by_label("Figures", exact=True).fill("Year\tRevenue\n2023\tmuch\n2024\t4.0")
    expect(page.get_by_text("“much” is not a figure.")).to_be_visible()
    page.get_by_label("Figures", exact=True).fill("Year\tRevenue\n2023\t10.2\n2024\t4.0")
    page.get_by_label("Title", exact=True).fill("Canal revenue")
    page.get_by_label("Unit", exact=True).fill("$ bn")
    page.get_by_label("Source", exact=True).fill("Canal authority")
    expect(
        page.locator(".chart-preview").get_by_role("img", name=re.compile("highest \\$10.2 \\(2023\\)"))
    ).to_be_visible()
    page.get_by_role("button", name="Use this chart").click()
    expect(text(page).get_by_role("img", name=re.compile("Column chart: Canal revenue"))).to_be_visible()
    data = re.search('data-chart="([^"]*)"', save(page, article))
    assert data is not None
    assert json.loads(unescape(data[1])) == {
        "kind": "column",
        "title": "Canal revenue",
        "unit": "$ bn",
        "source": "Canal authority",
        "rows": [["Year", "Revenue"], ["2023", "10.2"], ["2024", "4.0"]],
    }


def test_a_link_finds_our_own_pieces_and_knows_them_by_their_address(
    page: Page, write: Callable[..., Article], live_server: object
) -> None:
    piece = published("The bridge at Meghri").article
    an_article("A secret bridge", slug="a-secret-bridge")
    article = write("<p>words</p>")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    page.get_by_label("Piece or address").fill("bridge")
    expect(page.get_by_role("listbox", name="Pieces").get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    ours = f'<a href="{piece.get_absolute_url()}" data-article="{piece.pk}">'
    assert stored(page) == f"<p>{ours}words</a></p>"
    page.wait_for_timeout(200)  # the text takes the focus back
    page.keyboard.press("Control+End")
    page.keyboard.type(" and ")
    page.keyboard.press("Control+k")
    page.get_by_label("Piece or address").fill(f"{live_server}{piece.get_absolute_url()}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)  # the address was looked up first
    assert stored(page).endswith(f" and {ours}The bridge at Meghri</a></p>")
    page.wait_for_timeout(200)
    page.keyboard.type(" then ")
    page.keyboard.press("Control+k")
    page.get_by_label("Piece or address").fill("/articles/a-secret-bridge/")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No piece of ours has this address.")).to_be_visible()
    page.get_by_label("Piece or address").fill("example.org/page")
    page.keyboard.press("Enter")
    assert '<a href="https://example.org/page">example.org/page</a>' in save(page, article)


def test_a_pasted_address_becomes_a_card_and_others_are_refused(page: Page, write: Callable[..., Article]) -> None:
    article = write()
    paste(page, "https://youtu.be/abc?si=x", "text/plain")
    page.get_by_label("Title", exact=True).fill("The speech")
    page.get_by_label("Address", exact=True).last.fill("https://example.org/video")
    page.get_by_role("button", name="Use this card").click()
    expect(page.get_by_text("No card can be made of this address.")).to_be_visible()
    page.get_by_label("Address", exact=True).last.fill("https://youtu.be/abc?si=x")
    page.get_by_role("button", name="Use this card").click()
    expect(text(page).get_by_text("Video on YouTube")).to_be_visible()
    assert (
        save(page, article) == '<figure data-embed="https://youtu.be/abc?si=x" data-title="The speech"></figure><p></p>'
    )


def test_a_box_of_background_is_written_and_left_by_keyboard(page: Page, write: Callable[..., Article]) -> None:
    article = write("<p>Before.</p>")
    page.keyboard.press("Control+Alt+b")
    page.keyboard.type("Who is who")
    page.keyboard.press("Enter")
    page.keyboard.type("Two names.")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("After.")
    assert save(page, article) == (
        '<p>Before.</p><aside data-context=""><h3>Who is who</h3><p>Two names.</p></aside><p>After.</p><p></p>'
    )


def test_a_picture_that_is_copied_goes_by_way_of_the_library(page: Page, write: Callable[..., Article]) -> None:
    write("<p>Before.</p>")
    file = io.BytesIO()
    Image.radial_gradient("L").resize((48, 32)).save(file, "PNG")  # like none that the library has
    text(page).evaluate(
        """(element, bytes) => {
          const data = new DataTransfer()
          const file = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))
          data.items.add(new File([file], "a.png", { type: "image/png" }))
          element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
        }""",
        base64.b64encode(file.getvalue()).decode(),
    )
    page.get_by_label("What it shows", exact=True).fill("Copied from a phone")
    page.get_by_label("Credit", exact=True).fill("A test")
    page.get_by_role("button", name="Add and use this picture").click()
    expect(text(page).get_by_role("img", name="Copied from a phone")).to_be_visible()
    added = Photo.objects.get(alt="Copied from a phone")
    assert f'<figure data-photo="{added.pk}" data-caption=""></figure>' in stored(page)


def test_tools_and_blocks_are_reached_by_keyboard_and_by_thumb(page: Page, write: Callable[..., Article]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    write()
    page.keyboard.press("Alt+F10")
    tools = page.get_by_role("toolbar", name="Text tools")
    expect(tools.get_by_role("button", name="Subhead", exact=True)).to_be_focused()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(tools.get_by_role("button", name="Bold")).to_be_focused()
    assert tools.locator("[tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    page.keyboard.type("loud")
    assert stored(page) == "<p><strong>loud</strong></p>"
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    text(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type("/nothing of the kind")
    expect(page.get_by_role("listbox", name="Blocks")).to_be_hidden()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Insert a block").click()
    page.get_by_role("option", name=re.compile("^Paywall line")).click()
    page.keyboard.type("/")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    assert stored(page) == (
        "<p><strong>loud</strong></p><p><strong>/nothing of the kind</strong></p>"
        '<hr data-paywall-line=""><p>/</p><p></p>'
    )


def test_a_text_with_every_block_opens_and_saves_unchanged(page: Page, write: Callable[..., Article]) -> None:
    article = write(EVERY_BLOCK)
    assert stored(page) == EVERY_BLOCK
    assert save(page, article) == EVERY_BLOCK
