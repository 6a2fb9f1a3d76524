"""Turns the pages of a list without counting it."""

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404

from articles.models import Edition
from articles.models.edition import EditionQuerySet

_LAST = 500  # a page further in than any reader turns; deeper ones would only cost the database


@dataclass(frozen=True)
class Turn:
    """One page of a list."""

    editions: tuple[Edition, ...]
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


def read_number(asked: str | None) -> int:
    """Return the page asked for in an address; 404 for what is no page number."""
    if asked is None:
        return 1
    if not (asked.isascii() and asked.isdecimal()) or not 1 <= int(asked[:9]) <= _LAST:
        raise Http404
    return int(asked)


def turn_to(editions: EditionQuerySet, number: int) -> Turn:
    """Return that page. It asks for one more than it shows, to know whether there is a next; 404 past the end."""
    size = settings.ARTICLES_PER_PAGE
    start = (number - 1) * size
    found = tuple(editions[start : start + size + 1])
    if number > 1 and not found:
        raise Http404
    return Turn(found[:size], number, len(found) > size)
