"""One process of the soak: lives a range of histories, says how far it is, and tells of those that go wrong."""

import argparse
import contextlib
import gc
import json
import os
import sys
import time
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.soak.world import World

SAID_EVERY = 5.0  # seconds
MOST_FINDINGS = 3  # then it is no use to go on
_TIDIED_EVERY = 50


def main() -> int:
    """Live the histories that were asked for; say everything in lines of JSON."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--first", type=int, required=True)
    reader.add_argument("--count", type=int, required=True)
    reader.add_argument("--step", type=int, default=1)
    reader.add_argument("--wired", action="store_true")
    asked = reader.parse_args()
    with a_database(f"soak_{os.getpid()}"):
        from tests.soak.world import World  # noqa: PLC0415 - only once Django is set up

        with World(wired=asked.wired) as world:
            seeds = range(asked.first, asked.first + asked.count * asked.step, asked.step)
            return 1 if live_all(world, seeds) else 0


def live_all(world: "World", seeds: range) -> int:
    """Live each; return how many went wrong."""
    from tests.soak import histories  # noqa: PLC0415 - likewise

    gc.collect()
    gc.freeze()
    gc.disable()  # it would look through everything again and again
    findings, said = 0, time.monotonic()
    for done, seed in enumerate(seeds, start=1):
        history = histories.draw(seed)
        error = histories.goes_wrong(world, history)
        if error is not None:
            findings += 1
            small = histories.make_smaller(world, history)
            _say(finding={"seed": seed, "history": repr(small), "error": _describe(histories.goes_wrong(world, small))})
            if findings == MOST_FINDINGS:
                return findings
        if done % _TIDIED_EVERY == 0:
            gc.collect()
        if time.monotonic() - said > SAID_EVERY or done == len(seeds):
            said = time.monotonic()
            _say(done=done, last=seed)
    return findings


def _describe(error: Exception | None) -> str:
    return "".join(traceback.format_exception(error, limit=-8)) if error else "The smaller one goes well now."


def _say(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def a_database(name: str) -> Iterator[None]:
    """Set Django up on a database of this process's own, made for it and gone afterwards."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django  # noqa: PLC0415 - after the settings are named

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import setup_test_environment, teardown_test_environment  # noqa: PLC0415

    setup_test_environment(debug=False)
    chosen = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        is_shared = os.environ.get("SOAK_FOLDER", "")  # threads that serve need a file
        chosen["TEST"] = connection.settings_dict["TEST"] | (
            {"NAME": f"{is_shared}/{name}.sqlite3"} if is_shared else {}
        )
        lasting = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
        connection.settings_dict["OPTIONS"]["init_command"] = lasting
    else:
        chosen["TEST"] = connection.settings_dict["TEST"] | {"NAME": name}
    connection.settings_dict["TEST"] = chosen["TEST"]
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
        teardown_test_environment()


if __name__ == "__main__":
    sys.exit(main())
