"""Bring what we keep back to what Stripe says: missing letters every hour, every customer every night."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kjreport.events import WINGS
from kjreport.payments import inbox, reconciling
from kjreport.payments.models import Customer
from kjreport.payments.stripe_gateway import GatewayError


class Command(BaseCommand):
    """The reconciler. It is safe to run at any time, and twice."""

    help = "Fetch letters that never came; with --full, look at every customer again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the one option there is."""
        parser.add_argument("--full", action="store_true", help="Also sync every customer; run it nightly.")

    def handle(self, *args: Any, full: bool, **options: Any) -> None:  # noqa: ANN401, ARG002 - Django's signature
        """Do it, and say what was found."""
        try:
            read, new = reconciling.fetch_missing_letters()
        except GatewayError as error:
            raise CommandError(f"Stripe did not answer: {error}") from error
        finished, failed = inbox.sweep()
        self.stdout.write(f"{read} letters read, {new} had been missing, {finished} processed, {failed} failed.")
        if full:
            self._sync_everybody()

    def _sync_everybody(self) -> None:
        known = Customer.objects.filter(stripe_id__isnull=False, deleted_at__isnull=True).order_by("pk")
        synced = failed = 0
        for stripe_id in known.values_list("stripe_id", flat=True).iterator(chunk_size=500):
            try:
                for wing in set(WINGS.values()):
                    wing.sync_customer(str(stripe_id))
                synced += 1
            except GatewayError as error:
                failed += 1
                self.stderr.write(f"{stripe_id}: {error}")
        self.stdout.write(f"{synced} customers in step, {failed} could not be looked at.")
        if failed:
            raise CommandError("Some customers could not be looked at; run it again.")
