"""Which article leads the front page, and which did."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from articles.models import Lead


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin[Lead]):
    """An editor's choices; the newest one that is live counts."""

    list_display = ("article", "chosen_at", "chosen_by")
    list_select_related = ("article", "chosen_by")
    fields = ("article", "chosen_at")
    autocomplete_fields = ("article",)
    actions = None

    def save_model(self, request: HttpRequest, obj: Lead, form: forms.ModelForm[Lead], change: bool) -> None:  # noqa: FBT001 - Django's
        """Remember who chose."""
        if obj.chosen_by is None:
            obj.chosen_by = request.user  # type: ignore[assignment] # nobody anonymous comes this far
        super().save_model(request, obj, form, change)
