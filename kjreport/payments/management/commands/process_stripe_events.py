"""Open the letters from Stripe that are due, and purge the contents of old ones; run it every minute."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from kjreport.payments import inbox
from kjreport.payments.models import StripeEvent


class Command(BaseCommand):
    """The sweeper: whatever a task or a worker lost is found here."""

    help = "Process the letters from Stripe whose next attempt has come."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the few options there are."""
        parser.add_argument("--most", type=int, default=1000, help="How many letters to open at most.")
        parser.add_argument("--damaged", action="store_true", help="Put letters that were given up on back first.")

    def handle(self, *args: Any, most: int, damaged: bool, **options: Any) -> None:  # noqa: ANN401, ARG002 - Django's signature
        """Sweep, purge, and say what was done."""
        if damaged:
            for event in StripeEvent.objects.damaged():
                inbox.process_again(event)
        finished, failed = inbox.sweep(most=most)
        purged = inbox.purge_payloads()
        waiting = StripeEvent.objects.unprocessed().count()
        self.stdout.write(f"{finished} finished, {failed} failed, {waiting} waiting, {purged} emptied for their age.")
