"""Runs the soak, as `make soak` does: histories in process, over HTTP on SQLite, and over HTTP on PostgreSQL."""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cluster import a_cluster, find_programs

HOUSE = Path(__file__).resolve().parent.parent.parent
SQLITE = "sqlite:///soak.sqlite3"  # a name only: in process the database lives in memory
SAID_EVERY = 30  # seconds
STRAIGHT, WIRED = "in process", "over HTTP"


@dataclass
class Round:
    """A mode, how many histories of it, and what has come of them so far."""

    name: str
    count: int
    is_wired: bool
    environment: dict[str, str]
    first: int
    done: dict[int, int] = field(default_factory=dict)  # by shard
    findings: list[dict[str, Any]] = field(default_factory=list)
    fell: list[str] = field(default_factory=list)  # shards that ended in another way, with their last words

    @property
    def lived(self) -> int:
        """How many histories have been lived."""
        return sum(self.done.values())

    def run(self, shards: int) -> None:
        """Live them all, in so many processes."""
        began = said = time.monotonic()
        processes = [self._start(shard, shards) for shard in range(min(shards, self.count))]
        try:
            ears = [threading.Thread(target=self._listen, args=each, daemon=True) for each in enumerate(processes)]
            for ear in ears:
                ear.start()
            while any(ear.is_alive() for ear in ears):
                time.sleep(0.2)
                if time.monotonic() - said > SAID_EVERY:
                    said = time.monotonic()
                    self._say_progress(said - began)
        finally:
            for process in processes:
                process.terminate()
        self._say_progress(time.monotonic() - began)

    def _start(self, shard: int, shards: int) -> "subprocess.Popen[str]":
        count = len(range(shard, self.count, shards))
        command = [sys.executable, "-m", "tests.soak.shard", f"--first={self.first + shard}", f"--count={count}"]
        command += [f"--step={shards}", *(["--wired"] if self.is_wired else [])]
        environment = {**os.environ, **self.environment}
        return subprocess.Popen(
            command, cwd=HOUSE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def _listen(self, shard: int, process: "subprocess.Popen[str]") -> None:
        words: list[str] = []
        for line in process.stdout or ():
            try:
                told = json.loads(line)
            except ValueError:
                words = [*words[-30:], line]
                continue
            if "finding" in told:
                self.findings.append(told["finding"])
                say(f"\n{self.name}: seed {told['finding']['seed']} goes wrong")
            else:
                self.done[shard] = told["done"]
        if process.wait() not in (0, 1) or (process.returncode == 1 and not self.findings):
            self.fell.append(f"shard {shard} ended with {process.returncode}:\n{''.join(words)}")

    def _say_progress(self, seconds: float) -> None:
        pace = f", {1000 * seconds / self.lived:.0f} ms each" if self.lived else ""
        say(f"{self.name}: {self.lived} of {self.count} in {seconds:.0f} s{pace}, {len(self.findings)} went wrong")


def main(words: Sequence[str]) -> int:
    """Run every round that was asked for and that this machine can."""
    asked = read_arguments(words)
    rounds: list[Round] = []
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kjreport-soak-"))
        own = {"VAR_DIR": folder, "DATABASE_URL": SQLITE}
        if asked.histories:
            rounds.append(Round(STRAIGHT, asked.histories, is_wired=False, environment=own, first=asked.seed))
        if asked.http_sqlite:
            wired = own | {"SOAK_FOLDER": folder}
            rounds.append(Round(f"{WIRED}, SQLite", asked.http_sqlite, True, wired, asked.seed))
        if asked.http_postgres:
            programs = find_programs()
            if programs is None:
                say("PostgreSQL: no server programs here (on Debian: apt install postgresql)")
                return 1
            wired = own | {"DATABASE_URL": stack.enter_context(a_cluster(programs))}
            rounds.append(Round(f"{WIRED}, PostgreSQL", asked.http_postgres, True, wired, asked.seed))
        for each in rounds:
            each.run(asked.shards)
    return conclude(rounds)


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read what was asked for; without a word it is the whole soak."""
    reader = argparse.ArgumentParser(prog="make soak ARGS=…", description=__doc__)
    reader.add_argument("--histories", type=int, default=100_000, help="so many in process")
    reader.add_argument("--http-sqlite", type=int, default=5_000, help="so many over HTTP on SQLite")
    reader.add_argument("--http-postgres", type=int, default=5_000, help="so many over HTTP on PostgreSQL")
    reader.add_argument("--seed", type=int, default=1, help="the first history's")
    reader.add_argument("--shards", type=int, default=os.cpu_count() or 1, help="processes at once")
    return reader.parse_args(words)


def conclude(rounds: Sequence[Round]) -> int:
    """Say how it went; return the exit code."""
    for each in rounds:
        for finding in each.findings:
            say(f"\n=== {each.name}, seed {finding['seed']} ===\n{finding['error']}\n{finding['history']}")
            again = {STRAIGHT: "--histories 1 --http-sqlite 0 --http-postgres 0"}.get(
                each.name, "--histories 0 --http-sqlite 1 --http-postgres 1"
            )
            say(f'Again:  make soak ARGS="{again} --seed {finding["seed"]}"')
        for words in each.fell:
            say(f"\n=== {each.name} ===\n{words}")
    say("\n=== The soak ===")
    for each in rounds:
        is_well = not each.findings and not each.fell and each.lived == each.count
        last = each.first + each.count - 1
        say(f"  {'passed' if is_well else 'FAILED'}   {each.lived} histories {each.name}, seeds {each.first} to {last}")
    return 1 if any(each.findings or each.fell or each.lived != each.count for each in rounds) else 0


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)  # noqa: T201 - it talks to the person who asked


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # also when told to end, the throw-away cluster is put away
    sys.exit(main(sys.argv[1:]))
