"""Says where a picture is used: in which working copies, in what readers have now, and as whose portrait."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from articles.authors.models import Author
from articles.models import Article, Edition, Photo

if TYPE_CHECKING:
    from kjreport.accounts.models import User


@dataclass(frozen=True)
class Uses:
    """Where a picture is used. Colleagues' working copies are only counted."""

    live: tuple[Edition, ...]
    drafts: tuple[Article, ...]
    hidden: int
    portraits: tuple[Author, ...]

    def __bool__(self) -> bool:
        return bool(self.live or self.drafts or self.hidden or self.portraits)


def find_uses(photo: Photo, *, shown_to: "User") -> Uses:
    """Return where it is used, as far as this person may know. Four queries."""
    placed = Q(hero=photo) | Q(source__contains=f'data-photo="{photo.pk}"')
    drafts = Article.objects.filter(placed).order_by("-updated_at")
    open_to = set(Article.objects.editable_by(shown_to).filter(placed).values_list("pk", flat=True))
    seen = tuple(draft for draft in drafts if draft.pk in open_to)
    live = Edition.objects.live().filter(Q(photos=photo) | Q(hero=photo)).distinct()
    return Uses(
        live=tuple(live.select_related("article").order_by("-published_at")),
        drafts=seen,
        hidden=len(drafts) - len(seen),
        portraits=tuple(Author.objects.filter(portrait=photo)),
    )
