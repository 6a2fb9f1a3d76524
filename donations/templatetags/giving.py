"""What the “Contribute” card shows."""

from django import template
from django.core.cache import cache

from donations.models import Campaign
from kjreport.payments.money import Money

register = template.Library()
_KEPT_FOR = 60  # seconds; a changed suggestion may take so long to show


@register.simple_tag
def suggested_gifts() -> list[Money]:
    """Return the leading campaign's suggested amounts. At most one query a minute in each process."""
    found: list[Money] | None = cache.get("donations.suggested")
    if found is None:
        campaign = Campaign.objects.open().first()
        found = campaign.suggestions if campaign else []
        cache.set("donations.suggested", found, _KEPT_FOR)
    return found
