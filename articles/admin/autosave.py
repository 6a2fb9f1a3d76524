"""Keeps what somebody types and has not saved, every few seconds, beside the working copy; and says who asks."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from articles.admin.copying import Typed, copy_from
from articles.comparison import copy_of
from articles.models import Article, UnsavedWork

if TYPE_CHECKING:
    from datetime import datetime

    from kjreport.accounts.models import User

LONGEST = 2_000_000  # characters of a form: several books
MOST_NEW_FORMS = 40  # of one person; the oldest goes first
TOO_LONG = "This text is too long to keep: two million characters is the most. Save it in parts."


class OverlappingError(Exception):
    """Another window of the same person has kept something else since."""

    def __init__(self, saved_at: "datetime") -> None:
        super().__init__(saved_at)
        self.saved_at = saved_at


@dataclass(frozen=True)
class Kept:
    """What a page sends to be kept."""

    typed: Typed
    revision: int
    seen: str  # when this window last kept something, as we told it; empty for never
    is_forced: bool


@transaction.atomic
def keep(person: "User", article: Article | None, key: str, kept: Kept) -> UnsavedWork | None:
    """Keep one person's typing; nothing, where it says what is saved already.

    Raises:
        OverlappingError: another window was faster.
    """
    mine = UnsavedWork.objects.select_for_update().of(person, article, key=key)
    before = mine.first()
    if before is not None and not kept.is_forced and before.saved_at.isoformat() != kept.seen:
        raise OverlappingError(before.saved_at)
    if (
        article is not None
        and article.revision == kept.revision
        and not copy_from(kept.typed).differs_from(copy_of(article))
    ):
        mine.delete()
        return None
    values = {"form": kept.typed, "base_revision": kept.revision, "saved_at": timezone.now()}
    work, is_new = UnsavedWork.objects.update_or_create(
        person=person, article=article, key="" if article else key, defaults=values
    )
    if is_new and article is None:
        _drop_oldest(person)
    return work


def _drop_oldest(person: "User") -> None:
    new_forms = UnsavedWork.objects.filter(person=person, article=None).order_by("-saved_at")
    kept = list(new_forms.values_list("pk", flat=True)[:MOST_NEW_FORMS])
    new_forms.exclude(pk__in=kept).delete()


# Answers to the form's script -----------------------------------------------------------------------------------------


def tell(status: int = 200, **said: Any) -> JsonResponse:  # noqa: ANN401 - JSON
    """Answer a script; nobody keeps it."""
    response = JsonResponse(said, status=status)
    add_never_cache_headers(response)
    return response


def read_kept(request: HttpRequest) -> dict[str, Any] | None:
    """Return what a script sent; nothing where it is no use, None where it is too long even to be read."""
    try:
        said = json.loads(request.body)
    except RequestDataTooBig:
        return None
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def refuse(request: HttpRequest, said: dict[str, Any] | None) -> JsonResponse | None:
    """Refuse what cannot be kept, in words; None where it can."""
    if said is None:
        return tell(413, error=TOO_LONG)
    if "form" not in said:
        return tell(400, error="This form cannot be kept. Load the page again.")
    if str(said.get("person")) != str(request.user.pk):
        return tell(409, another=str(cast("User", request.user).display_name))
    form = said.get("form")
    if not isinstance(form, dict) or not all(
        isinstance(values, list) and all(isinstance(one, str) for one in values) for values in form.values()
    ):
        return tell(400, error="This form cannot be kept. Load the page again.")
    if sum(len(one) for values in form.values() for one in values) > LONGEST:
        return tell(413, error=TOO_LONG)
    return None


def keep_page(person: "User", article: Article | None, said: dict[str, Any]) -> JsonResponse:
    """Keep what was sent; the caller has asked whether this person may."""
    key = str(said.get("key", ""))[:36]
    if article is None and not key:
        return tell(400, error="This form cannot be kept. Load the page again.")
    revision = said.get("revision")
    kept = Kept(
        {str(name): values for name, values in said["form"].items()},
        revision if isinstance(revision, int) and 0 <= revision < 2**31 else 0,
        str(said.get("seen", "")),
        bool(said.get("force")),
    )
    try:
        work = keep(person, article, key, kept)
    except OverlappingError as other:
        return tell(409, overlapping=f"{timezone.localtime(other.saved_at):%H:%M}", seen=other.saved_at.isoformat())
    at = timezone.localtime(work.saved_at) if work else None
    return tell(
        seen=at.astimezone(work.saved_at.tzinfo).isoformat() if at and work else "", at=f"{at:%H:%M}" if at else ""
    )


def session_page(request: HttpRequest) -> HttpResponse:
    """Say who is signed in, with a fresh token for their forms: a page for people, JSON for the script."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    if "application/json" in request.headers.get("Accept", ""):
        user = cast("User", request.user)
        return tell(person=str(user.pk), name=user.display_name, token=get_token(request))
    response = render(request, "admin/articles/signed_in.html")
    add_never_cache_headers(response)
    return response
