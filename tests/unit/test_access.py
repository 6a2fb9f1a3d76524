"""The table of who may read, row by row."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.access import NO_SUBSCRIPTION, Access, State, Told, Verdict, Way, choose_best, weigh

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GRACE = timedelta(days=14)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
FAILED = {"invoice_status": "open", "payment_retry_at": NOW + DAY}


def judge(status: str, **known: Any) -> Verdict:
    return weigh(State(status, **known), now=NOW, grace=GRACE)


@pytest.mark.parametrize("status", ["active", "trialing"])
def test_a_healthy_subscription_opens_everything(status: str) -> None:
    assert judge(status) == Verdict(Access.FULL, Told.NOTHING)


def test_a_trial_says_until_when() -> None:
    assert judge("trialing", trial_end=NOW + DAY) == Verdict(Access.FULL, Told.TRIAL, NOW + DAY)


@pytest.mark.parametrize("status", ["active", "trialing"])
def test_a_cancelled_one_is_open_until_its_end_and_not_a_second_longer(status: str) -> None:
    assert judge(status, ends_at=NOW + SECOND) == Verdict(Access.FULL, Told.ENDING, NOW + SECOND)
    assert judge(status, ends_at=NOW) == Verdict(Access.NONE, Told.ENDED)
    assert judge(status, ends_at=NOW - DAY) == Verdict(Access.NONE, Told.ENDED)


def test_a_failed_renewal_is_grace_while_stripe_tries_again() -> None:
    verdict = judge("past_due", invoice_finalized_at=NOW - DAY, **FAILED)
    assert verdict == Verdict(Access.GRACE, Told.MEND_CARD, NOW - DAY + GRACE)
    assert verdict.opens_the_text
    assert verdict.mends


def test_a_failed_renewal_is_grace_while_the_bank_waits_for_the_reader() -> None:
    verdict = judge("past_due", invoice_status="open", invoice_finalized_at=NOW - DAY, awaits_bank=True)
    assert verdict == Verdict(Access.GRACE, Told.CONFIRM_WITH_BANK, NOW - DAY + GRACE)


@pytest.mark.parametrize(
    "known",
    [
        {"invoice_finalized_at": NOW - GRACE, **FAILED},
        {"invoice_finalized_at": NOW - DAY, "invoice_status": "open"},
        {"invoice_finalized_at": NOW - DAY, "invoice_status": "void", "payment_retry_at": NOW + DAY},
        {"invoice_finalized_at": NOW - DAY, "invoice_status": "uncollectible", "payment_retry_at": NOW + DAY},
        {"invoice_finalized_at": None, **FAILED},
    ],
)
def test_otherwise_past_due_is_closed(known: dict[str, Any]) -> None:
    verdict = judge("past_due", **known)
    assert verdict == Verdict(Access.NONE, Told.PAY_INVOICE)
    assert verdict.mends


@pytest.mark.parametrize(
    ("status", "told"),
    [("unpaid", Told.PAY_INVOICE), ("incomplete", Told.FINISH), ("incomplete_expired", Told.START_AGAIN)],
)
def test_what_was_never_or_no_longer_paid_is_closed(status: str, told: Told) -> None:
    assert judge(status) == Verdict(Access.NONE, told)


def test_paused_after_a_first_failure_is_grace_for_a_while() -> None:
    known = {"pause_cause": "first_payment_failure"}
    assert judge("paused", invoice_finalized_at=NOW - DAY, **known).access is Access.GRACE
    assert judge("paused", invoice_finalized_at=NOW - GRACE, **known).access is Access.NONE


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        ("pause_requested", Told.RESUME),
        ("trial_end_without_payment_method", Told.ADD_CARD),
        ("final_payment_failure", Told.PAY_INVOICE),
        ("system", Told.RESUME),
        ("a cause of the future", Told.RESUME),
        ("", Told.RESUME),
    ],
)
def test_paused_for_another_cause_is_closed(cause: str, told: Told) -> None:
    assert judge("paused", pause_cause=cause, invoice_finalized_at=NOW) == Verdict(Access.NONE, told)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("cancellation_requested", Told.ENDED),
        ("payment_failed", Told.ENDED_UNPAID),
        ("payment_disputed", Told.ENDED_DISPUTED),
        ("canceled_by_retention_policy", Told.ENDED),
        ("", Told.ENDED),
    ],
)
def test_an_ended_one_is_closed_and_says_why(reason: str, told: Told) -> None:
    assert judge("canceled", end_reason=reason, gave_access=True) == Verdict(Access.NONE, told)


def test_an_unknown_word_keeps_the_last_access_for_two_days() -> None:
    two_days = timedelta(hours=48)
    assert judge("dormant", gave_access=True, unknown_since=NOW - two_days + SECOND).opens_the_text
    assert not judge("dormant", gave_access=True, unknown_since=NOW - two_days).opens_the_text
    assert not judge("dormant", gave_access=False, unknown_since=NOW).opens_the_text
    assert not judge("dormant", gave_access=True, unknown_since=None).opens_the_text


@pytest.mark.parametrize("status", ["active", "trialing", "past_due", "paused", "dormant"])
def test_a_lost_dispute_closes_whatever_stripe_says(status: str) -> None:
    verdict = judge(status, revoked_at=NOW - DAY, gave_access=True, unknown_since=NOW, **FAILED)
    assert verdict == Verdict(Access.NONE, Told.ENDED_DISPUTED)


def test_a_pause_for_want_of_a_card_is_resumed_once_there_is_one() -> None:
    known = {"pause_cause": "trial_end_without_payment_method"}
    assert judge("paused", **known).told is Told.ADD_CARD
    assert judge("paused", has_card=True, **known) == Verdict(Access.NONE, Told.RESUME)


WAYS = {
    Told.NOTHING: None,
    Told.TRIAL: None,
    Told.ENDING: Way.KEEP,
    Told.MEND_CARD: Way.CARD,
    Told.CONFIRM_WITH_BANK: Way.INVOICE,
    Told.PAY_INVOICE: Way.INVOICE,
    Told.FINISH: Way.INVOICE,
    Told.START_AGAIN: None,
    Told.RESUME: Way.RESUME,
    Told.ADD_CARD: Way.CARD,
    Told.ENDED: None,
    Told.ENDED_UNPAID: None,
    Told.ENDED_DISPUTED: None,
    Told.WE_ARE_LOOKING: None,
}


@pytest.mark.parametrize("told", Told)
def test_whatever_a_reader_is_told_has_the_one_thing_that_mends_it(told: Told) -> None:
    verdict = Verdict(Access.NONE, told)
    assert verdict.way is WAYS[told]
    assert verdict.mends is (WAYS[told] not in {None, Way.KEEP})


@pytest.mark.parametrize(
    ("status", "known", "may"),
    [
        ("active", {}, False),
        ("active", {"ends_at": NOW - DAY}, True),
        ("active", {"revoked_at": NOW}, False),
        ("past_due", {}, False),
        ("incomplete", {}, False),
        ("paused", {}, False),
        ("dormant", {}, False),
    ],
)
def test_a_second_subscription_may_begin_only_where_the_first_is_over(
    status: str,
    known: dict[str, Any],
    may: bool,  # noqa: FBT001 - a row of the table
) -> None:
    assert judge(status, **known).may_begin is may
    assert NO_SUBSCRIPTION.may_begin


def test_the_best_of_several_wins() -> None:
    full, grace = judge("active"), judge("past_due", invoice_finalized_at=NOW, **FAILED)
    closed, over = judge("unpaid"), judge("canceled")
    assert choose_best([over, closed, grace, full]) is full
    assert choose_best([over, closed, grace]) is grace
    assert choose_best([over, closed]) is closed
    assert choose_best([]) is NO_SUBSCRIPTION


@given(
    st.text(),
    st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    st.text(),
    st.booleans(),
)
def test_no_word_of_stripes_breaks_the_table(status: str, moment: datetime | None, word: str, yes: bool) -> None:  # noqa: FBT001 - drawn
    state = State(status, ends_at=moment, invoice_status=word, pause_cause=word, gave_access=yes, awaits_bank=yes)
    verdict = weigh(state, now=NOW, grace=GRACE)
    assert not verdict.opens_the_text or status in {"active", "trialing", "past_due", "paused"}
