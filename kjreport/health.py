"""How the site is: what a monitor asks, and nothing that is private."""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from django.core.cache import cache
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_tasks_db.models import DBTaskResult, get_date_max

from kjreport.payments.models import StripeEvent

logger = logging.getLogger(__name__)

# Older work than this means that nobody is doing it.
PATIENCE = timedelta(minutes=10)
A_LONG_TASK = timedelta(hours=1)


class State(StrEnum):
    """How one part of the site is."""

    WELL = "well"
    BEHIND = "behind"  # work waits longer than it should: is a worker running?
    DOWN = "down"


@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part is well, else 503. Four queries."""
    parts = {name: _ask(name, question) for name, question in QUESTIONS.items()}
    well = all(state is State.WELL for state in parts.values())
    return JsonResponse({"status": "well" if well else "unwell", **parts}, status=200 if well else 503)


def _ask(name: str, question: Callable[[], State]) -> State:
    """Ask one part; whatever it raises, the others are still asked and the reason stays in our log."""
    try:
        return question()
    except Exception:
        logger.exception("Health: %s does not answer.", name)
        return State.DOWN


def ask_database() -> State:
    """Whether the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return State.WELL if cursor.fetchone() == (1,) else State.DOWN


def ask_cache() -> State:
    """Whether the cache gives back what it was given."""
    key, value = f"health-{secrets.token_hex(8)}", secrets.token_hex(8)
    cache.set(key, value, timeout=10)
    kept = cache.get(key)
    cache.delete(key)
    return State.WELL if kept == value else State.DOWN


def ask_worker() -> State:
    """Whether background work gets done: nothing due waits, nothing begun hangs.

    A worker with nothing to do cannot be told from one that is gone, and is not missed either.
    """
    now = timezone.now()
    due = Q(run_after=get_date_max()) | Q(run_after__lt=now - PATIENCE)
    waiting = DBTaskResult.objects.ready().filter(due, enqueued_at__lt=now - PATIENCE)
    hanging = DBTaskResult.objects.running().filter(started_at__lt=now - A_LONG_TASK)
    return State.BEHIND if waiting.exists() or hanging.exists() else State.WELL


def ask_letters() -> State:
    """Whether Stripe's letters are opened soon after they came."""
    return State.BEHIND if StripeEvent.objects.unprocessed().filter(received_at__lt=_late()).exists() else State.WELL


def _late() -> datetime:
    return timezone.now() - PATIENCE


QUESTIONS: dict[str, Callable[[], State]] = {
    "database": ask_database,
    "cache": ask_cache,
    "worker": ask_worker,
    "letters": ask_letters,
}
