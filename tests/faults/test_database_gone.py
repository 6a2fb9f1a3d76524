"""The database goes in the midst of things: the door answers 5xx, nothing is half written, and all settles by itself.

The site and the sweeper live through it. The queue's worker ends with its connection; whatever supervises it (systemd,
or `make run`) starts it again, and here the test does.
"""

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest
import requests

from tests.cluster import a_cluster, find_programs
from tests.faults.books import read_books
from tests.faults.conftest import an_empty_database
from tests.faults.crowd import GOOD_CARD, Crowd
from tests.faults.house import PROGRAMS, SITE, SWEEPER, WORKER, House, without_overriding_rights
from tests.faults.proof import find_faults
from tests.faults.server import Server
from tests.faults.test_kills import gather, settle
from tests.integration.money.till import a_letter

CRASHES = 3
LONG_AWAY = 3  # seconds, after ten in which letters were brought in vain


@pytest.fixture
def server() -> Iterator[Server]:
    """Give a PostgreSQL of one's own, to be crashed."""
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs here (on Debian: apt install postgresql)")
    with a_cluster(programs) as address:
        yield Server.behind(address, programs)


def knock(crowd: Crowd) -> int:
    """Bring a letter that was never brought before; return what the door answers, 0 if nothing."""
    with suppress(requests.RequestException):
        return crowd.post(a_letter("galaxy.collapsed")).status_code
    return 0


def test_postgresql_crashes_and_connections_break_under_load(server: Server, tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - seeded moments
    url = an_empty_database(server.address)
    name = url.rpartition("/")[2]
    with House(tmp_path, url) as house:
        house.prepare(readers=4)
        house.start(*PROGRAMS)
        house.await_ready(*PROGRAMS)
        crowd = Crowd(house, chance)
        first = {each: house.running[each].process.pid for each in (SITE, SWEEPER)}
        answers: list[int] = []
        house.till.hold(held=False)

        def go_wrong() -> None:
            """Break every connection, or the whole server, while somebody is inside a transaction."""
            house.start_the_fallen()
            house.outages += 1
            server.await_activity(name, seconds=3)
            time.sleep(chance.uniform(0, 0.05))
            if chance.random() < 0.4:
                server.break_connections(name)
            else:
                server.crash()
                answers.append(knock(crowd))
                server.come_back()
                answers.append(knock(crowd))
            time.sleep(chance.uniform(0.3, 1))

        deeds = [partial(crowd.subscribe, reader, card=GOOD_CARD) for reader in house.people["readers"]]
        crowd.do([*deeds, partial(crowd.give, "giver", rhythm="once")], between=go_wrong)
        while len(answers) < 2 * CRASHES:
            go_wrong()
        assert answers == [500, 200] * (len(answers) // 2), "5xx while it is away, and well with the first letter after"
        assert {each: house.running[each].process.pid for each in first} == first, "they live through it"
        assert not any(house.running[each].has_ended for each in first)
        house.outages += 1
        server.crash()
        assert [knock(crowd) for _ in range(2)] == [500, 500]
        time.sleep(LONG_AWAY)
        server.come_back()
        assert knock(crowd) == 200, "the pool has not fallen asleep"
        settle(house, hours=1)
        faults = crowd.troubles + find_faults(gather(house, crowd))
        assert not faults, "\n".join(faults)


def test_sqlite_is_locked_for_longer_than_anybody_waits(sqlite_file: Path, tmp_path: Path) -> None:
    with House(tmp_path, f"sqlite:///{sqlite_file}", {"KJ_SQLITE_WAITS": "1"}) as house:
        house.prepare(readers=2)
        house.start(*PROGRAMS)
        house.await_ready(*PROGRAMS)
        crowd = Crowd(house, random.Random(8))  # noqa: S311 - a seeded order
        crowd.subscribe(house.people["readers"][0], card=GOOD_CARD)
        with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as greedy:
            house.outages += 1
            greedy.execute("BEGIN IMMEDIATE")
            assert knock(crowd) == 500
            time.sleep(2.5)  # the sweeper and the worker try, too
            assert requests.get(f"{house.address}/subscribe/", timeout=15).status_code == 200, "reading goes on"
            greedy.execute("ROLLBACK")
        assert not house.running[SITE].has_ended
        assert not house.running[SWEEPER].has_ended
        house.start_the_fallen()
        assert knock(crowd) == 200
        settle(house, hours=1)
        faults = crowd.troubles + find_faults(gather(house, crowd))
        assert not faults, "\n".join(faults)


def test_a_file_that_cannot_be_read_is_answered_5xx_until_it_can(sqlite_file: Path, tmp_path: Path) -> None:
    with House(tmp_path, f"sqlite:///{sqlite_file}", through=without_overriding_rights()) as house:
        house.prepare(readers=1)
        crowd = Crowd(house, random.Random(9))  # noqa: S311 - a seeded order
        files = list(tmp_path.glob("paper.sqlite3*"))
        for file in files:
            file.chmod(0)
        house.start(SITE, SWEEPER)
        house.await_ready(SITE, SWEEPER)
        assert knock(crowd) == 500
        assert requests.get(f"{house.address}/health/", timeout=15).json()["database"] == "down"
        for file in files:
            file.chmod(0o600)
        assert knock(crowd) == 200
        assert requests.get(f"{house.address}/health/", timeout=15).json()["database"] == "well"
        assert not house.running[SWEEPER].has_ended
        house.start(WORKER)
        crowd.subscribe(house.people["readers"][0], card=GOOD_CARD)
        settle(house, hours=1)
        assert read_books(house.url).subscriptions
        assert find_faults(gather(house, crowd)) == []
