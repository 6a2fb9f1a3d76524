"""A whole site on a disk of a few megabytes that is filled to the last byte, and emptied again; run by test_disk_full.

It is a program of its own because the disk is mounted where only its own children see it.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import django
import psycopg
import requests

SIZES = {"sqlite": "6m", "postgresql": "24m"}
MOST = 300  # letters, or presses, until one finds no room
CHUNK = 4096


def main(kind: str, folder: Path, as_migrated: Path) -> None:
    """Live through it; any assertion that does not hold ends the program."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.faults.crowd import GOOD_CARD, Crowd  # noqa: PLC0415 - there are no settings before
    from tests.faults.house import PROGRAMS, House  # noqa: PLC0415
    from tests.faults.proof import find_faults, find_lost_letters  # noqa: PLC0415
    from tests.faults.test_kills import gather, settle  # noqa: PLC0415

    disk = Path(tempfile.mkdtemp(prefix="kjreport-small-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZES[kind]}", "tmpfs", str(disk)], check=True)
    with ExitStack() as stack:
        stack.callback(disk.rmdir)
        stack.callback(subprocess.run, ["umount", "--lazy", str(disk)], check=False)
        url = stack.enter_context(_on(disk)) if kind == "postgresql" else f"sqlite:///{disk / as_migrated.name}"
        if kind == "sqlite" and as_migrated.exists():
            shutil.copy(as_migrated, disk)
        house = stack.enter_context(House(folder, url))
        house.prepare(readers=2)
        house.start(*PROGRAMS)
        house.await_ready(*PROGRAMS)
        house.till.hold(held=False)
        crowd = Crowd(house, random.Random(11))  # noqa: S311 - a seeded order
        early, late = house.people["readers"]
        crowd.subscribe(early, card=GOOD_CARD)
        house.outages += 1
        fill(disk)
        _send_letters_until_one_is_refused(crowd)
        _press_until_told_kindly(house)
        lost = list(find_lost_letters(gather(house, crowd)))
        (disk / "ballast").unlink()
        crowd.subscribe(late, card=GOOD_CARD)
        settle(house, hours=1)
        faults = lost + crowd.troubles + find_faults(gather(house, crowd))
        assert not faults, "\n".join(faults)


@contextmanager
def _on(disk: Path) -> Iterator[str]:
    """Start a PostgreSQL whose tables lie on the disk; its log of changes does not, for without that it cannot live."""
    from tests.cluster import a_cluster, find_programs  # noqa: PLC0415

    programs = find_programs()
    assert programs is not None
    with a_cluster(programs) as address, psycopg.connect(address, autocommit=True) as desk:
        [[data]] = desk.execute("SHOW data_directory").fetchall()
        tables = disk / "tables"
        tables.mkdir()
        shutil.chown(tables, Path(data).owner())
        disk.chmod(0o755)  # its owner is another account
        desk.execute(f"CREATE TABLESPACE small LOCATION '{tables}'")
        desk.execute("CREATE DATABASE paper TABLESPACE small")
        desk.execute("ALTER DATABASE paper SET synchronous_commit = on")
        yield f"{address.rpartition('/')[0]}/paper"
        desk.execute("DROP DATABASE paper WITH (FORCE)")
        desk.execute("DROP TABLESPACE small")


def fill(disk: Path) -> None:
    """Fill the disk to its last byte."""
    with (disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(b"x" * CHUNK)


def _send_letters_until_one_is_refused(crowd: Any) -> None:
    """What an older row left free is used up first; then the door must say 5xx, and no letter it took may be lost."""
    from tests.integration.money.till import a_letter  # noqa: PLC0415

    for _ in range(MOST):
        answer = crowd.post(a_letter("galaxy.collapsed", padding="x" * 50_000))
        assert answer.status_code in {200, 500}, answer.status_code
        if answer.status_code == 500:
            return
    raise AssertionError("The disk is full, and every letter was taken.")


def _press_until_told_kindly(house: Any) -> None:
    """Begin to pay until a row finds no room; the page must say so kindly."""
    for number in range(MOST):
        form = {"rhythm": "once", "choice": "2500", "own_amount": "", "name": "", "note": "x" * 900}
        answer = requests.post(
            f"{house.address}/donate/",
            form | {"key": f"00000000-0000-4000-8000-{number:012}"},
            cookies={"csrftoken": "a" * 32},
            headers={"X-CSRFToken": "a" * 32, "X-Forwarded-For": f"203.0.113.{number % 250}"},
            timeout=30,
            allow_redirects=False,
        )
        if answer.status_code == 503:
            assert "Nothing was charged on this page" in answer.text
            return
        assert answer.status_code == 303, answer.status_code
    raise AssertionError("The disk is full, and every gift was begun.")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
