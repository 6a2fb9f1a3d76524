"""Make at Stripe what the site needs there: products, prices and, when asked, the place letters are sent to."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from donations.giving import ensure_campaign, publish_campaigns
from kjreport.payments import postbox
from kjreport.payments import stripe_gateway as gateway
from subscriptions.catalogue import ensure_plans, publish_catalogue


class Command(BaseCommand):
    """Safe to run twice; it says what it made and what was there."""

    help = "Publish plans and prices at Stripe; with --webhook, have letters sent to this site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the one option there is."""
        parser.add_argument("--webhook", metavar="URL", default="", help="The public address of /stripe/webhook/.")

    def handle(self, *args: Any, webhook: str, **options: Any) -> None:  # noqa: ANN401, ARG002 - Django's signature
        """Publish, and show the secret once if there is a new one."""
        try:
            ensure_plans()
            ensure_campaign()
            for line in publish_catalogue() + publish_campaigns():
                self.stdout.write(line)
            if webhook:
                self._ensure_posting(webhook)
            else:
                self._look_at_posting()
        except gateway.GatewayError as error:
            raise CommandError(f"Stripe did not do it: {error}") from error

    def _ensure_posting(self, url: str) -> None:
        """Ask for exactly the letters we hear; show a new secret once, or what of an old endpoint was changed."""
        posting = postbox.ensure_posting(url)
        if posting.secret:
            self.stdout.write(f"Letters will be sent to {url}. Add this to STRIPE_WEBHOOK_SECRETS; it is shown once:")
            self.stdout.write(posting.secret)
            return
        changed = "".join(f"\n  {change}" for change in posting.changes)
        self.stdout.write(f"Letters are sent to {url}, {f'with these changes:{changed}' if changed else 'as before'}.")

    def _look_at_posting(self) -> None:
        """Say at least whether letters come; nothing is changed without --webhook."""
        faults = postbox.find_faults(postbox.find_address())
        for fault in faults or ["every letter we hear is sent to us, as before"]:
            self.stdout.write(f"Letters: {fault}.")
