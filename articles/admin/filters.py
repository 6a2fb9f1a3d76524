"""Narrows the list of articles by where they stand."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from articles.models import Article, State


class AnswersForItself(admin.ModelAdmin[Any]):
    """A list that is narrowed by its own columns alone.

    Django lets an address ask for `?articles=5` too, and so tells anybody which topics a colleague's draft has.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse questions about what points here."""
        own = {field.name for field in self.opts.fields} | {"pk"}
        return lookup.partition("__")[0] in own and super().lookup_allowed(lookup, value, request)


class StateFilter(admin.SimpleListFilter):
    """By state; a piece that was never handed on is a draft."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> list[tuple[str, str]]:  # noqa: ARG002 - Django's
        """Offer the states."""
        return [(state.value, state.label) for state in State]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Article]") -> "QuerySet[Article]":  # noqa: ARG002 - Django's
        """Keep those in the state that was chosen."""
        chosen = self.value()
        if not chosen:
            return queryset
        condition = Q(workflow__state=chosen)
        return queryset.filter(condition | Q(workflow=None) if chosen == State.DRAFT else condition)
