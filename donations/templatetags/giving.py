"""What the “Contribute” card shows."""

import logging

from django import template
from django.core.cache import cache

from donations.models import Campaign
from kjreport.payments.money import Money

logger = logging.getLogger(__name__)
register = template.Library()
_KEY = "donations.suggested-gifts"
_KEPT_FOR = 60  # seconds; a changed suggestion may take so long to show

type _Suggested = tuple[bool, list[Money]]


@register.simple_tag
def suggested_gifts() -> list[Money] | None:
    """Return the leading campaign's suggested amounts, or None while gifts rest. At most one query a minute.

    While the cache does not answer, one query each time.
    """
    try:
        takes_gifts, amounts = cache.get_or_set(_KEY, _load, _KEPT_FOR) or _load()
    except Exception:
        logger.exception("The cache does not answer; suggested gifts are read from the database.")
        takes_gifts, amounts = _load()
    return amounts if takes_gifts else None


def _load() -> _Suggested:
    leading = Campaign.objects.order_by("-is_open", "position", "pk").first()
    if leading is None:
        return True, []  # the usual one is made when somebody comes to give
    return leading.is_open, leading.suggestions if leading.is_open else []
