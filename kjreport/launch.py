"""Starts the whole publication on a laptop, as `make run` does: stand-in, worker, sweeper and site; Ctrl-C ends all.

It needs the standard library only and imports nothing of the house: it starts the house's programs, each in a process
group of its own, so that whatever they start ends with them.
"""

import argparse
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

HOUSE = Path(__file__).resolve().parent.parent
HEALTHY_WITHIN = 90  # seconds; a slow laptop's first start
ENDS_WITHIN = 8  # seconds, then it is killed
MOST_FALLS = 5  # in a row, then starting it again mends nothing
FALLS_COUNTED_FOR = 60  # seconds
OF_NO_INTEREST = ("state=RUNNING", "state=SUCCESSFUL", "Starting worker")  # a worker at work; what fails is shown
STRIPES_OWN = ("STRIPE_SECRET_KEY", "STRIPE_API_BASE")

TEST_CARDS = """\
  4242 4242 4242 4242   pays
  4000 0025 0000 3155   asks for 3-D Secure, then pays
  4000 0000 0000 0002   is declined
  4000 0000 0000 9995   has insufficient funds
  4000 0000 0000 0341   pays now, fails at the renewal
  Any future date, any three digits."""


class CannotStartError(Exception):
    """One sentence for the person at the keyboard."""


