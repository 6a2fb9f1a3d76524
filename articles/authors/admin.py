"""Authors in the newsroom."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from articles.authors.models import Author

if TYPE_CHECKING:
    from django.db.models import ForeignKey


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin[Author]):
    """Who signs, and what readers learn of them."""

    list_display = ("name", "role", "beat", "account")
    list_select_related = ("account",)
    search_fields = ("name", "role", "beat")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("portrait",)
    actions = None
    fieldsets = (
        (None, {"fields": ("name", "role", "beat", "biography", "portrait")}),
        ("Behind the page", {"fields": ("slug", "account")}),
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse questions about what points here, such as who signs a colleague's draft."""
        own = {field.name for field in self.opts.fields} | {"pk"}
        return lookup.partition("__")[0] in own and super().lookup_allowed(lookup, value, request)

    def formfield_for_foreignkey(
        self,
        db_field: "ForeignKey[Any, Any]",
        request: HttpRequest,
        **kwargs: Any,  # noqa: ANN401 - Django's
    ) -> forms.ModelChoiceField[Any] | None:
        """Offer the accounts of those who work here; readers' addresses are nobody's business."""
        if db_field.name == "account":
            kwargs["queryset"] = get_user_model().objects.filter(is_staff=True).order_by("email")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
