"""What one request may read and write: objects by id and by kind, due work, the clock and new letters."""

import copy
import json
import random
import sqlite3
import string
from dataclasses import dataclass, field
from typing import Any

from kjreport.standin.errors import missing
from kjreport.standin.shapes import complete

type Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"
PRIVATE = "_standin"
HOUR = 3_600
DAY = 24 * HOUR
_ALPHABET = string.ascii_letters + string.digits


@dataclass
class Book:
    """An open transaction with its clock; `now` is the stand-in's own time, in whole seconds."""

    connection: sqlite3.Connection
    now: int
    base_url: str
    chance: random.Random
    request_id: str | None = None
    idempotency_key: str | None = None
    offset: int = 0
    webhook_url: str = ""
    secret: str = ""
    events_made: list[str] = field(default_factory=list)

    def new_id(self, prefix: str, length: int = 24) -> str:
        """Return a fresh id such as `cus_…`."""
        return prefix + "_" + "".join(self.chance.choices(_ALPHABET, k=length))

    def find(self, identifier: str) -> Json | None:
        """Return an object by id, whatever its kind."""
        row = self.connection.execute("SELECT body FROM thing WHERE id = ?", (identifier,)).fetchone()
        return None if row is None else json.loads(row["body"])

    def get(self, kind: str, identifier: str, *, param: str = "id") -> Json:
        """Return an object of a kind by id, or refuse with 404 naming `param`."""
        row = self.connection.execute("SELECT body FROM thing WHERE id = ? AND kind = ?", (identifier, kind)).fetchone()
        if row is None:
            raise missing(kind, identifier, param=param)
        found: Json = json.loads(row["body"])
        return found

    def put(self, thing: Json) -> Json:
        """Keep an object, new or changed, with the nullable fields of its type filled in."""
        complete(thing)
        self.connection.execute(
            "INSERT INTO thing (id, kind, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (thing["id"], thing["object"], json.dumps(thing)),
        )
        return thing

    def every(self, kind: str, **where: str | None) -> list[Json]:
        """Return the objects of a kind, newest first, whose top-level fields equal `where`."""
        clauses, values = ["kind = ?"], [kind]
        for name, value in where.items():
            if value is not None:
                clauses.append(f"json_extract(body, '$.{name.replace('__', '.')}') = ?")
                values.append(value)
        query = f"SELECT body FROM thing WHERE {' AND '.join(clauses)} ORDER BY seq DESC"  # noqa: S608  names are ours
        return [json.loads(row["body"]) for row in self.connection.execute(query, values)]

    def emit(self, kind: str, thing: Json, before: Json | None = None) -> None:
        """Make an event of `thing` as it is now; `before`, its former state, gives the previous attributes."""
        data: Json = {"object": public(thing)}
        if before is not None:
            data["previous_attributes"] = changed(public(before), data["object"])
        event: Json = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": kind,
        }
        self.put(event)
        self.events_made.append(event["id"])

    def schedule(self, identifier: str, task: str, at: int) -> None:
        """Have `task` done to an object when the clock reaches `at`; a second call moves it."""
        self.connection.execute("INSERT OR REPLACE INTO due (id, task, at) VALUES (?, ?, ?)", (identifier, task, at))

    def unschedule(self, identifier: str, *tasks: str) -> None:
        """Drop an object's due tasks; all of them when none is named."""
        if not tasks:
            self.connection.execute("DELETE FROM due WHERE id = ?", (identifier,))
        for task in tasks:
            self.connection.execute("DELETE FROM due WHERE id = ? AND task = ?", (identifier, task))

    def setting(self, name: str, default: str = "") -> str:
        """Return one of the stand-in's own settings."""
        row = self.connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return default if row is None else row["value"]

    def set(self, name: str, value: str) -> None:
        """Keep one of the stand-in's own settings."""
        self.connection.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, value))


def public(thing: Json) -> Json:
    """Return a copy without the stand-in's private notes."""
    clean = copy.deepcopy(thing)
    clean.pop(PRIVATE, None)
    return clean


def changed(before: Json, after: Json) -> Json:
    """Return the former values of the top-level fields that differ."""
    return {name: value for name, value in before.items() if name in after and after[name] != value}


def merge_metadata(current: Json, given: Json | str) -> Json:
    """Return metadata after an update: an empty value drops its key, an empty whole drops all."""
    if not isinstance(given, dict):
        return {}
    return {key: value for key, value in {**current, **given}.items() if value != ""}


def in_list(data: list[Json], url: str, *, has_more: bool = False) -> Json:
    """Return a list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}