@dataclass
class Program:
    """One program of the house, running, with its name in front of every line it says."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    process: "subprocess.Popen[str]" = field(init=False)
    said: list[str] = field(default_factory=list)  # its last lines
    ear: threading.Thread = field(init=False)
    falls: list[float] = field(default_factory=list)  # when it last ended by itself, in monotonic seconds
    heard: Callable[[str], None] = field(init=False)

    def start(self, heard: Callable[[str], None]) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches us first; pass on each line it says."""
        self.heard = heard
        self.process = subprocess.Popen(  # noqa: S603 - our own programs
            self.command,
            cwd=HOUSE,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.ear = threading.Thread(target=self._listen, args=(heard,), daemon=True)
        self.ear.start()

    def _listen(self, heard: Callable[[str], None]) -> None:
        with self.process.stdout or contextlib.nullcontext(()) as lines:
            for line in lines:
                self.said = [*self.said[-100:], line.rstrip()]
                heard(line.rstrip())

    @property
    def has_ended(self) -> bool:
        """Whether it stopped by itself."""
        return self.process.poll() is not None

    def start_again(self) -> None:
        """Start it again after it has ended, and end what it left behind."""
        self._signal(signal.SIGKILL)
        self.ear.join(timeout=1)
        self.start(self.heard)

    def ask_to_end(self) -> None:
        """Ask it and everything it started to end."""
        self._signal(signal.SIGTERM)

    def make_end(self, deadline: float) -> None:
        """Wait until the deadline (monotonic seconds), then kill what is left of its group."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
        self._signal(signal.SIGKILL)
        self.process.wait()
        self.ear.join(timeout=1)  # its last words

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def say(line: str) -> None:
    """Print at once, also into a pipe; a closed terminal is no reason to fall over."""
    with contextlib.suppress(OSError):
        print(line, flush=True)  # noqa: T201 - a launcher talks


def main() -> int:
    """Start everything, wait until it is well, tell where it is, and end it all on Ctrl-C."""
    asked = _read_arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        with contextlib.ExitStack() as stack:
            _run(asked, stack)
    except CannotStartError as error:
        say(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        say("\nKJ Report has stopped. `make run` starts it again, with everything as you left it.")
    return 0


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Start KJ Report on this laptop.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--standin-port", type=int, default=int(os.environ.get("STANDIN_PORT") or 12111))
    return parser.parse_args()


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End on the first signal; further ones are ignored while everything is put away."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(asked: argparse.Namespace, stack: contextlib.ExitStack) -> None:
    own = {**_read_dotenv(), **os.environ}
    with_standin = not any(own.get(name) for name in STRIPES_OWN)
    require_free(asked.port, "PORT")
    if with_standin:
        require_free(asked.standin_port, "STANDIN_PORT")
    environment = make_environment(own, asked, with_standin=with_standin)
    running = stack.enter_context(_ending_together())

    if with_standin:
        _start(running, "stand-in", standin_command(asked, environment), environment)
    manage("migrate", "--noinput", "--verbosity=0", environment=environment)
    if with_standin:
        _await_port(running, asked.standin_port)
        say("Making sure the demo issue is there; the first time it draws its pictures, which takes a minute or two.")
    people = seed(environment) if with_standin else []
    worker = ["manage.py", "db_worker", "--queue-name=*", "--interval=0.5", "--no-reload", "--no-startup-delay"]
    _start(running, "worker", worker, environment)
    _start(running, "sweeper", ["manage.py", "sweep", "--every=60"], environment)
    _start(running, "site", site_command(asked), environment)
    _await_health(running, environment["SITE_URL"])
    say(welcome(environment, people, with_standin=with_standin))
    starter = os.getppid()
    while os.getppid() == starter:  # else whoever started us was killed, and nobody is left to press Ctrl-C
        start_the_fallen(running)
        time.sleep(0.5)


def _read_dotenv() -> dict[str, str]:
    """What `.env` sets, read as plainly as is needed to know whether Stripe is configured."""
    path = HOUSE / ".env"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.removeprefix("export ").strip(): value.strip().strip("'\"") for name, value in pairs}


def require_free(port: int, variable: str) -> None:
    """Refuse a port that somebody listens on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStartError(
                f"Port {port} is taken, perhaps by KJ Report itself running elsewhere: "
                f"stop that program, or choose another port with `make run {variable}={port + 1}`."
            ) from error


def make_environment(own: Mapping[str, str], asked: argparse.Namespace, *, with_standin: bool) -> dict[str, str]:
    """Return what every program is told; what the person set themselves comes first."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "DEBUG": "true"}
    environment["SITE_URL"] = f"http://127.0.0.1:{asked.port}"
    if with_standin:
        environment["STRIPE_API_BASE"] = f"http://127.0.0.1:{asked.standin_port}"
        environment["STRIPE_SECRET_KEY"] = "sk_test_laptop"  # noqa: S105 - opens nothing but the stand-in
        environment["STRIPE_WEBHOOK_SECRETS"] = f"whsec_{_keep_laptop_secret(own)}"
    return environment


def _keep_laptop_secret(own: Mapping[str, str]) -> str:
    """Return the secret that stand-in and site share, the same at every start."""
    folder = Path(own.get("VAR_DIR") or HOUSE / "var")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "standin-secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(16), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def standin_command(asked: argparse.Namespace, environment: Mapping[str, str]) -> list[str]:
    """Return how the stand-in is started: what it knows outlives it."""
    folder = Path(environment.get("VAR_DIR") or HOUSE / "var")
    return [
        "-m",
        "kjreport.standin",
        f"--port={asked.standin_port}",
        f"--state={folder / 'standin.sqlite3'}",
        f"--webhook={environment['SITE_URL']}/stripe/webhook/",
        f"--secret={environment['STRIPE_WEBHOOK_SECRETS']}",
    ]


def site_command(asked: argparse.Namespace) -> list[str]:
    """Return how the site is started: with the same server as in production, one process."""
    return [
        *("-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={asked.port}"),
        *("--workers=1", "--blocking-threads=4", "--no-ws", "--log-level=warning"),
        *("--respawn-failed-workers", "--respawn-interval=0.5"),
        "kjreport.wsgi:application",
    ]


@contextlib.contextmanager
def _ending_together() -> Iterator[list[Program]]:
    """Collect programs; whatever happens, end them all, and what they started."""
    running: list[Program] = []
    try:
        yield running
    finally:
        # The first is what the others lean on: a worker left without the stand-in would wait for it.
        for together in (running[1:], running[:1]):
            for program in together:
                program.ask_to_end()
            deadline = time.monotonic() + ENDS_WITHIN
            for program in together:
                program.make_end(deadline)


def _start(running: list[Program], name: str, arguments: list[str], environment: Mapping[str, str]) -> None:
    program = Program(name, [sys.executable, *arguments], environment)
    program.start(
        heard=lambda line: None if any(word in line for word in OF_NO_INTEREST) else say(f"{name:>8} | {line}")
    )
    running.append(program)


def manage(*arguments: str, environment: Mapping[str, str], heard: Callable[[str], None] = say) -> list[str]:
    """Run one of Django's commands to its end; pass on and return what it says.

    Raises:
        CannotStartError: it failed; it has said why.
    """
    command = Program(arguments[0], [sys.executable, "manage.py", *arguments], environment)
    command.start(heard)
    try:
        command.process.wait()
    finally:
        command.ask_to_end()
        command.make_end(time.monotonic() + ENDS_WITHIN)
    if command.process.returncode:
        raise CannotStartError(f"`manage.py {arguments[0]}` failed; what it said stands above.")
    return command.said


def seed(environment: Mapping[str, str]) -> list[str]:
    """Fill an empty site with the demo issue; return its lines about the people."""

    def pass_on(line: str) -> None:
        """The people are shown at the end, when they can sign in."""
        if not line.startswith("  "):
            say(line)

    return [line for line in manage("seed", environment=environment, heard=pass_on) if line.startswith("  ")]


def _await_port(running: list[Program], port: int) -> None:
    deadline = time.monotonic() + HEALTHY_WITHIN
    while time.monotonic() < deadline:
        _require_alive(running)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise CannotStartError(f"The {running[-1].name} did not answer within {HEALTHY_WITHIN} seconds.")


def _await_health(running: list[Program], site_url: str) -> None:
    deadline = time.monotonic() + HEALTHY_WITHIN
    answer = "nothing"
    while time.monotonic() < deadline:
        _require_alive(running)
        try:
            with urllib.request.urlopen(f"{site_url}/health/", timeout=5):  # noqa: S310 - our own loopback address
                return
        except urllib.error.HTTPError as error:
            answer = error.read(500).decode(errors="replace")
            if '"behind"' in answer and '"down"' not in answer:
                return  # Work was left lying while the laptop slept; the worker that just started is doing it.
        except OSError:
            pass
        time.sleep(0.1)
    raise CannotStartError(f"The site did not get well within {HEALTHY_WITHIN} seconds; /health/ said: {answer}")


def _require_alive(running: list[Program]) -> None:
    for program in running:
        if program.has_ended:
            time.sleep(0.3)  # let its last words through
            raise CannotStartError(
                f"The {program.name} has ended (code {program.process.returncode}), so everything was stopped; "
                "its last words stand above."
            )


def start_the_fallen(running: list[Program]) -> None:
    """Start again what has ended by itself, as systemd does in production.

    The queue's worker ends when the database does not answer, and is meant to: nothing it had begun is lost.

    Raises:
        CannotStartError: it has fallen again and again.
    """
    for program in running:
        if not program.has_ended:
            continue
        now = time.monotonic()
        program.falls = [*(fall for fall in program.falls if now - fall < FALLS_COUNTED_FOR), now]
        if len(program.falls) > MOST_FALLS:
            _require_alive([program])
        say(f"The {program.name} has ended (code {program.process.returncode}) and is started again.")
        program.start_again()


def welcome(environment: Mapping[str, str], people: list[str], *, with_standin: bool) -> str:
    """Return where everything is, and who can sign in."""
    site = environment["SITE_URL"]
    lines = [
        "",
        "KJ Report is running. Ctrl-C stops it.",
        "",
        f"  The paper      {site}/",
        f"  The newsroom   {site}/admin/",
    ]
    lines.append(f"  Letters sent   {site}/mail/   every e-mail the site writes, sign-in codes too")
    if with_standin:
        lines.append(
            f"  The stand-in   {environment['STRIPE_API_BASE']}/_standin/   takes Stripe's place; no money moves"
        )
        lines += ["", "People of the demo issue:", *people, "", "Cards for trying:", TEST_CARDS]
    else:
        lines += ["", "Payments go to Stripe as your settings say; nothing was seeded and no stand-in was started."]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
