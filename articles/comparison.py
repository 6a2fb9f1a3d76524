"""Holds two states of a working copy side by side, block by block, and puts together what somebody chose of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Literal

from django.utils import timezone

from articles.authors.models import Author
from articles.blocks import split_blocks
from articles.comparing import Run, compare_words
from articles.models import Access, Article, Photo, Section, Topic

Side = Literal["theirs", "mine"]
CHOICES = ("theirs", "mine", "both")

WORDS = ("headline", "standfirst", "search_title", "search_description", "social_title")
VALUES = (*WORDS, "section", "hero", "access", "slug", "embargo_until", "expires_at")
LISTS = ("topics", "bylines", "chosen_related")
LABELS = {
    "headline": "Headline",
    "standfirst": "Standfirst",
    "search_title": "Title in searches",
    "search_description": "Words in searches",
    "social_title": "Headline when shared",
    "section": "Section",
    "hero": "Picture",
    "access": "Who may read",
    "slug": "Address",
    "embargo_until": "Embargo until",
    "expires_at": "Take down at",
    "topics": "Topics",
    "bylines": "Authors, in order",
    "chosen_related": "Related posts",
}
_NAMED: dict[str, type[Section | Photo | Topic | Author]] = {
    "section": Section,
    "hero": Photo,
    "topics": Topic,
    "bylines": Author,
}
_NOTE = re.compile(r'data-footnote="([^"]*)"')
_LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
_PHOTO = re.compile(r'data-photo="(\d+)"')


@dataclass(frozen=True)
class Copy:
    """One state of a working copy, as plain text: what a form sends. A field the form had not is missing."""

    source: str
    values: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def differs_from(self, other: "Copy") -> bool:
        """Whether any field that both have is another."""
        return self.source != other.source or any(
            ours.get(name) != others.get(name)
            for ours, others in ((self.values, other.values), (self.lists, other.lists))
            for name in ours.keys() & others.keys()
        )


@dataclass(frozen=True)
class FieldDifference:
    """A field that is another in each; the values as people say them."""

    name: str
    label: str
    theirs: str
    mine: str
    chosen: Side
    is_contested: bool
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True)
class ShownBlock:
    """One block of the text, as it is shown in a comparison."""

    kind: str
    text: str
    marks: tuple[str, ...]
    is_line: bool


@dataclass(frozen=True)
class Stretch:
    """Some blocks in a row: alike in both, or different. A different one has a number."""

    theirs: tuple[ShownBlock, ...]
    mine: tuple[ShownBlock, ...]
    number: int = 0
    chosen: Side = "mine"
    is_contested: bool = False
    runs: tuple[Run, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether both have it."""
        return not self.number


