"""Cuts pages off from Stripe while it is away, so that readers are told at once instead of after a time-out each."""

import logging

from django.core.cache import cache

logger = logging.getLogger(__name__)

TRIPS_AFTER = 5  # answers in a row that did not come
COUNTED_FOR = 60  # seconds
OPEN_FOR = 30  # seconds
_OPEN, _FAILURES = "stripe-breaker-open", "stripe-breaker-failures"


def is_open() -> bool:
    """Whether Stripe need not be asked just now. Without a cache it never is."""
    try:
        return cache.get(_OPEN) is not None
    except Exception:
        logger.exception("The cache does not answer; Stripe is asked as usual.")
        return False


def note_failure() -> None:
    """Count an answer that did not come. After the first trip, one more within the minute trips it again."""
    try:
        cache.add(_FAILURES, 0, COUNTED_FOR)
        failures = cache.incr(_FAILURES)
        if failures >= TRIPS_AFTER:
            cache.set(_OPEN, 1, OPEN_FOR)
            cache.set(_FAILURES, TRIPS_AFTER - 1, OPEN_FOR + COUNTED_FOR)
            logger.warning("Stripe did not answer %s times; pages do not ask it for %s seconds.", failures, OPEN_FOR)
    except Exception:
        logger.exception("The cache does not answer; a failure of Stripe's is not counted.")


def note_answer() -> None:
    """Begin counting anew: Stripe is there."""
    try:
        cache.delete(_FAILURES)
    except Exception:
        logger.exception("The cache does not answer; an answer of Stripe's is not noted.")
