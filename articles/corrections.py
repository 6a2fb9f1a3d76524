"""Says when readers should be told of a change, what they are told, and what they have been told so far."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404

from articles.models import Article, Correction, Edition
from articles.paywall import Reader, open_article, render_working_copy
from articles.prose import plain_text

FEW_WORDS = 5  # put in or taken out of the text, altogether
_WORD = re.compile(r"\w+(?:[.,:]\d+)*")
_TURNS_IT_ROUND = frozenset({"not", "no", "never", "nor", "none", "without", "t"})  # the last of “is not” in short


@dataclass(frozen=True)
class PublicNote:
    """What is said of a change: to readers in words of a kind, or to the log why nothing need be said to readers."""

    kind: str = ""  # one of Correction.Kind; empty where readers are told nothing
    words: str = ""

    @property
    def for_log(self) -> str:
        """Return it as the log tells it."""
        label = Correction.Kind(self.kind).label if self.kind else "No note to readers"
        return f"{label}: {self.words}"


def read_note(given: Mapping[str, str]) -> PublicNote | None:
    """Return what was typed in the fields for it, or None where nothing was chosen or the words are missing."""
    kind = given.get("note_kind", "")
    if kind == "none":
        why = given.get("note_why", "").strip()
        return PublicNote("", why) if why else None
    words = given.get("note_words", "").strip()
    return PublicNote(kind, words) if words and kind in Correction.Kind.values else None


# When a change should be told -----------------------------------------------------------------------------------------


def asks_for_note(article: Article, live: Edition, *, reader: Reader) -> bool:
    """Whether the working copy says something else than what readers have, so that they should be told.

    Typography never does: spaces, punctuation, quotation marks, capitals, emphasis. Any other word in the headline or
    the standfirst does. In the text and its notes, a figure or a “not” put in or taken out does, and otherwise more
    than five words put in or taken out altogether. Words that only moved are not counted.
    """
    if _differ(live.headline, article.headline) or _differ(live.standfirst, article.standfirst):
        return True
    reading, prose = open_article(live, reader), render_working_copy(article)
    before = plain_text(" ".join([reading.text, *reading.notes]))
    after = plain_text(" ".join([prose.preview, prose.rest, *prose.preview_notes, *prose.rest_notes]))
    changed = _changed_words(before, after)
    weighty = [word for word in changed if word in _TURNS_IT_ROUND or any(letter.isdigit() for letter in word)]
    return bool(weighty) or changed.total() > FEW_WORDS


def _differ(before: str, after: str) -> bool:
    return _words(before) != _words(after)


def _changed_words(before: str, after: str) -> Counter[str]:
    old, new = Counter(_words(before)), Counter(_words(after))
    return (old - new) + (new - old)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


# What readers have been told ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One note to readers, the headline it belongs to, and where that is read; no address where it is no longer."""

    correction: Correction
    headline: str
    address: str


@dataclass(frozen=True)
class Listing:
    """One page of the notes, newest first."""

    entries: tuple[Entry, ...]
    number: int
    has_next: bool

    @property
    def previous(self) -> int:
        """The number of the page before."""
        return self.number - 1

    @property
    def next(self) -> int:
        """The number of the page after."""
        return self.number + 1


def list_corrections(number: int) -> Listing:
    """Return that page; 404 past the end. Three queries."""
    size = settings.ARTICLES_PER_PAGE
    start = (number - 1) * size
    found = list(Correction.objects.public().order_by("-made_at", "-pk")[start : start + size + 1])
    if number > 1 and not found:
        raise Http404
    articles = {one.article_id for one in found}
    editions = Edition.objects.been_live().filter(article__in=articles).order_by("published_at", "pk")
    headlines = dict(editions.values_list("article", "headline"))  # the newest that readers had
    live = {one.article_id: one for one in Edition.objects.live().filter(article__in=articles).for_links()}
    entries = tuple(
        Entry(
            one,
            headlines.get(one.article_id, ""),
            live[one.article_id].get_absolute_url() if one.article_id in live else "",
        )
        for one in found[:size]
    )
    return Listing(entries, number, len(found) > size)
