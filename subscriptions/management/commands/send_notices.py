"""Send the letters to readers that a lost worker left unsent."""

from typing import Any

from django.core.management.base import BaseCommand

from subscriptions import notices


class Command(BaseCommand):
    """The sweeper of notices."""

    help = "Send readers' notices that were written but not sent."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002 - Django's signature
        """Send each, and say how many."""
        sent, failed = notices.send_unsent()
        self.stdout.write(f"{sent} sent, {failed} failed.")
