"""The door: every request comes in here and is led to the API, the control interface or a page."""

import traceback

from kjreport.standin import api, control
from kjreport.standin.api import Request, Response
from kjreport.standin.engine import Engine
from kjreport.standin.errors import Refusal
from kjreport.standin.pages import front


def answer(engine: Engine, request: Request) -> Response:
    """Answer any request; never raises, whatever came in."""
    try:
        return _lead(engine, request)
    except Exception:  # noqa: BLE001  a fault of the stand-in's own is an answer too, and is said aloud
        traceback.print_exc()
        refusal = Refusal("The stand-in has a fault of its own.", status=500, kind="api_error")
        return api.in_json(500, refusal.body("-"))


def _lead(engine: Engine, request: Request) -> Response:
    if request.path.startswith("/v1/"):
        return engine.call(request)
    is_control = request.path == "/_standin" or request.path.startswith("/_standin/")
    try:
        _refuse_strangers(request)
        return control.answer(engine, request) if is_control else front.answer(engine, request)
    except Refusal as refusal:
        return api.in_json(refusal.status, refusal.body("-")) if is_control else front.refused(refusal)


def _refuse_strangers(request: Request) -> None:
    """Refuse what another web page had the browser send, and any name for us that is not loopback's."""
    host = request.headers.get("host", "127.0.0.1")
    if host.rpartition(":")[0] not in ("127.0.0.1", "localhost", "[::1]") and host not in ("127.0.0.1", "localhost"):
        raise Refusal("Only this machine may ask.", status=403)
    origin = request.headers.get("origin", "")
    foreign = origin not in ("", "null") and origin.partition("://")[2] != host
    if request.method == "POST" and (foreign or request.headers.get("sec-fetch-site") == "cross-site"):
        raise Refusal("This form was sent from another site.", status=403)
