"""Which page answers which address."""

import re
from urllib.parse import parse_qs, parse_qsl

from kjreport.standin import frozen
from kjreport.standin import portal as portal_sessions
from kjreport.standin.api import Request, Response
from kjreport.standin.engine import Engine
from kjreport.standin.errors import Refusal
from kjreport.standin.pages import checkout, dress, invoice, portal

_PAGES = (
    (re.compile(r"^/c/pay/(cs_[^/]+)$"), checkout.answer),
    (re.compile(r"^/c/bank/([^/]+)$"), checkout.answer_bank),
    (re.compile(r"^/i/(in_[^/]+)$"), invoice.answer),
    (re.compile(r"^/receipt/(ch_[^/]+)$"), invoice.receipt),
    (re.compile(r"^/p/session/(live_[^/]+)((?:/[^/]+)*)$"), portal.answer),
)


def answer(engine: Engine, request: Request) -> Response:
    """Answer a page's request inside one transaction."""
    if request.path == "/till.css" and request.method == "GET":
        headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=300"}
        return Response(200, dress.style(), headers)
    if request.path == "/favicon.ico":
        return Response(204)
    if request.method not in ("GET", "POST"):
        raise Refusal("This page takes GET and POST only.", status=405)
    try:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True)) if request.method == "POST" else None
    except UnicodeDecodeError as error:
        raise Refusal("This form could not be read.") from error
    query = {name: values[-1] for name, values in parse_qs(request.query).items()}
    for pattern, show in _PAGES:
        match = pattern.match(request.path)
        if match is not None:
            with engine.book() as book:
                frozen.enter(book, {"customer": portal_sessions.customer_of(book, match[1])}, match[1])
                return show(book, form, query, *match.groups())
    raise Refusal("There is no such page at the practice till.", status=404)


def refused(refusal: Refusal) -> Response:
    """Return a page that says what is wrong."""
    title = "Not found" if refusal.status == 404 else "That did not work"
    values = {"title": title, "message": refusal.message}
    return dress.page("message.html", values, status=refusal.status, wrong=refusal.message)
