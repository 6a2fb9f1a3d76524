"""What tests of pages share: addresses of a published piece and its company, and ways to read them."""

import re

from django.test import Client

ADDRESS = "/articles/the-corridor-nobody-drew/"
PUBLIC_PAGES = [
    "/",
    ADDRESS,
    "/articles/",
    "/sections/diplomacy/",
    "/topics/armenia/",
    "/authors/ada-byron/",
    "/about/",
    "/search/?q=corridor",
]


def read(client: Client, address: str, status: int = 200) -> str:
    """Return a page, which must answer with that status."""
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def headlines(page: str) -> list[str]:
    """Return the headlines of the cards on a page, in order."""
    return re.findall(r'class="card__headline">\s*<a href="[^"]*">([^<]*)</a>', page)


def within(page: str) -> str:
    """Return what stands between masthead and footer."""
    return page.partition('<main id="main"')[2].partition("</main>")[0]
