"""Test clocks: customers for whom time stands still until it is moved by call."""

from collections.abc import Callable

from kjreport.standin import agenda, endings, listing, periods
from kjreport.standin.book import Book, Json, public
from kjreport.standin.errors import Refusal

_KIND = "test_helpers.test_clock"
_NAMING = ("customer", "subscription", "invoice", "payment_intent", "charge", "test_clock")
_MOST_INTERVALS = 2


def create(book: Book, params: Json) -> Json:
    """Make a clock that stands at a moment."""
    made = {
        "id": book.new_id("clock"),
        "object": _KIND,
        "created": book.now,
        "deletes_after": book.now + 30 * 86_400,
        "frozen_time": params["frozen_time"],
        "livemode": False,
        "name": params.get("name"),
        "status": "ready",
        "status_details": {},
    }
    book.put(made)
    book.emit("test_helpers.test_clock.created", made)
    return made


def retrieve(book: Book, _params: Json, identifier: str) -> Json:
    """Return one clock."""
    return book.get(_KIND, identifier)


def every(book: Book, params: Json) -> Json:
    """List the clocks."""
    return listing.simple(book, _KIND, params, url="/v1/test_helpers/test_clocks")


def enter(book: Book, named: Json, *ids: str) -> None:
    """Let a request be at the time of the customer it is about, if that customer has a clock."""
    for identifier in (*ids, *(named.get(each) for each in _NAMING)):
        thing = book.find(identifier) if isinstance(identifier, str) else None
        if thing is not None and (found := _clock_of(book, thing)) is not None:
            book.clock = found["id"]
            book.offset += found["frozen_time"] - book.now
            book.now = found["frozen_time"]
            return


def _clock_of(book: Book, thing: Json) -> Json | None:
    if thing["object"] == _KIND:
        return thing
    for step in ("session", "invoice"):  # a challenge names what it is about
        if thing["object"] == "standin.challenge" and step in thing:
            return _clock_of(book, book.find(thing[step]) or {"object": ""})
    owner = thing if thing["object"] == "customer" else book.find(str(thing.get("customer")))
    identifier = None if owner is None else owner.get("test_clock")
    return book.find(identifier) if identifier else None


def advance_with(catch_up: Callable[[Book, int], int]) -> Callable[[Book, Json, str], Json]:
    """Return the call that moves a clock, doing what falls due by `catch_up`."""

    def advance(book: Book, params: Json, identifier: str) -> Json:
        """Move a clock forward; what falls due for its customers is done on the way."""
        found, until = book.get(_KIND, identifier), params["frozen_time"]
        _check(book, found, until)
        advancing = found | {"status": "advancing", "status_details": {"advancing": {"target_frozen_time": until}}}
        advancing = public(book.put(advancing))
        book.emit("test_helpers.test_clock.advancing", advancing)
        catch_up(book, until)
        ready = book.put(found | {"frozen_time": until, "status": "ready", "status_details": {}})
        book.emit("test_helpers.test_clock.ready", ready)
        return advancing

    return advance


def _check(book: Book, found: Json, until: int) -> None:
    now = found["frozen_time"]
    if until <= now:
        message = "The frozen_time must be after the current frozen time of the test clock."
        raise Refusal(message, param="frozen_time")
    latest = periods.after(now, "year", 1, 2)
    for subscription in _living(book, found["id"]):
        recurring = subscription["items"]["data"][0]["price"]["recurring"]
        ahead = periods.after(now, recurring["interval"], recurring["interval_count"], _MOST_INTERVALS)
        latest = min(latest, ahead)
    if until > latest:
        message = "You cannot advance a test clock by more than two intervals of its shortest subscription."
        raise Refusal(message, param="frozen_time")


def _customers(book: Book, identifier: str) -> list[Json]:
    return book.every("customer", test_clock=identifier)


def _living(book: Book, identifier: str) -> list[Json]:
    return [
        subscription
        for customer in _customers(book, identifier)
        for subscription in book.every("subscription", customer=customer["id"])
        if subscription["status"] not in agenda.OVER
    ]


def delete(book: Book, _params: Json, identifier: str) -> Json:
    """Delete a clock with its customers and their subscriptions."""
    found = book.get(_KIND, identifier)
    for customer in _customers(book, identifier):
        endings.delete_customer(book, {}, customer["id"])
    book.connection.execute("DELETE FROM due WHERE clock = ?", (identifier,))
    book.connection.execute("DELETE FROM thing WHERE id = ?", (identifier,))
    book.emit("test_helpers.test_clock.deleted", found)
    return {"id": identifier, "object": _KIND, "deleted": True}
