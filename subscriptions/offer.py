"""What we sell today, remembered for a minute, so that an article's page asks nothing for it."""

import logging
from dataclasses import dataclass

from django.core.cache import cache

from kjreport.payments.money import Money
from subscriptions.models import Interval, Price

logger = logging.getLogger(__name__)

_KEY = "subscriptions-offer"
_KEPT = 60  # seconds


@dataclass(frozen=True)
class OfferedPrice:
    """A price a new reader may choose."""

    pk: int
    plan_name: str
    plan_description: str
    interval: str
    money: Money

    @property
    def display(self) -> str:
        """As readers see it: “£10 a month”."""
        return f"{self.money.display} a {self.interval}"


@dataclass(frozen=True)
class Offer:
    """The prices on offer, cheapest first, and what the plan gives."""

    prices: tuple[OfferedPrice, ...] = ()
    benefits: tuple[str, ...] = ()

    @property
    def cheapest(self) -> OfferedPrice | None:
        """The price to name first: “from £10 a month”."""
        return self.prices[0] if self.prices else None

    @property
    def monthly(self) -> OfferedPrice | None:
        """The price by the month."""
        return next((price for price in self.prices if price.interval == Interval.MONTH), None)

    @property
    def yearly(self) -> OfferedPrice | None:
        """The price by the year."""
        return next((price for price in self.prices if price.interval == Interval.YEAR), None)

    @property
    def saving(self) -> Money | None:
        """What a year saves over twelve months, if it does."""
        if self.monthly is None or self.yearly is None or self.monthly.money.currency != self.yearly.money.currency:
            return None
        saved = self.monthly.money * 12 - self.yearly.money
        return saved if saved.amount > 0 else None

    def find(self, pk: str) -> OfferedPrice | None:
        """Return the price of that number, as a browser names it."""
        return next((price for price in self.prices if str(price.pk) == pk), None)


def find_offer() -> Offer:
    """Return what we sell today. At most one query a minute, or one each time while the cache is down."""
    try:
        return cache.get_or_set(_KEY, _load, _KEPT) or Offer()
    except Exception:
        logger.exception("The cache does not answer; the offer is read from the database.")
        return _load()


def forget_offer() -> None:
    """Ask again next time; call it where the catalogue changes."""
    cache.delete(_KEY)


def _load() -> Offer:
    rows = list(Price.objects.on_offer())
    prices = tuple(OfferedPrice(row.pk, row.plan.name, row.plan.description, row.interval, row.money) for row in rows)
    return Offer(prices, tuple(rows[0].plan.benefits) if rows else ())
