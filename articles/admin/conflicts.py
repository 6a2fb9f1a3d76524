"""What happens when two people save the same article: the second sees both, and chooses; neither is overwritten."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from articles.admin import versions
from articles.admin.copying import copy_from, read_typed, settle, typed_from
from articles.comparison import Comparison, Copy, combine, compare, copy_of
from articles.models import Article, UnsavedWork

if TYPE_CHECKING:
    from kjreport.accounts.models import User


@dataclass(frozen=True)
class Clash:
    """A form that was typed over an older state of the working copy than the one saved now."""

    article: Article
    theirs: Copy
    mine: Copy
    base: Copy | None

    @property
    def is_real(self) -> bool:
        """Whether a colleague changed anything that this form does not say as well."""
        if self.base is not None and not self.theirs.differs_from(self.base):
            return False
        return self.mine.differs_from(self.theirs)

    def compare(self) -> Comparison:
        """Hold both side by side."""
        return compare(self.theirs, self.mine, base=self.base)


def find_clash(article: Article, posted: QueryDict) -> Clash | None:
    """Return the clash, or None where the form is of the state that is saved. The article must be locked."""
    typed = posted.get("revision", "")
    if typed == str(article.revision):
        return None
    began = int(typed) if typed.isdecimal() and len(typed) < 10 else -1  # noqa: PLR2004 - of digits
    mine = copy_from(read_typed(posted))
    return Clash(article, copy_of(article), mine, versions.find_copy(article, began))


def settle_clash(request: HttpRequest, clash: Clash, context: dict[str, Any]) -> HttpResponse | QueryDict:
    """Do what was chosen, or ask. Returns the form to go on saving with, or a page to answer with."""
    person, article = cast("User", request.user), clash.article
    posted = cast("QueryDict", request.POST)
    chosen = posted.get("_choose", "")
    if not clash.is_real:
        return _over(article, posted, clash.mine)
    if chosen not in {"mine", "theirs", "chosen", "edit"} or posted.get("against") != str(article.revision):
        remember(person, article, posted)
        return conflict_page(request, clash, context)
    if chosen == "mine":
        versions.keep_current(article)
        return _over(article, posted, clash.mine)
    combined, colleague = (
        combine(clash.theirs, clash.mine, {name: str(value) for name, value in posted.items()}),
        who_saved(article),
    )
    if chosen == "chosen":
        _set_aside(clash, person)
        return _over(article, posted, combined)
    with transaction.atomic():
        _set_aside(clash, person)
        UnsavedWork.objects.of(person, article).delete()
        if chosen == "edit":
            _load(person, article, combined)
            messages.info(request, "This is what you chose, put together and not saved yet. Look it over, then save.")
        else:
            messages.success(
                request, f"The text of {colleague} stays. Yours is kept in the history, and can be brought back."
            )
    return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))


def conflict_page(request: HttpRequest, clash: Clash, context: dict[str, Any]) -> HttpResponse:
    """Show both, and ask."""
    article = clash.article
    context |= {
        "title": "Two of you wrote at once",
        "original": article,
        "comparison": clash.compare(),
        "knows_base": clash.base is not None,
        "who": who_saved(article),
        "saved_at": timezone.localtime(article.updated_at),
        "carried": list(_carried(cast("QueryDict", request.POST))),
    }
    return TemplateResponse(request, "admin/articles/article/conflict.html", context, status=409)


def remember(person: "User", article: Article | None, posted: QueryDict, *, key: str = "") -> None:
    """Keep a posted form as unsaved work, so that closing the page loses nothing."""
    typed = posted.get("revision", "")
    values = {
        "form": read_typed(posted),
        "base_revision": int(typed) if typed.isdecimal() and len(typed) < 10 else 0,  # noqa: PLR2004 - of digits
        "saved_at": timezone.now(),
    }
    UnsavedWork.objects.update_or_create(person=person, article=article, key="" if article else key, defaults=values)


def who_saved(article: Article) -> str:
    """Return who saved it last, as colleagues call them."""
    return versions.find_last_saver(article) or "Somebody"


def _set_aside(clash: Clash, person: "User") -> None:
    comment = f"Set aside: written while {who_saved(clash.article)} saved"
    versions.set_aside(clash.article, clash.mine, by=person, comment=comment)


def _load(person: "User", article: Article, copy: Copy) -> None:
    UnsavedWork.objects.create(person=person, article=article, form=typed_from(copy), base_revision=article.revision)


def _over(article: Article, posted: QueryDict, copy: Copy) -> QueryDict:
    settled = settle(posted, article, copy)
    settled["revision"] = str(article.revision)
    return settled


def _carried(posted: QueryDict) -> Any:  # noqa: ANN401 - pairs of strings
    """Give the fields that go through the page of the comparison as they came."""
    for name, values in posted.lists():
        if name == "csrfmiddlewaretoken" or name.startswith(("_choose", "field-", "text-", "against")):
            continue
        for value in values:
            yield name, value
