"""The newsroom: the admin site and its first page."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from kjreport.accounts.models import User
from kjreport.payments.models import StripeEvent


class Chooser(AutocompleteJsonView):
    """Names what can be chosen as its own admin would."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        """Ask the admin for the name: an article's is the headline this person may see."""
        found = super().serialize_result(obj, to_field_name)
        label = getattr(self.model_admin, "label_choice", None)
        return {**found, "text": label(obj)} if label else found


class NewsroomSite(admin.AdminSite):
    """Where journalists write and the publisher keeps her books."""

    site_header = "KJ Report newsroom"
    site_title = "KJ Report newsroom"
    index_title = "The desk"
    index_template = "admin/desk.html"
    enable_nav_sidebar = False

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what needs this person now."""
        from articles.admin.desk import describe_desk  # noqa: PLC0415 - articles.admin registers with this very site

        user = cast("User", request.user)
        context = {"desk": describe_desk(user), "letters": count_letters(user), **(extra_context or {})}
        return super().index(request, context)

    def password_change(  # type: ignore[override] # a redirect in place of the page
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's
    ) -> HttpResponseRedirect:
        """Change the password where everybody does."""
        return HttpResponseRedirect(reverse("account_change_password"))

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Answer choosers."""
        return cast("HttpResponse", Chooser.as_view(admin_site=self)(request))


def count_letters(user: User) -> int | None:
    """Return how many of Stripe's letters wait to be processed, for those who may see them."""
    if not user.has_perm("payments.view_stripeevent"):
        return None
    return StripeEvent.objects.unprocessed().count()
