"""Lists by page: cursors both ways, limits, and filters on the moment of making."""

from collections.abc import Callable
from itertools import islice

from kjreport.standin.book import Book, Json, in_list
from kjreport.standin.errors import Refusal, missing

MOST = 100
USUAL = 10


def of(
    book: Book,
    kind: str,
    params: Json,
    *,
    url: str,
    where: Json | None = None,
    keep: Callable[[Json], bool] = lambda _: True,
) -> Json:
    """Return one page of the objects of a kind whose fields equal `where` and which `keep` keeps."""
    limit = _limit(params)
    beside = _cursor(book, kind, params)
    created = params.get("created")
    bounds = {"is": created} if isinstance(created, int) else created
    found = filter(keep, book.stream(kind, where=where, bounds=bounds, beside=beside))
    things = list(islice(found, limit + 1))
    has_more = len(things) > limit
    things = things[:limit]
    if beside is not None and beside[0] == "before":
        things.reverse()
    return in_list(things, url, has_more=has_more)


def within(data: list[Json], params: Json, *, url: str) -> Json:
    """Return one page of a list that stands inside an object, in the order it stands there."""
    limit = _limit(params)
    side, place = "after", -1
    for name, towards in (("starting_after", "after"), ("ending_before", "before")):
        if name in params:
            _refuse_both(params)
            places = [at for at, each in enumerate(data) if each["id"] == params[name]]
            if not places:
                raise missing(data[0]["object"] if data else "object", params[name], param=name)
            side, place = towards, places[0]
    left = data[:place] if side == "before" else data[place + 1 :]
    page = left[-limit:] if side == "before" else left[:limit]
    return in_list(page, url, has_more=len(left) > limit)


def _limit(params: Json) -> int:
    limit = params.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        message = f"Invalid integer: limit must be between 1 and {MOST}."
        raise Refusal(message, code="parameter_invalid_integer", param="limit")
    return int(limit)


def _refuse_both(params: Json) -> None:
    if "starting_after" in params and "ending_before" in params:
        message = "You may only specify one of these parameters: starting_after, ending_before."
        raise Refusal(message, param="starting_after")


def _cursor(book: Book, kind: str, params: Json) -> tuple[str, str] | None:
    _refuse_both(params)
    for name, side in (("starting_after", "after"), ("ending_before", "before")):
        if name in params:
            found = book.find(params[name])
            if found is None or found["object"] != kind:
                raise missing(kind, params[name], param=name)
            return side, params[name]
    return None


def simple(book: Book, kind: str, params: Json, *, url: str, filters: tuple[str, ...] = ()) -> Json:
    """Return a page of a kind, filtered by those plain string parameters that were given."""
    where = {name: params[name] for name in filters if params.get(name) is not None}
    return of(book, kind, params, url=url, where=where)
