"""The site's programs as they run for readers, each in a process of its own that can be killed at any moment."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self

from kjreport.launch import HOUSE, Program, site_command
from kjreport.standin.server import StandIn
from tests.faults.mail_server import MailServer

SECRET = "whsec_faults"
SITE, WORKER, SWEEPER = PROGRAMS = ("site", "worker", "sweeper")
_READY = {WORKER: "Starting worker", SWEEPER: "Sweeping every"}
_STARTS_WITHIN = 60  # seconds


class DidNotStartError(RuntimeError):
    """A program did not come up; its last words are the message."""


@dataclass
class House:
    """A site over one database, with a practice till and a mail server; `with` ends all of it, whatever happens."""

    folder: Path
    url: str
    more: dict[str, str] = field(default_factory=dict)  # further environment
    through: Sequence[str] = ()  # a command that runs each program
    seconds_later: int = 0
    running: dict[str, Program] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PROGRAMS, 0))
    outages: int = 0  # how often the database went
    people: dict[str, Any] = field(default_factory=dict)
    _up: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.port = a_free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.mail = MailServer()
        self.till = StandIn(webhook_url=f"{self.address}/stripe/webhook/", secret=SECRET, deliver="hold")

    def __enter__(self) -> Self:
        self.mail.__enter__()
        self.till.start()
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.running):
            self.kill(name)
        self.till.stop()
        self.mail.__exit__()

    @property
    def environment(self) -> dict[str, str]:
        """What every program is told."""
        return {
            **{name: value for name, value in os.environ.items() if name not in {"STRIPE_SITE", "REDIS_URL"}},
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DEBUG": "true",
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": "only-for-tests-" + "x" * 50,
            "VAR_DIR": str(self.folder / "var"),
            "DATABASE_URL": self.url,
            "SITE_URL": self.address,
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
            "TRUSTED_PROXY_COUNT": "1",
            "STRIPE_API_BASE": self.till.url,
            "STRIPE_SECRET_KEY": "sk_test_faults",
            "STRIPE_WEBHOOK_SECRETS": SECRET,
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_OPTIONS": json.dumps({"host": "127.0.0.1", "port": self.mail.port}),
            "KJ_LATER": str(self.seconds_later),
            **self.more,
        }

    def prepare(self, *, readers: int) -> None:
        """Make the tables, the catalogue and some readers."""
        command = [sys.executable, "-m", "tests.faults.prepare", str(readers)]
        done = subprocess.run(
            command, cwd=HOUSE, env=self.environment, capture_output=True, text=True, check=False, timeout=180
        )
        if done.returncode:
            raise DidNotStartError(done.stderr[-4000:])
        self.people = json.loads(done.stdout.splitlines()[-1])

    def start(self, *names: str) -> None:
        """Start programs, without waiting for them."""
        for name in names:
            self.running[name] = Program(
                name, [*self.through, sys.executable, *self._commands()[name]], self.environment
            )
            self._up.discard(name)
            self.running[name].start(heard=partial(self._hear, name, self.running[name]))

    def _hear(self, name: str, program: Program, line: str) -> None:
        if _READY.get(name, "\n") in line and self.running.get(name) is program:
            self._up.add(name)

    def _commands(self) -> dict[str, list[str]]:
        return {
            SITE: site_command(Namespace(port=self.port)),
            WORKER: [
                "manage.py",
                "db_worker",
                "--queue-name=*",
                "--interval=0.1",
                "--no-reload",
                "--no-startup-delay",
                "--skip-checks",
            ],
            SWEEPER: ["manage.py", "sweep", "--every=1", "--skip-checks"],
        }

    def is_ready(self, name: str) -> bool:
        """Whether a program has come up."""
        program = self.running[name]
        if program.has_ended:
            return False
        return answers(self.port) if name == SITE else name in self._up

    def await_ready(self, *names: str) -> None:
        """Wait until programs have come up."""
        deadline = time.monotonic() + _STARTS_WITHIN
        for name in names:
            while not self.is_ready(name):
                program = self.running[name]
                if program.has_ended or time.monotonic() > deadline:
                    raise DidNotStartError(f"{name}: " + "\n".join(program.said[-40:]))
                time.sleep(0.02)

    def kill(self, name: str) -> None:
        """End a program and what it started, at once and without a word: kill -9."""
        program = self.running.pop(name)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(program.process.pid, signal.SIGKILL)
        program.process.wait()
        program.ear.join(timeout=2)

    def kill_one_at_random(self, chance: random.Random) -> None:
        """Kill a program that has come up, at some moment of its work, and start it again."""
        name = chance.choice([SITE, WORKER, WORKER, SWEEPER])
        self.await_ready(name)
        time.sleep(chance.uniform(0.02, 0.7))
        self.kill(name)
        self.kills[name] += 1
        self.start(name)

    @property
    def senders_cut_off(self) -> int:
        """How many senders of mail may have been cut off between the mail server's acceptance and our note of it."""
        return self.kills[WORKER] + self.kills[SWEEPER] + 2 * self.outages

    def start_the_fallen(self) -> None:
        """Start what has ended by itself, as a supervisor does."""
        fallen = [name for name, program in self.running.items() if program.has_ended]
        self.start(*fallen)
        self.await_ready(*fallen)

    def start_anew(self, *, seconds_later: int = 0) -> None:
        """Kill everything, and start it again so much later."""
        for name in list(self.running):
            self.kill(name)
        self.seconds_later = seconds_later
        self.start(*PROGRAMS)
        self.await_ready(*PROGRAMS)


def a_free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def without_overriding_rights() -> list[str]:
    """Return how to run a program so that a file's rights hold for it, root's too."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]


def answers(port: int) -> bool:
    """Whether the site answers at all, well or not."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=10):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
