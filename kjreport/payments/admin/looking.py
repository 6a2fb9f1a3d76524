"""Pages of rows that nobody changes here, each with what lies beside it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

MOST_BESIDE = 8


@dataclass(frozen=True)
class Row:
    """A line about another row: its cells, and the way to it."""

    address: str
    cells: tuple[object, ...]


@dataclass(frozen=True)
class Beside:
    """Other rows that belong to the one looked at. `everything` leads to the whole list, if there is more."""

    title: str
    headings: tuple[str, ...]
    rows: Sequence[Row]
    everything: str = ""


type Finder = Callable[[Any], Iterable[Beside]]
_beside: dict[type[Model], list[tuple[str, Finder]]] = {}


def put_beside(model: type[Model], permission: str, find: Finder) -> None:
    """Show what `find` returns beside every row of a model, to those with the permission.

    A floor below cannot name the tables above it; they put themselves beside its rows.
    """
    _beside.setdefault(model, []).append((permission, find))


def link(row: Model | None, words: object = None) -> SafeString | str:
    """Lead to a row's own page; a dash where there is none."""
    if row is None:
        return "–"  # noqa: RUF001 - a dash
    return format_html('<a href="{}">{}</a>', address_of(row), words or row)


def address_of(row: Model) -> str:
    """Return the address of a row's own page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])  # noqa: SLF001 - public


def list_address(model: type[Model], **asked: object) -> str:
    """Return the address of a list, narrowed."""
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # noqa: SLF001 - public
    return f"{page}?{urlencode(asked)}" if asked else page


class LookingOnly[M: Model](admin.ModelAdmin[M]):
    """Nothing can be added, changed or deleted here, whoever asks."""

    change_form_template = "admin/payments/looking.html"
    list_per_page = 50

    class Media:
        """What these pages wear."""

        css: ClassVar = {"all": ["kjreport/css/newsroom-money.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:  # noqa: ARG002 - likewise
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:  # noqa: ARG002 - likewise
        """Nobody deletes."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: M | None = None) -> Any:  # noqa: ANN401 - Django's signature
        """Leave out what says nothing: a row has many dates that have not come."""
        return [
            (title, {**options, "fields": [name for name in options["fields"] if self._says_something(obj, name)]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def _says_something(self, obj: M | None, name: object) -> bool:
        return not isinstance(name, str) or hasattr(self, name) or getattr(obj, name, None) not in {None, "", False}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a row with what lies beside it."""
        row = self.get_object(request, object_id)
        beside = [
            each
            for permission, find in _beside.get(self.model, [])
            if row is not None and request.user.has_perm(permission)
            for each in find(row)
            if each.rows
        ]
        return super().change_view(request, object_id, form_url, {"beside": beside, **(extra_context or {})})
