"""Where an article stands between pitch and print, apart from its text: the states, the ways between them, the log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from articles.models.article import Article

PUBLISH = "articles.publish_article"
SUBMIT = "articles.submit_article"
DELETE = "articles.delete_article"
FOLLOW = "articles.follow_article"


class State(models.TextChoices):
    """What a working copy is waiting for. What readers have is the editions' affair, and time's."""

    PITCH = "pitch", "Pitch"
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    CHANGES_WANTED = "changes_wanted", "Changes wanted"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Action(models.TextChoices):
    """What can be done to an article, as the log tells it."""

    PITCH = "pitch", "pitched it to the editors"
    ACCEPT = "accept", "accepted the pitch"
    TAKE_BACK = "take_back", "took it back to work on it"
    SUBMIT = "submit", "submitted it for review"
    RETURN = "return", "asked for changes"
    APPROVE = "approve", "approved it"
    VOID = "void", "changed it after it was approved, so it waits for review again"
    PUBLISH = "publish", "published it"
    SCHEDULE = "schedule", "scheduled it"
    UNSCHEDULE = "unschedule", "took it off the schedule"
    WITHDRAW = "withdraw", "withdrew it"
    CORRECT = "correct", "made a correction"
    DELETE = "delete", "deleted it"


@dataclass(frozen=True)
class Transition:
    """One way to go: who may, from where, to where. Without `after` the state stays."""

    action: Action
    right: str
    before: frozenset[State]
    after: frozenset[State] = frozenset()

    @property
    def stays(self) -> bool:
        """Whether the state stays as it is."""
        return not self.after


_WITH_WRITER = frozenset({State.DRAFT, State.CHANGES_WANTED})
_WITH_EDITORS = frozenset({State.PITCH, State.IN_REVIEW})
_OUT = frozenset({State.PUBLISHED, State.WITHDRAWN})
_AT_REST = _OUT | {State.DRAFT}
_BEYOND_PITCH = frozenset(State) - {State.PITCH}
OPEN_TO_CONTRIBUTORS = _WITH_WRITER | {State.PITCH}  # who has no right to follow a piece writes until it is handed on

# The one table. Whoever changes it makes a migration too: the log's constraint is written from it.
TRANSITIONS: tuple[Transition, ...] = (
    Transition(Action.PITCH, SUBMIT, _WITH_WRITER, frozenset({State.PITCH})),
    Transition(Action.ACCEPT, PUBLISH, frozenset({State.PITCH}), frozenset({State.DRAFT})),
    Transition(Action.TAKE_BACK, SUBMIT, _WITH_EDITORS, _AT_REST),
    Transition(Action.SUBMIT, SUBMIT, _WITH_WRITER | _OUT | {State.PITCH}, frozenset({State.IN_REVIEW})),
    Transition(Action.RETURN, PUBLISH, _WITH_EDITORS | {State.APPROVED}, frozenset({State.CHANGES_WANTED})),
    Transition(Action.APPROVE, PUBLISH, _BEYOND_PITCH - {State.APPROVED}, frozenset({State.APPROVED})),
    Transition(Action.VOID, "", frozenset({State.APPROVED}), frozenset({State.IN_REVIEW})),
    Transition(Action.PUBLISH, PUBLISH, _BEYOND_PITCH, frozenset({State.PUBLISHED})),
    Transition(Action.SCHEDULE, PUBLISH, _BEYOND_PITCH, frozenset({State.PUBLISHED})),
    Transition(Action.UNSCHEDULE, PUBLISH, frozenset({State.PUBLISHED}), _AT_REST),
    Transition(Action.UNSCHEDULE, PUBLISH, _BEYOND_PITCH - {State.PUBLISHED}),
    Transition(Action.WITHDRAW, PUBLISH, _BEYOND_PITCH, frozenset({State.WITHDRAWN})),
    Transition(Action.CORRECT, PUBLISH, _BEYOND_PITCH),
    Transition(Action.DELETE, DELETE, frozenset(State)),
)


def find_transition(action: Action, state: State) -> Transition | None:
    """Return the way an action goes from a state, or None if there is none."""
    return next((one for one in TRANSITIONS if one.action == action and state in one.before), None)


def _follows_the_table() -> models.Q:
    """Say for the database which steps the log may tell of; rows from before it told states hold none."""
    allowed = models.Q(before="", after="")
    for one in TRANSITIONS:
        after = models.Q(after=models.F("before")) if one.stays else models.Q(after__in=sorted(one.after))
        allowed |= models.Q(action=one.action.value, before__in=sorted(one.before)) & after
    return allowed


class WorkflowStateManager(models.Manager["WorkflowState"]):
    """Finds the state of an article."""

    def of(self, article: Article) -> "WorkflowState":
        """Return an article's state; one that was never touched is a draft."""
        return self.get_or_create(article=article)[0]


