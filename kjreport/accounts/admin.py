"""Accounts in the newsroom: who works here, and with which rights. Only an owner changes them."""

from typing import Any, ClassVar

# Their own admins would show passkeys and secrets of authenticator apps; importing them first lets us put them away.
import allauth.account.admin
import allauth.mfa.admin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.forms import ModelForm
from django.http import HttpRequest

from kjreport.accounts.models import User


def put_away(*models: Any) -> None:  # noqa: ANN401 - allauth ships no types
    """Take models out of the newsroom that nobody should edit there."""
    for model in models:
        try:
            admin.site.unregister(model)
        except NotRegistered:
            continue


put_away(EmailAddress, allauth.account.admin.EmailConfirmation, Authenticator)


@admin.register(User)
class AccountAdmin(admin.ModelAdmin[User]):
    """Colleagues and readers."""

    list_display = ("email", "name", "is_staff", "is_active", "date_joined")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name")
    ordering = ("-date_joined",)
    filter_horizontal = ("groups",)
    readonly_fields = ("date_joined", "last_login")
    actions = None
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("email", "name", "is_active")}),
        (
            "Work",
            {
                "fields": ("is_staff", "groups", "is_superuser"),
                "description": "A new colleague signs in with their address; a code is sent to it.",
            },
        ),
        ("Dates", {"fields": ("date_joined", "last_login")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let owners add accounts; otherwise anyone with the right could make an owner of their friend."""
        return request.user.is_active and request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002 - Django's
        """Let owners change accounts, for the same reason."""
        return request.user.is_active and request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002 - Django's
        """Delete nobody here: people leave from their own page, and the ledger keeps their payments."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:  # noqa: FBT001 - Django's
        """Keep addresses in lower case, and let a changed one be proven anew."""
        obj.email = obj.email.lower()
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()
            obj.sign_out_everywhere()
