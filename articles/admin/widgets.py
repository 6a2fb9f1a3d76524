"""The prose editor and the picture chooser, as form widgets."""

import json
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.widgets import Script
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django_prose_editor.widgets import importmap
from js_asset import ImportMap, Media

from articles import prose
from articles.embeds import describe_places
from articles.models import Photo

MODULES = (
    "dialog",
    "editor-blocks",
    "editor-chart",
    "editor-context",
    "editor-embed",
    "editor-find",
    "editor-footnote",
    "editor-hints",
    "editor-inserter",
    "editor-keeping",
    "editor-link",
    "editor-office",
    "editor-paste",
    "editor-paywall-line",
    "editor-photo",
    "editor-pull-quote",
    "editor-quotes",
    "editor-table",
    "editor-toolbar",
    "editor-tools",
    "newsroom-appearances",
    "newsroom-keep",
    "newsroom-presence",
    "photo-library",
)


def module_media(*names: str, css: tuple[str, ...] = ()) -> Media:
    """Return ES modules of ours by name, with the import map that lets them find each other under hashed names."""
    ours = ImportMap({f"kjreport/{name}": f"kjreport/js/{name}.js" for name in MODULES})
    return Media(
        importmap=importmap | ours,
        css={"all": [f"kjreport/css/{name}.css" for name in css]},
        js=[Script(f"kjreport/js/{name}.js", type="module") for name in names],
    )


class ProseWidget(forms.Textarea):
    """A page to write on; without JavaScript, the source."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:  # noqa: ANN401 - Django's
        """Tell the editor where pictures and pieces are, who draws charts, and where cards may lead."""
        extra = {
            "data-prose": "",
            "data-photo-library": reverse("admin:articles_photo_library"),
            "data-link-search": reverse("admin:articles_link_search"),
            "data-chart-preview": reverse("admin:articles_chart_preview"),
            "data-card-places": json.dumps(describe_places()),
            "rows": 30,
        }
        return super().get_context(name, value, {**(attrs or {}), **extra})

    @property
    def media(self) -> Media:
        """The editor's modules and styles."""
        return module_media("editor", css=("newsroom-editor",))


class ProseField(forms.CharField):
    """The text of an article; whatever the browser sent, only the source format is kept."""

    widget = ProseWidget

    def clean(self, value: Any) -> str:  # noqa: ANN401 - Django's
        """Drop what is outside the format."""
        return prose.sanitise(super().clean(value))


class PhotoPicker(forms.HiddenInput):
    """Chooses one picture of the library."""

    template_name = "admin/widgets/photo_picker.html"
    input_type = "hidden"

    @property
    def is_hidden(self) -> bool:
        """Show its row: only the number in it is hidden."""
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:  # noqa: ANN401 - Django's
        """Add the picture chosen so far."""
        number = str(value) if value else ""
        photo = Photo.objects.filter(pk=number).first() if number.isdecimal() else None
        return super().get_context(name, value, attrs) | {
            "photo": photo,
            "library": reverse("admin:articles_photo_library"),
        }

    def render(
        self,
        name: str,
        value: Any,  # noqa: ANN401 - Django's
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,  # noqa: ARG002 - the forms' renderer does not see the project's templates
    ) -> SafeString:
        """Render with the project's templates."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    @property
    def media(self) -> Media:
        """The library's dialog, opened by the form's script."""
        return module_media("newsroom-form")
