"""Stripe's front door: which of our rooms hears which letter, as `urls.py` is the readers' front door."""

from collections.abc import Callable

from kjreport.payments.letters import Letter

HANDLERS: dict[str, Callable[[Letter], None]] = {}
