"""Examines a working copy: what must be mended before it comes out, and what would make it better."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone
from django.utils.formats import date_format

from articles.authors.models import Author
from articles.blocks import Block, split_blocks
from articles.models import Access, Article, Edition, Photo, Section, Topic
from articles.paywall import render_working_copy
from articles.prose import Prose, photo_ids_in, sanitise

if TYPE_CHECKING:
    from django.db.models import Model

LONGEST_HEADLINE = 90  # characters
LONGEST_STANDFIRST = 220
LONGEST_SENTENCE = 40  # words
LONGEST_PARAGRAPH = 180
SUBHEAD_EVERY = 600
FEWEST_FREE_WORDS = 60
MOST_TOPICS = 5
OF_TIME = frozenset({"embargo", "expiry"})  # what another moment would mend


@dataclass(frozen=True)
class Finding:
    """One thing to mend: a sentence that says what to do, and the id of the place in the form where."""

    code: str
    sentence: str
    anchor: str


@dataclass(frozen=True)
class Readiness:
    """What was found: what stands in the way, and what is only advice."""

    blocking: tuple[Finding, ...]
    advisory: tuple[Finding, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.blocking

    @property
    def but_for_time(self) -> tuple[Finding, ...]:
        """What stands in the way whenever it comes out."""
        return tuple(one for one in self.blocking if one.code not in OF_TIME)


def examine(article: Article, prose: Prose | None = None, *, at: datetime | None = None) -> Readiness:
    """Examine a saved working copy as if it came out at a moment, by default now. About ten queries."""
    prose = prose or render_working_copy(article)
    moment = at or timezone.now()
    blocks = split_blocks(prose.preview + prose.rest)
    blocking = (
        *_around(article),
        *_in_text(article, prose),
        *_in_pictures(article, moment),
        *_in_links(article),
        *_in_time(article, moment),
    )
    advisory = (*_better_around(article), *_better_text(article, prose, blocks), *_better_pictures(article, moment))
    return Readiness(tuple(blocking), tuple(advisory))


# What stands in the way -----------------------------------------------------------------------------------------------


def _around(article: Article) -> Iterator[Finding]:
    if not article.headline.strip():
        yield Finding("headline", "The article has no headline. Write one.", "id_headline")
    if not article.standfirst.strip():
        yield Finding(
            "standfirst",
            "The article has no standfirst. Write the sentence or two under the headline.",
            "id_standfirst",
        )
    if article.section_id is None:
        yield Finding("section", "The article has no section. Choose one.", "id_section")
    if not article.bylines.exists():
        yield Finding("byline", "The article has no author. Add at least one byline.", "bylines-group")


def _in_text(article: Article, prose: Prose) -> Iterator[Finding]:
    yield from (Finding("block", sentence, "id_source") for sentence in prose.faults)
    if not prose.word_count:
        yield Finding("text", "The article has no text. Write it, or paste it in.", "id_source")
    elif article.access == Access.SUBSCRIBERS:
        yield from _at_the_line(prose)


def _at_the_line(prose: Prose) -> Iterator[Finding]:
    sentence = ""
    if not prose.has_line:
        sentence = (
            "This article is for subscribers but has no paywall line. Put the line between two paragraphs, "
            "where the free part should end, or open the article to everybody."
        )
    elif not prose.preview_word_count:
        sentence = "Nothing stands above the paywall line. Leave readers something to begin with."
    elif prose.word_count == prose.preview_word_count:
        sentence = "Nothing stands below the paywall line. Move it up, or open the article to everybody."
    if sentence:
        yield Finding("paywall_line", sentence, "id_source")


def _lacks_alt(photo: Photo) -> bool:
    return not photo.alt.strip()


def _lacks_credit(photo: Photo) -> bool:
    return not photo.credit.strip()


def _lacks_licence(photo: Photo) -> bool:
    return not photo.licence


# What every picture must have: a code, how to tell that it is missing, and what to say.
PICTURE_CHECKS: tuple[tuple[str, Callable[[Photo], bool], str], ...] = (
    ("alt", _lacks_alt, "{picture} has no alt text. Say in the library what it shows."),
    ("credit", _lacks_credit, "{picture} has no credit. Say in the library who made it, or whose it is."),
    ("licence", _lacks_licence, "{picture} has no licence. Say in the library by what right we show it."),
)


def _in_pictures(article: Article, moment: datetime) -> Iterator[Finding]:
    asked = photo_ids_in(article.source)
    if asked - set(Photo.objects.filter(pk__in=asked).values_list("pk", flat=True)):
        yield Finding(
            "picture",
            "A picture in the text is no longer in the library. Take it out or choose another.",
            "id_source",
        )
    for photo, name, anchor in _pictures_of(article):
        for code, lacks, sentence in PICTURE_CHECKS:
            if lacks(photo):
                yield Finding(code, sentence.format(picture=name), anchor)
        if photo.is_over(timezone.localdate(moment)):
            until = date_format(photo.licence_until or moment, "j F Y")
            yield Finding("licence_over", f"The licence of {_after_of(name)} ended on {until}. Choose another.", anchor)


def _better_pictures(article: Article, moment: datetime) -> Iterator[Finding]:
    for photo, name, anchor in _pictures_of(article):
        if photo.ends_soon(timezone.localdate(moment)):
            until = date_format(photo.licence_until or moment, "j F Y")
            yield Finding(
                "licence_ends", f"The licence of {_after_of(name)} ends on {until}. Renew it in time.", anchor
            )


def _pictures_of(article: Article) -> Iterator[tuple[Photo, str, str]]:
    """Yield each picture once, with what to call it and where it was chosen."""
    if article.hero is not None:
        yield article.hero, "The picture over the article", "id_hero"
    for photo in Photo.objects.filter(pk__in=photo_ids_in(article.source)).exclude(pk=article.hero_id):
        yield photo, f"The picture “{photo}”", "id_source"


def _after_of(name: str) -> str:
    return name.replace("The", "the", 1)


def _in_time(article: Article, moment: datetime) -> Iterator[Finding]:
    if article.embargo_until is not None and moment < article.embargo_until:
        until = tell_moment(article.embargo_until)
        yield Finding(
            "embargo", f"It is under embargo until {until}. Schedule it for then or later.", "id_embargo_until"
        )
    if article.expires_at is not None and article.expires_at <= moment:
        until = tell_moment(article.expires_at)
        yield Finding(
            "expiry", f"It is to be taken down at {until}, before it comes out. Clear that moment.", "id_expires_at"
        )


def tell_moment(at: datetime) -> str:
    """Say a moment as London's clocks show it."""
    return f"{date_format(timezone.localtime(at), 'l j F Y, H:i')} London time"


