"""News of money that a person of the paper should look at."""

import logging
from functools import partial

from django.conf import settings
from django.core.mail import mail_admins
from django.db import transaction
from django.db.models import Model
from django.urls import reverse

logger = logging.getLogger(__name__)


def tell_staff(subject: str, message: str, *, about: Model | None = None) -> None:
    """Write to STAFF_ALERT_EMAILS once the present transaction holds, with the way to the row it is about.

    Messages name ids and amounts, never people: they are logged too. A mail that fails is logged, never raised.
    """
    logger.warning("%s: %s", subject, message)
    if about is not None:
        page = reverse(f"admin:{about._meta.app_label}_{about._meta.model_name}_change", args=[about.pk])  # noqa: SLF001 - public
        message = f"{message}\n\n{settings.SITE_URL}{page}\n"
    transaction.on_commit(partial(mail_admins, subject, message), robust=True)
