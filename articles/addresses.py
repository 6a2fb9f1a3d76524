"""Makes addresses whole, for what is read away from the site: feeds, the API, search engines."""

import re
from urllib.parse import urljoin

from django.conf import settings

_LINKED = re.compile(r'\b(src|href)="([^"]*)"')
_OFFERED = re.compile(r'\bsrcset="([^"]*)"')


def absolute(path: str) -> str:
    """Return the whole address of one of our paths. It comes from `SITE_URL`, never from what a request claims."""
    return urljoin(f"{settings.SITE_URL}/", path)


def with_whole_addresses(html: str, *, page: str) -> str:
    """Return HTML of `articles.prose` with every address whole; `page` is the whole address it stood on."""
    linked = _LINKED.sub(lambda found: f'{found[1]}="{urljoin(page, found[2])}"', html)
    return _OFFERED.sub(lambda found: f'srcset="{_each_whole(found[1], page)}"', linked)


def _each_whole(srcset: str, page: str) -> str:
    return ", ".join(urljoin(page, offered) for offered in srcset.split(", "))