# Links to pages of our own --------------------------------------------------------------------------------------------


class _Links(HTMLParser):
    """Gathers where the links of a source lead, and their words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self.pieces: dict[int, int] = {}  # which links lead to a piece by its number, and to which
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            given = dict(attrs)
            self.found.append((given.get("href") or "", ""))
            self._is_inside = True
            number = given.get("data-article") or ""
            if number.isdecimal():
                self.pieces[len(self.found) - 1] = int(number)

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = self._is_inside and tag != "a"

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            address, words = self.found[-1]
            self.found[-1] = (address, words + data)


def _in_links(article: Article) -> Iterator[Finding]:
    links = _Links()
    links.feed(sanitise(article.source))
    for place, (address, words) in enumerate(links.found):
        number = links.pieces.get(place)
        reason = _why_broken(address, article) if number is None else _why_not_live(number, article)
        if reason:
            yield Finding("link", f"The link “{' '.join(words.split())}” {reason}", "id_source")


_NOT_LIVE = "leads to a piece that readers do not have. Publish that first, or take the link out."
_NO_PIECE = "leads to a piece that we do not have. Correct its address, or take the link out."


def _why_not_live(number: int, article: Article) -> str:
    """Return what is wrong with a link to a piece by its number; such links follow the piece's address."""
    if number == article.pk or Edition.objects.live().filter(article=number).exists():
        return ""
    return _NOT_LIVE if Article.objects.filter(pk=number).exists() else _NO_PIECE


def _why_broken(address: str, article: Article) -> str:
    """Return what is wrong with a link to a page of ours; empty for a sound one, and for those of others."""
    parts, ours = urlsplit(address.strip()), urlsplit(settings.SITE_URL)
    if parts.scheme not in {"", "http", "https"} or parts.netloc not in {"", ours.netloc} or not parts.path:
        return ""
    match = _resolve(unquote(parts.path))
    if match is None:
        return "leads to a page that we do not have. Correct its address, or take the link out."
    if match.namespaces and match.namespaces[0] == "admin":
        return "leads into the newsroom, where readers cannot go. Link to the page that readers see."
    return _why_absent(match, article)


