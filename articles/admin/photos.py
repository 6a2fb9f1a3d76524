"""The picture library: its pages, and what the choosers in the article's form ask of it."""

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.admin.filters import AnswersForItself
from articles.admin.photo_forms import WORDS, Attempt, BatchForm, PhotoForm, UploadForm, WordsForm, keep
from articles.models import Photo
from articles.models.photo import Licence, PhotoQuerySet
from articles.photo_uses import find_uses

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from kjreport.accounts.models import User

PER_PAGE = 24
ABOUT = "admin/articles/photo/"


class RightsFilter(admin.SimpleListFilter):
    """By what is missing before a picture may be published, and by when its licence ends."""

    title = "rights"
    parameter_name = "rights"

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> list[tuple[str, str]]:  # noqa: ARG002 - Django's
        """Offer what needs somebody."""
        return [
            ("lacking", "Alt text, credit or licence missing"),
            ("ending", "Licence ends within 30 days"),
            ("over", "Licence over"),
        ]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Photo]") -> "QuerySet[Photo]":  # noqa: ARG002 - Django's
        """Keep those."""
        photos = cast("PhotoQuerySet", queryset)
        asked = {"lacking": photos.lacking, "ending": photos.ending, "over": photos.over}.get(self.value() or "")
        return asked() if asked else queryset


