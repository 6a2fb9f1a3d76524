"""Bring what we keep back to what Stripe says: missing letters every hour, everything there is every night."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kjreport.drift import list_looks
from kjreport.payments import inbox, reconciling
from kjreport.payments.auditing import Drift
from kjreport.payments.stripe_gateway import GatewayError

SAID_EVERY = 10_000  # things looked at between two lines of progress


class Command(BaseCommand):
    """The reconciler. It is safe to run at any time, and twice; it takes no more memory for a million than for one."""

    opened = 0

    help = "Fetch letters that never came; --full compares everything and mends it; --check only compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the two options there are."""
        parser.add_argument("--full", action="store_true", help="Also compare everything, and mend it; run it nightly.")
        parser.add_argument("--check", action="store_true", help="Compare everything, change nothing, exit 1 on drift.")

    def handle(self, *args: Any, full: bool, check: bool, **options: Any) -> None:  # noqa: ANN401, ARG002 - Django's signature
        """Do it, and say what was found."""
        try:
            missing = self._look_for_letters(check=check)
            if check:
                self._report(*self._compare(mending=False), missing)
            elif full:
                found, left = self._compare(mending=True)
                reconciling.note_scan(found)
                self._report(found, left, 0)
        except GatewayError as error:
            raise CommandError(f"Stripe did not answer: {error}") from error

    def _look_for_letters(self, *, check: bool) -> int:
        """Read Stripe's own list; return how many letters are missing still."""
        if check:
            read, missing = reconciling.count_missing_letters()
            self.stdout.write(f"{read} letters read, {missing} missing.")
            return missing
        read, new = reconciling.fetch_missing_letters()
        finished, failed = inbox.sweep_all(told=self._tell)
        self.stdout.write(f"{read} letters read, {new} had been missing, {finished} processed, {failed} failed.")
        return 0

    def _tell(self) -> None:
        self.opened += 1
        if self.opened % SAID_EVERY == 0:
            self.stderr.write(f"letters: {self.opened} opened …")

    def _compare(self, *, mending: bool) -> tuple[int, int]:
        """Look at everything; return how much was out of step, and how much of it is so still."""
        found = left = 0
        for what, look in list_looks().items():
            looked = drifted = said = 0
            for number, drifts in look():
                looked += number
                drifted += len(drifts)
                left += sum(not self._mend(what, drift, mending=mending) for drift in drifts)
                if looked - said >= SAID_EVERY:
                    said = looked
                    self.stderr.write(f"{what}: {looked} …")
            found += drifted
            self.stdout.write(f"{what}: {looked} looked at, {drifted} out of step.")
        return found, left

    def _mend(self, what: str, drift: Drift, *, mending: bool) -> bool:
        """Report one, and bring it back if asked to; return whether it is in step now."""
        outcome = ""
        if mending and drift.mend is not None:
            try:
                drift.mend()
                outcome = "mended"
            except GatewayError as error:
                outcome = f"could not be mended: {error}"
        self.stdout.write(f"  {what}: {drift.stripe_id}: {drift.what}{f'; {outcome}' if outcome else ''}")
        return outcome == "mended"

    def _report(self, found: int, left: int, missing: int) -> None:
        summary = f"{found} out of step, {found - left} mended, {missing} letters missing."
        if left or missing:
            raise CommandError(summary)
        self.stdout.write(summary)
