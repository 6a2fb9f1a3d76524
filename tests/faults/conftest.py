"""A database of its own for each test that kills or starves one."""

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from donations import giving
from kjreport.payments.models import Watermark
from kjreport.standin.server import StandIn
from subscriptions import catalogue
from tests.cluster import a_cluster, find_programs


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is run in a round of its own."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("faults")


@pytest.fixture(scope="session")
def _cluster() -> Iterator[str]:
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs here (on Debian: apt install postgresql)")
    with a_cluster(programs) as address:
        yield address


@pytest.fixture(scope="session", autouse=True)
def _as_migrated(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path | None:
    """Keep the tables as the migrations made them, before any test: migrating takes longer than most tests here."""
    if connection.vendor != "sqlite":
        return None
    path: Path = tmp_path_factory.mktemp("faults") / "as-migrated.sqlite3"
    with django_db_blocker.unblock(), closing(sqlite3.connect(path)) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    return path


@pytest.fixture
def sqlite_file(tmp_path: Path, _as_migrated: Path | None) -> Path:
    """Give a file with an empty paper in it, or none yet."""
    path = tmp_path / "paper.sqlite3"
    if _as_migrated is not None:
        shutil.copy(_as_migrated, path)
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Give the address of an empty database, one of each kind, that keeps what it has confirmed."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('sqlite_file')}"
    return an_empty_database(request.getfixturevalue("_cluster"))


def an_empty_database(address: str) -> str:
    """Make a database in a cluster; return its address."""
    name = f"paper_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(address, autocommit=True) as desk:
        desk.execute(f"CREATE DATABASE {name}")
        # The cluster is set up to be fast and forgetful; this database must outlive its server.
        desk.execute(f"ALTER DATABASE {name} SET synchronous_commit = on")
    return f"{address.rpartition('/')[0]}/{name}"


@pytest.fixture
def till(settings: Any, transactional_db: None) -> Iterator[StandIn]:
    """A practice till, known to the site of the present process; its letters wait until a test reads them."""
    with StandIn(deliver="hold") as standin:
        settings.STRIPE_API_BASE = standin.url
        catalogue.ensure_plans()
        catalogue.publish_catalogue()
        giving.ensure_campaign()
        giving.publish_campaigns()
        Watermark.objects.create(name="letters", read_until=timezone.now())
        yield standin
