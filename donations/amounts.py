"""Reads an amount as a person types it, into whole pence."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError

from kjreport.payments.money import Money

_TYPED = re.compile(r"£?\s?(\d{1,3}(?:,\d{3})|\d{1,6})(?:\.(\d{2}))?", re.ASCII)


def read_amount(typed: str) -> Money:
    """Return “25”, “£25”, “25.50” or “1,000” as money. No sign, exponent or digit of another script is taken.

    Raises:
        ValidationError: it cannot be read, or is below DONATION_MINIMUM or above DONATION_MAXIMUM.
    """
    found = _TYPED.fullmatch(typed.strip())
    if found is None:
        raise ValidationError("Give an amount in pounds, for example 25 or 12.50.")
    return check_amount(int(found[1].replace(",", "")) * 100 + int(found[2] or 0))


def check_amount(pence: int) -> Money:
    """Return an amount within bounds as money.

    Raises:
        ValidationError: it is below DONATION_MINIMUM or above DONATION_MAXIMUM; the sentence says both.
    """
    least, most = (Money(bound, settings.CURRENCY) for bound in (settings.DONATION_MINIMUM, settings.DONATION_MAXIMUM))
    if not least.amount <= pence <= most.amount:
        raise ValidationError(
            f"We can take gifts from {least.display} to {most.display} here. For a larger one, please write to us."
        )
    return Money(pence, settings.CURRENCY)
