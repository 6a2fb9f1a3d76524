"""What every test gets: the cast, a closed network, and a failure for every skip where none is allowed."""

import ipaddress
import os
import shutil
import socket
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.db.models import Q

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
    if config.getoption("markexpr") != "live_stripe":  # these go to Stripe, and are never run with any others
        _close_the_network()
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _an_empty_cache() -> None:
    """What one test cached, or how often it asked, is nothing to the next."""
    cache.clear()


@pytest.fixture(scope="session")
def _groups_as_migrated(django_db_setup: None, django_db_blocker: Any) -> dict[str, list[tuple[str, str]]]:
    """Name the groups that the migrations made, with each right's app and codename."""
    with django_db_blocker.unblock():
        return {
            group.name: list(group.permissions.values_list("content_type__app_label", "codename"))
            for group in Group.objects.all()
        }


@pytest.fixture(autouse=True)
def _groups_are_there_again(request: pytest.FixtureRequest) -> None:
    """A test that commits ends by emptying every table, and so takes away what the migrations put there."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if not commits and not {"transactional_db", "live_server"} & set(request.fixturenames):
        return
    groups = request.getfixturevalue("_groups_as_migrated")
    request.getfixturevalue("transactional_db")
    for name, rights in groups.items():
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            wanted = [Q(content_type__app_label=label, codename=codename) for label, codename in rights]
            group.permissions.set(Permission.objects.filter(reduce(or_, wanted)) if wanted else [])


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