@admin.register(Photo)
class PhotoAdmin(AnswersForItself):
    """Pictures, seen before they are read about."""

    form = PhotoForm
    list_display = ("thumbnail", "alt", "caption", "credit", "licence", "uploaded_at")
    list_display_links = ("thumbnail", "alt")
    list_filter = (RightsFilter, "licence")
    search_fields = ("alt", "caption", "credit", "source", "licence_terms")
    list_per_page = PER_PAGE
    actions = None
    readonly_fields = ("picture",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow the filter by rights too."""
        return lookup == RightsFilter.parameter_name or super().lookup_allowed(lookup, value, request)

    def has_change_permission(self, request: HttpRequest, obj: Photo | None = None) -> bool:
        """Let editors change the words of all pictures, and others those of the ones they uploaded."""
        is_own = obj is not None and obj.uploaded_by_id == request.user.pk and self.has_add_permission(request)
        return is_own or super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Photo | None = None) -> tuple[str, ...]:  # noqa: ARG002 - Django's
        """Ask for the file first, then show the picture."""
        known = (*WORDS, "focal_x", "focal_y")
        return ("picture", *known) if obj else ("file", "keep_both", *known)

    def save_model(self, request: HttpRequest, obj: Photo, form: "forms.ModelForm[Photo]", change: bool) -> None:  # noqa: FBT001 - Django's
        """Save words, focal point and who uploaded; the files are there already."""
        if not change:
            obj.uploaded_by = cast("User", request.user)
        super().save_model(request, obj, form, change)
        if change and {"focal_x", "focal_y"} & set(form.changed_data):
            self._cut_anew(request, obj)

    def _cut_anew(self, request: HttpRequest, photo: Photo) -> None:
        """Make the crops at once. Where that fails, the first reader's request makes them."""
        try:
            photo.write_crops()
        except OSError:
            messages.warning(
                request, "The crops could not be made just now. They are made when they are first asked for."
            )

    def get_urls(self) -> list[URLPattern]:
        """Add the library that choosers ask, the page for many at once, and the words of one."""
        own = self.admin_site.admin_view
        return [
            path("library/", own(self.library_view), name="articles_photo_library"),
            path("upload/", own(self.upload_view), name="articles_photo_upload"),
            path("<int:pk>/words/", own(self.words_view), name="articles_photo_words"),
            *super().get_urls(),
        ]

    # Pages -----------------------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the pictures as pictures, and say how many licences end."""
        said = {"ending": Photo.objects.ending().count(), "over": Photo.objects.over().count()}
        said["lacking"] = Photo.objects.lacking().count()
        answer = super().changelist_view(request, (extra_context or {}) | {"rights": said})
        if found := getattr(answer, "context_data", {}).get("cl"):
            found.tiles = [self._tile(request, photo) for photo in found.result_list]
        return answer

    def render_change_form(  # noqa: PLR0917 - Django's
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's
        change: bool = False,  # noqa: FBT001, FBT002 - Django's
        form_url: str = "",
        obj: Photo | None = None,
    ) -> HttpResponse:
        """Say where it is used."""
        if obj is not None:
            context["uses"] = find_uses(obj, shown_to=cast("User", request.user))
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Take many pictures and say what became of each. A script sends one at a time and is answered in JSON."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = BatchForm(request.POST or None, request.FILES or None)
        attempts: list[Attempt] = []
        if request.method == "POST" and form.is_valid():
            given, by = form.cleaned_data, cast("User", request.user)
            attempts = [
                Attempt(file.name, partial(keep, given | {"file": file}, by=by)) for file in given.pop("pictures")
            ]
        if request.accepts("text/html"):
            context = {"form": form, "attempts": [(each, self._tile(request, each.photo)) for each in attempts]}
            page = self.admin_site.each_context(request) | context | {"title": "Add pictures", "opts": self.opts}
            return render(request, f"{ABOUT}upload.html", page)
        if not attempts:
            return JsonResponse({"errors": _say_errors(form)}, status=400)
        return self._answer_in_json(request, attempts[0])

    def _answer_in_json(self, request: HttpRequest, attempt: Attempt) -> JsonResponse:
        if attempt.photo:
            return JsonResponse({"tile": self._tile(request, attempt.photo)}, status=201)
        twin = describe(attempt.twin) | {"tile": self._tile(request, attempt.twin)} if attempt.twin else None
        answer = {"errors": attempt.errors} | ({"twin": twin} if twin else {})
        return JsonResponse(answer, status=409 if twin else 400)

    def words_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change the words of one picture where it is seen."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        photo = get_object_or_404(Photo, pk=pk)
        if not self.has_change_permission(request, photo):
            raise PermissionDenied
        form = WordsForm(request.POST, instance=photo)
        is_sound = form.is_valid()
        if is_sound:
            form.save()
            self.log_change(request, photo, [{"changed": {"fields": form.changed_data}}])
        if not request.accepts("text/html"):
            answer = {"tile": self._tile(request, photo)} if is_sound else {"errors": _say_errors(form)}
            return JsonResponse(answer, status=200 if is_sound else 400)
        if is_sound:
            messages.success(request, "Saved.")
            return HttpResponseRedirect(reverse("admin:articles_photo_changelist") + f"#photo-{pk}")
        for found in form.errors.values():
            messages.error(request, " ".join(str(one) for one in found))
        return HttpResponseRedirect(reverse("admin:articles_photo_change", args=[pk]))

    def _tile(self, request: HttpRequest, photo: Photo | None) -> str:
        if photo is None:
            return ""
        may_change = self.has_change_permission(request, photo)
        form = WordsForm(instance=photo, auto_id=f"id_{photo.pk}_%s") if may_change else None
        return render_to_string(f"{ABOUT}_tile.html", {"photo": photo, "form": form}, request)

    # The chooser -----------------------------------------------------------------------------------------------------

    def library_view(self, request: HttpRequest) -> HttpResponse:
        """Find pictures (GET), or add one (POST), as JSON."""
        if request.method == "POST":
            return self._add(request)
        if not self.has_view_permission(request):
            raise PermissionDenied
        photos = Photo.objects.matching(request.GET.get("q", ""))
        if number := request.GET.get("id"):
            photos = photos.filter(pk=number if number.isdecimal() else 0)
        page = Paginator(photos, PER_PAGE).get_page(request.GET.get("page"))
        found = [describe(photo) for photo in page]
        return JsonResponse({"photos": found, "more": page.has_next(), "licences": Licence.choices})

    def _add(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return JsonResponse({"errors": [said for field in form.errors.values() for said in field]}, status=400)
        given, by = form.cleaned_data, cast("User", request.user)
        attempt = Attempt(given["file"].name, partial(keep, given, by=by))
        if attempt.photo:
            return JsonResponse({"photo": describe(attempt.photo)}, status=201)
        twin = describe(attempt.twin) if attempt.twin else None
        answer = {"errors": attempt.errors} | ({"twin": twin} if twin else {})
        return JsonResponse(answer, status=409 if twin else 400)

    @admin.display(description="picture")
    def thumbnail(self, photo: Photo) -> SafeString:
        """Show it small."""
        return format_html('<img class="thumbnail" src="{}" alt="{}" loading="lazy">', photo.small_src, photo.alt)

    @admin.display(description="picture")
    def picture(self, photo: Photo) -> SafeString:
        """Show it, so that the focal point can be set on it."""
        return format_html(
            '<span class="focal" data-focal>'
            '<img class="library-picture" src="{}" alt="{}" width="{}" height="{}"></span>',
            *(photo.default_src, photo.alt, photo.width, photo.height),
        )


def _say_errors(form: forms.BaseForm) -> list[str]:
    """Return what is wrong, each with the name of its field."""
    return [
        f"{form[name].label}: {said}" if name in form.fields else str(said)
        for name, found in form.errors.items()
        for said in found
    ]


def describe(photo: Photo) -> dict[str, str | int]:
    """Return what a chooser shows of a picture."""
    return {
        "id": photo.pk,
        "small": photo.small_src,
        "large": photo.default_src,
        "alt": photo.alt,
        "caption": photo.caption,
        "credit": photo.credit,
        "lacks": ", ".join((*photo.lacks, *(["a licence that is not over"] if photo.is_over() else []))),
    }
