"""Measures pages under granian against nginx serving the same bytes, on the same machine; prints ratios.

Rounds are interleaved, so that whatever else the machine does falls on both alike, and medians are taken. CPU per
request is what the server's processes used, read from /proc: it moves less than requests per second where the load
generator shares the cores. A ratio of 1 would mean that the page costs no more than a file.
"""

import argparse
import os
import re
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
PIECES = 40
FIGURES = re.compile(r"<figure\b.*?</figure>", re.DOTALL)
OWN_LINKS = re.compile(r'<a href="/[^>]*>(.*?)</a>', re.DOTALL)  # those pieces have other addresses here
TICKS = os.sysconf("SC_CLK_TCK")
COLUMNS = "{:<26} {:>8} {:>9} {:>9} {:>7} {:>10} {:>10} {:>7}"


class CannotMeasureError(Exception):
    """One sentence about what is missing or went wrong."""


@dataclass(frozen=True)
class Page:
    """What is asked for, and by whom."""

    name: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Server:
    """A server that was started, and its address."""

    address: str
    pid: int


@dataclass
class Figures:
    """What was measured of one page at one server."""

    per_second: list[float] = field(default_factory=list)
    cpu_per_request: list[float] = field(default_factory=list)  # microseconds

    @property
    def medians(self) -> tuple[float, float]:
        """Requests per second, and microseconds of CPU for each."""
        return statistics.median(self.per_second), statistics.median(self.cpu_per_request)


def main() -> int:
    """Measure every page and print the table."""
    parser = argparse.ArgumentParser(description="Measure pages against nginx serving the same bytes.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="for each page, server and round")
    parser.add_argument("--connections", type=int, default=8)
    asked = parser.parse_args()
    try:
        require_programs()
        with ExitStack() as stack:
            measure(asked, stack)
    except CannotMeasureError as error:
        say(str(error))
        return 1
    return 0


def require_programs() -> None:
    """Refuse to begin without the load generator and the server to compare with."""
    os.environ["PATH"] += ":/usr/sbin"  # where Debian keeps nginx, out of people's sight
    for program in ("wrk", "nginx"):
        if shutil.which(program) is None:
            raise CannotMeasureError(f"{program} is missing (on Debian: apt install wrk nginx-light).")


def measure(asked: argparse.Namespace, stack: ExitStack) -> None:
    """Set up a small paper in a temporary folder, measure it, and leave nothing behind."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kjreport-bench-")))
    os.environ.update(make_environment(folder))
    pages = write_paper()
    site = stack.enter_context(running_site())
    files = folder / "files"
    for place, page in enumerate(pages):
        keep_bytes(page, site, files / str(place))
    nginx = stack.enter_context(running_nginx(folder, files))
    say(COLUMNS.format("page", "bytes", "site/s", "nginx/s", "ratio", "site µs", "nginx µs", "ratio"))
    for place, page in enumerate(pages):
        as_page, as_file = Figures(), Figures()
        take_round(asked, site, page.path, headers=page.headers, into=Figures())  # templates compile, caches fill
        for _ in range(asked.rounds):
            take_round(asked, site, page.path, headers=page.headers, into=as_page)
            take_round(asked, nginx, f"/{place}", headers={}, into=as_file)
        (rate, cpu), (file_rate, file_cpu) = as_page.medians, as_file.medians
        numbers = (f"{rate:.0f}", f"{file_rate:.0f}", f"{file_rate / rate:.1f}", f"{cpu:.0f}", f"{file_cpu:.0f}")
        ratio = f"{cpu / file_cpu:.1f}" if file_cpu else "-"
        say(COLUMNS.format(page.name, (files / str(place)).stat().st_size, *numbers, ratio))


def make_environment(folder: Path) -> dict[str, str]:
    """Return the settings of a production on one machine; nothing in them opens anything."""
    return {
        "DJANGO_SETTINGS_MODULE": "kjreport.settings",
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "VAR_DIR": str(folder / "var"),
        "DATABASE_URL": f"sqlite:///{folder / 'paper.sqlite3'}",
        "SITE_URL": "https://paper.test",
        "BEHIND_PROXY": "true",
        "ALLOWED_HOSTS": "127.0.0.1",
        "STRIPE_SECRET_KEY": "sk_test_bench",
        "STRIPE_WEBHOOK_SECRETS": "whsec_bench",
        "STRIPE_API_BASE": "https://api.stripe.com",
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "LOG_LEVEL": "WARNING",
    }


def write_paper() -> list[Page]:
    """Write and publish the demo issue's texts without their pictures; return what is measured."""
    import django  # noqa: PLC0415 - only now is there an environment to read settings from

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from kjreport.demo.manuscripts import read_manuscripts  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    manuscripts = read_manuscripts()
    editions = []
    for number in range(PIECES):
        manuscript = manuscripts[number % len(manuscripts)]
        source = OWN_LINKS.sub(r"\1", FIGURES.sub("", manuscript.source))
        topics = [f"Topic {number % 3}", f"Topic {number % 7}"]
        headline = f"{manuscript.headline} {number}"
        editions.append(cast.published(headline, source=source, access=manuscript.access, topics=topics))
    subscriber = cast.an_account("Sunniva Subscriber")
    cast.a_subscription(subscriber)
    client = Client()
    client.force_login(subscriber, backend="django.contrib.auth.backends.ModelBackend")
    session = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}
    article = next(edition for edition in editions if not edition.is_open).get_absolute_url()
    through_proxy = {"X-Forwarded-Proto": "https"}
    return [
        Page("article, visitor", article, through_proxy),
        Page("article, subscriber", article, through_proxy | session),
        Page("front page, visitor", "/", through_proxy),
        Page("front page, subscriber", "/", through_proxy | session),
        Page("feed", "/feed/", through_proxy),
    ]


