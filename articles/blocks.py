"""Takes a text apart into its blocks: paragraphs, subheads, lists, pictures. Knows nothing of models or readers."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

_VOID = frozenset({"br", "hr", "img", "source", "wbr", "input", "col"})
_PARTED = frozenset({"p", "ul", "ol", "li", "table", "tr", "td", "th", "caption", "figcaption", "summary", "dt", "dd"})
_SENTENCE_ENDS = re.compile(r"(?<=[.!?\u2026])[\u201d\u2019\"')\]]*\s+(?=[A-Z0-9\u201c\u2018\"'(])")
_LONGEST_EXCERPT = 90
_MARKED = {"chart": "Chart", "embed": "Card", "context": "Context box", "table": "Table"}  # in attributes, in classes


@dataclass(frozen=True)
class Block:
    """One block of the outermost level: its tag, its attributes, its words on one line, its HTML."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    text: str
    html: str

    @property
    def is_line(self) -> bool:
        """Whether it is the paywall line."""
        return self.tag == "hr" and "data-paywall-line" in dict(self.attributes)

    @property
    def words(self) -> int:
        """How many words it holds."""
        return len(self.text.split())

    @property
    def excerpt(self) -> str:
        """Its first words."""
        if len(self.text) <= _LONGEST_EXCERPT:
            return self.text
        return self.text[:_LONGEST_EXCERPT].rsplit(" ", 1)[0].rstrip(",;:-\u2013") + " …"

    @property
    def name(self) -> str:
        """What an editor calls it."""
        if self.is_line:
            return "Paywall line"
        names = {"h2": "Subhead", "h3": "Small subhead", "figure": "Picture", "aside": "Pull quote", "hr": "Rule"}
        given = dict(self.attributes)
        for mark, name in _MARKED.items():
            if f"data-{mark}" in given or given.get("class") == mark:
                return name
        lists = {"ul": "List", "ol": "List", "blockquote": "Quote", "table": "Table"}
        return (names | lists).get(self.tag, "Paragraph")

    @property
    def sentences(self) -> list[str]:
        """Its sentences, as far as marks and capitals tell."""
        return [one for one in _SENTENCE_ENDS.split(self.text) if one.strip()]


def split_blocks(html: str) -> list[Block]:
    """Return the outermost blocks of well-formed HTML, source or rendered; marks of footnotes are not words."""
    splitter = _Splitter()
    splitter.feed(html)
    splitter.close()
    return splitter.blocks


class _Splitter(HTMLParser):
    """Walks the HTML once."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._open: list[str] = []
        self._attributes: tuple[tuple[str, str], ...] = ()
        self._words: list[str] = []
        self._html: list[str] = []
        self._silent = 0  # how deep we stand inside the mark of a footnote

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = tuple((name, value or "") for name, value in attrs)
        if not self._open:
            self._attributes, self._words, self._html = given, [], []
        self._html.append(self.get_starttag_text() or "")
        if tag in _VOID:
            self._words.append(" ")
            if not self._open:
                self._finish(tag)
            return
        if tag in _PARTED:
            self._words.append(" ")
        self._open.append(tag)
        if self._silent or ("class", "note-mark") in given:
            self._silent += 1

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            return
        self._open.pop()
        self._silent = max(0, self._silent - 1)
        self._html.append(f"</{tag}>")
        if tag in _PARTED:
            self._words.append(" ")
        if not self._open:
            self._finish(tag)

    def handle_data(self, data: str) -> None:
        self._html.append(data)
        if self._silent:
            return
        self._words.append(data)
        if not self._open and data.strip():
            self._attributes = ()
            self._words, self._html = [data], [data]
            self._finish("p")

    def _finish(self, tag: str) -> None:
        text = " ".join("".join(self._words).split())
        self.blocks.append(Block(tag, self._attributes, text, "".join(self._html)))
