"""kill -9 of the site, the worker and the sweeper under load: nothing acknowledged is lost, half done or doubled.

What is promised of mail: every letter that is owed goes out. A program killed between the mail server's acceptance and
our note of it leaves one further copy, with the same Message-ID, by which mail systems know a copy.

KJ_KILLS and KJ_FAULTS_SEED make a longer run, and another one.
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.faults.books import read_books
from tests.faults.crowd import FAILS_LATER_CARD, GOOD_CARD, Crowd
from tests.faults.house import PROGRAMS, SITE, House, answers
from tests.faults.proof import Evidence, find_faults, find_lost_letters, is_quiet

type Reader = dict[str, str]

KILLS = int(os.environ.get("KJ_KILLS", "12"))
SEED = int(os.environ.get("KJ_FAULTS_SEED", "20261123"))
READERS = 8
SETTLES_WITHIN = 60  # seconds
AN_HOUR = 3600


def gather(house: House, crowd: Crowd) -> Evidence:
    """Collect what the proof looks at."""
    acknowledged = crowd.list_acknowledged()  # first: what is answered while we read is in the books by then
    return Evidence(
        read_books(house.url), house.till.dump(), acknowledged, list(house.mail.accepted), house.senders_cut_off
    )


def settle(house: House, *, hours: int) -> None:
    """Let an hour pass, and wait until nothing is left to do, or for as long as is fair."""
    house.start_anew(seconds_later=hours * AN_HOUR)
    deadline = time.monotonic() + SETTLES_WITHIN
    while time.monotonic() < deadline:
        house.till.flush()
        if is_quiet(read_books(house.url)) and all(each["state"] == "delivered" for each in house.till.letters()):
            return
        time.sleep(0.3)


def test_kill_9_at_any_moment_loses_nothing_and_doubles_nothing(database: str, tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - seeded moments
    with House(tmp_path, database) as house:
        house.prepare(readers=READERS)
        house.start(*PROGRAMS)
        house.till.hold(held=False)
        crowd = Crowd(house, random.Random(SEED + 1))  # noqa: S311 - likewise
        buyers, others = house.people["readers"][2:], house.people["readers"][:2]
        kill = partial(house.kill_one_at_random, chance)
        lost: list[str] = []
        for part, deeds in enumerate((_buy(crowd, buyers, others), _change_minds(crowd, buyers)), start=1):
            crowd.do(chance.sample(deeds, k=len(deeds)), between=kill)
            while sum(house.kills.values()) < KILLS * part // 2:
                kill()
            lost += find_lost_letters(gather(house, crowd))
            settle(house, hours=part)
            if part == 1:
                house.till.advance(days=32)  # everybody renews at once
        evidence = gather(house, crowd)
        faults = lost + crowd.troubles + find_faults(evidence)
        assert not faults, "\n".join([*faults, _tell(house, evidence)])
        print(_tell(house, evidence))  # noqa: T201 - for whoever runs it with -s


def test_a_process_of_the_site_that_is_killed_is_replaced_by_its_parent(sqlite_file: Path, tmp_path: Path) -> None:
    """Else granian takes the killing of one process for the end of all."""
    with House(tmp_path, f"sqlite:///{sqlite_file}") as house:
        house.start(SITE)
        house.await_ready(SITE)
        parent = house.running[SITE].process.pid
        [child] = _children_of(parent)
        os.kill(child, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (_children_of(parent) - {child} and answers(house.port)):
            time.sleep(0.1)
        assert not house.running[SITE].has_ended
        assert answers(house.port)


def _children_of(parent: int) -> set[int]:
    """Return the processes started by one of ours."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return {int(pid) for pid in found.stdout.split()}


def _buy(crowd: Crowd, buyers: list[Reader], others: list[Reader]) -> list[Callable[[], None]]:
    return [
        *(partial(crowd.subscribe, reader, card=GOOD_CARD) for reader in buyers),
        *(partial(crowd.subscribe, reader, card=FAILS_LATER_CARD) for reader in others),
        *(partial(crowd.give, f"giver-{number}", rhythm="once") for number in range(4)),
        *(partial(crowd.give, f"pledger-{number}", rhythm="monthly") for number in range(2)),
    ]


def _change_minds(crowd: Crowd, buyers: list[Reader]) -> list[Callable[[], None]]:
    return [*(partial(crowd.cancel, reader) for reader in buyers[:2]), crowd.refund, crowd.refund]


def _tell(house: House, evidence: Evidence) -> str:
    copies = len(evidence.mails) - len({mail.message_id for mail in evidence.mails})
    return (
        f"Killed: {house.kills}; letters acknowledged: {len(evidence.acknowledged)}; entries: "
        f"{len(evidence.books.entries)}; mails: {len(evidence.mails)}, of which second copies: {copies}."
    )
