"""How the API's lists are turned over: by keyset, so that a page costs the same however far in it lies."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import DataError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

from articles.addresses import absolute

if TYPE_CHECKING:  # these ask the settings for this module
    from rest_framework.request import Request
    from rest_framework.views import APIView


class KeysetPagination(CursorPagination):
    """Pages whose links come from `SITE_URL`; a cursor that was tampered with is answered with 404."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"

    def paginate_queryset(self, queryset: Any, request: "Request", view: "APIView | None" = None) -> list[Any] | None:  # noqa: ANN401 - as upstream
        """Return one page.

        Raises:
            NotFound: the cursor is none of ours.
        """
        try:
            found: list[Any] | None = super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, OverflowError, DataError):
            raise NotFound(self.invalid_cursor_message) from None
        self.base_url = absolute(request.get_full_path())
        return found


class ArticlePagination(KeysetPagination):
    """Newest first."""

    ordering = ("-first_published_at", "-pk")


class NamePagination(KeysetPagination):
    """By name."""

    ordering = ("name", "pk")
