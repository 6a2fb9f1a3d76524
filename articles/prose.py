"""Turns the editor's source into safe HTML and finds where the preview ends.

Knows nothing of models or readers. The source format is plain HTML plus four of our own: the paywall line
(`<hr data-paywall-line>`), pull quotes (`<aside data-pull-quote>`), footnotes (`<span data-footnote="text">`) and
photos of our own library (`<figure data-photo="pk">`).
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

from articles.images import address, srcset

SIZES = "(min-width: 60rem) 44rem, 100vw"  # as wide as the measure, or the screen
_RENAMED = {"b": "strong", "i": "em"}
_BLOCKS = {"p", "h2", "h3", "ul", "ol", "li", "blockquote", "aside"}
_cleaner = nh3.Cleaner(
    tags={
        *("p", "h2", "h3", "ul", "ol", "li", "blockquote", "strong", "em", "b", "i", "a", "br", "hr", "sub", "sup"),
        *("aside", "span", "figure"),
    },
    attributes={
        "a": {"href"},
        "hr": {"data-paywall-line"},
        "aside": {"data-pull-quote"},
        "span": {"data-footnote"},
        "figure": {"data-photo", "data-caption"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener",
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


def sanitise(source: str) -> str:
    """Return the source with everything outside the format dropped: scripts, styles, remote pictures, attributes."""
    return _cleaner.clean(source).strip()


def render(source: str, photos: Mapping[int, PictureInText]) -> Prose:
    """Render a source; photos that are not in the mapping are left out.

    Only a paywall line between blocks divides; one inside a list or quote does not count, so that a slip of the editor
    refuses publication rather than giving the text away. Without a line everything is preview.
    """
    renderer = _Renderer(photos)
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
    )


def photo_ids_in(source: str) -> set[int]:
    """Return the primary keys of the photos a source asks for."""
    return {int(pk) for pk in re.findall(r'<figure[^>]*\bdata-photo="(\d{1,9})"', sanitise(source))}


def trust(html: str) -> SafeString:
    """Mark as safe HTML that `render` made and the database kept."""
    return mark_safe(html)  # noqa: S308 - the one place: it was sanitised when the edition was made


def plain_text(html: str) -> str:
    """Return the words alone, blocks parted by a line break."""
    parted = re.sub(r"</(p|h2|h3|li|blockquote|aside|figcaption)>", "\n", html)
    words = unescape(strip_tags(parted)).replace("\xa0", " ")
    return re.sub(r"[ \t]*\n\s*", "\n", words).strip()


@dataclass
class _Part:
    """One side of the paywall line, while it is being written."""

    html: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    words: int = 0
    photo_ids: list[int] = field(default_factory=list)


class _Renderer(HTMLParser):
    """Walks well-formed, sanitised HTML once."""

    def __init__(self, photos: Mapping[int, PictureInText]) -> None:
        super().__init__(convert_charrefs=True)
        self.photos = photos
        self.above, self.below = _Part(), _Part()
        self.part = self.above
        self.has_line = False
        self.open_tags: list[tuple[str, str]] = []  # as it stands in the source, and what closes it in the output
        self.heading: list[str] | None = None
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case _ if self.heading is not None and tag in _BLOCKS | {"hr", "figure"}:
                self._skip(tag)  # a subhead holds words alone
            case "hr":
                self._rule(given)
            case "br":
                self._write("<br>")
            case "span":
                self._footnote(given)
            case "figure":
                self._photo(given)
            case "aside" if "data-pull-quote" in given:
                self._open(tag, '<aside class="pull-quote">', "</aside>")
            case "aside":
                self._skip(tag)
            case "a":
                self._open(tag, f'<a href="{escape(given.get("href", ""))}" rel="noopener">', "</a>")
            case "h2":
                self._open(tag, "", "</h2>")
                self.heading = []
            case _:
                name = _RENAMED.get(tag, tag)
                self._open(tag, f"<{name}>", f"</{name}>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open_tags or self.open_tags[-1][0] != tag:
            return  # void elements, and figures and footnotes that stood empty
        _, closing = self.open_tags.pop()
        if closing == "</h2>" and self.heading is not None:
            words, self.heading = "".join(self.heading), None
            self.part.html.append(f'<h2 id="{self._make_id(strip_tags(words))}">{words}')
        self._write(closing)

    def handle_data(self, data: str) -> None:
        names = [name for name, _ in self.open_tags]
        if "figure" in names or "span" in names:
            return
        if "aside" not in names:  # a pull quote repeats what was counted
            self.part.words += len(data.split())
        if data.strip() or (names and names[-1] in _BLOCKS | {"a", "strong", "em", "b", "i", "sub", "sup"}):
            self._write(escape(data.replace("\xa0", " "), quote=False))

    def _open(self, tag: str, opening: str, closing: str) -> None:
        self._write(opening)
        self.open_tags.append((tag, closing))

    def _skip(self, tag: str) -> None:
        """Leave a tag out and keep what is in it."""
        if tag != "hr":
            self.open_tags.append((tag, ""))

    def _write(self, html: str) -> None:
        (self.part.html if self.heading is None else self.heading).append(html)

    def _rule(self, given: dict[str, str]) -> None:
        if "data-paywall-line" not in given:
            self._write("<hr>")
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

    def _photo(self, given: dict[str, str]) -> None:
        self.open_tags.append(("figure", ""))
        pk = int(given["data-photo"]) if given.get("data-photo", "").isdecimal() else 0
        photo = self.photos.get(pk)
        if photo is None:
            return
        self.part.photo_ids.append(pk)
        self._write(_figure(photo, caption=given.get("data-caption", "").strip() or photo.caption))

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
