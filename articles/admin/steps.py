"""The steps an article can take from its form: which are offered to whom, and taking one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django import forms
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.formats import date_format

from articles import publishing
from articles.models import Article, Edition, Lead, State, WorkflowState
from articles.publishing import PUBLISH, SUBMIT, PublishingError
from kjreport.accounts.models import User


class Asks(StrEnum):
    """What a step needs to know first."""

    NOTHING = ""
    CONSENT = "consent"  # a second click, after saying what will happen
    NOTE = "note"
    MOMENT = "moment"
    WORDS = "words"


@dataclass(frozen=True)
class Step:
    """One button, and what it asks."""

    name: str
    label: str
    asks: Asks = Asks.NOTHING
    says: str = ""
    tone: str = ""  # "primary" or "danger"
    confirm: str = ""


SUBMIT_STEP = Step(
    "submit",
    "Submit for review",
    Asks.NOTE,
    says="The editors see it on their desk. Tell them what they should know, if anything.",
    tone="primary",
    confirm="Submit for review",
)
RETURN_STEP = Step(
    "return",
    "Return to author",
    Asks.NOTE,
    says="It becomes a draft again. Say what should change.",
    confirm="Return to author",
)
PUBLISH_STEP = Step(
    "publish",
    "Publish",
    Asks.CONSENT,
    says="Readers see this text at once, on the site and in the feeds.",
    tone="primary",
    confirm="Publish now",
)
REPUBLISH_STEP = Step(
    "publish",
    "Publish changes",
    Asks.CONSENT,
    says="Readers see this text at once, in place of the one that is live.",
    tone="primary",
    confirm="Publish changes now",
)
SCHEDULE_STEP = Step(
    "schedule",
    "Schedule",
    Asks.MOMENT,
    says="Readers see this text, as it is saved now, from that moment on.",
    confirm="Schedule",
)
UNSCHEDULE_STEP = Step(
    "unschedule",
    "Unschedule",
    Asks.CONSENT,
    says="It will not come out at the time that was set. What is live stays live.",
    confirm="Take it off the schedule",
)
CORRECT_STEP = Step(
    "correct",
    "Correction",
    Asks.WORDS,
    says="Stands under the article for every reader: what was wrong, and what is right.",
    confirm="Add correction",
)
LEAD_STEP = Step(
    "lead",
    "Lead the front page",
    Asks.CONSENT,
    says="It stands at the head of the front page until another is chosen.",
    confirm="Let it lead",
)
WITHDRAW_STEP = Step(
    "withdraw",
    "Withdraw",
    Asks.NOTE,
    says="Readers lose it at once, and its address says that it was withdrawn. Note the reason.",
    tone="danger",
    confirm="Withdraw from readers",
)

DONE = {
    "submit": "Submitted. The editors have it on their desk.",
    "return": "Returned to its author, with your note.",
    "publish": "Published. Readers have it now.",
    "schedule": "Scheduled. It comes out by itself.",
    "unschedule": "Taken off the schedule.",
    "withdraw": "Withdrawn. Readers no longer have it.",
    "correct": "The correction stands under the article.",
    "lead": "It leads the front page.",
}


@dataclass(frozen=True)
class Standing:
    """Where an article stands between desk and readers."""

    state: State
    live: Edition | None
    scheduled: Edition | None
    has_unpublished_changes: bool

    @property
    def label(self) -> str:
        """One or two words for it."""
        if self.state == State.PUBLISHED:
            return "Published" if self.live else "Scheduled"
        return State(self.state).label

    @property
    def tone(self) -> str:
        """The colour of the label."""
        return "scheduled" if self.state == State.PUBLISHED and not self.live else self.state.value

    @property
    def says(self) -> str:
        """A sentence on what readers have."""
        said = []
        if self.live:
            said.append(f"Readers have edition {self.live.number}, since {_moment(self.live.published_at)}.")
        if self.scheduled:
            said.append(f"The next comes out on {_moment(self.scheduled.published_at)}.")
        if self.has_unpublished_changes:
            said.append("What was saved since is not published yet.")
        return " ".join(said)


NEW = Standing(State.DRAFT, None, None, has_unpublished_changes=False)


def find_standing(article: Article) -> Standing:
    """Return where an article stands. Three queries."""
    state = State(WorkflowState.objects.of(article).state)
    live, scheduled = article.live_edition, article.scheduled_edition
    latest = scheduled or live
    changed = latest is not None and article.updated_at > latest.created_at
    return Standing(state, live, scheduled, has_unpublished_changes=changed)


def offer_steps(standing: Standing, by: User) -> list[Step]:
    """Return the steps this person may take now, the likeliest first."""
    offered: list[Step] = []
    if by.has_perm(PUBLISH):
        offered.append(REPUBLISH_STEP if standing.live else PUBLISH_STEP)
        offered.append(SCHEDULE_STEP)
        if standing.scheduled:
            offered.append(UNSCHEDULE_STEP)
        if standing.state == State.IN_REVIEW:
            offered.append(RETURN_STEP)
        if standing.live:
            offered += [CORRECT_STEP, LEAD_STEP]
        if standing.live or standing.scheduled:
            offered.append(WITHDRAW_STEP)
    elif by.has_perm(SUBMIT) and standing.state != State.IN_REVIEW:
        offered.append(SUBMIT_STEP)
    return offered


def take_step(article: Article, name: str, *, by: User, said: Mapping[str, str]) -> str:
    """Take a step; return a sentence on what happened.

    Raises:
        PermissionDenied: not theirs to take, or no such step.
        PublishingError: what stands in the way.
    """
    words = said.get(f"{name}_words", "")
    match name:
        case "submit":
            publishing.submit(article, by=by, note=words)
        case "return":
            publishing.return_to_author(article, by=by, note=words)
        case "publish":
            publishing.publish(article, by=by)
        case "schedule":
            publishing.schedule(article, by=by, at=read_moment(words))
        case "unschedule":
            publishing.unschedule(article, by=by)
        case "withdraw":
            publishing.withdraw(article, by=by, note=words)
        case "correct":
            publishing.correct(article, by=by, text=words)
        case "lead":
            choose_lead(article, by=by)
        case _:
            raise PermissionDenied(f"There is no step “{name}”.")
    return DONE[name]


def choose_lead(article: Article, *, by: User) -> None:
    """Let a live article lead the front page.

    Raises:
        PermissionDenied: editors only.
        PublishingError: readers cannot see it.
    """
    if not by.has_perm("articles.add_lead"):
        raise PermissionDenied("Only editors choose the lead.")
    if article.live_edition is None:
        raise PublishingError("Only a published article can lead the front page.")
    Lead.objects.create(article=article, chosen_by=by)


def read_moment(typed: str) -> datetime:
    """Return the moment typed in a date-and-time field, in London.

    Raises:
        PublishingError: it is no moment, or one that the clock skips in spring.
    """
    field = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"])
    try:
        moment: datetime = field.clean(typed)
    except forms.ValidationError:
        raise PublishingError("Choose a day and a time for it to come out.") from None
    return moment


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "l j F Y, H:i")
