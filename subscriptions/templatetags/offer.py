"""The offer's price, and how the reader stands, for other wings' pages."""

from django import template
from django.template.context import RequestContext

from subscriptions.account import Arrangement, describe
from subscriptions.entitlements import Standing, find_standing
from subscriptions.offer import Offer, find_offer

register = template.Library()


@register.simple_tag
def current_offer() -> Offer:
    """Return what we sell today. At most one query a minute."""
    return find_offer()


@register.simple_tag(takes_context=True)
def reader_standing(context: RequestContext) -> Standing:
    """Return how the page's reader stands; no query for a visitor, none again after the wall has asked."""
    return find_standing(context["request"].user)


@register.simple_tag(takes_context=True)
def reader_arrangement(context: RequestContext) -> Arrangement | None:
    """Return what the page's reader has by subscription; nothing for a visitor. At most four queries."""
    reader = context["request"].user
    return describe(reader) if reader.is_authenticated else None
