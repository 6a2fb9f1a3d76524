"""Bring what we keep back to what Stripe says: missing letters every hour, every customer every night."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from donations.giving import sync_pledge
from donations.models import Pledge
from kjreport.payments import inbox, reconciling
from kjreport.payments.letters import NotOurs
from kjreport.payments.models import Customer
from kjreport.payments.stripe_gateway import GatewayError
from subscriptions.handlers import sync_customer


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
        """Stream through the tables, so that a million take no more memory than one."""
        customers = Customer.objects.filter(stripe_id__isnull=False, deleted_at__isnull=True).order_by("pk")
        pledges = Pledge.objects.filter(ended_at__isnull=True).order_by("pk")
        failed = self._look_at("customers", customers.values_list("stripe_id", flat=True), sync_customer)
        failed += self._look_at("monthly gifts", pledges.values_list("stripe_id", flat=True), sync_pledge)
        if failed:
            raise CommandError("Some could not be looked at; run it again.")

    def _look_at(self, what: str, ids: QuerySet[Any, Any], look: Callable[[str], object]) -> int:
        synced = failed = 0
        for stripe_id in ids.iterator(chunk_size=500):
            try:
                look(stripe_id)
                synced += 1
            except (GatewayError, NotOurs) as error:
                failed += 1
                self.stderr.write(f"{stripe_id}: {error}")
        self.stdout.write(f"{synced} {what} in step, {failed} could not be looked at.")
        return failed
