"""What the site has written down, read from its database without the site's own code."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

type Row = dict[str, Any]

_TABLES = {
    "letters": "payments_stripeevent",
    "customers": "payments_customer",
    "attempts": "payments_checkoutattempt",
    "entries": "payments_payment",
    "orders": "payments_refundorder",
    "subscriptions": "subscriptions_subscription",
    "notices": "subscriptions_notice",
    "pledges": "donations_pledge",
    "donations": "donations_donation",
    "tasks": "django_tasks_database_dbtaskresult",
    "users": "accounts_user",
}


@dataclass(frozen=True)
class Books:
    """Every table of money, as lists of rows."""

    letters: list[Row]
    customers: list[Row]
    attempts: list[Row]
    entries: list[Row]
    orders: list[Row]
    subscriptions: list[Row]
    notices: list[Row]
    pledges: list[Row]
    donations: list[Row]
    tasks: list[Row]
    users: list[Row]


def read_books(url: str) -> Books:
    """Read every table at one moment."""
    with _connect(url) as connection:
        tables = {
            name: [_plain(dict(row)) for row in connection.execute(f"SELECT * FROM {table}").fetchall()]  # noqa: S608
            for name, table in _TABLES.items()
        }
    return Books(**tables)


@contextmanager
def _connect(url: str) -> Iterator[Any]:
    if url.startswith("sqlite:///"):
        path = "/" + url.removeprefix("sqlite:///").lstrip("/")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN")
            yield connection
    else:
        with psycopg.connect(url, row_factory=dict_row) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield connection


def _plain(row: Row) -> Row:
    """Leave out what is large, and read what SQLite keeps as text."""
    row.pop("payload", None)
    if isinstance(row.get("choice"), str):
        row["choice"] = json.loads(row["choice"])
    return row
