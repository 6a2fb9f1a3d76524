"""On a laptop, what is not there looks as readers will see it, not as Django shows it to developers."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found

_STAFF = "/admin/"  # colleagues who build it keep the page that lists the addresses


class DressedNotFound:
    """Put the house's page in the place of Django's list of addresses. Used where DEBUG is true only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as production would."""
        response = self.get_response(request)
        is_djangos = response.status_code == 404 and b"DEBUG = True" in getattr(response, "content", b"")  # noqa: PLR2004
        if settings.DEBUG and is_djangos and not request.path.startswith(_STAFF):
            return page_not_found(request, Http404())
        return response
