"""Functions of dates and durations that sprig v3 has beside those of 2016.

The clock comes from outside. Knows no other functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gotmpl.errors import FuncError
from gotmpl.golang.duration import SECOND, Duration, parse_duration
from gotmpl.golang.integers import Int64, atoi, wrapped
from gotmpl.golang.parsing import parse_date
from gotmpl.golang.time import ZERO, Time

if TYPE_CHECKING:
    from collections.abc import Callable

_DAY: Final = 86_400 * SECOND
# The units of `durationRound` in nanoseconds; a duration is in the largest that it exceeds.
_UNITS: Final = (
    (365 * _DAY, "y"),
    (30 * _DAY, "mo"),
    (_DAY, "d"),
    (3600 * SECOND, "h"),
    (60 * SECOND, "m"),
    (SECOND, "s"),
)


def must_to_date(layout: str, text: str) -> Time:
    """Return the time of a text in a layout; a text that is not in it is an error."""
    try:
        return parse_date(layout, text)
    except ValueError as error:
        raise FuncError(str(error)) from None


def to_date(layout: str, text: str) -> Time:
    """Return the time of a text in a layout; the year 1 of a text that is not in it."""
    try:
        return parse_date(layout, text)
    except ValueError:
        return ZERO


def must_date_modify(duration: str, date: Time) -> Time:
    """Return the date that much later; a text that is no duration is an error."""
    return date.Add(parse_duration(duration))


def unix_epoch(date: Time) -> str:
    """Return the seconds of the date since 1970, as a text."""
    return str(int(date.Unix()))


def duration(seconds: object) -> str:
    """Return whole seconds, of a text or an `int64`, as `1h2m3s`."""
    count = 0
    if isinstance(seconds, str):
        count, reason = atoi(seconds)
        count = 0 if reason == "invalid syntax" else count
    elif isinstance(seconds, Int64):
        count = seconds
    return Duration(wrapped(count * SECOND)).String()


def since(now: Callable[[], Time]) -> dict[str, Callable[..., object]]:
    """Return the functions that measure from the present.

    Args:
        now: returns the present moment.
    """

    def ago(date: object) -> str:
        """Return the time since a date, in whole seconds."""
        moment = date if isinstance(date, Time) else None
        if type(date) in (int, Int64):
            moment = Time(date * SECOND)  # type: ignore[operator]  # an integer
        present = now()
        return present.Sub(present if moment is None else moment).Round(Duration(SECOND)).String()

    def duration_round(span: object) -> str:
        """Return a duration in the largest unit that it exceeds: `2h`, `3mo`."""
        found = abs(_nanoseconds(span, now))
        return next((f"{found // unit}{name}" for unit, name in _UNITS if found > unit), "0s")

    return {"ago": ago, "durationRound": duration_round}


def _nanoseconds(span: object, now: Callable[[], Time]) -> int:
    if isinstance(span, str):
        try:
            return parse_duration(span)
        except ValueError:
            return 0
    if isinstance(span, Time):
        return now().Sub(span)
    return span if isinstance(span, Int64) else 0
