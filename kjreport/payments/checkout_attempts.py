"""One open attempt to pay for each reader and kind: pressing twice, or in two tabs, leads to one session."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import AttemptState, CheckoutAttempt, Customer, Kind
from kjreport.payments.snapshots import CheckoutSnapshot

_ASKED_AGAIN_FOR = timedelta(
    seconds=90
)  # Stripe takes a session that ends in 30 minutes at the least; see `expires_at`
_ROUNDS = 3  # tabs that press at the same moment give way to one another; more than this is a machine


class AlreadyCompleted(Exception):  # noqa: N818 - it is news, not a fault
    """The reader has been through Checkout with this form, or in another tab."""

    def __init__(self, attempt: CheckoutAttempt) -> None:
        super().__init__(f"{attempt} is completed")
        self.attempt = attempt


class Replaced(Exception):  # noqa: N818 - likewise
    """Another tab began anew while this one was being opened."""


def open_attempt(
    *,
    kind: Kind,
    form_key: uuid.UUID,
    user: User | None,
    customer: Customer | None,
    choice: dict[str, Any],
    return_to: str,
    build: Callable[[CheckoutAttempt], gateway.CheckoutRequest],
) -> CheckoutSnapshot:
    """Return an open session for what was chosen: the one there is for the same press, or a new one.

    `choice` is JSON, in our words, and is kept. `build` makes the request from the attempt, using its `idempotency_key`
    and `expires_at`, and must give the same request for the same attempt. No lock is held while Stripe is asked.

    Raises:
        AlreadyCompleted: this form, or the open attempt in another tab, has been through Checkout.
        Replaced: another tab was quicker; its page is the one to pay on.
        GatewayError: Stripe did not open it; pressing again is safe. Where the answer was lost, the attempt stays as it
            is, so that pressing again leads to the session that may have been opened, and not to a second one.
    """
    attempt = _claim(kind=kind, form_key=form_key, user=user, customer=customer, choice=choice, return_to=return_to)
    try:
        if attempt.stripe_session_id is not None:
            session = gateway.get_checkout(attempt.stripe_session_id)
            if session.is_open:
                return session
            note_session(session)
            if session.is_complete:
                raise AlreadyCompleted(attempt)
            attempt = _begin_again(attempt)
        session = gateway.open_checkout(build(attempt))
    except gateway.GatewayError as error:
        if not error.may_be_done:
            _fail(attempt, reason=str(error))
        raise
    if not _keep_session(attempt, session):
        gateway.expire_checkout(session.id)
        raise Replaced
    return session


def note_session(session: CheckoutSnapshot) -> CheckoutAttempt | None:
    """Write down what became of a session; return its attempt, or None if it is not known here."""
    attempt = CheckoutAttempt.objects.filter(stripe_session_id=session.id).first()
    if attempt is None or not attempt.is_unfinished or session.is_open:
        return attempt
    attempt.state = AttemptState.COMPLETED if session.is_complete else AttemptState.EXPIRED
    attempt.finished_at = timezone.now()
    attempt.save(update_fields=["state", "finished_at"])
    return attempt


def _claim(
    *,
    kind: Kind,
    form_key: uuid.UUID,
    user: User | None,
    customer: Customer | None,
    choice: dict[str, Any],
    return_to: str,
) -> CheckoutAttempt:
    """Return the attempt of this press, having closed the reader's others. A changed choice is another attempt."""
    chosen = json.dumps([kind, user.pk if user else None, choice], sort_keys=True)
    key = uuid.uuid5(form_key, chosen)
    for _ in range(_ROUNDS):
        with transaction.atomic():
            if user is not None:
                User.objects.select_for_update().get(pk=user.pk)
            rival = _find_rival(kind, user, key)
            if rival is None:
                return _find_or_make(
                    key, {"kind": kind, "user": user, "customer": customer, "choice": choice, "return_to": return_to}
                )
        _close(rival)
    raise Replaced


def _find_rival(kind: Kind, user: User | None, key: uuid.UUID) -> CheckoutAttempt | None:
    if user is None:
        return None
    unfinished = CheckoutAttempt.objects.filter(state__in=[AttemptState.STARTED, AttemptState.OPEN])
    return unfinished.filter(user=user, kind=kind).exclude(key=key).first()


def _close(rival: CheckoutAttempt) -> None:
    """Close another tab's attempt, at Stripe first: only then can it no longer be paid."""
    if rival.stripe_session_id is not None:
        try:
            closed = gateway.expire_checkout(rival.stripe_session_id)
        except gateway.NotFound:
            _end(rival, AttemptState.OPEN, reason="Stripe has it no longer.")
            return
        note_session(closed)
        if closed.is_complete:
            raise AlreadyCompleted(rival)
        return
    _end(rival, AttemptState.STARTED, reason="Begun anew in another tab.")


def _end(attempt: CheckoutAttempt, state: AttemptState, *, reason: str) -> None:
    CheckoutAttempt.objects.filter(pk=attempt.pk, state=state).update(
        state=AttemptState.EXPIRED, reason=reason, finished_at=timezone.now()
    )


def _find_or_make(key: uuid.UUID, fields: dict[str, Any]) -> CheckoutAttempt:
    attempt, _ = CheckoutAttempt.objects.select_for_update().get_or_create(key=key, defaults=fields)
    if attempt.state == AttemptState.COMPLETED:
        raise AlreadyCompleted(attempt)
    is_too_old = attempt.stripe_session_id is None and timezone.now() - attempt.started_at > _ASKED_AGAIN_FOR
    return _begin_again(attempt) if is_too_old or not attempt.is_unfinished else attempt


def _begin_again(attempt: CheckoutAttempt) -> CheckoutAttempt:
    """Take up a failed or expired attempt, under a key Stripe has not seen."""
    attempt.state = AttemptState.STARTED
    attempt.tries += 1
    attempt.started_at = timezone.now()
    attempt.stripe_session_id = None
    attempt.finished_at = None
    attempt.reason = ""
    attempt.save()
    return attempt


def _keep_session(attempt: CheckoutAttempt, session: CheckoutSnapshot) -> bool:
    """Write the session down, unless the attempt was closed meanwhile."""
    kept = CheckoutAttempt.objects.filter(pk=attempt.pk, tries=attempt.tries, state=AttemptState.STARTED).update(
        state=AttemptState.OPEN, stripe_session_id=session.id
    )
    return bool(kept) or CheckoutAttempt.objects.filter(pk=attempt.pk, stripe_session_id=session.id).exists()


def _fail(attempt: CheckoutAttempt, *, reason: str) -> None:
    CheckoutAttempt.objects.filter(pk=attempt.pk, state=AttemptState.STARTED).update(
        state=AttemptState.FAILED, reason=reason[:255], finished_at=timezone.now()
    )
