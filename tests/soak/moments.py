"""One clock for the site and the stand-in: whoever asks what time it is, from any module, is told the same."""

import datetime as dt
from typing import Any

_real = dt.datetime


class Clock:
    """The moment both go by, in unix seconds."""

    def __init__(self, moment: int) -> None:
        """Stand still at `moment`."""
        self.moment = moment

    def time(self) -> float:
        """Answer as the module `time` does, for the cache."""
        return float(self.moment)

    def now(self) -> dt.datetime:
        """Return the moment with its zone."""
        return _real.fromtimestamp(self.moment, dt.UTC)


class _TellsDatetimes(type):
    """Lets `isinstance` go on knowing real datetimes, and only those."""

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, _real)


def datetime_by(clock: Clock) -> type:
    """Return what stands in for `datetime` where Django asks the time.

    `django.utils.timezone.now` itself cannot be replaced: fields that say `default=timezone.now` hold it already.
    """

    class Datetime(dt.datetime, metaclass=_TellsDatetimes):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return _real.fromtimestamp(clock.moment, tz)

    return Datetime
