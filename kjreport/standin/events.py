"""Events as they are listed, and the endpoints they are sent to."""

from kjreport.standin import listing
from kjreport.standin.book import API_VERSION, DAY, Book, Json, is_wanted, merge_metadata
from kjreport.standin.errors import Refusal

KEPT_FOR = 30 * DAY
MOST_TYPES = 20


def retrieve(book: Book, _params: Json, identifier: str) -> Json:
    """Return one event."""
    return book.get("event", identifier)


def every(book: Book, params: Json) -> Json:
    """List events of the last thirty days, by type or up to twenty types."""
    types = params.get("types", [])
    if len(types) > MOST_TYPES:
        message = f"Too many types: at most {MOST_TYPES}."
        raise Refusal(message, param="types")
    if types and "type" in params:
        raise Refusal("You may only specify one of these parameters: type, types.", param="types")
    wanted = [params["type"]] if "type" in params else types
    since = book.now - KEPT_FOR

    def keep(event: Json) -> bool:
        return event["created"] > since and (not wanted or is_wanted(event["type"], wanted))

    exact = wanted if wanted and not any("*" in each for each in wanted) else None
    return listing.of(book, "event", params, url="/v1/events", where={"type": exact}, keep=keep)


def create_endpoint(book: Book, params: Json) -> Json:
    """Make a webhook endpoint; its secret is in this answer and never again."""
    _check(params)
    secret = book.secret if params["url"] == book.webhook_url and book.secret else book.new_id("whsec", 32)
    endpoint = {
        "id": book.new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "created": book.now,
        "description": params.get("description") or None,
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "status": "enabled",
        "url": params["url"],
    }
    book.put(endpoint)
    book.set(f"secret:{endpoint['id']}", secret)
    return endpoint | {"secret": secret}


def _check(params: Json) -> None:
    if "url" in params and not params["url"].startswith(("http://", "https://")):
        raise Refusal("Invalid URL: An explicit scheme (such as https) must be provided.", param="url")
    if params.get("api_version", API_VERSION) != API_VERSION:
        message = f"The stand-in speaks {API_VERSION} only."
        raise Refusal(message, status=501, kind="api_error", param="api_version")
    if "enabled_events" in params and not params["enabled_events"]:
        raise Refusal("enabled_events must name at least one event.", param="enabled_events")


def retrieve_endpoint(book: Book, _params: Json, identifier: str) -> Json:
    """Return one webhook endpoint, without its secret."""
    return book.get("webhook_endpoint", identifier)


def update_endpoint(book: Book, params: Json, identifier: str) -> Json:
    """Change an endpoint, or switch it off and on."""
    endpoint = book.get("webhook_endpoint", identifier)
    _check(params)
    for name in ("description", "enabled_events", "url"):
        if name in params:
            endpoint[name] = params[name] or None
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    if "metadata" in params:
        endpoint["metadata"] = merge_metadata(endpoint["metadata"], params["metadata"])
    return book.put(endpoint)


def delete_endpoint(book: Book, _params: Json, identifier: str) -> Json:
    """Delete an endpoint; letters waiting for it are not sent."""
    book.get("webhook_endpoint", identifier)
    book.connection.execute("DELETE FROM thing WHERE id = ? AND kind = 'webhook_endpoint'", (identifier,))
    book.connection.execute("DELETE FROM letter WHERE endpoint = ? AND state = 'waiting'", (identifier,))
    return {"id": identifier, "object": "webhook_endpoint", "deleted": True}


def endpoints(book: Book, params: Json) -> Json:
    """List webhook endpoints."""
    return listing.simple(book, "webhook_endpoint", params, url="/v1/webhook_endpoints")
