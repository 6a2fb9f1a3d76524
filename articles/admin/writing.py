"""What the article's form needs so that nothing is lost: unsaved work comes back, and no save goes over another's."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.formats import date_format
from django.views.decorators.clickjacking import xframe_options_sameorigin

from articles.admin import autosave, presence, versions
from articles.admin.conflicts import find_clash, remember, settle_clash
from articles.admin.copying import copy_from, initial_from, read_typed, settle, settle_rows
from articles.admin.trial import trial_page, trial_shell
from articles.models import Article, UnsavedWork

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from kjreport.accounts.models import User

NEW = "admin:articles_article_add"
CHANGE = "admin:articles_article_change"
SIGNED_IN = "admin:articles_article_signed_in"


class WritingAdmin(admin.ModelAdmin[Article]):
    """The form of a working copy, and the addresses its scripts ask."""

    # What was typed and not saved comes back ------------------------------------------------------------------------

    def get_form(
        self,
        request: HttpRequest,
        obj: Article | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's
        **kwargs: Any,  # noqa: ANN401 - Django's
    ) -> type[forms.ModelForm[Article]]:
        """Begin with unsaved work, where there is some."""
        plain = super().get_form(request, obj, change, **kwargs)
        work = _work_of(request)
        if work is None or obj is None:
            return plain
        initial = initial_from(copy_from(work.form)) | {"revision": work.base_revision}

        class Resumed(plain):  # type: ignore[valid-type, misc] # made for each form, as Django makes them
            def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's
                super().__init__(*args, **{**kwargs, "initial": initial})

        return Resumed

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin a new article with unsaved work, where there is some."""
        work = _work_of(request)
        given = super().get_changeform_initial_data(request)
        return given | initial_from(copy_from(work.form)) if work else given

    def get_formset_kwargs(
        self,
        request: HttpRequest,
        obj: Article,
        inline: "admin.options.InlineModelAdmin[Any, Any]",
        prefix: str,
    ) -> dict[str, Any]:
        """Fill in the rows of unsaved work."""
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        work = _work_of(request)
        lists = copy_from(work.form).lists if work else {}
        if prefix in lists:
            data = QueryDict(mutable=True)
            for name, values in settle_rows(prefix, lists[prefix], obj).items():
                data.setlist(name, values)
            given["data"] = data
        return given

    # Saving ----------------------------------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form, or save it; a script that saves without leaving the page gets an answer of its own."""
        if request.method != "POST":
            _bring_work(request, object_id)
            return super().changeform_view(request, object_id, form_url, extra_context)
        person = str(request.POST.get("person", request.user.pk))
        if person != str(request.user.pk):
            return render(request, "admin/articles/another_person.html", status=409)
        with transaction.atomic():
            answer = self._save(request, object_id, form_url, extra_context)
        return _for_script(request, answer)

    def _save(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: dict[str, Any] | None
    ) -> HttpResponse:
        """Save, with the row locked from the look at it on; what others saved meanwhile is asked about first."""
        pk = int(object_id) if object_id and object_id.isdecimal() and len(object_id) < 18 else None  # noqa: PLR2004 - of digits
        if pk is not None:
            Article.objects.select_for_update().filter(pk=pk).values_list("pk").first()
        article = self.get_object(request, str(pk)) if pk is not None else None
        if pk is not None and article is None:
            return self._go_on_as_new(request)
        if article is not None and self.has_change_permission(request, article):
            clash = find_clash(article, cast("QueryDict", request.POST))
            context = {**self.admin_site.each_context(request), "opts": self.opts}
            settled = settle_clash(request, clash, context) if clash else _settle(request, article)
            if isinstance(settled, HttpResponse):
                return settled
            request.POST = settled  # type: ignore[assignment] # as Django's own setter takes it
        elif article is None:
            request.POST = _settle(request, None)  # type: ignore[assignment] # likewise
        with versions.keeping_version(by=cast("User", request.user)):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _go_on_as_new(self, request: HttpRequest) -> HttpResponse:
        """Keep what was typed into an article that was deleted or taken over meanwhile, as a new one not saved yet.

        Both are answered alike: whether a piece that one may not open is there at all is nobody's to know.
        """
        if not self.has_add_permission(request):
            raise PermissionDenied
        key = get_random_string(24)
        remember(cast("User", request.user), None, cast("QueryDict", request.POST), key=key)
        messages.warning(
            request, "This article was deleted, or is no longer yours to open. Your text is here: save to make it anew."
        )
        return HttpResponseRedirect(f"{reverse(NEW)}?work={key}")

    def save_model(self, request: HttpRequest, obj: Article, form: "forms.ModelForm[Article]", change: bool) -> None:  # noqa: FBT001 - Django's
        """Number the save, and remember who began it."""
        obj.revision += 1
        if not change:
            obj.created_by = cast("User", request.user)
        super().save_model(request, obj, form, change)

    def save_related(
        self,
        request: HttpRequest,
        form: "forms.ModelForm[Article]",
        formsets: list[Any],
        change: bool,  # noqa: FBT001 - Django's
    ) -> None:
        """Forget what lay beside the working copy, now that it is in it; tell what colleagues did meanwhile."""
        super().save_related(request, form, formsets, change)
        person = cast("User", request.user)
        UnsavedWork.objects.of(person, form.instance).delete()
        if request.POST.get("work"):
            UnsavedWork.objects.of(person, key=request.POST["work"]).delete()
        _tell_meanwhile(request, form.instance)

    # The script's addresses ------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """Add them."""
        own = self.admin_site.admin_view
        framed = xframe_options_sameorigin
        return [
            path("unsaved/", own(self.keep_view), name="articles_article_unsaved"),
            path("unsaved/discard/", own(self.discard_view), name="articles_article_discard"),
            path("signed-in/", own(autosave.session_page), name="articles_article_signed_in"),
            path("trial/", own(self.trial_view), name="articles_article_new_trial"),
            path("trial/<str:audience>/", framed(own(self.trial_page_view)), name="articles_article_new_trial_page"),
            path("<int:pk>/trial/", own(self.trial_view), name="articles_article_trial"),
            path(
                "<int:pk>/trial/<str:audience>/", framed(own(self.trial_page_view)), name="articles_article_trial_page"
            ),
            path("<int:pk>/presence/", own(self.presence_view), name="articles_article_presence"),
            *super().get_urls(),
        ]

    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Keep what is being typed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        said = autosave.read_kept(request)
        refusal = autosave.refuse(request, said)
        if refusal is not None or said is None:
            return cast("HttpResponse", refusal)
        pk = said.get("article")
        if not isinstance(pk, int):
            return autosave.keep_page(self._may_add(request), None, said)
        article = self._own(request).filter(pk=pk).first()
        if article is None and not Article.objects.filter(pk=pk).exists():
            return autosave.tell(410, gone=True)
        self._require_change(request, article)
        return autosave.keep_page(cast("User", request.user), article, said)

    def discard_view(self, request: HttpRequest) -> HttpResponse:
        """Drop what was typed and not saved, and show what is saved."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        person, pk = cast("User", request.user), request.POST.get("article", "")
        if pk.isdecimal():
            article = get_object_or_404(self._own(request), pk=pk)
            UnsavedWork.objects.of(person, article).delete()
            return HttpResponseRedirect(reverse(CHANGE, args=[article.pk]))
        UnsavedWork.objects.of(self._may_add(request), key=request.POST.get("work", "")).delete()
        return HttpResponseRedirect(reverse(NEW))

    def presence_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note that somebody is here, or has left; answer with what happens meanwhile."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        article = self._own(request).filter(pk=pk).first()
        if article is None and not Article.objects.filter(pk=pk).exists():
            return autosave.tell(410, gone=True)
        self._require_change(request, article)
        article, person, window = cast("Article", article), cast("User", request.user), request.POST.get("window", "")
        if request.POST.get("leaving"):
            presence.leave(article, person, window[:36])
            return HttpResponse(status=204)
        if window:
            presence.be_present(article, person, window[:36])
        return autosave.tell(**presence.describe_meanwhile(article, person))

    def trial_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Keep what is typed, and show it as readers would get it."""
        return trial_shell(request, self._tried(request, pk))

    def trial_page_view(self, request: HttpRequest, audience: str, pk: int | None = None) -> HttpResponse:
        """Show the page itself, for the frame."""
        return trial_page(request, self._tried(request, pk), audience)

    def _tried(self, request: HttpRequest, pk: int | None) -> Article | None:
        if pk is None:
            self._may_add(request)
            return None
        return get_object_or_404(self._own(request), pk=pk)

    def _own(self, request: HttpRequest) -> "QuerySet[Article]":
        """Return what this person may open."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_queryset(request)

    def _may_add(self, request: HttpRequest) -> "User":
        if not self.has_add_permission(request):
            raise PermissionDenied
        return cast("User", request.user)

    def _require_change(self, request: HttpRequest, article: Article | None) -> None:
        if article is None or not self.has_change_permission(request, article):
            raise PermissionDenied


# What the form's page is told -----------------------------------------------------------------------------------------


def describe_writing(request: HttpRequest, article: Article | None) -> dict[str, Any]:
    """Return what the form's bar says of unsaved work and of colleagues. At most four queries."""
    person, work = cast("User", request.user), _work_of(request)
    event = article.workflow_events.order_by("-pk").first() if article else None
    return {
        "sign_in_address": f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': reverse(SIGNED_IN)})}",
        "saved_says": tell_time(article.updated_at) if article else "",
        "unsaved": work,
        "unsaved_says": tell_time(work.saved_at) if work else "",
        "is_behind": bool(work and article and work.base_revision != article.revision),
        "work_key": request.GET.get("work", "") if article is None else "",
        "seen_event": event.pk if event else 0,
        "colleagues": presence.list_colleagues(article, person) if article else [],
        "other_works": _list_other_works(request) if article is None else [],
    }


