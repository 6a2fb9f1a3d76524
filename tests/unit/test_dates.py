"""Days and hours, where a page does not say how it wants them."""

from datetime import UTC, datetime

from django.template import Context, Template
from django.utils import timezone
from django.utils.formats import localize


def test_hours_are_counted_to_twenty_four() -> None:
    with timezone.override("Europe/London"):
        assert localize(timezone.localtime(datetime(2026, 7, 3, 14, 5, tzinfo=UTC))) == "3 July 2026, 15:05"


def test_days_carry_their_months_name() -> None:
    moment = datetime(2026, 1, 9, 14, 5, tzinfo=UTC)
    shown = Template("{{ moment|date }}, {{ moment|time }}, {{ moment|date:'SHORT_DATE_FORMAT' }}")
    assert shown.render(Context({"moment": moment})) == "9 January 2026, 14:05, 9 Jan 2026"