class WorkflowState(models.Model):
    """The state of one article. A restored version of the text leaves it alone, but an approval is of one text only."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="workflow")
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    changed_at = models.DateTimeField(default=timezone.now)
    approved_fingerprint = models.CharField(
        max_length=64, blank=True, help_text="Of the very text that was approved; empty unless it is approved."
    )

    objects: ClassVar[WorkflowStateManager] = WorkflowStateManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in State]),
                name="an_article_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=(models.Q(state="approved") & ~models.Q(approved_fingerprint=""))
                | (~models.Q(state="approved") & models.Q(approved_fingerprint="")),
                name="an_approval_is_of_one_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article}: {self.get_state_display()}"


class LogIsKept(RuntimeError):  # noqa: N818 - read aloud: “the log is kept”
    """Somebody tried to change or delete what the log tells."""

    def __init__(self) -> None:
        super().__init__("The log of what was done to an article is only ever added to.")


class WorkflowEventQuerySet(models.QuerySet["WorkflowEvent"]):
    """The log, to be read. The database refuses changes too: see the migration that makes its trigger."""

    def update(self, **kwargs: Any) -> NoReturn:  # noqa: ANN401, ARG002 - Django's signature
        """Refuse."""
        raise LogIsKept

    def bulk_update(
        self,
        objs: Iterable["WorkflowEvent"],  # noqa: ARG002 - Django's signature
        fields: Iterable[str],  # noqa: ARG002
        batch_size: int | None = None,  # noqa: ARG002
    ) -> NoReturn:
        """Refuse."""
        raise LogIsKept

    def delete(self) -> NoReturn:
        """Refuse."""
        raise LogIsKept


class WorkflowEvent(models.Model):
    """Who did what, when and why. Only ever added to; it outlives the people and the drafts it tells of."""

    article = models.ForeignKey(Article, models.SET_NULL, null=True, related_name="workflow_events")
    headline = models.CharField(max_length=160, blank=True, help_text="As it was then, for when the draft is gone.")
    action = models.CharField(max_length=12, choices=Action)
    before = models.CharField(max_length=16, choices=State, blank=True)
    after = models.CharField(max_length=16, choices=State, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)
    edition = models.ForeignKey("articles.Edition", models.SET_NULL, null=True, blank=True, related_name="+")

    objects: ClassVar = WorkflowEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=_follows_the_table(), name="a_step_is_one_of_the_table"),
            models.CheckConstraint(
                condition=~models.Q(action="return") | models.Q(before="") | ~models.Q(note=""),
                name="who_asks_for_changes_says_which",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by or 'Somebody'} {self.get_action_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        """Add to the log.

        Raises:
            LogIsKept: it is there already.
        """
        if not self._state.adding:
            raise LogIsKept
        super().save(*args, **kwargs)

    def delete(self, using: Any = None, keep_parents: bool = False) -> tuple[int, Mapping[str, int]]:  # type: ignore[override] # noqa: ANN401, ARG002, FBT001, FBT002 - Django's signature
        """Refuse."""
        raise LogIsKept
