"""What the site has written down, read from its database without the site's own code."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection as django_connection
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
        return _read(lambda query: [dict(row) for row in connection.execute(query).fetchall()])


def read_books_here() -> Books:
    """Read every table of the present process's own database."""

    def ask(query: str) -> list[Row]:
        with django_connection.cursor() as cursor:
            cursor.execute(query)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return _read(ask)


def _read(ask: Callable[[str], list[Row]]) -> Books:
    return Books(
        **{
            name: [_plain(row) for row in ask(f"SELECT * FROM {table}")]  # noqa: S608 - names from above
            for name, table in _TABLES.items()
        }
    )


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
