"""The picture library: its pages, and what the choosers in the article's form ask of it."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.admin.filters import AnswersForItself
from articles.models import Photo
from kjreport.accounts.models import User

PER_PAGE = 24


class PhotoForm(forms.ModelForm[Photo]):
    """What is known of a picture, and on the first day its file."""

    file = forms.FileField(label="File", help_text="JPEG, PNG, WebP or AVIF, up to 30 MB and 40 megapixels.")

    class Meta:
        model = Photo
        fields = ("alt", "caption", "credit", "focal_x", "focal_y")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["file"]

    def clean(self) -> dict[str, Any]:
        """Take a new picture in: only reading it to its end tells whether it is one."""
        cleaned = super().clean() or self.cleaned_data
        if "file" in cleaned and not self.errors:
            try:
                self.instance = keep(cleaned)
            except ValidationError as refusal:
                self.add_error("file", refusal.messages)
        return cleaned


class UploadForm(forms.Form):
    """A picture added from the article's form."""

    file = forms.FileField(error_messages={"required": "Choose a file."})
    alt = forms.CharField(max_length=300, error_messages={"required": "Say what the picture shows."})
    caption = forms.CharField(max_length=400, required=False)
    credit = forms.CharField(max_length=160, error_messages={"required": "Say who made it, or whose it is."})


def keep(given: dict[str, Any], *, by: User | None = None) -> Photo:
    """Take a picture into the library.

    Raises:
        ValidationError: the file is not a picture we can use.
    """
    return Photo.objects.keep(given["file"], alt=given["alt"], caption=given["caption"], credit=given["credit"], by=by)


@admin.register(Photo)
class PhotoAdmin(AnswersForItself):
    """Pictures, seen before they are read about."""

    form = PhotoForm
    list_display = ("thumbnail", "alt", "caption", "credit", "uploaded_at")
    list_display_links = ("thumbnail", "alt")
    search_fields = ("alt", "caption", "credit")
    list_per_page = PER_PAGE
    actions = None
    readonly_fields = ("picture",)

    def get_fields(self, request: HttpRequest, obj: Photo | None = None) -> tuple[str, ...]:  # noqa: ARG002 - Django's
        """Ask for the file first, then show the picture."""
        known = ("alt", "caption", "credit", "focal_x", "focal_y")
        return ("picture", *known) if obj else ("file", *known)

    def save_model(self, request: HttpRequest, obj: Photo, form: "forms.ModelForm[Photo]", change: bool) -> None:  # noqa: FBT001 - Django's
        """Save words, focal point and who uploaded; the files are there already."""
        if not change:
            obj.uploaded_by = cast("User", request.user)
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        """Add the library that choosers ask."""
        own = self.admin_site.admin_view
        return [path("library/", own(self.library_view), name="articles_photo_library"), *super().get_urls()]

    def library_view(self, request: HttpRequest) -> HttpResponse:
        """Find pictures (GET), or add one (POST), as JSON."""
        if request.method == "POST":
            return self._add(request)
        if not self.has_view_permission(request):
            raise PermissionDenied
        photos = Photo.objects.all()
        if number := request.GET.get("id"):
            photos = photos.filter(pk=number if number.isdecimal() else 0)
        for word in request.GET.get("q", "").split():
            photos = photos.filter(Q(alt__icontains=word) | Q(caption__icontains=word) | Q(credit__icontains=word))
        page = Paginator(photos, PER_PAGE).get_page(request.GET.get("page"))
        return JsonResponse({"photos": [describe(photo) for photo in page], "more": page.has_next()})

    def _add(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return JsonResponse({"errors": [said for field in form.errors.values() for said in field]}, status=400)
        try:
            photo = keep(form.cleaned_data, by=cast("User", request.user))
        except ValidationError as refusal:
            return JsonResponse({"errors": refusal.messages}, status=400)
        return JsonResponse({"photo": describe(photo)}, status=201)

    @admin.display(description="picture")
    def thumbnail(self, photo: Photo) -> SafeString:
        """Show it small."""
        return format_html('<img class="thumbnail" src="{}" alt="{}" loading="lazy">', photo.small_src, photo.alt)

    @admin.display(description="picture")
    def picture(self, photo: Photo) -> SafeString:
        """Show it."""
        return format_html('<img class="library-picture" src="{}" alt="{}">', photo.default_src, photo.alt)


def describe(photo: Photo) -> dict[str, str | int]:
    """Return what a chooser shows of a picture."""
    return {
        "id": photo.pk,
        "small": photo.small_src,
        "large": photo.default_src,
        "alt": photo.alt,
        "caption": photo.caption,
        "credit": photo.credit,
    }
