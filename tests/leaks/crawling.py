"""Goes to every address as one person, and hunts in every answer."""

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.test import Client

from kjreport.leaks.addresses import Kind, list_addresses
from kjreport.leaks.hunting import Answer, Leak, Quarry
from tests.leaks.planting import Planted

TOO_MANY = 429
# Of each piece, what is searched for: one word of each kind that the index keeps in its own way.
GUESSED = {
    "headline",
    "slug",
    "name",
    "first paragraph",
    "quote",
    "note",
    "caption",
    "alt",
    "link target",
    "last paragraph",
}
NOT_STAFF = tuple(kind for kind in Kind if kind is not Kind.STAFF)


def ask(client: Client, path: str, method: str = "get", **extra: Any) -> Answer:
    """Ask for one address and keep the whole answer; asking often is no part of these tests' stories."""
    response = client.generic(method.upper(), path, **extra)
    if response.status_code == TOO_MANY:
        cache.clear()
        response = client.generic(method.upper(), path, **extra)
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    return Answer(path, response.status_code, (*response.headers.items(), *cookies), body)


def hunt(client: Client, paths: Iterable[str], quarry: Quarry, method: str = "get", **extra: Any) -> set[Leak]:
    """Ask for all of these and return what is found."""
    return {leak for path in paths for leak in quarry.look_through(ask(client, path, method, **extra))}


def everywhere(*kinds: Kind) -> list[str]:
    """Return every real address of these kinds; all but the newsroom's unless told."""
    return [address.path for address in list_addresses(*(kinds or NOT_STAFF))]


def questions(*words: str) -> list[str]:
    """Return searches for each of these words."""
    return [f"/search/?q={word}" for word in words]


def said(leaks: Iterable[Leak]) -> set[str]:
    """Return what was found, wherever it was."""
    return {leak.what for leak in leaks}


def a_short_walk(paper: Planted) -> list[str]:
    """Return one address of each kind that says something of a piece, for tests that go there many times."""
    slugs = [paper.articles[piece].slug for piece in ("paid", "renewed", "draft", "scheduled", "withdrawn")]
    photos = [paper.photos[piece] for piece in ("paid", "draft")]
    return [
        *("/", "/articles/", "/sections/diplomacy/", "/topics/armenia/", "/authors/ada-byron/", "/search/?q=piece"),
        *("/feed/", "/feed/atom/", "/sitemap-articles.xml", "/sitemap-topics.xml", "/news-sitemap.xml"),
        *("/api/v1/articles/", "/api/v1/topics/", *(f"/articles/{slug}/" for slug in slugs)),
        *(f"/api/v1/articles/{slug}/" for slug in slugs),
        *(photo.address(48, kind) for photo in photos for kind in ("webp", "avif")),
    ]


def find_answers_to_guesses(client: Client, paper: Planted) -> list[str]:
    """Return where the hidden words stand by which search finds anything: not its hits, not their number may tell."""
    nothing = _look_of(ask(client, "/search/?q=qxnowhere"), "qxnowhere")
    return [
        what
        for word, what in paper.words.planted.items()
        if what not in paper.public
        and what.split(" / ")[2] in GUESSED
        and _look_of(ask(client, f"/search/?q={word}"), word) != nothing
    ]


def _look_of(answer: Answer, asked: str) -> tuple[int, bytes]:
    return answer.status, answer.body.replace(asked.encode(), b"")


class SharedCache:
    """A cache before the site, as RFC 9111 has it; `vary=False` makes it one that heeds no `Vary`, as some are."""

    def __init__(self, *, vary: bool = True) -> None:
        self.vary = vary
        self.kept: list[tuple[str, dict[str, str], Answer]] = []

    def get(self, client: Client, path: str, **sent: str) -> Answer:
        """Answer from what is kept, or ask and keep what may be kept."""
        sent = sent | {"Cookie": client.cookies.output(header="", sep=";")}
        for address, wanted, answer in self.kept:
            if address == path and all(sent.get(name, "") == value for name, value in wanted.items()):
                return answer
        answer = ask(client, path, headers={name: value for name, value in sent.items() if name != "Cookie"})
        if may_be_shared(answer):
            names = [name.strip() for name in answer.header("Vary").split(",") if name.strip()] if self.vary else []
            self.kept.append((path, {name: sent.get(name, "") for name in names}, answer))
        return answer


def may_be_shared(answer: Answer) -> bool:
    """Whether a shared cache may keep this answer."""
    told = {part.strip().partition("=")[0].lower() for part in answer.header("Cache-Control").split(",")}
    return bool(told & {"public", "s-maxage", "max-age"}) and not told & {"private", "no-store"}
