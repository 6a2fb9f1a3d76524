"""Finish what a lost worker, a lost letter or a bad moment left undone; run it beside the worker with --every 60."""

import logging
import signal
import threading
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from articles import notes
from articles.unsaved import forget_old_work
from donations import receipts
from kjreport import reaping
from kjreport.payments import customers, inbox, reconciling
from kjreport.payments.models import Watermark
from subscriptions import notices, refunding

logger = logging.getLogger(__name__)

RECONCILED_EVERY = timedelta(hours=1)


class Command(BaseCommand):
    """Each deed is safe to do twice, and none keeps another back."""

    help = "Open letters from Stripe that are due, fetch those that never came, send mails left unsent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the one option there is."""
        parser.add_argument("--every", type=int, default=0, metavar="SECONDS", help="Go on until told to end.")

    def handle(self, *args: Any, every: int, **options: Any) -> None:  # noqa: ANN401, ARG002 - Django's signature
        """Sweep once, or again and again."""
        if not every:
            self.sweep()
            return
        told_to_end = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told_to_end.set())
        self.stdout.write(f"Sweeping every {every} seconds.")
        self.stdout.flush()
        while not told_to_end.is_set():
            self.sweep()
            close_old_connections()
            told_to_end.wait(every)

    def sweep(self) -> None:
        """Do every deed once; one that fails is logged."""
        for deed in (
            reaping.reap_tasks,
            fetch_hourly,
            inbox.sweep,
            refunding.finish_orders,
            notices.write_holds,
            notices.write_expiring_cards,
            notices.send_unsent,
            send_unsent_receipts,
            notes.send_unsent,
            customers.forget_erased,
            inbox.purge_payloads,
            forget_old_work,
        ):
            try:
                deed()
            except Exception:
                logger.exception("Sweeping stumbled over %s", deed.__name__)


def fetch_hourly() -> None:
    """Read Stripe's own list of letters unless that was done within the hour."""
    lately = timezone.now() - RECONCILED_EVERY
    if not Watermark.objects.filter(name="letters", read_until__gt=lately).exists():
        reconciling.fetch_missing_letters()


def send_unsent_receipts() -> None:
    """Send receipts for gifts that a lost worker left unsent."""
    for donation_id in receipts.unsent():
        try:
            receipts.send_receipt(donation_id)
        except Exception:
            logger.exception("The receipt for gift %s could not be sent", donation_id)
