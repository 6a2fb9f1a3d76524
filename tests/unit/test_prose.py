"""The editor's source becomes safe HTML, and the preview ends where it should."""

import json
import re
from html import escape

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.prose import (
    PictureInText,
    Prose,
    article_ids_in,
    photo_ids_in,
    plain_text,
    render,
    sanitise,
    without_drawings,
)

PHOTO = PictureInText("k3y", 1800, 1200, "A river at dusk", "The river", "Staff")
EVERYTHING = {
    "*": {
        "class",
        "id",
        "href",
        "rel",
        "aria-label",
        "type",
        "srcset",
        "sizes",
        "src",
        "width",
        "height",
        "alt",
        "loading",
        "decoding",
        "role",
        "tabindex",
        "scope",
        "colspan",
    }
}
LINE = '<hr data-paywall-line="">'
FIGURES = {"kind": "bar", "title": "Debt & dues", "source": "Treasury", "rows": [["Kenya", "67"], ["Egypt", "90"]]}
CHART = f'<figure data-chart="{escape(json.dumps(FIGURES))}"></figure>'
TABLE = (
    '<table data-caption="Tariffs" data-source="Ministry"><tbody><tr><th><p>Year</p></th><th><p>Rate</p></th></tr>'
    "<tr><td><p>2024</p></td><td><p>12%</p></td></tr></tbody></table>"
)
CARD = '<figure data-embed="https://youtu.be/abc" data-title="The speech"></figure>'


def rendered(source: str) -> Prose:
    return render(source, {7: PHOTO})


def test_everything_below_the_line_is_apart() -> None:
    prose = rendered(f"<p>Free words here.</p>{LINE}<p>Paid words.</p>")
    assert prose.preview == "<p>Free words here.</p>"
    assert prose.rest == "<p>Paid words.</p>"
    assert (prose.has_line, prose.word_count, prose.preview_word_count) == (True, 5, 3)


def test_without_a_line_everything_is_preview() -> None:
    prose = rendered("<p>One.</p><p>Two.</p>")
    assert prose.preview == "<p>One.</p><p>Two.</p>"
    assert not prose.has_line
    assert not prose.rest


@pytest.mark.parametrize("inside", ["<ul><li>a{}b</li></ul>", "<blockquote><p>a</p>{}<p>b</p></blockquote>"])
def test_a_line_inside_a_list_or_quote_does_not_divide(inside: str) -> None:
    assert not rendered(inside.format(LINE)).has_line


def test_only_the_first_line_divides() -> None:
    prose = rendered(f"<p>a</p>{LINE}<p>b</p>{LINE}<p>c</p>")
    assert prose.preview == "<p>a</p>"
    assert prose.rest == "<p>b</p><p>c</p>"


def test_footnotes_number_on_through_the_line_and_stay_on_their_side() -> None:
    prose = rendered(
        f'<p>a<span data-footnote="First."></span></p>{LINE}<p>b<span data-footnote="Second: https://example.org/x"></span></p>'
    )
    assert prose.preview_notes == ["First."]
    assert prose.rest_notes == ['Second: <a href="https://example.org/x">https://example.org/x</a>']
    assert 'href="#note-1"' in prose.preview
    assert 'href="#note-2"' in prose.rest


def test_a_footnote_cannot_carry_markup() -> None:
    prose = rendered('<p>a<span data-footnote="&lt;script&gt;x&lt;/script&gt;"></span></p>')
    assert prose.preview_notes == ["&lt;script&gt;x&lt;/script&gt;"]


def test_a_photo_below_the_line_is_counted_there() -> None:
    prose = rendered(f'<p>a</p>{LINE}<figure data-photo="7" data-caption=""></figure>')
    assert (prose.photo_ids_above, prose.photo_ids_below) == ([], [7])
    assert "/pictures/k3y/960.webp" in prose.rest
    assert 'alt="A river at dusk"' in prose.rest


def test_a_photo_on_both_sides_is_public() -> None:
    figure = '<figure data-photo="7"></figure>'
    prose = rendered(f"<p>a</p>{figure}{LINE}{figure}<p>b</p>")
    assert (prose.photo_ids_above, prose.photo_ids_below) == ([7], [])


def test_a_caption_may_be_changed_for_one_piece() -> None:
    assert (
        "Seen from the north &amp; east"
        in rendered('<figure data-photo="7" data-caption="Seen from the north & east"></figure>').preview
    )


