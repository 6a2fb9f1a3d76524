"""News of money that a person of the paper should look at."""

import logging
from functools import partial

from django.core.mail import mail_admins
from django.db import transaction

logger = logging.getLogger(__name__)


def tell_staff(subject: str, message: str) -> None:
    """Write to STAFF_ALERT_EMAILS once the present transaction holds. A mail that fails is logged, never raised."""
    logger.warning("%s: %s", subject, message)
    transaction.on_commit(partial(mail_admins, subject, message), robust=True)
