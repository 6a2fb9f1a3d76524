"""Lays out the front page: an edited page, not a list, and no piece on it twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from articles.models import Edition, Section

SECONDS = 3  # beside the lead
LATEST = 4
STRIP = 4  # of each section
_POOL = SECONDS + LATEST + STRIP + 1  # newest of each section: enough, whatever the lead and the seconds take


@dataclass(frozen=True)
class Strip:
    """A section's pieces on the front page."""

    section: Section
    first: Edition
    others: tuple[Edition, ...]


@dataclass(frozen=True)
class FrontPage:
    """Who stands where."""

    lead: Edition | None
    seconds: tuple[Edition, ...]
    latest: tuple[Edition, ...]
    strips: tuple[Strip, ...]


def compose_front_page() -> FrontPage:
    """Return today's front page. Four queries."""
    return arrange(_find_lead(), list(_newest_of_each_section()))


def arrange(chosen: Edition | None, pool: list[Edition]) -> FrontPage:
    """Place each edition of the pool, newest first, at most once: lead, seconds, latest, then the sections' strips.

    Without a chosen lead the newest piece leads. The seconds come from sections as different as there are.
    """
    if chosen is None and not pool:
        return FrontPage(None, (), (), ())
    lead = chosen or pool[0]
    left = {edition.pk: edition for edition in pool if edition.article_id != lead.article_id}
    seconds = _take(left, _spread(left.values(), avoiding=lead.section_id), SECONDS)
    latest = _take(left, list(left.values()), LATEST)
    return FrontPage(lead, seconds, latest, tuple(_strips(left.values())))


def _find_lead() -> Edition | None:
    """Return the live edition an editor chose last to lead, if any."""
    return (
        Edition.objects.live()
        .filter(article__leadings__chosen_at__lte=timezone.now())
        .order_by("-article__leadings__chosen_at", "-article__leadings__pk")
        .for_cards()
        .first()
    )


def _newest_of_each_section() -> Iterable[Edition]:
    place = Window(RowNumber(), partition_by=F("section_id"), order_by=[F("first_published_at").desc(), F("pk").desc()])
    return Edition.objects.live().annotate(place=place).filter(place__lte=_POOL).newest_first().for_cards()


def _spread(editions: Iterable[Edition], *, avoiding: int) -> list[Edition]:
    """Order editions so that each section speaks once, and the lead's last, before any speaks twice."""
    spoken: dict[int, int] = {avoiding: 1}
    turns: list[tuple[int, Edition]] = []
    for edition in editions:
        turn = spoken.get(edition.section_id, 0)
        spoken[edition.section_id] = turn + 1
        turns.append((turn, edition))
    return [edition for _, edition in sorted(turns, key=lambda pair: pair[0])]


def _take(left: dict[int, Edition], wanted: list[Edition], count: int) -> tuple[Edition, ...]:
    return tuple(left.pop(edition.pk) for edition in islice(wanted, count))


def _strips(editions: Iterable[Edition]) -> Iterable[Strip]:
    by_section: dict[Section, list[Edition]] = {}
    for edition in editions:
        by_section.setdefault(edition.section, []).append(edition)
    for section in sorted(by_section, key=lambda one: (one.position, one.name)):
        first, *others = by_section[section][:STRIP]
        yield Strip(section, first, tuple(others))