def test_a_photo_that_is_not_in_the_library_is_left_out() -> None:
    assert rendered('<p>a</p><figure data-photo="8"></figure>').preview == "<p>a</p>"
    assert photo_ids_in('<figure data-photo="8"></figure><figure data-photo="x"></figure>') == {8}


def test_subheads_get_addresses_that_differ() -> None:
    prose = rendered(f"<h2>The <em>coast</em></h2>{LINE}<h2>The coast</h2>")
    assert prose.preview == '<h2 id="the-coast">The <em>coast</em></h2>'
    assert prose.rest == '<h2 id="the-coast-2">The coast</h2>'


def test_a_pull_quote_is_not_counted_twice() -> None:
    assert rendered('<p>Three words here.</p><aside data-pull-quote=""><p>words here</p></aside>').word_count == 3


def test_a_table_has_a_head_a_caption_and_figures_in_line() -> None:
    assert rendered(TABLE).preview == (
        '<figure class="table"><div><table><caption>Tariffs</caption>'
        '<thead><tr><th scope="col">Year</th><th scope="col" class="number">Rate</th></tr></thead>'
        '<tbody><tr><td>2024</td><td class="number">12%</td></tr></tbody></table></div>'
        "<figcaption>Source: Ministry</figcaption></figure>"
    )


def test_a_wide_table_can_be_scrolled_by_keyboard() -> None:
    row = "<tr>" + "<td><p>a</p></td>" * 5 + "</tr>"
    assert '<div class="table__wide" role="region" tabindex="0" aria-label="Table">' in (
        rendered(f"<table><tbody>{row}</tbody></table>").preview
    )


def test_cells_hold_words_alone_and_say_all_of_them() -> None:
    prose = rendered(
        "<table><tbody><tr><td><p>one</p><p>two <em>three</em></p><h2>four</h2><ul><li>five</li></ul></td>"
        '<td><span data-footnote="A note."></span><table><tbody><tr><td>six</td></tr></tbody></table></td></tr></table>'
    )
    assert re.search(r"<td>one<br>two <em>three</em><br>four<br>(<br>)?five</td>", prose.preview)
    assert "six" in prose.preview
    assert prose.preview.count("<table>") == 1
    assert prose.preview_notes == ["A note."]
    assert prose.word_count == 6


def test_an_empty_table_is_left_out_and_spans_stay_within_reason() -> None:
    assert not rendered("<table><tbody><tr><td><p></p></td></tr></tbody></table>").preview
    wide = rendered('<table><tbody><tr><td colspan="9999" rowspan="x">a</td></tr></tbody></table>').preview
    assert '<td colspan="20">a</td>' in wide


def test_a_box_of_background_is_named_and_counted() -> None:
    prose = rendered('<aside data-context=""><h2>Who is who</h2><p>Two names.</p><ul><li>One</li></ul></aside>')
    assert prose.preview == (
        '<aside class="context" aria-label="Context"><p class="label">Context</p><h3>Who is who</h3>'
        "<p>Two names.</p><ul><li>One</li></ul></aside>"
    )
    assert prose.word_count == 6


def test_a_line_in_a_box_or_a_cell_does_not_divide() -> None:
    assert not rendered(f'<aside data-context=""><p>a</p>{LINE}<p>b</p></aside>').has_line
    assert not rendered(f"<table><tbody><tr><td>a{LINE}b</td></tr></tbody></table>").has_line


def test_a_chart_is_drawn_and_its_figures_are_no_words_of_the_text() -> None:
    prose = rendered(f"<p>Two words.</p>{CHART}")
    assert prose.preview.count("<svg") == 2
    assert "Debt &amp; dues" in prose.preview
    assert (prose.word_count, prose.faults) == (2, ())


def test_a_chart_that_cannot_be_drawn_is_left_out_and_said_so() -> None:
    prose = rendered('<p>a</p><figure data-chart="{&quot;kind&quot;: &quot;bar&quot;, &quot;rows&quot;: []}"></figure>')
    assert prose.preview == "<p>a</p>"
    assert prose.faults == (
        "A chart cannot be drawn. The chart has no figures yet. Each line needs a name and at least one figure.",
    )


def test_a_card_leads_away_and_one_from_elsewhere_is_left_out() -> None:
    assert '<a href="https://www.youtube.com/watch?v=abc" rel="noopener external">' in rendered(CARD).preview
    prose = rendered('<figure data-embed="https://example.org/x" data-title="No"></figure>')
    assert not prose.preview
    assert "“https://example.org/x”" in prose.faults[0]


