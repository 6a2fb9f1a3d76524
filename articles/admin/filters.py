"""Narrows the list of articles by where they stand."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from articles.models import Article, State


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
