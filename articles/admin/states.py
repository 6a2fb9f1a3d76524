"""Says what a working copy, a kept version or an edition holds, in one form, and how two of them differ."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from html import unescape
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format

from articles.admin import versions
from articles.blocks import Block, split_blocks
from articles.comparing import Run, compare_words
from articles.comparison import WORDS, Copy, FieldDifference, compare, copy_of
from articles.models import Access, Article, Edition, Photo
from articles.paywall import Reader, open_article, render_working_copy
from articles.prose import photo_ids_in, plain_text, without_drawings

WORKING_COPY, LIVE = "now", "live"  # beside versions, which have numbers
Kind = Literal["same", "added", "removed", "changed"]
_NOTE = re.compile(r'href="#note-(\d+)"')
_LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#][^"]*)"')
_EMPHASIS = re.compile(r"</?(?:strong|em|sub|sup|h2|h3|li|ul|ol|th|td|tr)\b")
_WORTH_PAIRING = 0.3  # how alike two blocks must be for one to be the other, changed
_SHOWN_AROUND = 1  # blocks that are alike and stand open before and after a difference
_TOO_FEW_TO_FOLD = 2
_LINE = Block("hr", (("data-paywall-line", ""),), "", "<hr data-paywall-line>")


@dataclass(frozen=True)
class Said:
    """One block: its words, and what hangs on them. Two that readers could not tell apart have the same `key`."""

    name: str
    text: str
    marks: tuple[str, ...]
    is_line: bool
    key: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """One state of an article: `key` is `now`, `live` or a version's number."""

    key: str
    label: str
    copy: Copy  # without its text, which stands in `blocks`
    blocks: tuple[Said, ...]
    version: versions.KeptVersion | None = None
    is_whole: bool = True  # False where the reader may not read all of what is live


