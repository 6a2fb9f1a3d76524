"""What a subscription opens: a pure function of the mirrored state and the clock, with what the reader is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

UNKNOWN_STATUS_TRUSTED = timedelta(hours=48)


class Access(StrEnum):
    """How much of the paid text is open."""

    FULL = "full"
    GRACE = "grace"
    NONE = "none"


class Way(StrEnum):
    """The one thing that mends it, as our own forms name it."""

    CARD = "card"
    INVOICE = "manage"
    RESUME = "resume"
    KEEP = "keep"


class Told(StrEnum):
    """What the reader is told. Each has its sentence in `subscriptions/_account.html` and at the wall."""

    NOTHING = "nothing"
    TRIAL = "trial"
    ENDING = "ending"
    MEND_CARD = "mend_card"
    CONFIRM_WITH_BANK = "confirm_with_bank"
    PAY_INVOICE = "pay_invoice"
    FINISH = "finish"
    START_AGAIN = "start_again"
    RESUME = "resume"
    ADD_CARD = "add_card"
    ENDED = "ended"
    ENDED_UNPAID = "ended_unpaid"
    ENDED_DISPUTED = "ended_disputed"
    WE_ARE_LOOKING = "we_are_looking"


@dataclass(frozen=True)
class State:
    """What the mirror knows of one subscription."""

    status: str
    ends_at: datetime | None = None
    trial_end: datetime | None = None
    invoice_status: str = ""
    invoice_finalized_at: datetime | None = None
    payment_retry_at: datetime | None = None
    awaits_bank: bool = False
    pause_cause: str = ""
    has_card: bool = False
    end_reason: str = ""
    revoked_at: datetime | None = None
    gave_access: bool = False
    unknown_since: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """The answer. `until` is when this access ends by itself, if that is known."""

    access: Access
    told: Told
    until: datetime | None = None

    @property
    def opens_the_text(self) -> bool:
        """Whether the paid text is open."""
        return self.access is not Access.NONE

    @property
    def way(self) -> Way | None:
        """What mends it, if the reader can."""
        return _WAYS.get(self.told)

    @property
    def mends(self) -> bool:
        """Whether the reader should mend what they have rather than subscribe again."""
        return self.way not in {None, Way.KEEP}

    @property
    def may_begin(self) -> bool:
        """Whether nothing of theirs stands in the way of a new subscription, of all that is not over at Stripe."""
        return self.access is Access.NONE and self.told in {Told.NOTHING, Told.ENDED}


NO_SUBSCRIPTION = Verdict(Access.NONE, Told.NOTHING)
_WAYS = {
    Told.ENDING: Way.KEEP,
    Told.MEND_CARD: Way.CARD,
    Told.CONFIRM_WITH_BANK: Way.INVOICE,
    Told.PAY_INVOICE: Way.INVOICE,
    Told.FINISH: Way.INVOICE,
    Told.RESUME: Way.RESUME,
    Told.ADD_CARD: Way.CARD,
}
_ENDED = {"payment_failed": Told.ENDED_UNPAID, "payment_disputed": Told.ENDED_DISPUTED}
_PAUSED = {"trial_end_without_payment_method": Told.ADD_CARD, "final_payment_failure": Told.PAY_INVOICE}
_RANK = {Access.FULL: 2, Access.GRACE: 1, Access.NONE: 0}


def weigh(state: State, *, now: datetime, grace: timedelta) -> Verdict:  # noqa: PLR0911 - a row of the table each
    """Weigh one subscription. Never by the period's end: it rolls forward even when a renewal fails."""
    if state.revoked_at is not None:
        return Verdict(Access.NONE, Told.ENDED_DISPUTED)
    match state.status:
        case "active" | "trialing":
            return _weigh_healthy(state, now)
        case "past_due":
            return _weigh_past_due(state, now, grace)
        case "unpaid":
            return Verdict(Access.NONE, Told.PAY_INVOICE)
        case "incomplete":
            return Verdict(Access.NONE, Told.FINISH)
        case "incomplete_expired":
            return Verdict(Access.NONE, Told.START_AGAIN)
        case "paused":
            return _weigh_paused(state, now, grace)
        case "canceled":
            return Verdict(Access.NONE, _ENDED.get(state.end_reason, Told.ENDED))
        case _:
            return _weigh_unknown(state, now)


def choose_best(verdicts: Iterable[Verdict]) -> Verdict:
    """Of several subscriptions the best wins; among equals, one that can be mended before one that is over."""
    return max(verdicts, key=lambda each: (_RANK[each.access], each.mends), default=NO_SUBSCRIPTION)


def is_known(status: str) -> bool:
    """Whether the table has a row for this status."""
    return status in {
        "active",
        "trialing",
        "past_due",
        "unpaid",
        "incomplete",
        "incomplete_expired",
        "paused",
        "canceled",
    }


def _weigh_healthy(state: State, now: datetime) -> Verdict:
    if state.ends_at is not None:
        if now >= state.ends_at:
            return Verdict(Access.NONE, Told.ENDED)
        return Verdict(Access.FULL, Told.ENDING, state.ends_at)
    if state.status == "trialing" and state.trial_end is not None:
        return Verdict(Access.FULL, Told.TRIAL, state.trial_end)
    return Verdict(Access.FULL, Told.NOTHING)


def _weigh_past_due(state: State, now: datetime, grace: timedelta) -> Verdict:
    until = _grace_until(state, grace)
    is_being_mended = state.awaits_bank or state.payment_retry_at is not None
    told = Told.CONFIRM_WITH_BANK if state.awaits_bank else Told.MEND_CARD
    if state.invoice_status == "open" and is_being_mended and until is not None and now < until:
        return Verdict(Access.GRACE, told, until)
    return Verdict(Access.NONE, Told.PAY_INVOICE)


def _weigh_paused(state: State, now: datetime, grace: timedelta) -> Verdict:
    if state.pause_cause == "first_payment_failure":
        until = _grace_until(state, grace)
        if until is not None and now < until:
            return Verdict(Access.GRACE, Told.MEND_CARD, until)
        return Verdict(Access.NONE, Told.PAY_INVOICE)
    told = _PAUSED.get(state.pause_cause, Told.RESUME)
    return Verdict(Access.NONE, Told.RESUME if told is Told.ADD_CARD and state.has_card else told)


def _weigh_unknown(state: State, now: datetime) -> Verdict:
    if state.gave_access and state.unknown_since is not None:
        until = state.unknown_since + UNKNOWN_STATUS_TRUSTED
        if now < until:
            return Verdict(Access.FULL, Told.NOTHING, until)
    return Verdict(Access.NONE, Told.WE_ARE_LOOKING)


def _grace_until(state: State, grace: timedelta) -> datetime | None:
    return None if state.invoice_finalized_at is None else state.invoice_finalized_at + grace
