"""One API request from key to answer: checked, done once for its idempotency key, and expanded."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from urllib.parse import unquote

from kjreport.standin import frozen, parameters, routes
from kjreport.standin.book import API_VERSION, PRIVATE, Book, Json
from kjreport.standin.errors import Refusal, not_done
from kjreport.standin.expansion import expand
from kjreport.standin.forms import decode

_OK = 200
KEYS = ("sk_test_", "rk_test_")


@dataclass(frozen=True)
class Request:
    """A request as it came over the wire; header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    """An answer on its way to the wire; `trickle` is how many seconds its body takes, byte by byte."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    trickle: float = 0.0


def check_key(request: Request) -> None:
    """Refuse any request without a test key; a live key is never wanted here."""
    given = request.headers.get("authorization", "")
    key = given.removeprefix("Bearer ").strip()
    if given.startswith("Basic "):
        try:
            key = base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")[0]
        except ValueError:
            key = ""
    if not key:
        raise Refusal("You did not provide an API key.", status=401)
    if not key.startswith(KEYS):
        raise Refusal("Invalid API Key: the stand-in accepts test keys (sk_test_…, rk_test_…) only.", status=401)


def check_version(request: Request) -> None:
    """Refuse a version other than the one spoken here."""
    version = request.headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        message = f"Stripe-Version {version}, but {API_VERSION} only"
        raise not_done(message)


type Call = tuple[routes.Route, tuple[str, ...], Json]


def parse(request: Request) -> Call:
    """Return who answers, the ids in the address, and the parameters, typed."""
    found = routes.find(request.method, request.path)
    if found is None:
        message = f"{request.method} {request.path}"
        raise not_done(message)
    route, ids = found
    try:
        text = request.query if request.method in ("GET", "DELETE") else request.body.decode()
        raw = decode(text)
        if request.method == "DELETE" and request.body:
            raw |= decode(request.body.decode())
    except UnicodeDecodeError as error:
        message = "Invalid request: the body is not UTF-8."
        raise Refusal(message) from error
    typed = parameters.check(parameters.named(route.params), raw)
    parameters.refuse_undone(route.name, typed, route.does)
    parameters.refuse_empty(typed, unset=route.name.endswith(".update"))
    return route, tuple(unquote(each) for each in ids), typed


def answer(book: Book, call: Call) -> Response:
    """Do a call in the open book."""
    route, ids, params = call
    frozen.enter(book, params, *ids)
    expansions = params.pop("expand", [])
    thing = route.answer(book, params, *ids)
    clean = _clean(thing)
    return in_json(_OK, expand(book, clean, expansions))


def _clean(thing: Json) -> Json:
    """Leave out the stand-in's private notes; nothing is written any more, so nothing needs a deep copy."""
    if thing.get("object") == "list":
        for each in thing["data"]:
            each.pop(PRIVATE, None)
    return {name: value for name, value in thing.items() if name != PRIVATE}


def in_json(status: int, body: Json) -> Response:
    """Return a JSON answer."""
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


def digest(request: Request) -> str:
    """Return a fingerprint of what a request asks for, to tell a repeated key from a reused one."""
    whole = f"{request.method} {request.path}\n{sorted(decode(request.body.decode()).items(), key=str)}"
    return hashlib.sha256(whole.encode()).hexdigest()


def former_outcome(book: Book, key: str, request: Request) -> Response | None:
    """Return what this idempotency key came to before, or refuse it for another request."""
    row = book.connection.execute("SELECT request, status, body FROM outcome WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["request"] != digest(request):
        message = (
            f"Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
        raise Refusal(message, kind="idempotency_error")
    headers = {"Content-Type": "application/json", "Idempotent-Replayed": "true"}
    return Response(row["status"], row["body"].encode(), headers)


def keep_outcome(book: Book, key: str, request: Request, response: Response) -> None:
    """Remember what an idempotency key came to."""
    book.connection.execute(
        "INSERT OR IGNORE INTO outcome (key, request, status, body) VALUES (?, ?, ?, ?)",
        (key, digest(request), response.status, response.body.decode()),
    )
