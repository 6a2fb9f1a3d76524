"""Finds pieces by their words: in what everybody may read or, for readers of analyses, in the whole text.

There are two indexes, each a table of its own, so that a question about the public one cannot touch a paid word: not
its hits, not their number. PostgreSQL keeps them as weighted `tsvector`s under GIN, SQLite as FTS5. They hold the
editions that are live or scheduled; which of them are live is asked when somebody searches, so that time publishes and
withdraws here as everywhere. Words are folded and queries read by us, so that both engines are asked the same.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from articles.authors.models import Author
from articles.models import Article, Edition, EditionBody, EditionQuerySet, Section, Topic
from articles.paywall import Reader, may_read_analyses
from articles.prose import plain_text

LONGEST_QUERY = 200  # characters; what follows is not read
MOST_TERMS = 12
_QUOTES = str.maketrans("“”„«»", '"""""')
_TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
# Words that say nothing of what a text is about. PostgreSQL would drop them and SQLite would not, so we do it for both.
_EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    a about above after again against all am an and any are as at be because been before being below between both
    but by can did do does doing don down during each few for from further had has have having he her here hers
    herself him himself his how i if in into is it its itself just ll me more most my myself no nor not now of off
    on once only or other our ours ourselves out over own re s same she should so some such t than that the their
    theirs them themselves then there these they this those through to too under until up ve very was we were what
    when where which while who whom why will with you your yours yourself yourselves
        """,
    )
)


@dataclass(frozen=True)
class SearchResults:
    """One page of what was found, the most fitting first. `editions` are fetched for cards."""

    query: str
    editions: tuple[Edition, ...]
    total: int
    page: int
    pages: int

    @property
    def number(self) -> int:
        """The page's number, as `articles.turning.Turn` calls it."""
        return self.page

    @property
    def has_next(self) -> bool:
        """Whether there is a page after."""
        return self.page < self.pages

    @property
    def previous(self) -> int:
        """The number of the page before."""
        return self.page - 1

    @property
    def next(self) -> int:
        """The number of the page after."""
        return self.page + 1


def search(
    query: str,
    *,
    reader: Reader,
    section: Section | None = None,
    topic: Topic | None = None,
    author: Author | None = None,
    page: int = 1,
) -> SearchResults:
    """Find live pieces that hold every word; `"a phrase"` is kept together and `-word` leaves pieces out.

    Any input gives results or none, never an error. Two queries beside those of the cards and of the entitlement.
    """
    wanted = read_query(query)
    shown = " ".join(_encodable(query).replace("\0", "").split())[:LONGEST_QUERY]
    if not wanted.held:
        return SearchResults(shown, (), 0, 1, 0)
    index = _WHOLE if may_read_analyses(reader) else _PUBLIC
    among = _narrow(Edition.objects.live(), section=section, topic=topic, author=author)
    total = index.count(wanted, among)
    pages = math.ceil(total / settings.ARTICLES_PER_PAGE)
    if not 1 <= page <= pages:
        return SearchResults(shown, (), total, page, pages)
    found = index.find(wanted, among, page=page)
    by_key = {edition.pk: edition for edition in Edition.objects.live().filter(pk__in=found).for_cards()}
    return SearchResults(shown, tuple(by_key[key] for key in found if key in by_key), total, page, pages)


def index_edition(edition: Edition) -> None:
    """Let a new edition be found once it is live, and forget those of its article that have ended."""
    forget_ended(edition.article)
    for entry, index in _describe(edition):
        index.put(edition.pk, entry)


def forget_ended(article: Article) -> None:
    """Take out of the indexes what of an article has ended or will never be live."""
    kept = [edition.pk for edition in _current_or_coming().filter(article=article)]
    ended = list(article.editions.exclude(pk__in=kept).values_list("pk", flat=True))
    for index in (_PUBLIC, _WHOLE):
        index.remove(ended)


def rebuild() -> int:
    """Write both indexes anew, for instance after a name changed; return how many editions they hold."""
    written = 0
    with transaction.atomic():
        for index in (_PUBLIC, _WHOLE):
            index.clear()
        for edition in _current_or_coming().iterator(chunk_size=200):
            written += 1
            for entry, index in _describe(edition):
                index.put(edition.pk, entry)
    return written


# What is asked --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """Folded words and phrases: those a piece must hold, and those it must not."""

    held: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def read_query(query: str) -> Wanted:
    """Return what a person typed as words and phrases of letters and digits alone."""
    held: dict[str, None] = {}
    missing: dict[str, None] = {}
    for minus, phrase, word in _TERM.findall(_encodable(query)[:LONGEST_QUERY].translate(_QUOTES)):
        term = fold(phrase or word)[:LONGEST_QUERY].strip()
        if set(term.split()) - _EMPTY_WORDS:
            (missing if minus else held)[term] = None
    return Wanted(tuple(held)[:MOST_TERMS], tuple(missing)[:MOST_TERMS])


def fold(text: str) -> str:
    """Return its words in lower case without accents, parted by single spaces."""
    spread = unicodedata.normalize("NFKD", _encodable(text).casefold())
    bare = "".join(one for one in spread if not (unicodedata.combining(one) or unicodedata.category(one) == "Cf"))
    return re.sub(r"[\W_]+", " ", re.sub(r"['\u2019]s\b", "", bare)).strip()


def _encodable(text: str) -> str:
    """Drop halves of surrogate pairs, which no database takes."""
    return text.encode("utf-8", "ignore").decode()