@dataclass(frozen=True)
class Comparison:
    """What is different, and what of it both sides changed."""

    fields: tuple[FieldDifference, ...]
    text: tuple[Stretch, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing is different."""
        return not self.fields and all(stretch.is_same for stretch in self.text)

    @property
    def contested(self) -> int:
        """How many things both have changed."""
        return sum(one.is_contested for one in self.fields) + sum(one.is_contested for one in self.text)

    @cached_property
    def differences(self) -> int:
        """How many things there are to choose."""
        return len(self.fields) + sum(not stretch.is_same for stretch in self.text)


# States ---------------------------------------------------------------------------------------------------------------


def copy_of(article: Article) -> Copy:
    """Return a saved working copy. Three queries."""
    values = {name: getattr(article, name) for name in (*WORDS, "access", "slug")}
    values |= {"section": str(article.section_id or ""), "hero": str(article.hero_id or "")}
    values |= {name: write_moment(getattr(article, name)) for name in ("embargo_until", "expires_at")}
    bylines = article.bylines.order_by("position", "pk").values_list("author_id", flat=True)
    related = article.chosen_related.order_by("position", "pk").values_list("related_id", flat=True)
    topics = article.topics.order_by("pk").values_list("pk", flat=True)
    lists = {"topics": topics, "bylines": bylines, "chosen_related": related}
    return Copy(article.source, values, {name: tuple(map(str, rows)) for name, rows in lists.items()})


def write_moment(at: object) -> str:
    """Return a moment as a browser's field writes it, in London; empty for none."""
    return "" if at is None else f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"  # type: ignore[arg-type] # a datetime


# Comparing ------------------------------------------------------------------------------------------------------------


def compare(theirs: Copy, mine: Copy, *, base: Copy | None = None) -> Comparison:
    """Compare two states. With the one that both began from, propose of each difference the side that made it."""
    return Comparison(tuple(_compare_fields(theirs, mine, base)), tuple(_compare_text(theirs, mine, base)))


def combine(theirs: Copy, mine: Copy, chosen: Mapping[str, str]) -> Copy:
    """Put together what was chosen: `field-<name>` and `text-<number>` say theirs, mine or, of the text, both.

    Where nothing was chosen, mine stays: what somebody typed is not dropped by silence.
    """
    values, lists = dict(mine.values), dict(mine.lists)
    for name, value in theirs.values.items():
        if name in values and chosen.get(f"field-{name}") == "theirs":
            values[name] = value
    for name, rows in theirs.lists.items():
        if name in lists and chosen.get(f"field-{name}") == "theirs":
            lists[name] = rows
    parts: list[str] = []
    for number, old, new in _stretches(theirs.source, mine.source):
        side = chosen.get(f"text-{number}", "mine") if number else "mine"
        parts += {"theirs": old, "both": [*old, *new]}.get(side, new)
    return Copy(_with_one_line(parts), values, lists)


def split_source(source: str) -> list[str]:
    """Cut a source before each of its outermost elements; joined, the pieces are the source again."""
    cutter = _Cutter(source)
    cutter.feed(source)
    cutter.close()
    edges = [0, *[at for at in cutter.cuts if at], len(source)]
    return [piece for start, end in pairwise(edges) if (piece := source[start:end])]


class _Cutter(HTMLParser):
    """Notes where outermost elements begin."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.cuts: list[int] = []
        self._depth = 0
        self._lines = [0, *[match.end() for match in re.finditer("\n", source)]]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        if not self._depth:
            line, column = self.getpos()
            self.cuts.append(self._lines[line - 1] + column)
        if tag not in {"hr", "br", "img"}:
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's
        self._depth = max(0, self._depth - 1)


def _stretches(theirs: str, mine: str) -> list[tuple[int, list[str], list[str]]]:
    """Pair the blocks of two texts: (0, alike, alike), or (a number from 1, theirs, mine)."""
    old, new = split_source(theirs), split_source(mine)
    found, number = [], 0
    for kind, *(a, b, c, d) in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            pairs = zip(old[a:b], new[c:d], strict=True) if b - a == d - c else [(old[a:b], new[c:d])]
            for one, other in pairs:
                number += 1
                found.append(
                    (number, [one] if isinstance(one, str) else one, [other] if isinstance(other, str) else other)
                )
        else:
            found.append((0, old[a:b], new[c:d]))
    return found


def _compare_text(theirs: Copy, mine: Copy, base: Copy | None) -> list[Stretch]:
    earlier = set(split_source(base.source)) if base else None
    found = []
    for number, old, new in _stretches(theirs.source, mine.source):
        shown = tuple(map(_show, old)), tuple(map(_show, new))
        if not number:
            found.append(Stretch(*shown))
            continue
        chosen, is_contested = _propose(old, new, earlier)
        is_pair = len(old) == len(new) == 1  # words are marked where one block became one other
        runs = tuple(compare_words(shown[0][0].text, shown[1][0].text)) if is_pair else ()
        found.append(Stretch(*shown, number, chosen, is_contested, runs))
    return found


def _propose(old: list[str], new: list[str], earlier: set[str] | None) -> tuple[Side, bool]:
    """Say who made a difference, and whether both did."""
    if earlier is None:
        return "mine", True
    theirs_stood, mine_stood = all(one in earlier for one in old), all(one in earlier for one in new)
    if mine_stood and not theirs_stood:
        return "theirs", False
    if theirs_stood and not mine_stood:
        return "mine", False
    if theirs_stood and mine_stood and bool(old) != bool(new):  # one side took it out
        return ("theirs" if new else "mine"), False
    return "mine", True


def _compare_fields(theirs: Copy, mine: Copy, base: Copy | None) -> list[FieldDifference]:
    found = []
    for name in (*VALUES, *LISTS):
        before, after = _get(theirs, name), _get(mine, name)
        if before is None or after is None or before == after:
            continue
        earlier = _get(base, name) if base else None
        side: Side = "theirs" if earlier is not None and after == earlier else "mine"
        is_contested = earlier is None or earlier not in {before, after}
        old, new = tell(name, before), tell(name, after)
        runs = tuple(compare_words(old, new)) if name in WORDS else ()
        found.append(FieldDifference(name, LABELS[name], old, new, side, is_contested, runs))
    return found


def _get(copy: Copy, name: str) -> str | tuple[str, ...] | None:
    found: str | tuple[str, ...] | None = copy.values.get(name)
    return copy.lists.get(name) if found is None else found


def tell(name: str, value: str | tuple[str, ...]) -> str:
    """Say a field's value in words. At most one query."""
    numbers = [int(one) for one in ([value] if isinstance(value, str) else value) if one.isdecimal()]
    if name in _NAMED:
        return _names(_NAMED[name], numbers) or "None"
    if name == "chosen_related":
        return f"{len(numbers)} chosen by hand" if numbers else "None"
    return str(dict(Access.choices).get(str(value), value) or "Empty")


def _names(model: type[Section | Photo | Topic | Author], numbers: list[int]) -> str:
    rows = model._default_manager.in_bulk(numbers)  # noqa: SLF001 - Django's public name for the manager a model has
    return ", ".join(str(rows[number]) for number in numbers if number in rows)


def _show(piece: str) -> ShownBlock:
    blocks = split_blocks(piece)
    marks = [f"Note: {unescape(words)}" for words in _NOTE.findall(piece)]
    marks += [f"Link: {unescape(address)}" for address in _LINK.findall(piece)]
    marks += [_names(Photo, [int(number)]) or "A picture no longer in the library" for number in _PHOTO.findall(piece)]
    if not blocks:
        return ShownBlock("Paragraph", unescape(piece.strip()), tuple(marks), is_line=False)
    return ShownBlock(blocks[0].name, blocks[0].text, tuple(marks), blocks[0].is_line)


def _with_one_line(parts: list[str]) -> str:
    """Keep the first of two paywall lines, which gives less away."""
    lines = [place for place, part in enumerate(parts) if (found := split_blocks(part)) and found[0].is_line]
    return "".join(part for place, part in enumerate(parts) if place not in lines[1:])
