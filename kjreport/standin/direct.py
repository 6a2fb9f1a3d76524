"""The library's way straight into a stand-in of the same process: no socket, for thousands of histories."""

import time
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import stripe  # noqa: TID251  the one place that is a client: tests hand it to the library

from kjreport.standin import door
from kjreport.standin.api import Request
from kjreport.standin.engine import Engine


class DirectClient(stripe.HTTPClient):
    """Give this as `http_client` to `stripe.StripeClient`; answers are the same as over the wire."""

    name = "direct"

    def __init__(self, engine: Engine) -> None:
        """Lead every request to `engine`."""
        super().__init__()
        self._engine = engine

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: str | bytes | None = None,
        **_: object,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """Answer a request; the body is bytes, as the library's own clients give it."""
        address = urlsplit(url)
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        lower = {str(name).lower(): str(value) for name, value in (headers or {}).items()}
        asked = Request(method.upper(), address.path, address.query, lower, body)
        answer = door.answer(self._engine, asked)
        if answer.trickle:
            time.sleep(answer.trickle)
        return answer.body, answer.status, answer.headers

    def request_stream(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: str | bytes | None = None,
        **_: object,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """Answer a request whose answer is a file; the stand-in has none, and says so."""
        body, status, answered = self.request(method, url, headers, post_data)
        return BytesIO(body), status, answered

    def close(self) -> None:
        """Close nothing."""
