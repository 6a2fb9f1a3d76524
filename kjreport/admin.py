"""The newsroom: the admin site and its first page."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from kjreport.lights import list_lights

if TYPE_CHECKING:
    from kjreport.accounts.models import User


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
        context = {
            "desk": describe_desk(user),
            "lights": list_lights(user),
            **(extra_context or {}),
        }
        return super().index(request, context)

    def password_change(  # type: ignore[override] # a redirect in place of the page
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's
    ) -> HttpResponseRedirect:
        """Change the password where everybody does."""
        return HttpResponseRedirect(reverse("account_change_password"))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Put our own “view on site” before Django's, which tells the address of any row to anybody who works here."""
        address = "r/<path:content_type_id>/<path:object_id>/"
        return [path(address, self.admin_view(self.view_on_site), name="view_on_site"), *super().get_urls()]

    def view_on_site(self, request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
        """Lead to a row's page, if this person may see the row.

        Raises:
            Http404: they may not, or there is none, which looks the same.
        """
        numbers = {str(ContentType.objects.get_for_model(model).pk): own for model, own in self._registry.items()}
        own = numbers.get(content_type_id)
        row = own.get_object(request, object_id) if own is not None and hasattr(own.model, "get_absolute_url") else None
        if own is None or row is None or not own.has_view_permission(request, row):
            raise Http404
        return HttpResponseRedirect(row.get_absolute_url())

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Answer choosers."""
        return cast("HttpResponse", Chooser.as_view(admin_site=self)(request))
