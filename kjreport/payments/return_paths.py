"""Where a reader goes back to after paying: only ever a page of ours."""

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 512


def clean_return_path(raw: str) -> str:
    """Return the path if it leads to a page of this site, and nothing otherwise."""
    raw = raw.strip()
    if not raw.startswith("/") or len(raw) > LONGEST or not raw.isprintable() or "\\" in raw:
        return ""
    return raw if url_has_allowed_host_and_scheme(raw, allowed_hosts=None) else ""
