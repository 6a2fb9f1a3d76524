"""What every test gets: the cast, a closed network, and a failure for every skip where none is allowed."""

import ipaddress
import os
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache

from tests.cast import *  # noqa: F403 - the cast's fixtures are named there


class NetworkReachedError(RuntimeError):
    """A test tried to leave this machine."""


def _is_loopback(host: str) -> bool:
    if host in {"localhost", "testserver", ""}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.endswith(".localhost")


def _refuse_strangers(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if not _is_loopback(name):
        message = f"A test tried to reach {name}. Tests talk to this machine only."
        raise NetworkReachedError(message)


def _close_the_network() -> None:
    """Let sockets reach loopback and Unix sockets only."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            _refuse_strangers(address[0])
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if self.family != socket.AF_UNIX:
            _refuse_strangers(address[0])
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_strangers(host)
        return getaddrinfo(host, *args, **kwargs)

    socket.socket.connect = guarded_connect  # type: ignore[assignment, method-assign]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[assignment, method-assign]
    socket.getaddrinfo = guarded_getaddrinfo


def pytest_configure(config: pytest.Config) -> None:
    """Close the network before anything is collected, and give WhiteNoise the folder that it warns without."""
    _close_the_network()
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _an_empty_cache() -> None:
    """What one test cached, or how often it asked, is nothing to the next."""
    cache.clear()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Count a skip as a failure where nothing may skip, and leave no folder behind."""
    if hasattr(session.config, "workerinput"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and os.environ.get("KJ_NOTHING_SKIPPED") == "1":
        skipped = len(reporter.stats.get("skipped", []))
        if skipped and exitstatus == pytest.ExitCode.OK:
            reporter.write_line(f"{skipped} skipped, and nothing may be (KJ_NOTHING_SKIPPED=1).", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
    folder = Path(os.environ.get("VAR_DIR", ""))
    if folder.name.startswith("kjreport-tests-"):
        shutil.rmtree(folder, ignore_errors=True)
