"""A payment card as far as we may know it: enough for its holder to tell which one, never enough to pay with."""

import calendar
from dataclasses import dataclass
from datetime import date

_BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "Eftpos",
    "jcb": "JCB",
    "link": "Link",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}


@dataclass(frozen=True)
class Card:
    """Stripe's word for the brand, the last four digits, and the last day on which it can be charged."""

    brand: str
    last4: str
    expiry_date: date

    @classmethod
    def of_month(cls, *, brand: str, last4: str, month: int, year: int) -> "Card":
        """Make it from what is printed on it; a card is good to the end of its month."""
        return cls(brand, last4, date(year, month, calendar.monthrange(year, month)[1]))

    @property
    def name(self) -> str:
        """As its holder knows it: “Visa ending 4242”. A brand we do not know is a card."""
        return f"{_BRANDS.get(self.brand, 'Card')} ending {self.last4}"

    @property
    def display(self) -> str:
        """With its expiry as printed: “Visa ending 4242, expires 11/27”."""
        return f"{self.name}, expires {self.expiry_date:%m/%y}"
