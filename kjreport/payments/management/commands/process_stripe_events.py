"""Open the letters from Stripe that are due, and purge the contents of old ones; run it every minute."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from kjreport.payments import inbox
from kjreport.payments.models import StripeEvent

SAID_EVERY = 100


class Command(BaseCommand):
    """The sweeper: whatever a task or a worker lost is found here. A letter that fails waits longer each time."""

    opened = 0

    help = "Process the letters from Stripe whose next attempt has come."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the few options there are."""
        parser.add_argument("--most", type=int, default=1000, help="How many letters to open at most.")
        parser.add_argument("--damaged", action="store_true", help="Put letters that were given up on back first.")

    def handle(self, *args: Any, most: int, damaged: bool, **options: Any) -> None:  # noqa: ANN401, ARG002 - Django's signature
        """Sweep, purge, and say what was done."""
        if damaged:
            self._put_back()
        finished, failed = inbox.sweep(most=most, told=self._tell)
        purged = inbox.purge_payloads()
        given_up = StripeEvent.objects.damaged().count()
        waiting = StripeEvent.objects.unprocessed().count() - given_up
        self.stdout.write(
            f"{finished} finished, {failed} failed, {waiting} waiting, {given_up} given up on, {purged} emptied."
        )

    def _put_back(self) -> None:
        count = 0
        for event in StripeEvent.objects.damaged().defer("payload").iterator(chunk_size=500):
            inbox.process_again(event)
            count += 1
        self.stdout.write(f"{count} that were given up on are put back.")

    def _tell(self) -> None:
        self.opened += 1
        if self.opened % SAID_EVERY == 0:
            self.stderr.write(f"{self.opened} opened …")
