"""What needs whom now: the lists on the newsroom's first page."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from articles.models import Article, Edition, Presence, State, WorkflowEvent
from articles.models.edition import EditionQuerySet
from articles.publishing import PUBLISH
from kjreport.accounts.models import User

LENGTH = 12  # rows of a list
WITH_EDITORS = (State.PITCH, State.IN_REVIEW)


@dataclass(frozen=True)
class Desk:
    """Five lists, and whether they are an editor's."""

    is_editors: bool
    waiting: list[Article]
    approved: list[Article]
    drafts: list[Article]
    scheduled: list[Edition]
    published: list[Edition]


def describe_desk(user: User) -> Desk:
    """Return what this person may open and might have to. At most thirteen queries."""
    mine = Article.objects.editable_by(user).order_by()
    here = Prefetch("presences", Presence.objects.of_colleagues(user), to_attr="open_windows")
    return Desk(
        is_editors=user.has_perm(PUBLISH),
        waiting=list(
            _in_state(mine, Q(workflow__state__in=WITH_EDITORS))
            .prefetch_related(here)
            .order_by("workflow__changed_at")[:LENGTH]
        ),
        approved=list(
            _in_state(mine, Q(workflow__state=State.APPROVED))
            .prefetch_related(here)
            .order_by("workflow__changed_at")[:LENGTH]
        ),
        drafts=list(_drafts(mine, user).prefetch_related(here).order_by("-updated_at")[:LENGTH]),
        scheduled=list(_editions(mine).scheduled().order_by("published_at")[:LENGTH]),
        published=list(_editions(mine).live().order_by("-published_at")[:LENGTH]),
    )


def _drafts(mine: "QuerySet[Article]", user: User) -> "QuerySet[Article]":
    """Find drafts; an editor sees those she began or signs first of all, not everybody's."""
    draft = Q(workflow__state__in=[State.DRAFT, State.CHANGES_WANTED]) | Q(workflow=None)
    own = Q(created_by=user) | Q(bylines__author__account=user)
    return _in_state(mine, draft & Q(pk__in=Article.objects.filter(own).order_by().values("pk")))


def _in_state(mine: "QuerySet[Article]", condition: Q) -> "QuerySet[Article]":
    """Add who signs, and the note that came with the last step."""
    return (
        Article.objects.filter(condition, pk__in=mine.values("pk"))
        .select_related("section", "workflow", "created_by")
        .prefetch_related(
            "bylines__author", Prefetch("workflow_events", WorkflowEvent.objects.select_related("by"), to_attr="steps")
        )
    )


def _editions(mine: "QuerySet[Article]") -> EditionQuerySet:
    editions: EditionQuerySet = Edition.objects.filter(article__in=mine.values("pk")).select_related(
        "article", "section"
    )
    return editions
