"""Goes to every address as one person, and hunts in every answer."""

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.test import Client

from kjreport.leaks.addresses import Kind, list_addresses
from kjreport.leaks.hunting import Answer, Leak, Quarry

TOO_MANY = 429
NOT_STAFF = tuple(kind for kind in Kind if kind is not Kind.STAFF)


def ask(client: Client, path: str, method: str = "get", **extra: Any) -> Answer:
    """Ask for one address and keep the whole answer; asking often is no part of these tests' stories."""
    response = client.generic(method.upper(), path, **extra)
    if response.status_code == TOO_MANY:
        cache.clear()
        response = client.generic(method.upper(), path, **extra)
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    return Answer(path, response.status_code, (*response.headers.items(), *cookies), body)


def hunt(client: Client, paths: Iterable[str], quarry: Quarry, method: str = "get", **extra: Any) -> set[Leak]:
    """Ask for all of these and return what is found."""
    return {leak for path in paths for leak in quarry.look_through(ask(client, path, method, **extra))}


def everywhere(*kinds: Kind) -> list[str]:
    """Return every real address of these kinds; all but the newsroom's unless told."""
    return [address.path for address in list_addresses(*(kinds or NOT_STAFF))]


def questions(*words: str) -> list[str]:
    """Return searches for each of these words."""
    return [f"/search/?q={word}" for word in words]


def said(leaks: Iterable[Leak]) -> set[str]:
    """Return what was found, wherever it was."""
    return {leak.what for leak in leaks}
