"""Taking a text apart, and saying how two differ."""

from articles.blocks import split_blocks
from articles.comparing import BlockChange, Run, compare_blocks, compare_words, last_words

TEXT = (
    '<p>One &amp; <em>two</em>.<sup class="note-mark"><a href="#note-1" id="mark-1">1</a></sup></p><h2 id="on">On</h2>'
    '<hr data-paywall-line=""><ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>Last<br>line.</p>'
)


def test_a_text_falls_into_its_outermost_blocks() -> None:
    blocks = split_blocks(TEXT)
    assert [(block.tag, block.text) for block in blocks] == [
        ("p", "One & two."),
        ("h2", "On"),
        ("hr", ""),
        ("ul", "a b c"),
        ("p", "Last line."),
    ]
    assert [block.is_line for block in blocks] == [False, False, True, False, False]
    assert [block.name for block in blocks] == ["Paragraph", "Subhead", "Paywall line", "List", "Paragraph"]


def test_loose_words_are_a_paragraph_and_nothing_is_no_block() -> None:
    assert [(block.tag, block.text) for block in split_blocks("Loose <p>tight</p>")] == [("p", "Loose"), ("p", "tight")]
    assert split_blocks("") == split_blocks("\n ") == []


def test_the_mark_of_a_footnote_ends_where_it_ends() -> None:
    marked = '<p>Before<sup class="note-mark"><a href="#note-1">1</a></sup> after <a href="/x/">a link</a>.</p>'
    assert split_blocks(marked)[0].text == "Before after a link."


def test_sentences_end_at_marks_before_capitals() -> None:
    text = "It cost 5.3 billion. “Too much,” he said. Why? Because of U.S. tariffs, e.g. steel…"
    block = split_blocks(f"<p>{text}</p>")[0]
    assert len(block.sentences) == 4


def test_the_same_text_has_no_changes_however_its_notes_are_numbered() -> None:
    later = TEXT.replace("note-1", "note-4").replace(">1<", ">4<").replace("mark-1", "mark-4")
    assert later != TEXT
    assert compare_blocks(TEXT, later) == ()


def test_blocks_are_added_removed_and_changed() -> None:
    before = "<p>Stays as it is.</p><p>The road is narrow and steep.</p><h2>Gone</h2>"
    after = "<p>Quite new.</p><p>Stays as it is.</p><p>The road is wide and steep.</p>"
    assert compare_blocks(before, after) == (
        BlockChange("added", "Paragraph", (Run("added", "Quite new."),)),
        BlockChange(
            "changed",
            "Paragraph",
            (Run("same", "The road is"), Run("removed", "narrow"), Run("added", "wide"), Run("same", "and steep.")),
        ),
        BlockChange("removed", "Subhead", (Run("removed", "Gone"),)),
    )


def test_a_block_rewritten_throughout_is_one_gone_and_one_new() -> None:
    kinds = [change.kind for change in compare_blocks("<p>aa bb cc</p>", "<p>dd ee ff</p>")]
    assert kinds == ["added", "removed"]


def test_another_link_or_emphasis_is_a_change_too() -> None:
    for before, after in (
        ('<p><a href="/a/">See</a> it.</p>', '<p><a href="/b/">See</a> it.</p>'),
        ("<p><em>See</em> it.</p>", "<p>See it.</p>"),
        ('<figure><img src="/a.webp"></figure>', '<figure><img src="/b.webp"></figure>'),
    ):
        (change,) = compare_blocks(before, after)
        assert change.kind == "changed"
        assert "links, emphasis or picture" in change.runs[0].text


def test_words_are_compared_as_an_editor_marks_them() -> None:
    assert list(compare_words("a b", "a b")) == [Run("same", "a b")]
    assert list(compare_words("", "a")) == [Run("added", "a")]
    assert list(compare_words("a", "")) == [Run("removed", "a")]


def test_last_words_say_where_a_text_stops() -> None:
    assert last_words("<p>One two three.</p><p>Four five.</p>", 3) == "three. Four five."
