"""Asks a running site for everything, and says where the paid text comes out."""

import re
import time
from collections.abc import Callable, Iterator
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from articles.models import Edition
from kjreport.leaks.addresses import Kind, list_addresses
from kjreport.leaks.hunting import Answer, Leak
from kjreport.leaks.paid_text import choose_guesses, hunt_for_paid_text, hunt_for_previews

PATIENCE = 20  # seconds for one answer
MOST_TRIES = 6  # when the site says that we ask too often
TOO_MANY_REQUESTS = 429
GUESSES = 3  # words of each piece to search for
NOWHERE = "qxznowhereatall"  # a word that no text has
_ARTICLE = re.compile(rb"/articles/([-\w]+)/")
_OF_A_ROW = re.compile(r"/\d+/")
VARIANTS = ("?format=print", "?format=json", "?format=amp", "?preview=1", "?print=1", "?page=1")
AS_OTHERS: tuple[dict[str, str], ...] = (
    {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)", "X-Forwarded-For": "66.249.66.1"},
    {"Referer": "https://www.google.com/", "Accept": "application/json"},
    {"Range": "bytes=0-", "Accept": "text/plain"},
)
Ask = Callable[[str, dict[str, str]], Answer]


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        """Keep the redirect itself: what it leads to is asked for by its own address."""


class Command(BaseCommand):
    """`manage.py audit_paywall --url https://…`: what must not come out is read from this site's own database."""

    help = (
        "Asks a running site, as a visitor, for every address there is, and looks in bodies and headers for what "
        "stands below each live article's paywall line. Exits with 1 if anything comes out. Writes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the site's address and, if wanted, a session."""
        parser.add_argument("--url", default=settings.SITE_URL, help="the site to ask (default: SITE_URL)")
        parser.add_argument(
            "--session", default="", help="the session cookie of somebody who has not paid, to ask as them instead"
        )

    def handle(self, *_args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Hunt, and say what was found.

        Raises:
            CommandError: something leaks, or the hunt could not be trusted.
        """
        ask = ask_over_http(options["url"], session=options["session"])
        quarry = hunt_for_paid_text()
        if not quarry.phrases:
            raise CommandError("No live article has anything below a paywall line, so there is nothing to look for.")
        self._see_that_it_is_the_right_site(ask, options["url"])
        answers, leaks = 0, set[Leak]()
        for answer in ask_everything(ask):
            answers += 1
            leaks |= quarry.look_through(answer)
        guesses = choose_guesses(most=GUESSES)
        leaks |= try_guesses(ask, guesses)
        for leak in sorted(leaks, key=str):
            self.stdout.write(f"LEAK {leak}")
        self.stdout.write(
            f"Looked for {len(quarry.phrases)} phrases and {len(quarry.pictures)} pictures in {answers} answers, "
            f"and searched for {len(guesses)} words of paid texts."
        )
        if leaks:
            raise CommandError(f"{len(leaks)} leaks.")
        self.stdout.write(self.style.SUCCESS("Nothing comes out that must not."))

    def _see_that_it_is_the_right_site(self, ask: Ask, url: str) -> None:
        for path, headline in hunt_for_previews().items():
            if not headline.find_in(ask(path, {}).body):
                raise CommandError(f"{url}{path} does not show its headline. Does that site use this database?")


def ask_over_http(url: str, *, session: str = "") -> Ask:
    """Return what asks this site, redirects as they are, again after a while where it says that we ask too often.

    Raises:
        CommandError: that is no web address.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise CommandError(f"“{url}” is no web address. Give one such as https://kjreport.example.")
    opener = build_opener(_NoRedirects)
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"} if session else {}

    def ask(path: str, headers: dict[str, str]) -> Answer:
        request = Request(url.rstrip("/") + quote(path, safe="/?&=%#"), headers=cookie | headers)  # noqa: S310 - checked above
        for _ in range(MOST_TRIES):
            answer = _open(opener.open, request, path)
            if answer.status != TOO_MANY_REQUESTS:
                return answer
            time.sleep(min(60.0, float(answer.header("Retry-After") or 5)))
        raise CommandError(f"{url} goes on saying that we ask too often.")

    return ask


def _open(open_it: Callable[..., Any], request: Request, path: str) -> Answer:
    try:
        with open_it(request, timeout=PATIENCE) as response:
            return Answer(path, response.status, _pairs(response.headers), response.read())
    except HTTPError as refusal:
        with refusal:
            return Answer(path, refusal.code, _pairs(refusal.headers), refusal.read())
    except (URLError, OSError, HTTPException) as trouble:
        raise CommandError(f"{request.full_url} does not answer: {trouble}") from trouble


def _pairs(headers: Message) -> tuple[tuple[str, str], ...]:
    return tuple(headers.items())


def ask_everything(ask: Ask) -> Iterator[Answer]:
    """Ask for every address but the newsroom's rows, and for each live piece in other ways."""
    for address in list_addresses():
        if address.kind is not Kind.STAFF or not _OF_A_ROW.search(address.path):
            yield ask(address.path, {})
    for edition in Edition.objects.live().select_related("article"):
        for page in (edition.get_absolute_url(), f"/api/v1{edition.get_absolute_url()}"):
            yield from (ask(page + variant, {}) for variant in VARIANTS)
            yield from (ask(page, headers) for headers in AS_OTHERS)
        yield ask(f"{edition.get_absolute_url()}x.css", {})
    yield from (ask(path, {"Accept-Encoding": coding}) for path in ("/", "/feed/") for coding in ("gzip", "br"))


def try_guesses(ask: Ask, guesses: list[str]) -> set[Leak]:
    """Search for words of paid texts: a visitor must find as much as with a word that stands nowhere."""
    nothing = set(_ARTICLE.findall(ask(f"/search/?q={NOWHERE}", {}).body))
    leaks = set()
    for guess in guesses:
        asked = f"/search/?q={quote(guess)}"
        answer = ask(asked, {})
        more = set(_ARTICLE.findall(answer.body)) - nothing
        leaks |= {Leak(asked, f"finds “{slug.decode()}” by a word of its paid text") for slug in more}
    return leaks