def tell_time(at: datetime) -> str:
    """Say when: the time alone where it was today."""
    local = timezone.localtime(at)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else date_format(local, "j M, H:i")


def _list_other_works(request: HttpRequest) -> list[dict[str, Any]]:
    """Name the new articles that were begun and not saved, apart from the one that is open."""
    works = UnsavedWork.objects.filter(person=cast("User", request.user), article=None)
    works = works.exclude(key=request.GET.get("work", "")).order_by("-saved_at")[:5]
    return [
        {
            "key": work.key,
            "headline": copy_from(work.form).values.get("headline") or "No headline yet",
            "saved_at": timezone.localtime(work.saved_at),
        }
        for work in works
    ]


def _bring_work(request: HttpRequest, object_id: str | None) -> None:
    """Find this person's unsaved work for the form that is asked for."""
    person, work = cast("User", request.user), None
    if object_id is None and request.GET.get("work"):
        work = UnsavedWork.objects.of(person, key=request.GET["work"]).first()
    elif object_id and object_id.isdecimal():
        work = UnsavedWork.objects.filter(person=person, article_id=int(object_id[:18])).first()
    request.unsaved_work = work  # type: ignore[attr-defined] # ours, for this request


def _work_of(request: HttpRequest) -> UnsavedWork | None:
    return cast("UnsavedWork | None", getattr(request, "unsaved_work", None))


def _settle(request: HttpRequest, article: Article | None) -> QueryDict:
    posted = cast("QueryDict", request.POST)
    return settle(posted, article, copy_from(read_typed(posted)))


def _tell_meanwhile(request: HttpRequest, article: Article) -> None:
    seen = request.POST.get("seen_event", "")
    if not seen.isdecimal() or len(seen) > 18:  # noqa: PLR2004 - of digits
        return
    events = article.workflow_events.filter(pk__gt=int(seen)).exclude(by=cast("User", request.user))
    for event in events.select_related("by").order_by("pk"):
        messages.info(request, f"While you were writing: {presence.tell_event(event)['says']}")


def _for_script(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Answer a script that saved in place with what it shows; pages that ask something stay pages."""
    if "application/json" not in request.headers.get("Accept", "") or not isinstance(answer, HttpResponseRedirect):
        return answer
    said = [{"tone": one.level_tag, "says": str(one)} for one in get_messages(request)]
    return autosave.tell(location=answer.url, messages=said)