@dataclass(frozen=True)
class Mark:
    """A note, a link or a picture of a block, and in which of the two it is."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True)
class Difference:
    """One block, and what became of it."""

    kind: Kind
    name: str
    runs: tuple[Run, ...]
    marks: tuple[Mark, ...] = ()
    is_line: bool = False
    is_dressed_anew: bool = False  # the same words, but emphasised or laid out in another way


@dataclass(frozen=True)
class Passage:
    """Differences, or blocks that are alike; many alike are folded."""

    blocks: tuple[Difference, ...]
    is_folded: bool = False


@dataclass(frozen=True)
class Contrast:
    """How two states differ."""

    fields: tuple[FieldDifference, ...]
    text: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        """Whether they do not."""
        return not self.count

    @property
    def count(self) -> int:
        """In how many places they do."""
        return len(self.fields) + sum(one.kind != "same" for one in self.text)

    @property
    def passages(self) -> list[Passage]:
        """The text in passages, those folded that are alike and far from any difference."""
        near = {
            place + step
            for place, one in enumerate(self.text)
            if one.kind != "same"
            for step in range(-_SHOWN_AROUND, _SHOWN_AROUND + 1)
        }
        found: list[tuple[bool, list[Difference]]] = []
        for place, one in enumerate(self.text):
            is_folded = place not in near
            if not found or found[-1][0] != is_folded:
                found.append((is_folded, []))
            found[-1][1].append(one)
        return [Passage(tuple(blocks), is_folded and len(blocks) > _TOO_FEW_TO_FOLD) for is_folded, blocks in found]


# States ---------------------------------------------------------------------------------------------------------------


def find_standing(article: Article, key: str, *, reader: Reader) -> Standing | None:
    """Return the state that a key names, or None. What is live is told as far as this reader may read it."""
    if key == WORKING_COPY:
        copy = copy_of(article)
        return Standing(key, "the working copy", replace(copy, source=""), _read_source(copy))
    if key == LIVE:
        live = article.live_edition
        return _read_edition(live, reader) if live else None
    version = versions.get_version(article, int(key)) if key.isascii() and key.isdecimal() and len(key) < 12 else None  # noqa: PLR2004 - of digits
    if version is None:
        return None
    copy = versions.get_copy(article, version.pk)
    moment = date_format(timezone.localtime(version.saved_at), "j F Y, H:i")
    return Standing(key, f"the version of {moment}", replace(copy, source=""), _read_source(copy), version)


def _read_source(copy: Copy) -> tuple[Said, ...]:
    prose = render_working_copy(Article(source=copy.source))
    photos = Photo.objects.filter(pk__in=photo_ids_in(copy.source))
    notes = [*prose.preview_notes, *prose.rest_notes]
    has_line = prose.has_line and copy.values.get("access") != Access.OPEN
    return tuple(_say(prose.preview, prose.rest, has_line=has_line, notes=notes, photos=photos))


def _read_edition(edition: Edition, reader: Reader) -> Standing:
    reading = open_article(edition, reader)
    values: dict[str, str] = {name: getattr(edition, name) for name in (*WORDS, "access")}
    values |= {"section": str(edition.section_id), "hero": str(edition.hero_id or "")}
    lists = {
        "topics": tuple(map(str, edition.topics.order_by("pk").values_list("pk", flat=True))),
        "bylines": tuple(map(str, edition.bylines.order_by("position", "pk").values_list("author_id", flat=True))),
        "chosen_related": tuple(map(str, edition.related_article_ids)),
    }
    blocks = _say(
        edition.preview,
        reading.text.removeprefix(edition.preview),
        has_line=not edition.is_open,
        notes=reading.notes,
        photos=edition.photos.all(),
    )
    since = date_format(timezone.localtime(edition.published_at), "j F Y, H:i")
    label = f"what readers have had since {since} (edition {edition.number})"
    return Standing(LIVE, label, Copy("", values, lists), tuple(blocks), is_whole=reading.is_full)


def _say(preview: str, rest: str, *, has_line: bool, notes: Sequence[str], photos: Iterable[Photo]) -> Iterator[Said]:
    known = {photo.key: photo for photo in photos}
    blocks = split_blocks(without_drawings(preview))
    blocks += [*([_LINE] if has_line else []), *split_blocks(without_drawings(rest))]
    for block in blocks:
        pictures = [photo for key, photo in known.items() if key in block.html]
        numbers = [int(one) for one in _NOTE.findall(block.html)]
        marks = [f"Note: {plain_text(notes[one - 1])}" for one in numbers if one <= len(notes)]
        marks += [f"Link: {unescape(one)}" for one in _LINK.findall(block.html)]
        marks += [f"Picture: {one}" for one in pictures]
        dress = _EMPHASIS.findall(block.html)
        key = (block.name, block.text, *marks, *(one.key for one in pictures), *dress)
        yield Said(block.name, block.text, tuple(marks), block.is_line, key)


# How two differ -------------------------------------------------------------------------------------------------------


def contrast(before: Standing, after: Standing) -> Contrast:
    """Compare two states. A field that one of them does not keep is left out."""
    fields = compare(before.copy, after.copy).fields
    return Contrast(tuple(map(_tell_apart, fields)), tuple(_compare(before.blocks, after.blocks)))


def _tell_apart(field: FieldDifference) -> FieldDifference:
    """Say of two values that read alike that they are not."""
    return replace(field, mine=f"{field.mine}, others or in another order") if field.theirs == field.mine else field


def _compare(before: Sequence[Said], after: Sequence[Said]) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, [one.key for one in before], [one.key for one in after], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield from (_whole("same", one) for one in after[c:d])
        else:
            yield from _pair(before[a:b], after[c:d])


def _pair(before: Sequence[Said], after: Sequence[Said]) -> Iterator[Difference]:
    """Pair blocks that became each other, in order; the rest was added or removed."""
    place = 0
    for block in after:
        match = next((at for at in range(place, len(before)) if _is_alike(before[at], block)), None)
        if match is None:
            yield _whole("added", block)
            continue
        yield from (_whole("removed", one) for one in before[place:match])
        yield _changed(before[match], block)
        place = match + 1
    yield from (_whole("removed", one) for one in before[place:])


def _is_alike(before: Said, after: Said) -> bool:
    if before.is_line or after.is_line:
        return before.is_line and after.is_line
    old, new = before.text.split(), after.text.split()
    return SequenceMatcher(None, old, new, autojunk=False).ratio() >= _WORTH_PAIRING


def _whole(kind: Literal["same", "added", "removed"], block: Said) -> Difference:
    marks = tuple(Mark(kind, one) for one in block.marks)
    return Difference(kind, block.name, (Run(kind, block.text),), marks, block.is_line)


def _changed(before: Said, after: Said) -> Difference:
    marks = [Mark("same" if one in after.marks else "removed", one) for one in before.marks]
    marks += [Mark("added", one) for one in after.marks if one not in before.marks]
    name = after.name if before.name == after.name else f"{before.name}, now {after.name.lower()}"
    is_dressed_anew = before.text == after.text and before.marks == after.marks
    return Difference(
        "changed", name, tuple(compare_words(before.text, after.text)), tuple(marks), is_dressed_anew=is_dressed_anew
    )
