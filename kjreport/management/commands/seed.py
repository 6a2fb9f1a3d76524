"""Fill an empty site with the demo issue of the paper, its people, plans and payments; safe to run twice."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kjreport.demo.issue import set_issue
from kjreport.demo.payments import make_payments
from kjreport.demo.people import PASSWORD, PEOPLE, make_people


class Command(BaseCommand):
    """Seed the demo issue."""

    help = "Fills an empty site with the demo issue of the paper. Refuses to run in production."

    def handle(self, *_args: Any, **_options: Any) -> None:  # noqa: ANN401 - as upstream
        """Seed, saying what is done.

        Raises:
            CommandError: this is no laptop, or payments go to Stripe itself.
        """
        if not settings.DEBUG:
            raise CommandError("seed makes accounts with a known password, so it runs only where DEBUG is true.")
        if urlsplit(settings.STRIPE_API_BASE).hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise CommandError("seed pays with test cards, so it needs the stand-in: set STRIPE_API_BASE to it.")
        people = make_people()
        written = set_issue(editor=people["editor"], journalist=people["journalist"], now=timezone.now(), say=self._say)
        paid = make_payments(people, say=self._say)
        if written or paid:
            self._say(f"Seeded {written} articles and {paid} payments.")
        for person in PEOPLE:
            self._say(f"  {person.email:<32} {person.does}")
        self._say(f"  Everybody's password is “{PASSWORD}”.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
