"""Derives from the database what must not come out: every run of words below a live piece's paywall line."""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from articles.authors.models import Author
from articles.models import Access, Correction, Edition, EditionBody, Photo, Section, Topic
from articles.paywall import Audience, find_audience
from articles.prose import plain_text
from kjreport.leaks.decoding import words_of
from kjreport.leaks.hunting import Quarry

SPAN = 6  # words: long enough to stand nowhere by chance
SHORTEST = 4  # a part with fewer words is not hunted: it would be found in other texts
_SAID_IN_TAGS = re.compile(r'\b(?:alt|href)="([^"]*)"')
STEM = 5  # letters
Words = tuple[str, ...]


def hunt_for_paid_text() -> Quarry:
    """Return all of it, with the pictures below the line."""
    paid: dict[Words, str] = {}
    for edition in Edition.objects.live().filter(access=Access.SUBSCRIBERS).select_related("article"):
        body = EditionBody.objects.filter(pk=edition.pk).first()
        what = f"the paid text of “{edition.headline}”"
        for part in _parts(body.text, body.notes) if body else ():
            paid |= {span: f"{what}: “{' '.join(span)}”" for span in _spans(part)}
    for spans in (_spans(part) for part in _say_in_public()):
        for span in spans:
            paid.pop(span, None)
    pictures = {photo.key: f"the picture “{photo}”" for photo in Photo.objects.all() if not _is_public(photo)}
    return Quarry({" ".join(span): what for span, what in paid.items()}, pictures)


def hunt_for_previews() -> dict[str, Quarry]:
    """Return by address what a visitor must find there: a hunt that misses it is at the wrong site, or blind."""
    return {
        edition.get_absolute_url(): Quarry({edition.headline: "the headline"})
        for edition in Edition.objects.live().select_related("article")
    }


def choose_guesses(*, most: int) -> list[str]:
    """Return words that stand below a live piece's line and in nothing public, at most so many of each piece.

    Search finds words by their stems, so a word counts as public where another one begins like it.
    """
    public = {word[:STEM] for part in _say_in_public() for word in words_of(part)}
    guesses: dict[str, None] = {}
    for body in EditionBody.objects.filter(edition__in=Edition.objects.live()):
        words = [word for part in _parts(body.text, body.notes) for word in words_of(part)]
        own = {word for word in words if len(word) > STEM and word.isalpha() and word[:STEM] not in public}
        guesses |= dict.fromkeys(sorted(own, key=lambda word: (-len(word), word))[:most])
    return list(guesses)


def _is_public(photo: Photo) -> bool:
    return find_audience(photo) is Audience.EVERYBODY


def _say_in_public() -> Iterator[str]:
    """Give every text that everybody may read; of it, nothing is a leak."""
    for edition in Edition.objects.live().select_related("article"):
        yield edition.get_absolute_url()  # a paid text may link to another piece
        yield from (edition.headline, edition.standfirst, *_parts(edition.preview, edition.preview_notes))
    for photo in Photo.objects.all():
        if _is_public(photo):
            yield from (photo.alt, f"{photo.caption} {photo.credit}")  # as they stand under it, in one line
    yield from Correction.objects.public().values_list("text", flat=True)
    yield from Author.objects.values_list("biography", flat=True)
    yield from Topic.objects.values_list("introduction", flat=True)
    yield from Section.objects.values_list("description", flat=True)
    for named in (Author.objects, Topic.objects, Section.objects):
        yield from named.values_list("name", flat=True)


def _parts(html: str, notes: Iterable[str]) -> Iterator[str]:
    """Give what is said, block by block, and what is said in attributes."""
    for source in (html, *notes):
        yield from plain_text(source).split("\n")
        yield from (unescape(said) for said in _SAID_IN_TAGS.findall(source))


def _spans(text: str) -> list[Words]:
    words = words_of(text)
    if len(words) < SHORTEST:
        return []
    length = min(SPAN, len(words))
    return list(zip(*(words[start:] for start in range(length)), strict=False))
