"""Says how two texts differ: fields by their values, the text block by block, a block word by word."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from articles.blocks import Block, split_blocks
from articles.models import Article, Edition
from articles.paywall import Reader, open_article
from articles.prose import Prose, plain_text

Kind = Literal["same", "added", "removed"]
_NOTE_MARKS = re.compile(r'<sup class="note-mark">.*?</sup>')
_ATTRIBUTES = re.compile(r'\s(?!href=|src=)[\w-]+="[^"]*"')
_WORTH_PAIRING = 0.3  # how alike two blocks must be for one to be the other, changed


@dataclass(frozen=True)
class FieldChange:
    """One thing about the article, and its two values as people say them."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Run:
    """Words in a row that are the same in both, or only in one."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class BlockChange:
    """A block that was added, removed or changed, its words in runs."""

    kind: Literal["added", "removed", "changed"]
    name: str
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Comparison:
    """What is different."""

    fields: tuple[FieldChange, ...]
    blocks: tuple[BlockChange, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing is."""
        return not self.fields and not self.blocks


def compare_with_live(article: Article, prose: Prose, live: Edition, *, reader: Reader) -> Comparison:
    """Compare a working copy with what readers have, as far as this reader may read that."""
    reading = open_article(live, reader)
    notes = len(prose.preview_notes) + len(prose.rest_notes)
    fields = (
        ("Headline", live.headline, article.headline),
        ("Standfirst", live.standfirst, article.standfirst),
        ("Section", live.section.name, article.section.name if article.section else ""),
        ("Authors", _names(one.author.name for one in live.bylines.select_related("author")), _signed(article)),
        ("Topics", _names(live.topics.values_list("name", flat=True)), _names(_topics(article))),
        ("Picture", _picture(live), _picture(article)),
        ("Who may read", live.get_access_display(), article.get_access_display()),
        ("Words before the wall", _count(live.preview_word_count), _count(_free_words(article, prose))),
        ("Words in all", _count(live.word_count), _count(prose.word_count)),
        ("Footnotes", _count(len(reading.notes)), _count(notes)),
    )
    changed = tuple(FieldChange(name, before, after) for name, before, after in fields if before != after)
    return Comparison(changed, compare_blocks(reading.text, prose.preview + prose.rest))


def compare_blocks(before: str, after: str) -> tuple[BlockChange, ...]:
    """Compare two texts of rendered HTML, block by block."""
    old, new = split_blocks(before), split_blocks(after)
    matcher = SequenceMatcher(None, [_key(one) for one in old], [_key(one) for one in new], autojunk=False)
    found: list[BlockChange] = []
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind != "equal":
            found.extend(_pair(old[old_start:old_end], new[new_start:new_end]))
    return tuple(found)


def _key(block: Block) -> tuple[str, str]:
    """Return what makes two blocks the same: words, emphasis, links and pictures, but not how notes are numbered."""
    return (block.tag, _ATTRIBUTES.sub("", _NOTE_MARKS.sub("<sup>", block.html)))


def _pair(old: list[Block], new: list[Block]) -> Iterator[BlockChange]:
    """Pair blocks that became each other, in order; the rest was added or removed."""
    place = 0
    for block in new:
        match = next((at for at in range(place, len(old)) if _is_alike(old[at], block)), None)
        if match is None:
            yield _whole("added", block)
            continue
        yield from (_whole("removed", one) for one in old[place:match])
        yield _changed(old[match], block)
        place = match + 1
    yield from (_whole("removed", one) for one in old[place:])


def _is_alike(old: Block, new: Block) -> bool:
    if old.tag != new.tag:
        return False
    return SequenceMatcher(None, old.text.split(), new.text.split(), autojunk=False).ratio() >= _WORTH_PAIRING


def _whole(kind: Literal["added", "removed"], block: Block) -> BlockChange:
    return BlockChange(kind, block.name, (Run(kind, block.text or block.name),))


def _changed(old: Block, new: Block) -> BlockChange:
    if old.text == new.text:
        return BlockChange(
            "changed", new.name, (Run("same", f"{new.excerpt or new.name} (links, emphasis or picture)"),)
        )
    return BlockChange("changed", new.name, tuple(compare_words(old.text, new.text)))


def compare_words(before: str, after: str) -> Iterator[Run]:
    """Give the words of two lines in runs, as an editor marks them."""
    old, new = before.split(), after.split()
    for kind, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Run("same", " ".join(old[old_start:old_end]))
            continue
        if old_end > old_start:
            yield Run("removed", " ".join(old[old_start:old_end]))
        if new_end > new_start:
            yield Run("added", " ".join(new[new_start:new_end]))


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)


def _signed(article: Article) -> str:
    return _names(one.author.name for one in article.bylines.select_related("author"))


def _topics(article: Article) -> Iterable[str]:
    return article.topics.values_list("name", flat=True)


def _picture(piece: Article | Edition) -> str:
    return str(piece.hero) if piece.hero else "none"


def _free_words(article: Article, prose: Prose) -> int:
    return prose.word_count if article.access == "open" else prose.preview_word_count


def _count(number: int) -> str:
    return f"{number:,}"


def last_words(html: str, count: int = 12) -> str:
    """Return the last words of a text, for saying where it stops."""
    words = plain_text(html).split()
    return " ".join(words[-count:])
