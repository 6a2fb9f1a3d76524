"""Every way in which Stripe can be in trouble, to be gone through at every place where we call it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import stripe  # noqa: TID251 - its retries wait, and these tests do not
from django.core.cache import cache
from django.db import connection

from kjreport.payments import deadlines
from kjreport.standin.faults import BODIES
from kjreport.standin.server import StandIn
from tests.integration.money.wire import MANNERS, a_rude_server

PATIENCE = 0.3  # seconds, in place of what a reader has; the machinery is the same
NOBODY = "http://127.0.0.1:9"
MANY = 500


@dataclass(frozen=True)
class Trouble:
    """One way; `is_done` where Stripe does what it was asked, and only the answer is lost."""

    name: str
    fault: dict[str, Any] | None = None
    manner: str = ""
    is_done: bool = False

    def __str__(self) -> str:
        return self.name


ANSWERS = [
    Trouble("500", {"status": 500}),
    Trouble("503", {"status": 503}),
    Trouble("429", {"status": 429}),
    *[Trouble(f"nonsense: {body}", {"status": "nonsense", "body": body}) for body in BODIES],
]
LOST = [
    Trouble("500, but done", {"status": 500, "after": True}, is_done=True),
    Trouble("truncated, but done", {"status": "nonsense", "body": "truncated", "after": True}, is_done=True),
    Trouble("trickling, but done", {"status": "trickle", "seconds": 3}, is_done=True),
]
WIRE = [Trouble(manner, manner=manner) for manner in MANNERS]
REFUSED = Trouble("refused", manner="refused")
_SHORT = {"500", "429", "nonsense: html", "nonsense: wrong_object", "dribble_the_head", "say_nothing", "reset_midway"}


def list_troubles() -> list[Trouble]:
    """Return all of them; on PostgreSQL one of each sort, for none of them asks the database."""
    sorts = [each for each in (*ANSWERS, *WIRE) if connection.vendor == "sqlite" or each.name in _SHORT]
    return [*sorts, REFUSED, *LOST]


@contextlib.contextmanager
def in_trouble(trouble: Trouble, till: StandIn, settings: Any) -> Iterator[None]:
    """Have every call to Stripe come to this, and nobody patient; afterwards all is well, and nobody remembers."""
    cache.clear()
    well = settings.STRIPE_API_BASE
    try:
        with contextlib.ExitStack() as stack:
            hurry(stack.enter_context(pytest.MonkeyPatch.context()))
            if trouble.fault is not None:
                till.fail_next(MANY, **trouble.fault)
            elif trouble == REFUSED:
                settings.STRIPE_API_BASE = NOBODY
            else:
                settings.STRIPE_API_BASE = stack.enter_context(a_rude_server(trouble.manner))
            yield
    finally:
        settings.STRIPE_API_BASE = well
        till.engine.faults.clear()
        cache.clear()


def hurry(patch: Any) -> None:
    """Shorten every patience and every pause, so that a few hundred troubles are gone through in seconds."""
    patch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    patch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.001)
    patch.setattr(deadlines, "READ", PATIENCE / 2)
    patch.setattr(deadlines, "WHOLE", PATIENCE / 2)
    for place in (
        "subscriptions.checkout.PATIENCE",
        "subscriptions.portal.PATIENCE",
        "donations.views.PATIENCE",
        "kjreport.payments.refunding.PATIENCE",
    ):
        patch.setattr(place, PATIENCE)
    for place in ("kjreport.payments.inbox.find_patience", "subscriptions.mirror.find_patience"):
        patch.setattr(place, lambda: PATIENCE)
