"""What every page's frame needs: the paper's name, its sections, and whether its reader is signed in."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from articles.models import Section

logger = logging.getLogger(__name__)

TAGLINE = "Independent analysis on world affairs."
_SECTIONS_KEPT = 60  # seconds; a renamed section shows everywhere within a minute


@dataclass(frozen=True)
class Site:
    """The paper, as its frame names it."""

    name: str
    url: str
    tagline: str
    email: str


@dataclass(frozen=True)
class MenuSection:
    """A line of the menu."""

    name: str
    slug: str
    url: str


def site(request: HttpRequest) -> dict[str, object]:
    """Give each template the frame's words. At most one query a minute; a visitor without a cookie costs none."""
    return {
        "site": Site(settings.SITE_NAME, settings.SITE_URL, TAGLINE, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]),
        "sections": list_sections,
        "is_signed_in": _ask_whether_signed_in(request),
    }


def list_sections() -> list[MenuSection]:
    """Return the sections in the order of the menu, remembered briefly; no page fails for want of a cache."""
    try:
        return cache.get_or_set("menu-sections", _load_sections, _SECTIONS_KEPT) or []
    except Exception:
        logger.exception("The cache does not answer; the menu is read from the database.")
        return _load_sections()


def _load_sections() -> list[MenuSection]:
    return [MenuSection(section.name, section.slug, section.get_absolute_url()) for section in Section.objects.all()]


def _ask_whether_signed_in(request: HttpRequest) -> Callable[[], bool]:
    """Answer only when a template asks: the question reads the session."""
    return lambda: request.user.is_authenticated