@contextmanager
def running_site() -> Iterator[Server]:
    """Run the site as in production: granian, one worker for each core but one."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}"),
        *("--workers=1", "--blocking-threads=2", "--no-ws", "--log-level=error", "kjreport.wsgi:application"),
    ]
    with running(command, port) as server:
        yield server


@contextmanager
def running_nginx(folder: Path, files: Path) -> Iterator[Server]:
    """Run an nginx with one worker that serves a folder."""
    port = free_port()
    owner = "user root;" if os.geteuid() == 0 else ""
    folders = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"{owner} worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log; daemon off;\n"
        "events { worker_connections 256; }\n"
        f"http {{ access_log off; {folders} default_type 'text/html; charset=utf-8'; sendfile on; tcp_nopush on;\n"
        f"  keepalive_requests 1000000; open_file_cache max=100;\n"
        f"  server {{ listen 127.0.0.1:{port}; root {files}; }} }}\n",
        encoding="utf-8",
    )
    with running(["nginx", "-e", str(folder / "nginx.log"), "-c", str(config)], port) as server:
        yield server


@contextmanager
def running(command: list[str], port: int) -> Iterator[Server]:
    """Run a server in a process group of its own until the block ends."""
    process = subprocess.Popen(command, cwd=HOUSE, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while not answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotMeasureError(f"{command[0]} did not start; what it said stands above.")
            time.sleep(0.05)
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)


def keep_bytes(page: Page, site: Server, path: Path) -> None:
    """Keep what the site answers, uncompressed, for nginx to serve."""
    request = urllib.request.Request(f"{site.address}{page.path}", headers=dict(page.headers))  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - likewise
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(answer.read())


def take_round(
    asked: argparse.Namespace, server: Server, path: str, *, headers: Mapping[str, str], into: Figures
) -> None:
    """Let wrk ask for one page for a while; remember how often it was answered, and the CPU used."""
    words = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    load = ["wrk", "-t1", f"-c{asked.connections}", f"-d{asked.seconds}s", *words, f"{server.address}{path}"]
    before = cpu_of(server.pid)
    said = subprocess.run(load, capture_output=True, text=True, check=True).stdout
    used = cpu_of(server.pid) - before
    if "Non-2xx" in said or "Socket errors" in said:
        raise CannotMeasureError(f"{path} was not always answered:\n{said}")
    requests = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index] # wrk always says so
    into.per_second.append(float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]))  # type: ignore[index]
    into.cpu_per_request.append(used / requests * 1_000_000)


def cpu_of(leader: int) -> float:
    """Return the CPU seconds that a process group has used so far. Source: proc(5), fields 5, 14 and 15."""
    used = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except (OSError, UnicodeDecodeError):
            continue  # it has ended
        if int(fields[2]) == leader:
            used += int(fields[11]) + int(fields[12])
    return used / TICKS


def answers(port: int) -> bool:
    """Tell whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)  # noqa: T201 - a report


if __name__ == "__main__":
    sys.exit(main())
