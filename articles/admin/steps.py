"""The steps an article can take from its form: which are offered to whom, and taking one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django import forms
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.formats import date_format

from articles import publishing
from articles.fingerprint import fingerprint
from articles.models import Action, Article, Edition, Lead, State, WorkflowState
from articles.models.workflow import find_transition
from articles.publishing import PUBLISH, PublishingError
from kjreport.accounts.models import User


class Asks(StrEnum):
    """What a step needs to know first."""

    NOTHING = ""
    CONSENT = "consent"  # a second click, after saying what will happen
    NOTE = "note"  # for colleagues, if there is something to say
    REASON = "reason"  # for colleagues, and it must be said
    WORDS = "words"  # in public
    PAGE = "page"  # it saves, and opens a page of its own


@dataclass(frozen=True)
class Step:
    """One button, and what it asks."""

    name: str
    label: str
    asks: Asks = Asks.NOTHING
    says: str = ""
    tone: str = ""  # "primary" or "danger"
    confirm: str = ""
    done: str = ""


PUBLISH_STEP = Step(
    "publish",
    "Publish",
    Asks.PAGE,
    says="Saves the text, then shows what will change, when, and who can read how much.",
    tone="primary",
)
REPUBLISH_STEP = Step("publish", "Publish changes", Asks.PAGE, says=PUBLISH_STEP.says, tone="primary")
SUBMIT_STEP = Step(
    "submit",
    "Submit for review",
    Asks.NOTE,
    says="The editors see it on their desk. Tell them what they should know, if anything.",
    confirm="Submit for review",
    done="Submitted. The editors have it on their desk.",
)
PITCH_STEP = Step(
    "pitch",
    "Pitch",
    Asks.NOTE,
    says="The editors see the idea on their desk, and take it on or say what they want instead.",
    confirm="Pitch it",
    done="Pitched. The editors have it on their desk.",
)
TAKE_BACK_STEP = Step(
    "take_back",
    "Take back",
    Asks.CONSENT,
    says="The editors no longer have it on their desk, and you go on with it.",
    confirm="Take it back",
    done="Taken back. It is yours to go on with.",
)
ACCEPT_STEP = Step(
    "accept",
    "Accept pitch",
    Asks.NOTE,
    says="It becomes a draft. Say what you expect of it, if anything.",
    tone="primary",
    confirm="Accept the pitch",
    done="Accepted. It is a draft now.",
)
APPROVE_STEP = Step(
    "approve",
    "Approve",
    Asks.NOTE,
    says="This very text may come out. If anybody changes it, it waits for review again.",
    confirm="Approve this text",
    done="Approved, as it is saved now.",
)
RETURN_STEP = Step(
    "return",
    "Ask for changes",
    Asks.REASON,
    says="It goes back to its author. Say what should change.",
    confirm="Ask for changes",
    done="Returned to its author, with your note.",
)
UNSCHEDULE_STEP = Step(
    "unschedule",
    "Unschedule",
    Asks.CONSENT,
    says="It will not come out at the time that was set. What is live stays live.",
    confirm="Take it off the schedule",
    done="Taken off the schedule.",
)
CORRECT_STEP = Step(
    "correct",
    "Correction",
    Asks.WORDS,
    says="Stands under the article for every reader: what was wrong, and what is right.",
    confirm="Add correction",
    done="The correction stands under the article.",
)
LEAD_STEP = Step(
    "lead",
    "Lead the front page",
    Asks.CONSENT,
    says="It stands at the head of the front page until another is chosen.",
    confirm="Let it lead",
    done="It leads the front page.",
)
WITHDRAW_STEP = Step(
    "withdraw",
    "Withdraw",
    Asks.NOTE,
    says="Readers lose it at once, and its address says that it was withdrawn. Note the reason.",
    tone="danger",
    confirm="Withdraw from readers",
    done="Withdrawn. Readers no longer have it.",
)
STEPS = {
    step.name: step
    for step in (
        *(SUBMIT_STEP, PITCH_STEP, TAKE_BACK_STEP, ACCEPT_STEP, APPROVE_STEP, RETURN_STEP),
        *(UNSCHEDULE_STEP, CORRECT_STEP, LEAD_STEP, WITHDRAW_STEP),
    )
}


@dataclass(frozen=True)
class Standing:
    """Where an article stands between desk and readers."""

    state: State
    live: Edition | None
    scheduled: Edition | None
    has_unpublished_changes: bool

    @property
    def is_expired(self) -> bool:
        """Whether readers had it until its time was over."""
        return self.state == State.PUBLISHED and not self.live and not self.scheduled

    @property
    def label(self) -> str:
        """One or two words for it."""
        if self.state == State.PUBLISHED and not self.live:
            return "Scheduled" if self.scheduled else "Expired"
        return State(self.state).label

    @property
    def tone(self) -> str:
        """The colour of the label."""
        return self.label.lower().replace(" ", "_")

    @property
    def says(self) -> str:
        """A sentence on what readers have."""
        said = []
        if self.live:
            said.append(f"Readers have edition {self.live.number}, since {_moment(self.live.published_at)}.")
            if self.live.expires_at:
                said.append(f"They lose it on {_moment(self.live.expires_at)}.")
        if self.scheduled:
            said.append(f"The next comes out on {_moment(self.scheduled.published_at)}.")
        if self.is_expired:
            said.append("Readers had it until its time was over.")
        if self.has_unpublished_changes:
            said.append("What was saved since is not published yet.")
        return " ".join(said)


NEW = Standing(State.DRAFT, None, None, has_unpublished_changes=False)


def find_standing(article: Article) -> Standing:
    """Return where an article stands. Six queries at most."""
    state = State(WorkflowState.objects.of(article).state)
    live, scheduled = article.live_edition, article.scheduled_edition
    return Standing(state, live, scheduled, has_unpublished_changes=_differs(article, scheduled or live))


def _differs(article: Article, latest: Edition | None) -> bool:
    if latest is None:
        return False
    if not latest.fingerprint:  # made before editions kept one
        return article.updated_at > latest.created_at
    return latest.fingerprint != fingerprint(article)


def name_state(article: Article, state: State) -> str:
    """Name the state of an article of the list, whose `live_editions` and `coming_editions` were fetched."""
    if state != State.PUBLISHED:
        return state.label
    if getattr(article, "live_editions", None):
        return "Live"
    return "Scheduled" if getattr(article, "coming_editions", None) else "Expired"


def offer_steps(standing: Standing, by: User) -> list[Step]:
    """Return the steps this person may take now, the likeliest first."""
    return [step for step in _of_interest(standing, by) if _is_open(step, standing, by)]


def _of_interest(standing: Standing, by: User) -> list[Step]:
    """Name what may come next: to a writer handing on, to an editor taking to readers."""
    if not by.has_perm(PUBLISH):
        return [TAKE_BACK_STEP, PITCH_STEP, _as_primary(SUBMIT_STEP)]
    steps = [REPUBLISH_STEP if standing.live else PUBLISH_STEP, ACCEPT_STEP, APPROVE_STEP, RETURN_STEP]
    if standing.state in {State.DRAFT, State.CHANGES_WANTED}:
        steps.append(SUBMIT_STEP)
    if standing.scheduled:
        steps.append(UNSCHEDULE_STEP)
    if standing.live:
        steps += [CORRECT_STEP, LEAD_STEP]
    if standing.live or standing.scheduled:
        steps.append(WITHDRAW_STEP)
    if standing.state == State.PUBLISHED and not standing.has_unpublished_changes:
        steps.remove(APPROVE_STEP)
    return steps


def _as_primary(step: Step) -> Step:
    return replace(step, tone="primary")


def _is_open(step: Step, standing: Standing, by: User) -> bool:
    if step is LEAD_STEP:
        return by.has_perm("articles.add_lead")
    if step is PITCH_STEP and (standing.live or standing.scheduled):
        return False
    way = find_transition(Action(step.name), standing.state)
    return way is not None and by.has_perm(way.right)


def take_step(article: Article, name: str, *, by: User, said: Mapping[str, str]) -> str:
    """Take a step; return a sentence on what happened.

    Raises:
        PermissionDenied: not theirs to take, or no such step.
        PublishingError: what stands in the way.
    """
    words = said.get(f"{name}_words", "")
    match name:
        case "submit" | "pitch" | "accept" | "approve":
            getattr(publishing, name)(article, by=by, note=words)
        case "return":
            publishing.return_to_author(article, by=by, note=words)
        case "take_back" | "unschedule":
            getattr(publishing, name)(article, by=by)
        case "withdraw":
            publishing.withdraw(article, by=by, note=words, reason=said.get("withdraw_reason", ""))
        case "correct":
            publishing.correct(article, by=by, text=words, kind=said.get("correct_kind", "correction"))
        case "lead":
            choose_lead(article, by=by)
        case _:
            raise PermissionDenied(f"There is no step “{name}”.")
    return STEPS[name].done


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
