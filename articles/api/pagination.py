"""How the API's lists are turned over."""

from rest_framework.pagination import CursorPagination


class ArticlePagination(CursorPagination):
    """Newest first, by keyset: a page costs the same however far in it lies."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = ("-first_published_at", "-pk")
