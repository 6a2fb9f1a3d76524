"""Billing periods: month ends and leap days kept to the day a subscription began on."""

import calendar
import datetime as dt

from kjreport.standin.book import DAY

_MONTHS_A_YEAR = 12


def after(anchor: int, interval: str, count: int, steps: int) -> int:
    """Return the moment `steps` periods after `anchor`; a month without the anchor's day ends on its last."""
    if interval in ("day", "week"):
        return anchor + steps * count * DAY * (7 if interval == "week" else 1)
    start = dt.datetime.fromtimestamp(anchor, dt.UTC)
    months = start.month - 1 + steps * count * (_MONTHS_A_YEAR if interval == "year" else 1)
    year, month = start.year + months // _MONTHS_A_YEAR, months % _MONTHS_A_YEAR + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def next_end(anchor: int, interval: str, count: int, start: int) -> int:
    """Return the end of the period that begins at `start`, on the grid of `anchor`."""
    steps = 1
    while after(anchor, interval, count, steps) <= start:
        steps += 1
    return after(anchor, interval, count, steps)
