"""Turns links to what stands elsewhere into plain cards; nothing of a third party loads in a reader's browser."""

from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

LONGEST_ADDRESS = 500
_TRACKING = {"si", "igsh", "igshid", "fbclid", "gclid", "ref_src", "ref_url", "feature", "s", "mc_cid", "mc_eid"}


@dataclass(frozen=True)
class Place:
    """Somewhere a card may lead."""

    name: str
    what: str
    domains: tuple[str, ...]


PLACES = (
    Place("YouTube", "Video", ("youtube.com", "youtu.be")),
    Place("Vimeo", "Video", ("vimeo.com",)),
    Place("X", "Post", ("x.com", "twitter.com")),
    Place("Bluesky", "Post", ("bsky.app",)),
    Place("Mastodon", "Post", ("mastodon.social",)),
    Place("Instagram", "Post", ("instagram.com",)),
    Place("Telegram", "Post", ("t.me",)),
    Place("Spotify", "Audio", ("open.spotify.com",)),
    Place("Apple Podcasts", "Audio", ("podcasts.apple.com",)),
    Place("SoundCloud", "Audio", ("soundcloud.com",)),
    Place("DocumentCloud", "Document", ("documentcloud.org",)),
    Place("the United Nations", "Document", ("docs.un.org", "undocs.org", "digitallibrary.un.org")),
    Place("Datawrapper", "Chart", ("datawrapper.dwcdn.net", "datawrapper.de")),
    Place("Wikimedia Commons", "File", ("commons.wikimedia.org",)),
)


@dataclass(frozen=True)
class Card:
    """A link to one of the places, without what would track its reader."""

    address: str
    host: str
    place: Place


def find_card(address: str) -> Card | None:
    """Return the card for an address, or None if it leads somewhere else or is not quite an address."""
    if len(address) > LONGEST_ADDRESS or any(ord(one) <= ord(" ") for one in address):
        return None
    try:
        parts = urlsplit(address)
        has_more = parts.port is not None or "@" in parts.netloc
    except ValueError:
        return None
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    place = next((one for one in PLACES for domain in one.domains if _is_at(host, domain)), None)
    if place is None or has_more or parts.scheme not in {"http", "https"} or not parts.path.strip("/"):
        return None
    if host == "youtu.be":
        video = urlencode([("v", parts.path.strip("/")), *_keep(parts.query)])
        return Card(f"https://www.youtube.com/watch?{video}", "youtube.com", place)
    query = urlencode(_keep(parts.query))
    return Card(f"https://{parts.hostname}{parts.path}{'?' if query else ''}{query}", host, place)


def write_card(card: Card, title: str) -> str:
    """Return the card as HTML; without a title it says what it is."""
    kind = f"{card.place.what} on {card.place.name}"
    return (
        f'<figure class="embed"><a href="{escape(card.address)}" rel="noopener external">'
        f'<span class="embed__what">{escape(kind)}</span> '
        f'<span class="embed__title">{escape(title or kind)}</span> '
        f'<span class="embed__host">Opens at {escape(card.host)}</span></a></figure>'
    )


def describe_places() -> list[dict[str, object]]:
    """Return the places as the editor needs them: a name and its domains."""
    return [{"name": place.name, "what": place.what, "domains": list(place.domains)} for place in PLACES]


def _is_at(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _keep(query: str) -> list[tuple[str, str]]:
    asked = parse_qsl(query)
    return [(name, value) for name, value in asked if name.lower() not in _TRACKING and not name.startswith("utm_")]
