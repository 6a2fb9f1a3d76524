"""Bylines in order, inside an article's form."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from articles.models import Article, Byline


class BylineInline(admin.TabularInline[Byline, Article]):
    """Who signs, in order."""

    model = Byline
    template = "admin/articles/ordered_inline.html"
    fields = ("author", "position")
    autocomplete_fields = ("author",)
    extra = 0
    verbose_name = "author"
    verbose_name_plural = "authors, in order"

    def get_extra(self, request: HttpRequest, obj: Article | None = None, **kwargs: Any) -> int:  # noqa: ANN401, ARG002 - Django's
        """Offer one empty line where nobody signs yet."""
        return 0 if obj and obj.bylines.exists() else 1
