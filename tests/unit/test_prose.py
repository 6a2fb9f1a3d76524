"""The editor's source becomes safe HTML, and the preview ends where it should."""

import re

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.prose import PictureInText, Prose, photo_ids_in, plain_text, render, sanitise

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
    }
}
LINE = '<hr data-paywall-line="">'


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
                tags=nh3.ALLOWED_TAGS | {"aside", "picture", "source", "figure", "figcaption"},
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
