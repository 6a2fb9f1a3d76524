"""The state file: everything the stand-in knows, in one SQLite database, one transaction at a time."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_TABLES = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS thing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    made INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS thing_by_kind ON thing (kind, seq);
CREATE INDEX IF NOT EXISTS thing_by_customer ON thing (kind, json_extract(body, '$.customer'));
CREATE INDEX IF NOT EXISTS thing_by_intent ON thing (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS payment_by_invoice ON thing (json_extract(body, '$.invoice')) WHERE kind = 'invoice_payment';
CREATE INDEX IF NOT EXISTS event_by_type ON thing (json_extract(body, '$.type'), seq) WHERE kind = 'event';
CREATE INDEX IF NOT EXISTS refund_by_charge ON thing (json_extract(body, '$.charge')) WHERE kind = 'refund';
CREATE INDEX IF NOT EXISTS dispute_by_charge ON thing (json_extract(body, '$.charge')) WHERE kind = 'dispute';
CREATE TABLE IF NOT EXISTS due (
    id TEXT NOT NULL,
    task TEXT NOT NULL,
    at INTEGER NOT NULL,
    clock TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (id, task)
);
CREATE INDEX IF NOT EXISTS due_by_time ON due (at);
CREATE TABLE IF NOT EXISTS outcome (
    key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS letter (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    type TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    try_at REAL NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS letter_by_state ON letter (state, try_at);
"""
NAMES = ("setting", "thing", "due", "outcome", "letter")


class Store:
    """One connection behind one lock, so that requests follow each other and each is whole or absent."""

    def __init__(self, path: str) -> None:
        """Open or make the state at `path`; `:memory:` keeps nothing."""
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=20)
        self._connection.row_factory = sqlite3.Row
        if path != ":memory:":
            self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.executescript(_TABLES)
        self._add_clock()

    def _add_clock(self) -> None:
        """Bring a state file from before there were test clocks up to date."""
        columns = {row["name"] for row in self._connection.execute("PRAGMA table_info(due)")}
        if "clock" not in columns:
            self._connection.execute("ALTER TABLE due ADD COLUMN clock TEXT NOT NULL DEFAULT ''")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside an immediate transaction; any exception undoes all of it."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def empty(self) -> None:
        """Forget everything."""
        with self.transaction() as connection:
            for name in NAMES:
                connection.execute(f"DELETE FROM {name}")  # noqa: S608  names from the tuple above

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
