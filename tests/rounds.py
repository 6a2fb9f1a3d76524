"""Runs the tests in their rounds, as `make test` does: SQLite, PostgreSQL, faults, a browser; says what was skipped."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster import a_cluster, find_programs

HOUSE = Path(__file__).resolve().parent.parent
SQLITE = "sqlite:///kjreport-tests.sqlite3"  # a name only: the tests' database lives in memory
NO_TESTS = 5  # pytest's own code for "collected nothing"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Rounds:
    """What was run and what was not."""

    further: Sequence[str]
    nothing_may_skip: bool
    failed: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def run(self, name: str, marks: str, *options: str, **environment: str) -> None:
        """Run one round of the suite."""
        say(f"\n=== {name} ===")
        command = [sys.executable, "-m", "pytest", "-m", marks, *options, *self.further]
        done = subprocess.run(command, cwd=HOUSE, env={**os.environ, **environment}, check=False)
        if done.returncode == NO_TESTS and self.further:
            self.skipped.append(f"{name}: nothing matched {' '.join(self.further)}")
        elif done.returncode:
            self.failed.append(name)
        else:
            self.passed.append(name)

    def skip(self, name: str, reason: str) -> None:
        """Remember a round that this machine cannot run."""
        self.skipped.append(f"{name}: {reason}")

    def conclude(self) -> int:
        """Say how it went; return the exit code."""
        say("\n=== The rounds ===")
        for name in self.passed:
            say(f"  passed   {name}")
        for sentence in self.skipped:
            say(f"  SKIPPED  {sentence}")
        for name in self.failed:
            say(f"  FAILED   {name}")
        if self.skipped and self.nothing_may_skip:
            say("Nothing may be skipped here (KJ_NOTHING_SKIPPED=1).")
            return 1
        return 1 if self.failed else 0


def main(further: Sequence[str]) -> int:
    """Run every round that this machine can."""
    # Also when told to end, the throw-away cluster is put away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    rounds = Rounds(further, nothing_may_skip=os.environ.get("KJ_NOTHING_SKIPPED") == "1")
    workers = ("-n", os.environ.get("KJ_TEST_WORKERS", "2"))
    rounds.run("SQLite", "not browser and not postgres and not load and not faults", *workers, DATABASE_URL=SQLITE)
    run_on_postgres(rounds, workers)
    # Two at a time, for they mostly wait; databases and servers are their own. What needs PostgreSQL skips without it.
    rounds.run("Faults", "faults", *workers, DATABASE_URL=SQLITE)
    run_in_browser(rounds)
    return rounds.conclude()


def run_on_postgres(rounds: Rounds, workers: Sequence[str]) -> None:
    """Run the suite on the PostgreSQL that DATABASE_URL names, or on a throw-away one."""
    marks = "not browser and not load and not faults"
    address = os.environ.get("DATABASE_URL", "")
    programs = find_programs()
    if address.startswith(("postgres://", "postgresql://")):
        rounds.run("PostgreSQL (DATABASE_URL)", marks, *workers)
    elif programs is None:
        rounds.skip("PostgreSQL", "no server programs here and no DATABASE_URL (on Debian: apt install postgresql)")
    else:
        with a_cluster(programs) as address:
            rounds.run(f"PostgreSQL {programs.parent.name}", marks, *workers, DATABASE_URL=address)


def run_in_browser(rounds: Rounds) -> None:
    """Run the journeys in a real Chromium."""
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        rounds.skip("Browser", "no Chromium here (on Debian: apt install chromium)")
        return
    if not (HOUSE / "node_modules/axe-core").exists():
        tools = subprocess.run(["make", "browser-tools"], cwd=HOUSE, check=False)
        if tools.returncode:
            rounds.skip("Browser", "axe-core could not be fetched (`make browser-tools`)")
            return
    rounds.run("Browser", "browser", CHROMIUM=chromium, DATABASE_URL=SQLITE)


def say(line: str) -> None:
    """Print at once, in order with what pytest prints."""
    print(line, flush=True)  # noqa: T201 - it talks to the person who asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
