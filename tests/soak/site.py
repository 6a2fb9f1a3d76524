"""How a reader's browser and Stripe's letters reach the site: straight into the views, or over the wire."""

import json
import threading
import time
from dataclasses import dataclass
from typing import Any, Protocol

import requests
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import resolve

from kjreport.accounts.models import User
from kjreport.payments import inbox
from kjreport.payments.snapshots import Notification
from kjreport.standin.letters import signature

OUR_SECRET = "whsec_tests"
_SESSION_LASTS = 10 * 86_400
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Answer:
    """What the site answered: its status, and where it leads."""

    status: int
    leads_to: str = ""


class Site(Protocol):
    """The site, seen from outside."""

    url: str

    def ask(self, user: User | None, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        """Ask for a page, or send a form."""

    def hand_over(self, letter: dict[str, Any]) -> None:
        """Deliver a letter of Stripe's."""

    def forget(self) -> None:
        """Begin anew with other readers."""

    def close(self) -> None:
        """Put away what was opened."""


class _NoGreetings:
    def add(self, *_: object, **__: object) -> None:
        """Say nothing: nobody reads it."""


class DirectSite:
    """Calls the views: no socket, no middleware, no page rendered; for histories by the hundred thousand."""

    url = "http://testserver"

    def __init__(self) -> None:
        """Make ready."""
        self._factory = RequestFactory()

    def ask(self, user: User | None, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        """Call the view behind a path."""
        request = self._factory.post(path, fields or {}) if method == "POST" else self._factory.get(path)
        asker = None if user is None else User.objects.filter(pk=user.pk, is_active=True).first()
        request.user = asker or AnonymousUser()
        request._messages = _NoGreetings()  # type: ignore[attr-defined]
        match = resolve(path.partition("?")[0])
        try:
            response = match.func(request, *match.args, **match.kwargs)
        except Http404:
            return Answer(404)
        return Answer(response.status_code, response.headers.get("Location", ""))

    def hand_over(self, letter: dict[str, Any]) -> None:
        """Put a letter into the inbox, as the view does once it has checked the signature."""
        inbox.receive(Notification.read(letter))

    def forget(self) -> None:
        """Nothing is remembered."""

    def close(self) -> None:
        """Nothing is open."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


class WiredSite:
    """Serves the whole site, middleware and pages and all, on a socket of loopback, and asks as a browser does."""

    def __init__(self, clock: Any) -> None:
        """Begin to serve."""
        self._clock = clock
        self._server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet, allow_reuse_address=False)
        self._server.set_app(WSGIHandler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self._wire = requests.Session()
        self._wire.trust_env = False
        self._signed_in: dict[int, tuple[float, str]] = {}

    def ask(self, user: User | None, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        """Ask over the wire, signed in as `user`."""
        token = "a" * 32
        cookies = {"csrftoken": token} | ({"sessionid": self._session_of(user)} if user is not None else {})
        response = self._wire.request(
            method,
            self.url + path,
            data=fields,
            cookies=cookies,
            headers={"X-CSRFToken": token},
            allow_redirects=False,
            timeout=60,
        )
        self._wire.cookies.clear()
        if response.status_code == _SERVER_ERROR:
            message = f"{method} {path} answered 500"
            raise AssertionError(message)
        return Answer(response.status_code, response.headers.get("Location", ""))

    def hand_over(self, letter: dict[str, Any]) -> None:
        """Post a signed letter, as Stripe does."""
        body = json.dumps(letter).encode()
        headers = {
            "Content-Type": "application/json",
            "Stripe-Signature": signature(body, OUR_SECRET, at=int(time.time())),
        }
        response = self._wire.post(self.url + "/stripe/webhook/", data=body, headers=headers, timeout=60)
        if response.status_code != 200:
            message = f"A letter was answered {response.status_code}"
            raise AssertionError(message)

    def forget(self) -> None:
        """Sign everybody out."""
        self._signed_in.clear()

    def close(self) -> None:
        """Serve no longer."""
        self._wire.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)

    def _session_of(self, user: User) -> str:
        since, session = self._signed_in.get(user.pk, (0.0, ""))
        if self._clock.time() - since > _SESSION_LASTS:
            client = Client()
            client.force_login(User.objects.get(pk=user.pk), backend="django.contrib.auth.backends.ModelBackend")
            session = client.cookies["sessionid"].value
            self._signed_in[user.pk] = (self._clock.time(), session)
        return session
