"""Takes notes on a draft: from the panel beside the form, without leaving it, or as an ordinary post."""

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from articles.admin.panels import describe_notes
from articles.models import Article, Note
from articles.notes import NoteError, answer, reopen, resolve, write_note

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from kjreport.accounts.models import User


def notes_page(request: HttpRequest, articles: "QuerySet[Article]", pk: int) -> HttpResponse:
    """Do what a button of the panel says, then show the panel anew, or lead back to the form where scripts are off."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    article = get_object_or_404(articles, pk=pk)
    user = cast("User", request.user)
    refusal = kept = ""
    place = "notes"
    try:
        note = _act(article, request, by=user)
        place = f"note-{note.pk}"
    except NoteError as error:
        refusal, kept = " ".join(error.messages), request.POST.get("note_text", "")
    if refusal or request.headers.get("X-Requested-With") == "fetch":
        context = {"original": article, **describe_notes(article, user, refusal=refusal, kept=kept)}
        template = "admin/articles/_notes.html" if _is_fetched(request) else "admin/articles/article/notes.html"
        return render(request, template, context, status=422 if refusal else 200)
    return HttpResponseRedirect(f"{reverse('admin:articles_article_change', args=[article.pk])}#{place}")


def _is_fetched(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _act(article: Article, request: HttpRequest, *, by: "User") -> Note:
    """Do it; return the thread it was done to.

    Raises:
        Http404: there is no such thread on this article, or no such thing to do.
        NoteError: what was written cannot be kept.
    """
    deed, _, number = request.POST.get("do", "").partition(":")
    if deed == "write":
        block = request.POST.get("note_block", "")
        return write_note(
            article,
            by=by,
            text=request.POST.get("note_text", ""),
            block=int(block) if block.isdecimal() and len(block) < 6 else None,  # noqa: PLR2004 - of digits
            quote=request.POST.get("note_quote", ""),
        )
    own = Note.objects.threads().filter(article=article)
    thread = get_object_or_404(own, pk=number if deed in {"answer", "resolve", "reopen"} and number.isdecimal() else 0)
    match deed:
        case "answer":
            answer(thread, by=by, text=request.POST.get(f"answer_{thread.pk}", ""))
        case "resolve":
            resolve(thread, by=by)
        case _:
            reopen(thread, by=by)
    return thread