def _narrow(
    editions: EditionQuerySet, *, section: Section | None, topic: Topic | None, author: Author | None
) -> EditionQuerySet:
    if section is not None:
        editions = editions.filter(section=section)
    if topic is not None:
        editions = editions.filter(topics=topic)
    if author is not None:
        editions = editions.filter(bylines__author=author)
    return editions


# What is kept ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entry:
    """What an index keeps of an edition, folded: three kinds of words, of falling weight."""

    headline: str
    about: str
    text: str


def _current_or_coming() -> EditionQuerySet:
    """Editions that have not ended and were not cancelled before they began."""
    still = Q(live_until__gt=timezone.now()) & Q(live_until__gt=F("published_at"))
    editions: EditionQuerySet = Edition.objects.filter(Q(live_until__isnull=True) | still)
    return editions.order_by("pk")


def _describe(edition: Edition) -> Iterator[tuple[_Entry, "_Index"]]:
    """Give each index its entry: to the public one what everybody may read, to the other the whole. Three queries."""
    names = [byline.author.name for byline in edition.bylines.select_related("author")]
    names += [topic.name for topic in edition.topics.all()]
    headline, about = fold(edition.headline), fold(" . ".join([edition.standfirst, *names]))
    preview = _words(edition.preview, edition.preview_notes)
    yield _Entry(headline, about, preview), _PUBLIC
    body = EditionBody.objects.filter(pk=edition.pk).first()
    rest = _words(body.text, body.notes) if body else ""
    yield _Entry(headline, about, f"{preview} {rest}"), _WHOLE


def _words(html: str, notes: Iterable[str]) -> str:
    return fold("\n".join(plain_text(part) for part in [html, *notes]))


# The two engines ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Engine:
    """How one kind of database is asked. `{table}` is one of our two names, never anybody's input."""

    key: str
    put: str
    matches: str
    order: str
    joins: str
    without: str

    def write_query(self, wanted: Wanted) -> str:
        """Return the query in the engine's language. Terms hold letters, digits and spaces only, and are quoted."""
        held = self.joins.join(f'"{term}"' for term in wanted.held)
        return held + "".join(f'{self.without}"{term}"' for term in wanted.missing)


_ENGINES = {
    "sqlite": _Engine(
        key="rowid",
        put="INSERT INTO {table} (rowid, headline, about, text) VALUES (%s, %s, %s, %s)",
        matches="{table} MATCH %s",
        order="bm25({table}, 10.0, 4.0, 1.0)",
        joins=" AND ",
        without=" NOT ",
    ),
    "postgresql": _Engine(
        key="edition_id",
        put=(
            "INSERT INTO {table} (edition_id, words) VALUES (%s, setweight(to_tsvector('english', %s), 'A') || "
            "setweight(to_tsvector('english', %s), 'B') || setweight(to_tsvector('english', %s), 'D'))"
        ),
        matches="{table}.words @@ websearch_to_tsquery('english', %s)",
        # The divisor 1 + log(length), so that one word in a long text weighs less than in a short one.
        order=(
            "ts_rank('{{0.1, 0.2, 0.4, 1.0}}'::float4[], {table}.words, websearch_to_tsquery('english', %s), 1) DESC"
        ),
        joins=" ",
        without=" -",
    ),
}


@dataclass(frozen=True)
class _Index:
    """One of the two tables."""

    table: str

    def put(self, key: int, entry: _Entry) -> None:
        self.remove([key])
        self._run(self._engine.put, [key, entry.headline, entry.about, entry.text])

    def remove(self, keys: list[int]) -> None:
        for key in keys:
            self._run("DELETE FROM {table} WHERE {key} = %s", [key])

    def clear(self) -> None:
        self._run("DELETE FROM {table}", [])

    def count(self, wanted: Wanted, among: EditionQuerySet) -> int:
        allowed, given = among.values("pk").query.sql_with_params()
        sql = f"SELECT count(*) FROM {{table}} WHERE {self._engine.matches} AND {{key}} IN ({{allowed}})"  # noqa: S608 - our own words only
        return int(self._run(sql, [self._engine.write_query(wanted), *given], allowed=allowed)[0][0])

    def find(self, wanted: Wanted, among: EditionQuerySet, *, page: int) -> list[int]:
        allowed, given = among.values("pk").query.sql_with_params()
        asked, size = self._engine.write_query(wanted), settings.ARTICLES_PER_PAGE
        sql = (
            "SELECT {table}.{key} FROM {table} JOIN articles_edition ON articles_edition.id = {table}.{key} "  # noqa: S608 - our own words only
            f"WHERE {self._engine.matches} AND {{table}}.{{key}} IN ({{allowed}}) ORDER BY {self._engine.order}, "
            "articles_edition.first_published_at DESC, articles_edition.id DESC LIMIT %s OFFSET %s"
        )
        ranked = [asked] if "%s" in self._engine.order else []
        values = [asked, *given, *ranked, size, (page - 1) * size]
        return [row[0] for row in self._run(sql, values, allowed=allowed)]

    @property
    def _engine(self) -> _Engine:
        return _ENGINES[connection.vendor]

    def _run(self, sql: str, values: list[Any], *, allowed: str = "") -> list[tuple[int, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql.format(table=self.table, key=self._engine.key, allowed=allowed), values)
            return cursor.fetchall() if cursor.description else []


_PUBLIC = _Index("articles_search_public")
_WHOLE = _Index("articles_search_whole")
