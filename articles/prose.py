"""Turns the editor's source into safe HTML and finds where the preview ends.

Knows nothing of models or readers. The source format is plain HTML and tables (`<table data-caption data-source>`, with
words alone in the cells), plus some of our own: the paywall line (`<hr data-paywall-line>`), pull quotes
(`<aside data-pull-quote>`), boxes of background (`<aside data-context>`), footnotes (`<span data-footnote="text">`),
photos of our own library (`<figure data-photo="pk">`), charts (`<figure data-chart="JSON">`, see `articles.charts`),
cards that lead elsewhere (`<figure data-embed="address" data-title="words">`, see `articles.embeds`), and links to our
own pieces, which know the piece and so survive a change of its address (`<a href="…" data-article="pk">`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser

import nh3
from django.utils.html import strip_tags, urlize
from django.utils.safestring import SafeString, mark_safe  # noqa: TID251 - this module alone may
from django.utils.text import slugify

from articles.chart_figures import ChartError
from articles.charts import read_chart, write_chart
from articles.embeds import find_card, write_card
from articles.images import address, srcset
from articles.tables import Cell, read_span, write_table

CONTEXT = "Context"  # what a box of background is called above it
_CONTEXT_LABEL = f'<p class="label">{CONTEXT}</p>'
SIZES = "(min-width: 60rem) 44rem, 100vw"  # as wide as the measure, or the screen
_RENAMED = {"b": "strong", "i": "em"}
_BLOCKS = {"p", "h2", "h3", "ul", "ol", "li", "blockquote", "aside"}
_WORDS = {"a", "strong", "em", "b", "i", "sub", "sup"}
_OF_TABLES = {"table", "thead", "tbody", "tfoot", "tr", "th", "td"}
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_cleaner = nh3.Cleaner(
    tags={
        *("p", "h2", "h3", "ul", "ol", "li", "blockquote", "strong", "em", "b", "i", "a", "br", "hr", "sub", "sup"),
        *("aside", "span", "figure", "table", "thead", "tbody", "tfoot", "tr", "th", "td"),
    },
    attributes={
        "a": {"href", "data-article"},
        "hr": {"data-paywall-line"},
        "aside": {"data-pull-quote", "data-context"},
        "span": {"data-footnote"},
        "figure": {"data-photo", "data-caption", "data-chart", "data-embed", "data-title"},
        "table": {"data-caption", "data-source"},
        "th": {"colspan", "rowspan"},
        "td": {"colspan", "rowspan"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel=None,  # the renderer says it, so that what is kept is what was written
    clean_content_tags={"script", "style", "template", "iframe", "svg", "math", "title", "textarea", "noscript"},
)


@dataclass(frozen=True)
class PictureInText:
    """What the text needs to know of a photo. Width and height in pixels of the original."""

    key: str
    width: int
    height: int
    alt: str
    caption: str
    credit: str


@dataclass(frozen=True)
class Prose:
    """A rendered text, split at the paywall line. Every string of HTML in it is safe."""

    preview: str
    preview_notes: list[str]
    rest: str
    rest_notes: list[str]
    has_line: bool
    word_count: int
    preview_word_count: int
    photo_ids_above: list[int]
    photo_ids_below: list[int]
    faults: tuple[str, ...] = ()  # what was left out and why, as sentences for the newsroom


def sanitise(source: str) -> str:
    """Return the source with everything outside the format dropped: scripts, styles, remote pictures, attributes."""
    return _cleaner.clean(source).strip()


def render(source: str, photos: Mapping[int, PictureInText], *, articles: Mapping[int, str] | None = None) -> Prose:
    """Render a source; photos that are not in the mapping are left out.

    `articles` gives the present addresses of our own pieces by primary key; a link to any other keeps what it had.

    Only a paywall line between blocks divides; one inside a list or quote does not count, so that a slip of the editor
    refuses publication rather than giving the text away. Without a line everything is preview.
    """
    renderer = _Renderer(photos, articles or {})
    renderer.feed(sanitise(source))
    renderer.close()
    above, below = renderer.above, renderer.below
    return Prose(
        preview="".join(above.html),
        preview_notes=above.notes,
        rest="".join(below.html),
        rest_notes=below.notes,
        has_line=renderer.has_line,
        word_count=above.words + below.words,
        preview_word_count=above.words,
        photo_ids_above=above.photo_ids,
        photo_ids_below=[pk for pk in below.photo_ids if pk not in above.photo_ids],
        faults=tuple(renderer.faults),
    )


def photo_ids_in(source: str) -> set[int]:
    """Return the primary keys of the photos a source asks for."""
    return {int(pk) for pk in re.findall(r'<figure[^>]*\bdata-photo="(\d{1,9})"', sanitise(source))}


def article_ids_in(source: str) -> set[int]:
    """Return the primary keys of our own pieces that a source links to."""
    return {int(pk) for pk in re.findall(r'<a[^>]*\bdata-article="(\d{1,9})"', sanitise(source))}


def without_drawings(html: str) -> str:
    """Return HTML of `render` for places without our stylesheet: of a chart, its figures stand open as a table."""
    return re.sub(r"<summary>.*?</summary>|</?details>", "", _DRAWING.sub("", html))


def trust(html: str) -> SafeString:
    """Mark as safe HTML that `render` made and the database kept."""
    return mark_safe(html)  # noqa: S308 - the one place: it was sanitised when the edition was made


def plain_text(html: str) -> str:
    """Return the words alone, blocks parted by a line break."""
    spread = re.sub(r"</(td|th|span)>", r"</\1> ", _DRAWING.sub("", html)) if "<figure" in html else html
    parted = re.sub(r"</(p|h2|h3|li|blockquote|aside|figcaption|figure|caption|tr|summary)>", "\n", spread)
    words = unescape(strip_tags(parted)).replace("\xa0", " ")
    return re.sub(r"[ \t]*\n\s*", "\n", words).strip()


@dataclass
class _Part:
    """One side of the paywall line, while it is being written."""

    html: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    words: int = 0
    photo_ids: list[int] = field(default_factory=list)


@dataclass
class _TableBeingRead:
    """A table, until it is closed and can be written: only then is known which of its columns are figures."""

    caption: str
    source: str
    rows: list[list[Cell]] = field(default_factory=list)
    cell: dict[str, str] | None = None  # what its tag said, while one is open
    is_header: bool = False
    words: list[str] = field(default_factory=list)


class _Renderer(HTMLParser):
    """Walks well-formed, sanitised HTML once."""

    def __init__(self, photos: Mapping[int, PictureInText], articles: Mapping[int, str]) -> None:
        super().__init__(convert_charrefs=True)
        self.photos, self.articles = photos, articles
        self.above, self.below = _Part(), _Part()
        self.part = self.above
        self.has_line = False
        self.open_tags: list[tuple[str, str]] = []  # as it stands in the source, and what closes it in the output
        self.held: list[str] | None = None  # a subhead's or a cell's HTML, until it is closed
        self.table: _TableBeingRead | None = None
        self.repeats_from: int | None = None  # how many tags are open around the pull quote we are in
        self.ids: set[str] = set()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "table" | "tr" | "th" | "td" | "thead" | "tbody" | "tfoot":
                self._enter_table(tag, given)
            case _ if self.held is not None and tag in _BLOCKS | {"hr", "figure"}:
                self._part_words(tag)
                self._skip(tag)  # a subhead and a cell hold words alone
            case "hr" | "br":
                self._rule(tag, given)
            case "span":
                self._footnote(given)
            case "figure":
                self._place_figure(given)
            case "aside":
                self._aside(given)
            case "a":
                self._open(tag, f'<a href="{escape(self._find_address(given))}" rel="noopener">', "</a>")
            case "h2" if self._is_in("</aside>"):
                self._open(tag, "<h3>", "</h3>")
            case "h2":
                self._open(tag, "", "</h2>")
                self.held = []
            case _:
                name = _RENAMED.get(tag, tag)
                self._open(tag, f"<{name}>", f"</{name}>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open_tags or self.open_tags[-1][0] != tag:
            return  # void elements, and figures and footnotes that stood empty
        _, closing = self.open_tags.pop()
        if self.repeats_from == len(self.open_tags):
            self.repeats_from = None
        if closing == "</h2>" and self.held is not None:
            words, self.held = "".join(self.held), None
            self.part.html.append(f'<h2 id="{self._make_id(strip_tags(words))}">{words}')
        written = self.part.html if self.held is None else self.held
        if closing.startswith("/"):
            self._leave_table(closing)
        elif closing == "</p>" and written and written[-1] == "<p>":
            written.pop()  # nobody wrote anything there
        else:
            self._write(closing)

    def handle_data(self, data: str) -> None:
        names = [name for name, _ in self.open_tags]
        if "figure" in names or "span" in names or (self.table and self.table.cell is None):
            return
        if self.repeats_from is None:  # a pull quote repeats what was counted
            self.part.words += len(data.split())
        if self.table:
            self.table.words.append(data)
        if data.strip() or (names and names[-1] in _BLOCKS | _WORDS):
            self._write(escape(data.replace("\xa0", " "), quote=False))

    def _open(self, tag: str, opening: str, closing: str) -> None:
        self._write(opening)
        self.open_tags.append((tag, closing))

    def _skip(self, tag: str) -> None:
        """Leave a tag out and keep what is in it."""
        if tag != "hr":
            self.open_tags.append((tag, ""))

    def _aside(self, given: dict[str, str]) -> None:
        if "data-pull-quote" in given:
            self.repeats_from = len(self.open_tags) if self.repeats_from is None else self.repeats_from
            self._open("aside", '<aside class="pull-quote">', "</aside>")
        elif "data-context" in given and not self.open_tags:
            self._open("aside", f'<aside class="context" aria-label="{CONTEXT}">{_CONTEXT_LABEL}', "</aside>")
        else:
            self._skip("aside")

    def _part_words(self, tag: str) -> None:
        """Begin a new line in a cell where a paragraph or an item began in the source."""
        if self.table and self.held and tag in _BLOCKS:
            self.held.append("<br>")
            self.table.words.append(" ")

    def _write(self, html: str) -> None:
        (self.part.html if self.held is None else self.held).append(html)

    def _is_in(self, closing: str) -> bool:
        return any(one == closing for _, one in self.open_tags)

    def _find_address(self, given: dict[str, str]) -> str:
        pk = given.get("data-article", "")
        return self.articles.get(int(pk) if pk.isascii() and pk.isdecimal() else 0, given.get("href", ""))

    def _rule(self, tag: str, given: dict[str, str]) -> None:
        if "data-paywall-line" not in given:
            self._write(f"<{tag}>")
        elif not self.open_tags and not self.has_line:
            self.has_line = True
            self.part = self.below

    def _footnote(self, given: dict[str, str]) -> None:
        text = given.get("data-footnote", "").strip()
        self.open_tags.append(("span", ""))
        if not text:
            return
        number = len(self.above.notes) + len(self.below.notes) + 1
        self.part.notes.append(urlize(text, autoescape=True))
        self._write(
            f'<sup class="note-mark"><a href="#note-{number}" id="mark-{number}" '
            f'aria-label="Footnote {number}">{number}</a></sup>'
        )

    def _place_figure(self, given: dict[str, str]) -> None:
        self.open_tags.append(("figure", ""))
        if "data-chart" in given:
            self._chart(given["data-chart"])
        elif "data-embed" in given:
            self._embed(given)
        else:
            self._photo(given)

    def _photo(self, given: dict[str, str]) -> None:
        pk = int(given["data-photo"]) if given.get("data-photo", "").isdecimal() else 0
        photo = self.photos.get(pk)
        if photo is None:
            return
        self.part.photo_ids.append(pk)
        self._write(_figure(photo, caption=given.get("data-caption", "").strip() or photo.caption))

    def _chart(self, written: str) -> None:
        try:
            self._write(write_chart(read_chart(written)))
        except ChartError as refusal:
            self.faults.append(f"A chart cannot be drawn. {refusal}")

    def _embed(self, given: dict[str, str]) -> None:
        card = find_card(given["data-embed"])
        if card is None:
            self.faults.append(f"A card leads to “{given['data-embed'][:80]}”, which is not a place we make cards for.")
        else:
            self._write(write_card(card, given.get("data-title", "").strip()))

    def _enter_table(self, tag: str, given: dict[str, str]) -> None:
        """Begin to read a table, or a part of one; of tables within words or cells only the words are kept."""
        table, holds = self.table, self.held is not None
        is_among_words = any(name in _WORDS | {"p"} for name, _ in self.open_tags)
        if tag == "table" and not (table or holds or is_among_words):
            self.table = _TableBeingRead(given.get("data-caption", "").strip(), given.get("data-source", "").strip())
            self.open_tags.append((tag, "/table"))
        elif tag == "tr" and table and not holds:
            table.rows.append([])
            self.open_tags.append((tag, ""))
        elif tag in {"th", "td"} and table and not holds:
            table.cell, table.is_header, table.words = given, tag == "th", []
            self.held = []
            self.open_tags.append((tag, "/cell"))
        else:
            self._part_words(tag)
            self._skip(tag)

    def _leave_table(self, closing: str) -> None:
        table = self.table
        if table and closing == "/cell":
            given, html = table.cell or {}, "".join(self.held or ())
            spans = (read_span(given.get(name, "1")) for name in ("colspan", "rowspan"))
            table.rows[-1].append(Cell(html, "".join(table.words), table.is_header, *spans))
            table.cell = self.held = None
        elif table:
            self.table = None
            self._write(write_table(table.rows, caption=table.caption, source=table.source))

    def _make_id(self, words: str) -> str:
        stem = slugify(words)[:60] or "part"
        made, count = stem, 2
        while made in self.ids:
            made, count = f"{stem}-{count}", count + 1
        self.ids.add(made)
        return made


def _figure(photo: PictureInText, *, caption: str) -> str:
    """Return a photo with its caption; its size stands in the markup, so that nothing moves while loading."""
    says = f'<span class="caption">{escape(caption)}</span> ' if caption else ""
    return (
        '<figure class="photo"><picture>'
        f'<source type="image/avif" srcset="{srcset(photo.key, photo.width, "avif")}" sizes="{SIZES}">'
        f'<img src="{address(photo.key, min(960, photo.width), "webp")}" '
        f'srcset="{srcset(photo.key, photo.width, "webp")}" sizes="{SIZES}" '
        f'width="{photo.width}" height="{photo.height}" alt="{escape(photo.alt)}" loading="lazy" decoding="async">'
        f'</picture><figcaption>{says}<span class="credit">{escape(photo.credit)}</span></figcaption></figure>'
    )
