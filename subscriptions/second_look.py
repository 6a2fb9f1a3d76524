"""A second look at Stripe for a reader whom an old mirror would leave at the wall: brief, rare, never in the way."""

import logging
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import DatabaseError

from kjreport.payments.models import Customer
from kjreport.payments.stripe_gateway import GatewayError
from subscriptions import mirror

logger = logging.getLogger(__name__)

OLD_AFTER = timedelta(minutes=10)
PATIENCE = 1  # second each to be connected and to be answered: two in all, and the page does not wait longer


def is_old(synced_at: datetime, now: datetime) -> bool:
    """Whether what the mirror says was looked up so long ago that it may be wrong."""
    return now - synced_at > OLD_AFTER


def look_again(customer_id: str) -> bool:
    """Ask Stripe once in ten minutes for a reader; return whether it answered. Whatever fails, the mirror stands."""
    try:
        if not cache.add(f"second-look:{customer_id}", 1, OLD_AFTER.total_seconds()):
            return False
    except Exception:
        logger.exception("The cache does not answer, so nobody counts second looks; none is taken.")
        return False
    try:
        mirror.glance_at_customer(customer_id, patience=PATIENCE)
    except (GatewayError, DatabaseError, Customer.DoesNotExist) as error:
        logger.warning("A second look was not to be had: %s", error)
        return False
    return True
