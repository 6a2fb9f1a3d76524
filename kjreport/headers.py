"""What every response tells browsers and caches beside its content."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import has_vary_header

# What a page of ours may ask of a device: passkeys, nothing else.
PERMISSIONS_POLICY = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer",
                "autoplay",
                "browsing-topics",
                "camera",
                "display-capture",
                "geolocation",
                "gyroscope",
                "magnetometer",
                "microphone",
                "midi",
                "payment",
                "usb",
            )
        ),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)
NOBODY_KEEPS_IT = "private, no-store"


class HeadersMiddleware:
    """Adds the headers that Django leaves out, and keeps what is personal out of every cache.

    A view opts into caching by setting `Cache-Control`; silence means nobody keeps the answer. Where the answer to
    somebody who has a session depended on it, nobody keeps it whatever the view said: otherwise a shared cache could
    hand a subscriber's page to a visitor, and the back button shows the paid text after signing out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, then dress the answer."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not response.has_header("Cache-Control") or _is_personal(request, response):
            response.headers["Cache-Control"] = NOBODY_KEEPS_IT
        return response


def _is_personal(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Tell whether the answer depended on a session that the asker has, or begins one."""
    begins_one = settings.SESSION_COOKIE_NAME in response.cookies
    by_session = settings.SESSION_COOKIE_NAME in request.COOKIES and has_vary_header(response, "Cookie")
    return begins_one or by_session or "Authorization" in request.headers