def test_paragraphs_that_nobody_wrote_in_are_left_out() -> None:
    assert rendered(f"<p></p><p>a</p>{LINE}<p></p><blockquote><p></p><p>b</p></blockquote>").rest == (
        "<blockquote><p>b</p></blockquote>"
    )


@pytest.mark.parametrize("block", [TABLE, CHART, CARD, '<aside data-context=""><p>a</p></aside>'])
def test_every_block_below_the_line_stays_there(block: str) -> None:
    prose = rendered(f"<p>Free.</p>{LINE}{block}")
    assert prose.preview == "<p>Free.</p>"
    assert prose.rest == rendered(block).preview


def test_links_to_our_own_pieces_lead_where_these_stand_now() -> None:
    source = '<p><a href="/articles/old/" data-article="3">a</a> <a href="/articles/kept/" data-article="4">b</a></p>'
    assert article_ids_in(source) == {3, 4}
    prose = render(source, {}, articles={3: "/articles/new/"})
    assert 'href="/articles/new/"' in prose.preview
    assert 'href="/articles/kept/"' in prose.preview
    assert "data-article" not in prose.preview


def test_away_from_our_stylesheet_a_chart_is_its_table() -> None:
    html = without_drawings(rendered(f"<p>a</p>{CHART}").preview)
    assert "<svg" not in html
    assert "summary" not in html
    assert "details" not in html
    assert '<td class="number">67</td>' in html


def test_searching_finds_figures_once_and_parted() -> None:
    words = " ".join(plain_text(rendered(f"{CHART}{TABLE}").preview).split())
    assert words == (
        "Debt & dues The figures Debt & dues Figure Kenya 67 Egypt 90 Source: Treasury "
        "Tariffs Year Rate 2024 12% Source: Ministry"
    )


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<p onclick="x()">a</p>',
        '<a href="javascript:alert(1)">a</a>',
        '<a href="data:text/html,x">a</a>',
        '<img src="https://example.org/pixel.gif">',
        '<iframe src="https://example.org"></iframe>',
        "<style>p{display:none}</style>",
        '<p style="color:red">a</p>',
        "<svg onload=alert(1)>",
        '<figure data-photo="7" data-caption="&quot;&gt;&lt;script&gt;"></figure>',
        '<table data-caption="<script>alert(1)</script>"><tr><td onclick="x()" style="color:red">a</td></tr></table>',
        '<figure data-embed="javascript:alert(1)//youtube.com/x" data-title="a"></figure>',
        '<figure data-embed="https://example.org/pixel" data-title="a"></figure>',
        '<a href="/x/" data-article="3" onmouseover="x()">a</a>',
        '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
    ],
)
def test_nothing_that_acts_survives(attack: str) -> None:
    tags = re.findall(r"<[^>]*>", rendered(attack).preview.lower())
    for forbidden in (
        "<script",
        "<iframe",
        "<style",
        "<svg",
        "<math",
        "example.org",
        "javascript:",
        "data:text",
        " on",
        " style=",
    ):
        assert not [tag for tag in tags if forbidden in tag]


@given(
    st.lists(
        st.sampled_from(
            [
                *"ab &<>",
                "<p>",
                "</p>",
                "<h2>",
                "</h2>",
                "<ul><li>",
                "</li></ul>",
                "<em>",
                LINE,
                '<span data-footnote="n">',
                "</span>",
                '<figure data-photo="7">',
                "</figure>",
                '<aside data-pull-quote="">',
                "</aside>",
                "<hr>",
                "<table>",
                "<tr>",
                "<td>",
                "<th>",
                "</td>",
                "</tr>",
                "</table>",
                '<aside data-context="">',
                CARD,
            ]
        ),
        max_size=30,
    )
)
def test_whatever_is_typed_both_sides_of_the_line_are_well_formed(parts: list[str]) -> None:
    prose = rendered("".join(parts))
    for html in (prose.preview, prose.rest):
        assert (
            nh3.clean(
                html,
                tags=nh3.ALLOWED_TAGS | {"aside", "picture", "source", "figure", "figcaption", "caption", "table"},
                attributes=EVERYTHING,
                link_rel=None,
            )
            == html
        )
    assert prose.preview_word_count <= prose.word_count


@given(st.text(max_size=300))
def test_sanitising_twice_changes_nothing_more(source: str) -> None:
    once = sanitise(source)
    assert sanitise(once) == once


def test_plain_text_parts_its_blocks() -> None:
    assert plain_text("<h2>A &amp; B</h2><p>c <em>d</em></p><ul><li>e</li></ul>") == "A & B\nc d\ne"
