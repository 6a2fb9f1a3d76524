"""How often a page that waits for a payment looks again: every few seconds, and not for ever."""

from django.http import HttpRequest

LOOK_AGAIN = 3  # seconds between two looks
MOST_LOOKS = 20
_MOST_DIGITS = 3


def read_look(request: HttpRequest) -> int:
    """Return which look this is; whoever types something else is shown the last one."""
    raw = request.GET.get("look", "1")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= _MOST_DIGITS else MOST_LOOKS
