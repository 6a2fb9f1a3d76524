"""The article in the newsroom: writing it, seeing it as readers would, and taking it to them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import reversion
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from articles.admin.filters import StateFilter
from articles.admin.forms import ArticleForm
from articles.admin.history import compare_page, history_page, restore_page, version_page
from articles.admin.inlines import BylineInline
from articles.admin.links import editor_urls
from articles.admin.notes import notes_page
from articles.admin.pages import preview_page, steps_page
from articles.admin.panels import describe_panels
from articles.admin.publish_page import publish_page, to_publish_page
from articles.admin.steps import NEW, find_standing, name_state, offer_steps, take_step
from articles.admin.widgets import PhotoPicker, ProseField
from articles.admin.writing import WritingAdmin, describe_writing, tell_time
from articles.models import Article, Byline, Edition, Presence, State
from articles.models.workflow import FOLLOW, OPEN_TO_CONTRIBUTORS
from articles.publishing import PUBLISH, PublishingError, log_deletion, note_edit
from articles.related.admin import RelatedArticleInline, choosable_by, label_choice, search_choosable

if TYPE_CHECKING:
    from articles.related.models import RelatedArticle
    from kjreport.accounts.models import User

ONE_LINE: dict[str, dict[str, str | int]] = {
    "headline": {"rows": 1, "placeholder": "Headline"},
    "standfirst": {"rows": 1, "placeholder": "Standfirst: the sentence or two under the headline"},
}


@admin.register(Article)
class ArticleAdmin(WritingAdmin):
    """Working copies; readers have editions."""

    form = ArticleForm
    inlines = (BylineInline, RelatedArticleInline)
    fieldsets = (
        ("Text", {"fields": ("headline", "standfirst", "source")}),
        ("About it", {"fields": ("section", "topics", "access", "hero", "slug")}),
        ("Search and sharing", {"fields": ("search_title", "search_description", "social_title")}),
        ("Time", {"fields": ("embargo_until", "expires_at")}),
    )
    autocomplete_fields = ("topics",)
    list_display = ("headline", "standing", "section", "signed_by", "access", "updated_at", "open_with")
    list_filter = (StateFilter, "section", "access")
    search_fields = ("headline", "standfirst", "slug", "bylines__author__name")
    list_per_page = 50
    actions = None
    view_on_site = False

    # What may be seen and changed ------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Article]":
        """Show editors all, journalists their own; to choose from, also what readers see."""
        user = cast("User", request.user)
        if _is_at(request, "autocomplete"):
            return choosable_by(user)
        mine = Article.objects.editable_by(user).select_related("section", "workflow")
        if _is_at(request, "articles_article_changelist"):
            live = Prefetch("editions", Edition.objects.live(), to_attr="live_editions")
            coming = Prefetch("editions", Edition.objects.scheduled(), to_attr="coming_editions")
            here = Prefetch("presences", Presence.objects.of_colleagues(user), to_attr="open_windows")
            return mine.prefetch_related("bylines__author", live, coming, here)
        return mine

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Article]", search_term: str
    ) -> "tuple[QuerySet[Article], bool]":
        """Search a chooser by the headlines one may see: other words of a draft would answer guesses."""
        if _is_at(request, "autocomplete"):
            return search_choosable(cast("User", request.user), search_term), False
        return super().get_search_results(request, queryset, search_term)

    def label_choice(self, article: Article) -> str:
        """Name an article in a chooser; `kjreport.admin` asks."""
        return label_choice(article)

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> tuple[str, ...]:
        """Fix the address once it is public, and leave what readers have, and when, to those whose affair it is."""
        fixed: tuple[str, ...] = () if request.user.has_perm(PUBLISH) else ("embargo_until", "expires_at")
        if not request.user.has_perm("articles.view_photo"):
            fixed += ("hero",)  # its chooser shows the library
        if not request.user.has_perm(FOLLOW):
            return (*fixed, "access", "slug")
        if obj is None or not obj.has_been_published:
            return fixed
        return (*fixed, "slug") if request.user.has_perm(PUBLISH) else (*fixed, "slug", "access")

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:  # noqa: ANN401 - Django's
        """Leave out what is neither theirs to set nor set."""
        fieldsets = super().get_fieldsets(request, obj)
        is_set = obj is not None and (obj.embargo_until or obj.expires_at)
        return [one for one in fieldsets if one[0] != "Time" or is_set or request.user.has_perm(PUBLISH)]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Article | None = None) -> dict[str, Sequence[str]]:
        """Write the address from the headline while it may still change."""
        return {} if "slug" in self.get_readonly_fields(request, obj) else {"slug": ("headline",)}

    def has_change_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """Let contributors write until they hand it on; from then on they look."""
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or request.user.has_perm(FOLLOW) or _state_of(obj) in OPEN_TO_CONTRIBUTORS

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """Let only drafts go that readers never had: editors any, journalists those they began."""
        if not super().has_delete_permission(request, obj):
            return False
        if obj is None:
            return request.user.has_perm(PUBLISH)
        is_theirs = request.user.has_perm(PUBLISH) or obj.created_by_id == request.user.pk
        return is_theirs and not obj.editions.exists() and self.has_change_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Article) -> None:
        """Note in the log who deleted it."""
        log_deletion(obj, by=cast("User", request.user))
        super().delete_model(request, obj)

    # The form --------------------------------------------------------------------------------------------------------

    def formfield_for_dbfield(
        self,
        db_field: "Field[Any, Any]",
        request: HttpRequest,
        **kwargs: Any,  # noqa: ANN401 - Django's
    ) -> forms.Field | None:
        """Give the text its editor, the hero its chooser, and the standfirst room."""
        match db_field.name:
            case "source":
                return ProseField(label="Text", required=False)
            case "hero":
                return db_field.formfield(widget=PhotoPicker, label="Picture")
            case "embargo_until" | "expires_at":
                clock = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
                return db_field.formfield(**{**kwargs, "widget": clock})
            case "search_description":
                return db_field.formfield(**{**kwargs, "widget": forms.Textarea(attrs={"rows": 3})})
            case "headline" | "standfirst":
                is_new = _is_at(request, "articles_article_add") and db_field.name == "headline"
                attributes = ONE_LINE[db_field.name] | {"autofocus": is_new}
                return db_field.formfield(widget=forms.Textarea(attrs=attributes))
            case _:
                return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_formset_kwargs(
        self,
        request: HttpRequest,
        obj: Article,
        inline: "admin.options.InlineModelAdmin[Any, Any]",
        prefix: str,
    ) -> dict[str, Any]:
        """Begin a new article signed by its writer."""
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        author = getattr(request.user, "author", None)
        if (
            isinstance(inline, BylineInline)
            and _is_at(request, "articles_article_add")
            and author
            and request.method == "GET"
        ):
            given["initial"] = [{"author": author.pk, "position": 0}]
        return given

    def render_change_form(  # noqa: PLR0917 - Django's
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's
        change: bool = False,  # noqa: FBT001, FBT002 - Django's
        form_url: str = "",
        obj: Article | None = None,
    ) -> HttpResponse:
        """Add where the article stands, and the steps it may take."""
        user = cast("User", request.user)
        standing = find_standing(obj) if obj else NEW
        context |= {
            "title": obj.headline if obj else "New article",
            "standing": standing,
            "steps": offer_steps(standing, user),
            "events": obj.workflow_events.select_related("by")[:8] if obj else (),
            **describe_panels(obj, user),
            **describe_writing(request, obj),
        }
        context["is_unsaved"] = bool(context["errors"] or context["unsaved"])
        context["words_per_minute"] = settings.WORDS_PER_MINUTE
        context["site_address"] = urlsplit(settings.SITE_URL).netloc
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Saving ----------------------------------------------------------------------------------------------------------

    def save_related(
        self,
        request: HttpRequest,
        form: "forms.ModelForm[Article]",
        formsets: list[Any],
        change: bool,  # noqa: FBT001 - Django's
    ) -> None:
        """Number bylines and related posts anew, so that no two share a place."""
        super().save_related(request, form, formsets, change)
        _number(form.instance.bylines.order_by("position", "pk"))
        _number(form.instance.chosen_related.order_by("position", "pk"))

    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        """Go on from a first save."""
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return self._go_on(request, obj)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        """Go on from a save."""
        return super().response_change(request, obj) if "_popup" in request.POST else self._go_on(request, obj)

    def _go_on(self, request: HttpRequest, article: Article) -> HttpResponse:
        """Take the step whose button saved the form; the text is saved whatever becomes of it."""
        step = request.POST.get("_step", "")
        reversion.set_comment("Saved" if not step else f"Saved, to {step}")
        if note_edit(article, by=cast("User", request.user)):
            messages.warning(request, "It had been approved. As it is another text now, it waits for review again.")
        if step == "publish":
            return to_publish_page(article, by=cast("User", request.user))
        if not step:
            messages.success(request, "Saved.")
        else:
            try:
                said = {name: str(value) for name, value in request.POST.items()}
                messages.success(request, take_step(article, step, by=cast("User", request.user), said=said))
            except PublishingError as refusal:
                for sentence in refusal.messages:
                    messages.error(request, sentence)
                messages.info(request, "Your text is saved. Nothing else was done.")
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))

    # Other pages -----------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """Add the previews and the versions."""
        own = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/<str:audience>/", own(self.preview_view), name="articles_article_preview"),
            path("<int:pk>/publish/", own(self.publish_view), name="articles_article_publish"),
            path("<int:pk>/steps/", own(self.steps_view), name="articles_article_steps"),
            path("<int:pk>/notes/", own(self.notes_view), name="articles_article_notes"),
            path("<int:pk>/compare/", own(self.compare_view), name="articles_article_compare"),
            path("<int:pk>/history/<int:version>/", own(self.version_view), name="articles_article_version"),
            path("<int:pk>/history/<int:version>/restore/", own(self.restore_view), name="articles_article_restore"),
            *editor_urls(own),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, pk: int, audience: str) -> HttpResponse:
        """Show the saved working copy as readers would get it."""
        return preview_page(request, self._open(request), pk, audience)

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what publishing would do, or do it."""
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        return publish_page(request, self._open(request), pk, context=context)

    def steps_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a step without saving: for those who may look at the form but no longer change it."""
        return steps_page(request, self._open(request), pk)

    def notes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a note on the draft."""
        return notes_page(request, self._open(request), pk)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show who did what, and every version."""
        context = {**self.admin_site.each_context(request), "opts": self.opts, **(extra_context or {})}
        return history_page(request, self._open(request), object_id, context)

    def version_view(self, request: HttpRequest, pk: int, version: int) -> HttpResponse:
        """Show one version."""
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        return version_page(request, self._open(request), pk, version, context=context)

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how two versions differ."""
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        may_restore = self.has_change_permission(request, self._open(request).filter(pk=pk).first())
        return compare_page(request, self._open(request), pk, may_restore=may_restore, context=context)

    def restore_view(self, request: HttpRequest, pk: int, version: int) -> HttpResponse:
        """Make a version the working copy again."""
        article = self._open(request).filter(pk=pk).first()
        if not self.has_change_permission(request, article):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        return restore_page(request, self._open(request), pk, version, context=context)

    def _open(self, request: HttpRequest) -> "QuerySet[Article]":
        """Return what this person may open; somebody who left the newsroom no longer opens their own."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_queryset(request)

    # The list --------------------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Name the page for its reader."""
        title = "All articles" if request.user.has_perm(PUBLISH) else "My articles"
        return cast("TemplateResponse", super().changelist_view(request, {"title": title, **(extra_context or {})}))

    @admin.display(description="state", ordering="workflow__state")
    def standing(self, article: Article) -> str:
        """Say where it stands."""
        return name_state(article, _state_of(article))

    @admin.display(description="being edited by")
    def open_with(self, article: Article) -> str:
        """Say which colleague has it open."""
        windows: list[Presence] = getattr(article, "open_windows", [])
        names = dict.fromkeys(f"{one.person.display_name}, since {tell_time(one.since)}" for one in windows)
        return "; ".join(names)

    @admin.display(description="by")
    def signed_by(self, article: Article) -> str:
        """Say who signs."""
        return ", ".join(byline.author.name for byline in article.bylines.all())


def _state_of(article: Article) -> State:
    workflow = getattr(article, "workflow", None)
    return State(workflow.state) if workflow else State.DRAFT


def _number(rows: "Iterable[Byline | RelatedArticle]") -> None:
    for place, row in enumerate(rows):
        if row.position != place:
            row.position = place
            row.save(update_fields=["position"])


def _is_at(request: HttpRequest, name: str) -> bool:
    return bool(request.resolver_match and request.resolver_match.url_name == name)
