"""The newest pieces for feed readers, as RSS 2.0 and Atom: each with as much text as a visitor may read."""

import logging
import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db.models import Max, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed, SyndicationFeed
from django.utils.html import escape, format_html, format_html_join
from django.utils.http import http_date
from django.utils.safestring import SafeString
from django.views.decorators.http import conditional_page, require_safe

from articles.addresses import absolute, with_whole_addresses
from articles.images import FORMATS, SOCIAL_WIDTH, rendition_path
from articles.models import Edition
from articles.paywall import Reading, open_article
from articles.prose import without_drawings

logger = logging.getLogger(__name__)

KEPT_FOR = 300  # seconds a shared cache may answer with a feed
DESCRIPTION = "Independent analysis on world affairs."
_DAY = 24 * 60 * 60
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 has no way to say


def writable(text: str) -> str:
    """Return the text without the control characters that XML cannot hold."""
    return _UNWRITABLE.sub("", text)


class RssWithText(Rss201rev2Feed):
    """RSS 2.0 with the text beside the description, and every author by name."""

    def rss_attributes(self) -> dict[str, str]:
        """Name the two vocabularies used beside RSS's own."""
        return super().rss_attributes() | {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:  # noqa: ANN401 - untyped upstream
        """Add the authors and the text."""
        super().add_item_elements(handler, item)
        for name, _ in item["signed_by"]:
            handler.addQuickElement("dc:creator", name)
        handler.addQuickElement("content:encoded", item["text"])


class AtomWithText(Atom1Feed):
    """Atom with the text beside the summary, and every author with their address."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:  # noqa: ANN401 - untyped upstream
        """Add the authors and the text."""
        super().add_item_elements(handler, item)
        for name, address in item["signed_by"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.addQuickElement("uri", address)
            handler.endElement("author")
        handler.addQuickElement("content", item["text"], {"type": "html"})


if TYPE_CHECKING:
    _Feed = Feed[Edition, None]
else:
    _Feed = Feed  # generic in its stubs only


class NewestPieces(_Feed):
    """The newest live editions, for RSS. Four queries, however many they are."""

    feed_type: type[SyndicationFeed] = RssWithText
    feed_path = "feed"
    language = settings.LANGUAGE_CODE
    title = settings.SITE_NAME
    description = DESCRIPTION
    ttl = KEPT_FOR // 60
    item_guid_is_permalink = True

    def link(self) -> str:
        """Return the front page's address."""
        return absolute("/")

    def feed_url(self) -> str:
        """Return the feed's own address."""
        return absolute(reverse(self.feed_path))

    def items(self) -> list[Edition]:
        """Return what to tell of."""
        return list(
            Edition.objects.live().newest_first().for_cards().prefetch_related("topics")[: settings.FEED_LENGTH]
        )

    def item_title(self, item: Edition) -> str:
        """Return the headline."""
        return writable(item.headline)

    def item_description(self, item: Edition) -> str:
        """Return the standfirst."""
        return escape(writable(item.standfirst))

    def item_link(self, item: Edition) -> str:
        """Return the article's address, which is also its lasting id: a published slug never changes."""
        return absolute(item.get_absolute_url())

    item_guid = item_link

    def item_pubdate(self, item: Edition) -> datetime:
        """Return when readers first saw it."""
        return item.first_published_at

    def item_updateddate(self, item: Edition) -> datetime:
        """Return when readers got this state of it."""
        return item.published_at

    def item_categories(self, item: Edition) -> list[str]:
        """Return its section's and topics' names."""
        return [writable(name) for name in (item.section.name, *(topic.name for topic in item.topics.all()))]

    def item_enclosures(self, item: Edition) -> list[Enclosure]:
        """Return its picture as a JPEG, which every feed reader knows."""
        if item.hero is None:
            return []
        size = _weigh(rendition_path(item.hero.key, SOCIAL_WIDTH, "jpg"))
        return [Enclosure(absolute(item.hero.social_src), str(size), FORMATS["jpg"])]

    def item_extra_kwargs(self, item: Edition) -> dict[str, Any]:
        """Return the authors, and the text a visitor may read."""
        authors = [byline.author for byline in item.bylines.all()]
        reading = open_article(item, AnonymousUser())
        return {
            "signed_by": [(writable(author.name), absolute(author.get_absolute_url())) for author in authors],
            "text": writable(_write_text(reading, page=self.item_link(item))),
        }


class NewestPiecesAsAtom(NewestPieces):
    """The same for Atom."""

    feed_type = AtomWithText
    feed_path = "feed_atom"
    subtitle = DESCRIPTION
    author_name = settings.SITE_NAME

    def author_link(self) -> str:
        """Return the address of the paper, which stands for entries without an author."""
        return absolute("/")


def _write_text(reading: Reading, *, page: str) -> str:
    """Return text, notes and, at the wall, the way on; charts as tables, for drawings need our stylesheet."""
    notes = format_html("<ol>{}</ol>", format_html_join("", "<li>{}</li>", ((note,) for note in reading.notes)))
    way_on = format_html(
        '<p><a href="{}">Read the other {} words as a subscriber</a></p>', page, f"{reading.words_left:,}"
    )
    parts = [
        without_drawings(reading.text),
        notes if reading.notes else SafeString(""),
        way_on if not reading.is_full else SafeString(""),
    ]
    return with_whole_addresses("".join(parts), page=page)


def _weigh(path: str) -> int:
    """Return a picture's size in bytes, remembered for a day, for it never changes; 0, unknown, if it is missing."""

    def ask() -> int:
        try:
            return default_storage.size(path)
        except FileNotFoundError:
            return 0

    try:
        return cast("int", cache.get_or_set(f"size-of-{path}", ask, _DAY))
    except Exception:
        logger.exception("The cache does not answer; a picture is weighed anew.")
        return ask()


def find_last_change() -> datetime | None:
    """Return when what is live changed last: something began, or something ended. One query."""
    now = timezone.now()
    moments = Edition.objects.been_live().aggregate(
        began=Max("published_at"), ended=Max("live_until", filter=Q(live_until__lte=now))
    )
    return max((moment for moment in moments.values() if moment), default=None)


def for_machines(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer conditional requests, and let shared caches keep what is the same for everybody.

    `Last-Modified` tells when anything began or ended, not when the newest piece came out: otherwise a feed reader that
    asks by date would keep a withdrawn piece.
    """

    @require_safe
    @conditional_page
    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        changed = find_last_change()
        if changed is not None:
            response.headers["Last-Modified"] = http_date(changed.timestamp())
        else:
            del response.headers["Last-Modified"]
        patch_cache_control(response, public=True, max_age=0, s_maxage=KEPT_FOR, stale_while_revalidate=KEPT_FOR)
        return response

    return answer


rss = for_machines(NewestPieces())
atom = for_machines(NewestPiecesAsAtom())
