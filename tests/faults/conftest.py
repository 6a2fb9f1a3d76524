"""A database of its own for each test that kills or starves one."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
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


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database, one of each kind, that keeps what it has confirmed."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'paper.sqlite3'}"
    address = request.getfixturevalue("_cluster")
    name = f"paper_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        # The cluster is set up to be fast and forgetful; this database must outlive its server.
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = on")
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
