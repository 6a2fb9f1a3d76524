"""Lists by page: cursors both ways, limits, and filters on the moment of making."""

from kjreport.standin.book import Book, Json, in_list
from kjreport.standin.errors import Refusal, missing

MOST = 100
USUAL = 10


def page(things: list[Json], params: Json, *, url: str) -> Json:
    """Return one page of `things`, which are whole and newest first."""
    limit = params.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        message = f"Invalid integer: limit must be between 1 and {MOST}."
        raise Refusal(message, code="parameter_invalid_integer", param="limit")
    if "starting_after" in params and "ending_before" in params:
        message = "You may only specify one of these parameters: starting_after, ending_before."
        raise Refusal(message, param="starting_after")
    within = [thing for thing in things if _made_within(thing, params.get("created"))]
    if "ending_before" in params:
        earlier = within[: _place(within, params["ending_before"], "ending_before")]
        return in_list(earlier[-limit:], url, has_more=len(earlier) > limit)
    if "starting_after" in params:
        within = within[_place(within, params["starting_after"], "starting_after") + 1 :]
    return in_list(within[:limit], url, has_more=len(within) > limit)


def _place(things: list[Json], identifier: str, param: str) -> int:
    for place, thing in enumerate(things):
        if thing["id"] == identifier:
            return place
    raise missing("object", identifier, param=param)


def _made_within(thing: Json, bounds: Json | int | None) -> bool:
    if bounds is None:
        return True
    created = int(thing["created"])
    if isinstance(bounds, int):
        return created == bounds
    return bool(
        created > bounds.get("gt", created - 1)
        and created >= bounds.get("gte", created)
        and created < bounds.get("lt", created + 1)
        and created <= bounds.get("lte", created)
    )


def simple(book: Book, kind: str, params: Json, *, url: str, filters: tuple[str, ...] = ()) -> Json:
    """Return a page of a kind, filtered by those plain string parameters that were given."""
    where = {name: params[name] for name in filters if params.get(name) is not None}
    return page(book.every(kind, **where), params, url=url)
