"""Stops and starts a throw-away PostgreSQL, as an accident does, and breaks single connections."""

import shlex
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.cluster import _become_owner_of, _do


@dataclass(frozen=True)
class Server:
    """The PostgreSQL behind an address of `a_cluster`."""

    programs: Path
    address: str
    data: Path
    options: str

    @classmethod
    def behind(cls, address: str, programs: Path) -> "Server":
        """Find out how it was started."""
        with psycopg.connect(address) as connection:
            [[data]] = connection.execute("SHOW data_directory").fetchall()
        words = shlex.split((Path(data) / "postmaster.opts").read_text(encoding="utf-8"))[1:]
        return cls(programs, address, Path(data), shlex.join(word for word in words if word != f"--pgdata={data}"))

    def crash(self) -> None:
        """End it without a word to anybody: what was not confirmed is gone."""
        self._control("--mode=immediate", "stop")

    def come_back(self) -> None:
        """Start it again, and let it recover."""
        self._control(f"--log={self.data.parent / 'log'}", f"--options={self.options}", "start")

    def _control(self, *words: str) -> None:
        as_owner = _become_owner_of(self.data)
        _do(as_owner, self.programs / "pg_ctl", f"--pgdata={self.data}", "--wait", *words)

    def break_connections(self, name: str) -> int:
        """Break every connection to a database but our own; return how many there were."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            found = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            ).fetchall()
        return len(found)

    def await_activity(self, name: str, *, seconds: float) -> bool:
        """Wait until somebody is inside a transaction; return whether anybody was."""
        deadline = time.monotonic() + seconds
        with psycopg.connect(self.address, autocommit=True) as connection:
            while time.monotonic() < deadline:
                [[busy]] = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND xact_start IS NOT NULL", [name]
                ).fetchall()
                if busy:
                    return True
        return False
