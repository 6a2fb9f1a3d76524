"""Does a way of asking, rather than an address, open the text?"""

import io
from urllib.parse import unquote_to_bytes

import pytest
from django.test import Client
from PIL import Image

from kjreport.accounts.models import ReaderToken, User
from kjreport.leaks.hunting import Quarry
from tests.leaks.crawling import ask, hunt
from tests.leaks.planting import Planted

pytest_plugins = ("tests.leaks.fixtures",)

HEADERS = {
    **{
        f"crawler {agent.split('/')[0]}": {"User-Agent": f"Mozilla/5.0 (compatible; {agent})"}
        for agent in ("Googlebot/2.1", "bingbot/2.0", "Twitterbot/1.0", "facebookexternalhit/1.1", "GPTBot/1.0")
    },
    **{
        f"referrer {site}": {"Referer": f"https://{site}/"}
        for site in ("www.google.com", "news.google.com", "t.co", "www.facebook.com", "testserver")
    },
    "forwarded for": {"X-Forwarded-For": "66.249.66.1, 127.0.0.1", "Forwarded": "for=127.0.0.1"},
    "real address": {"X-Real-IP": "127.0.0.1", "X-Forwarded-Host": "testserver", "X-Forwarded-Proto": "https"},
    "forwarded address": {"X-Original-URL": "/admin/", "X-Rewrite-URL": "/admin/", "X-HTTP-Method-Override": "PUT"},
    "forwarded user": {"X-Forwarded-User": "edith-editor@example.com", "Remote-User": "1", "X-User-Id": "1"},
    "preview": {"X-Preview": "1", "X-Requested-With": "XMLHttpRequest", "Purpose": "prefetch"},
    "authorization": {"Authorization": "Basic ZWRpdGg6cGFzc3dvcmQ="},
    "a made-up token": {"Authorization": "Bearer kj_notatoken"},
    **{
        f"accept {kind}": {"Accept": kind}
        for kind in ("application/json", "text/plain", "application/xml", "application/ld+json", "*/*;q=0")
    },
    "range": {"Range": "bytes=0-"},
    "far range": {"Range": "bytes=2000-900000"},
    "many ranges": {"Range": "bytes=0-5,6-900000"},
    "if none match": {"If-None-Match": "*", "If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
    "made-up cookies": {"Cookie": "sessionid=1; reading=full; is_subscriber=1; pass=eyJmdWxsIjp0cnVlfQ"},
}
QUERIES = (
    *("format=print", "format=json", "format=amp", "format=xml", "format=api", "print=1", "amp=1", "preview=1"),
    *("preview=true&token=1", "draft=1", "full=1", "as=subscriber", "audience=subscriber", "extent=full", "page=2"),
    *("fields=text,body", "include=body", "expand=body", "ordering=body__text", "edition=1", "version=1", "q=bridge"),
    *("utm_source=newsletter", "gift=1", "_escaped_fragment_=", "next=/admin/", "key=1", "callback=show"),
)
METHODS = ("HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "SEARCH")


@pytest.fixture
def gated(paper: Planted) -> list[str]:
    """Where the paid text is, for those who may read."""
    slug, photo = paper.articles["paid"].slug, paper.photos["paid"]
    return [f"/articles/{slug}/", f"/api/v1/articles/{slug}/", photo.default_src, "/search/?q=bridge", "/feed/"]


@pytest.fixture
def hidden(paper: Planted) -> Quarry:
    """What a visitor may not see."""
    return paper.quarry(but=paper.public)


@pytest.mark.parametrize("how", HEADERS)
def test_no_header_opens_the_text(gated: list[str], hidden: Quarry, how: str) -> None:
    assert hunt(Client(), gated, hidden, headers=HEADERS[how]) == set()


def test_no_query_opens_the_text(gated: list[str], hidden: Quarry) -> None:
    paths = [f"{path}{'&' if '?' in path else '?'}{query}" for path in gated[:3] for query in QUERIES]
    assert hunt(Client(), paths, hidden) == set()


def test_no_query_opens_a_draft(paper: Planted, hidden: Quarry) -> None:
    unseen = [paper.articles[piece] for piece in ("draft", "scheduled", "withdrawn")]
    paths = [f"/articles/{article.slug}/?{query}" for article in unseen for query in QUERIES[:12]]
    paths += [f"/articles/{article.pk}/" for article in unseen] + [f"/?p={article.pk}" for article in unseen]
    assert hunt(Client(), paths, hidden) == set()


@pytest.mark.parametrize("method", METHODS)
def test_no_method_opens_the_text(gated: list[str], hidden: Quarry, method: str) -> None:
    assert hunt(Client(), gated, hidden, method) == set()


def test_asking_for_the_head_alone_tells_no_more_than_asking_for_all(paper: Planted, gated: list[str]) -> None:
    for path in gated:
        whole, head = ask(Client(), path), ask(Client(), path, "HEAD")
        assert (head.status, head.body) == (whole.status, b"")
        assert head.header("Cache-Control") == whole.header("Cache-Control")


@pytest.mark.parametrize(
    "trick",
    [
        *("{path}x.css", "{path}/x.css", "{path};x.css", "{path}%3Bx.css", "{path}%2f"),
        *("{path}%2Fx.css", "{path}%3f.css"),
        *("{path}%00", "{path}%00.css", "{path}%23", "{path}%20", "{path}..%2f", "{path}%2e%2e/", "{path}.json"),
        *("{path}/", "/{path}", "/%2e{path}", "/x/..{path}", "{bare}.css", "{bare};/", "{bare}%0a/"),
        *("{upper}", "{bare}."),
        *("{path}index.html", "{path}amp/", "{path}print/", "{path}feed/", "{path}embed/", "/static/..%2f..{path}"),
    ],
)
def test_no_path_trick_gives_the_text_even_to_subscribers(
    paper: Planted, hidden: Quarry, subscriber: Client, trick: str
) -> None:
    """A cache before us may take such an address for a style sheet and keep what a subscriber got."""
    for path in (f"/articles/{paper.articles['paid'].slug}/", f"/api/v1/articles/{paper.articles['paid'].slug}/"):
        asked = trick.format(path=path, bare=path.rstrip("/"), upper=path.upper())
        answer = ask(subscriber, "/", PATH_INFO=_as_a_server_would(asked))
        assert hidden.look_through(answer) == set(), asked
        assert answer.status in {301, 404, 400}, asked
        assert answer.status != 200


def _as_a_server_would(path: str) -> str:
    """Return PATH_INFO as WSGI has it: percent signs undone, bytes as Latin-1."""
    return unquote_to_bytes(path).decode("latin-1")


def test_a_revoked_or_closed_token_opens_nothing(paper: Planted, paying_reader: User, hidden: Quarry) -> None:
    token, raw = ReaderToken.objects.make(paying_reader, name="Mine")
    path, headers = f"/api/v1/articles/{paper.articles['paid'].slug}/", {"Authorization": f"Bearer {raw}"}
    assert hunt(Client(), [path], hidden, headers=headers) != set()  # it opens what is its reader's
    token.revoke()
    assert hunt(Client(), [path], hidden, headers=headers) == set()
    _, raw = ReaderToken.objects.make(paying_reader, name="Other")
    paying_reader.is_active = False
    paying_reader.save()
    assert hunt(Client(), [path], hidden, headers={"Authorization": f"Bearer {raw}"}) == set()


def test_pictures_say_nothing_of_where_they_were_made(paper: Planted, subscriber: Client) -> None:
    photo, seen = paper.photos["paid"], 0
    for address in (photo.default_src, photo.social_src, photo.address(48, "avif")):
        answer = ask(subscriber, address)
        assert answer.status == 200
        with Image.open(io.BytesIO(answer.body)) as picture:
            assert not dict(picture.getexif())
            assert {"exif", "icc_profile", "xmp", "comment"} & set(picture.info) == set()
        assert paper.quarry(but={"paid / picture / file"}).look_through(answer) == set()
        seen += 1
    assert seen == 3
