"""What the “Contribute” card shows."""

import logging

from django import template
from django.core.cache import cache

from donations.models import Campaign
from kjreport.payments.money import Money

logger = logging.getLogger(__name__)
register = template.Library()
_KEPT_FOR = 60  # seconds; a changed suggestion may take so long to show


@register.simple_tag
def suggested_gifts() -> list[Money]:
    """Return the leading campaign's suggested amounts. At most one query a minute while the cache answers."""
    try:
        return cache.get_or_set("donations.suggested", _load, _KEPT_FOR) or []
    except Exception:
        logger.exception("The cache does not answer; suggested gifts are read from the database.")
        return _load()


def _load() -> list[Money]:
    campaign = Campaign.objects.open().first()
    return campaign.suggestions if campaign else []
