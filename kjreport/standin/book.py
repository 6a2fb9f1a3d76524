"""What one request may read and write: objects by id and by kind, due work, the clock and new letters."""

import json
import random
import sqlite3
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kjreport.standin.errors import missing
from kjreport.standin.kinds import KINDS
from kjreport.standin.shapes import complete

type Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"
PRIVATE = "_standin"
HOUR = 3_600
DAY = 24 * HOUR
_COMPARED = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "is": "="}
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
    clock: str = ""  # the test clock by which `now` is told, if any
    webhook_url: str = ""
    secret: str = ""
    letters_written: int = 0
    endpoints: list[Json] | None = None

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
            "INSERT INTO thing (id, kind, made, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (thing["id"], thing["object"], thing.get("created", self.now), json.dumps(thing)),
        )
        return thing

    def every(self, kind: str, **where: str | None) -> list[Json]:
        """Return the objects of a kind, newest first, whose fields (`a__b` for one inside) equal `where`."""
        return list(self.stream(kind, where=where))

    def stream(
        self, kind: str, *, where: Json | None = None, bounds: Json | None = None, beside: tuple[str, str] | None = None
    ) -> Iterator[Json]:
        """Yield objects of a kind one by one: newest first, or oldest first when they lie `before` another.

        `bounds` limits the moment of making (gt, gte, lt, lte); `beside` is `("after", id)` or `("before", id)`.
        """
        clauses: list[str] = [f"kind = '{kind}'"]  # spelled out, so that the indexes of one kind are found
        values: list[Any] = []
        for name, value in (where or {}).items():
            field = f"json_extract(body, '$.{name.replace('__', '.')}')"
            if isinstance(value, list):
                clauses.append(f"{field} IN ({', '.join('?' * len(value))})")
                values.extend(value)
            elif value is not None:
                clauses.append(f"{field} = ?")
                values.append(value)
        for name, value in (bounds or {}).items():
            clauses.append(f"+made {_COMPARED[name]} ?")  # the plus keeps to the order of making
            values.append(value)
        order = "DESC"
        if beside is not None:
            order = "DESC" if beside[0] == "after" else "ASC"
            side = "<" if order == "DESC" else ">"
            clauses.append(f"seq {side} (SELECT seq FROM thing WHERE id = ?)")  # noqa: S608  our words
            values.append(beside[1])
        query = f"SELECT body FROM thing WHERE {' AND '.join(clauses)} ORDER BY seq {order}"  # noqa: S608  our names
        for row in self.connection.execute(query, values):
            yield json.loads(row["body"])

    def emit(self, kind: str, thing: Json, before: Json | None = None) -> None:
        """Make an event of `thing` as it is now; `before`, its former state, gives the previous attributes."""
        if kind not in KINDS:
            message = f"{kind} is not among the letters of the stand-in"
            raise LookupError(message)
        data: Json = {"object": {name: value for name, value in thing.items() if name != PRIVATE}}
        if before is not None:
            data["previous_attributes"] = changed(before, data["object"])
        sent_to = [each for each in self._endpoints() if is_wanted(kind, each["wants"])]
        event: Json = {
            "id": self.new_id("evt"),
            "object": "event",
            "account": None,
            "api_version": API_VERSION,
            "context": None,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": len(sent_to),
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": kind,
        }
        self.connection.execute(
            "INSERT INTO thing (id, kind, made, body) VALUES (?, 'event', ?, ?)",
            (event["id"], self.now, json.dumps(event)),
        )
        for each in sent_to:
            self.connection.execute(
                "INSERT INTO letter (event, type, endpoint, url, secret) VALUES (?, ?, ?, ?, ?)",
                (event["id"], kind, each["id"], each["url"], each["secret"]),
            )
        self.letters_written += len(sent_to)

    def _endpoints(self) -> list[Json]:
        """Return where letters go: the standing address and each endpoint that is switched on."""
        if self.endpoints is None:
            made = [each for each in self.every("webhook_endpoint") if each["status"] == "enabled"]
            self.endpoints = [
                {
                    "id": each["id"],
                    "url": each["url"],
                    "secret": self.setting(f"secret:{each['id']}"),
                    "wants": each["enabled_events"],
                }
                for each in made
            ]
            if self.webhook_url and all(each["url"] != self.webhook_url for each in made):
                standing = {"id": "standing", "url": self.webhook_url, "secret": self.secret, "wants": ["*"]}
                self.endpoints.append(standing)
        return self.endpoints

    def schedule(self, identifier: str, task: str, at: int) -> None:
        """Have `task` done to an object when the clock reaches `at`; a second call moves it."""
        self.connection.execute(
            "INSERT OR REPLACE INTO due (id, task, at, clock) VALUES (?, ?, ?, ?)", (identifier, task, at, self.clock)
        )

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


_NESTED = frozenset({dict, list})


def public(thing: Json) -> Json:
    """Return a copy without the stand-in's private notes."""
    return {name: copied(value) for name, value in thing.items() if name != PRIVATE}


def copied(value: Any) -> Any:  # noqa: ANN401  any JSON value
    """Return a copy that shares nothing; much faster than `copy.deepcopy`, which JSON does not need."""
    if type(value) is dict:
        return {name: copied(each) if type(each) in _NESTED else each for name, each in value.items()}
    if type(value) is list:
        return [copied(each) if type(each) in _NESTED else each for each in value]
    return value


def changed(before: Json, after: Json) -> Json:
    """Return the former values of the top-level fields that differ."""
    return {name: value for name, value in before.items() if name in after and after[name] != value}


def is_wanted(kind: str, wanted: list[str]) -> bool:
    """Tell whether an event's type is among those wanted, where `*` and `invoice.*` stand for many."""
    return any(kind == each or (each.endswith("*") and kind.startswith(each[:-1])) for each in wanted)


def merge_metadata(current: Json, given: Json | str) -> Json:
    """Return metadata after an update: an empty value drops its key, an empty whole drops all."""
    if not isinstance(given, dict):
        return {}
    return {key: value for key, value in {**current, **given}.items() if value != ""}


def in_list(data: list[Json], url: str, *, has_more: bool = False) -> Json:
    """Return a list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}
