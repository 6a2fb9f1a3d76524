"""Send the letters to readers that a lost worker left unsent; run it every few minutes."""

import logging
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from subscriptions.models import Notice
from subscriptions.notices import send_notice

logger = logging.getLogger(__name__)
LEFT_TO_THE_WORKER = timedelta(minutes=5)


class Command(BaseCommand):
    """The sweeper of notices."""

    help = "Send readers' notices that were written but not sent."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002 - Django's signature
        """Send each; one that fails does not keep the others back."""
        left = Notice.objects.filter(sent_at__isnull=True, created_at__lt=timezone.now() - LEFT_TO_THE_WORKER)
        sent = failed = 0
        for pk in list(left.values_list("pk", flat=True)[:1000]):
            try:
                sent += send_notice(pk)
            except Exception:
                logger.exception("Notice %s could not be sent", pk)
                failed += 1
        self.stdout.write(f"{sent} sent, {failed} failed.")
