"""Where Stripe is asked to send its letters, and whether it is asked for those we hear."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

from kjreport.payments import stripe_gateway as gateway

_EVERYTHING = "*"


@dataclass(frozen=True)
class Posting:
    """What was done about an address: a new one has a secret, an old one what was changed."""

    secret: str = ""
    changes: tuple[str, ...] = ()


def find_address() -> str:
    """Return the public address of our own door."""
    return settings.SITE_URL + reverse("stripe_webhook")


def heard_types() -> list[str]:
    """Return the types of letter that somebody here hears."""
    return sorted(import_string(settings.STRIPE_EVENTS))


def ensure_posting(url: str) -> Posting:
    """Have exactly the letters we hear sent to an address, in our pinned version's shape. Safe to repeat.

    Raises:
        GatewayError: Stripe refused or is away.
    """
    types = heard_types()
    for endpoint in gateway.list_endpoints(url):
        if endpoint.api_version == gateway.API_VERSION:
            changes = [
                *(f"now also {name}" for name in types if name not in endpoint.types),
                *(f"no longer {name}" for name in sorted(endpoint.types) if name not in types),
                *(() if endpoint.is_enabled else ("switched on again",)),
            ]
            if changes:
                gateway.update_endpoint(endpoint.id, types)
            return Posting(changes=tuple(changes))
    return Posting(secret=gateway.create_endpoint(url, types))


def find_faults(url: str) -> list[str]:
    """Say what keeps letters we hear from being sent to an address; nothing, usually. One call to Stripe.

    Raises:
        GatewayError: Stripe refused or is away.
    """
    endpoints = gateway.list_endpoints(url)
    ours = [each for each in endpoints if each.api_version == gateway.API_VERSION and each.is_enabled]
    if not ours:
        why = "in another version, or switched off" if endpoints else "not asked for"
        return [f"letters to {url} are {why}: run stripe_setup --webhook {url}"]
    sent: set[str] = set().union(*(each.types for each in ours))
    missing = [] if _EVERYTHING in sent else [name for name in heard_types() if name not in sent]
    return [f"not sent to us: {_list(missing)}; run stripe_setup --webhook {url}"] if missing else []


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