def _resolve(path: str) -> ResolverMatch | None:
    if not path.startswith("/"):
        return None
    for tried in (path, f"{path}/"):
        try:
            return resolve(tried)
        except Resolver404:
            continue
    return None


def _why_absent(match: ResolverMatch, article: Article) -> str:
    slug = str(match.kwargs.get("slug", ""))
    if match.view_name == "articles:article":
        if slug == article.slug or Edition.objects.live().filter(article__slug=slug).exists():
            return ""
        return _NOT_LIVE if Article.objects.filter(slug=slug).exists() else _NO_PIECE
    models: dict[str, type[Model]] = {
        "articles:section": Section,
        "articles:topic": Topic,
        "articles:author": Author,
    }
    model = models.get(match.view_name)
    if model is not None and not model._default_manager.filter(slug=slug).exists():  # noqa: SLF001 - Django's public name for the manager a model has
        return "leads to a page that we do not have. Correct its address, or take the link out."
    return ""


# What would be better -------------------------------------------------------------------------------------------------


def _better_around(article: Article) -> Iterator[Finding]:
    if len(article.headline) > LONGEST_HEADLINE:
        yield Finding(
            "headline_long",
            f"The headline has {len(article.headline)} characters. Up to {LONGEST_HEADLINE} reads best, and lists and "
            "searches cut what is longer.",
            "id_headline",
        )
    if len(article.standfirst) > LONGEST_STANDFIRST:
        yield Finding(
            "standfirst_long",
            f"The standfirst has {len(article.standfirst)} characters. A sentence or two, up to {LONGEST_STANDFIRST}, "
            "is enough.",
            "id_standfirst",
        )
    if article.hero_id is None:
        yield Finding("no_hero", "No picture stands over the article. Choose one: cards are bare without.", "id_hero")
    topics = article.topics.count()
    if not topics:
        yield Finding("no_topics", "The article has no topics. Two to five help readers find it.", "id_topics")
    elif topics > MOST_TOPICS:
        yield Finding("many_topics", f"The article has {topics} topics. Keep the two to five that matter.", "id_topics")
    if not article.chosen_related.exists():
        yield Finding(
            "no_related",
            "No related posts are chosen. Readers get those the site finds; choose one or two that carry it on.",
            "chosen_related-group",
        )


def _better_text(article: Article, prose: Prose, blocks: list[Block]) -> Iterator[Finding]:
    if article.access == Access.SUBSCRIBERS and 0 < prose.preview_word_count < FEWEST_FREE_WORDS:
        yield Finding(
            "short_preview",
            f"Only {prose.preview_word_count} words stand before the wall. Give visitors a reason to go on.",
            "id_source",
        )
    stretch, where = _longest_without_subhead(blocks)
    if stretch > SUBHEAD_EVERY:
        yield Finding(
            "no_subhead",
            f"{stretch} words go by without a subhead, from “{where}”. Put one in where the thought turns.",
            "id_source",
        )
    yield from _long_windings(blocks)


def _longest_without_subhead(blocks: list[Block]) -> tuple[int, str]:
    """Return the most words between two subheads, and how that stretch begins."""
    longest, words, begins = (0, ""), 0, ""
    for block in blocks:
        if block.tag in {"h2", "h3"}:
            words, begins = 0, ""
        elif block.tag not in {"aside", "figure", "hr"}:
            words, begins = words + block.words, begins or _opening(block.text)
        longest = max(longest, (words, begins), key=lambda one: one[0])
    return longest


def _long_windings(blocks: list[Block]) -> Iterator[Finding]:
    paragraphs = [block for block in blocks if block.tag == "p"]
    long = [one for block in paragraphs for one in block.sentences if len(one.split()) > LONGEST_SENTENCE]
    if long:
        count = "One sentence has" if len(long) == 1 else f"{len(long)} sentences have"
        yield Finding(
            "long_sentences",
            f"{count} more than {LONGEST_SENTENCE} words, the first from “{_opening(long[0])}”. Break them up.",
            "id_source",
        )
    heavy = [block for block in paragraphs if block.words > LONGEST_PARAGRAPH]
    if heavy:
        yield Finding(
            "long_paragraph",
            f"The paragraph from “{_opening(heavy[0].text)}” has {heavy[0].words} words. Two are easier on a phone.",
            "id_source",
        )


def _opening(text: str) -> str:
    words = re.split(r"\s+", text)
    return " ".join(words[:6]) + (" …" if len(words) > 6 else "")  # noqa: PLR2004 - as many as tell where
