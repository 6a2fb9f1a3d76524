"""How often one account or one address may begin to pay: people who test stolen cards try hundreds of times."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

HOUR = 3600  # seconds
MOST_BY_ACCOUNT = 5
MOST_BY_ADDRESS = 10


class TooManyAttempts(Exception):  # noqa: N818 - news, not a fault
    """This account or address has begun to pay too often in the last hour."""


def take_attempt(request: HttpRequest) -> None:
    """Count one attempt to pay; call it before Stripe is asked.

    Raises:
        TooManyAttempts: come back in an hour.
    """
    taken = [_count(f"checkout-attempts:address:{find_address(request)}") <= MOST_BY_ADDRESS]
    if request.user.is_authenticated:
        taken.append(_count(f"checkout-attempts:account:{request.user.pk}") <= MOST_BY_ACCOUNT)
    if not all(taken):
        raise TooManyAttempts


def find_address(request: HttpRequest) -> str:
    """Return the client's address, believing only as many proxies as TRUSTED_PROXY_COUNT says there are."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXY_COUNT
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))


def _count(key: str) -> int:
    """Count within an hour of the first; a cache that drops the key in between begins anew."""
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key)
    except ValueError:
        return 1
