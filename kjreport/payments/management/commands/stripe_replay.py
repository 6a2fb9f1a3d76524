"""Open letters from Stripe again: some by their ids, or all since a moment. Doing it twice does no harm."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from kjreport.payments import inbox
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import StripeEvent

SAID_EVERY = 1_000


class Command(BaseCommand):
    """For the day after a mistake of ours was mended."""

    help = "Put letters through the inbox again, by id or since a moment; one we never got is fetched first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ids, or a moment and a type."""
        parser.add_argument("ids", nargs="*", metavar="evt_…", help="Letters, by Stripe's id.")
        parser.add_argument("--since", default="", metavar="2026-11-23T18:00", help="All that Stripe wrote since then.")
        parser.add_argument("--type", default="", help="With --since: only letters of this type.")

    def handle(self, *args: Any, ids: list[str], since: str, type: str, **options: Any) -> None:  # noqa: A002, ANN401, ARG002 - Django's signature
        """Open each, oldest first, and say how it went."""
        if bool(ids) == bool(since):
            raise CommandError("Name letters by their ids, or say --since when.")
        chosen = self._find(ids) if ids else self._stream_since(read_moment(since), type)
        finished = failed = 0
        for event in chosen:
            done = self._replay(event)
            finished += done
            failed += not done
            if (finished + failed) % SAID_EVERY == 0:
                self.stderr.write(f"{finished + failed} …")
        summary = f"{finished} opened again, {failed} failed."
        if failed:
            raise CommandError(summary)
        self.stdout.write(summary)

    def _find(self, ids: list[str]) -> Iterator[StripeEvent]:
        for stripe_id in ids:
            if not StripeEvent.objects.filter(stripe_id=stripe_id).exists():
                try:
                    inbox.receive(gateway.get_notification(stripe_id))
                except gateway.GatewayError as error:
                    raise CommandError(f"{stripe_id} is neither here nor to be had from Stripe: {error}") from error
            yield StripeEvent.objects.get(stripe_id=stripe_id)

    def _stream_since(self, moment: datetime, type_: str) -> Iterator[StripeEvent]:
        kept = StripeEvent.objects.filter(occurred_at__gte=moment).order_by("occurred_at", "pk")
        if type_:
            kept = kept.filter(type=type_)
        for pk in kept.values_list("pk", flat=True).iterator(chunk_size=500):
            yield StripeEvent.objects.get(pk=pk)

    def _replay(self, event: StripeEvent) -> bool:
        try:
            done = inbox.replay(event)
        except gateway.GatewayError as error:
            self.stderr.write(f"{event.stripe_id}: its contents are gone: {error}")
            return False
        if not done:
            event.refresh_from_db()
            self.stderr.write(f"{event.stripe_id}: {event.last_error}")
        return done


def read_moment(written: str) -> datetime:
    """Read a moment as people write it, in the site's own time unless it says otherwise."""
    try:
        moment = parse_datetime(written)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"“{written}” is no moment; write it like 2026-11-23T18:00.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
