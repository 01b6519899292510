"""Go's `time.Time`, the result of the function `datetime`, with its methods and layouts.

Knows the clock and the local zone, not templates. A layout is an example: it is the text of Go's
reference time, Mon Jan 2 15:04:05 2006 -0700, in the wanted format.
"""

# ruff: noqa: N802 - a template calls the methods by the names that Go gives them

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_STARTED: Final = time.monotonic_ns()
_SECOND: Final = 1_000_000_000
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS: Final = (
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
)  # fmt: skip


class Month(int):
    """A month, from 1; it prints as its name."""

    __go_type__: ClassVar[str] = "time.Month"

    def String(self) -> str:
        """Return the English name."""
        return _MONTHS[self - 1]


class Weekday(int):
    """A day of the week, Sunday being 0; it prints as its name."""

    __go_type__: ClassVar[str] = "time.Weekday"

    def String(self) -> str:
        """Return the English name."""
        return _DAYS[self]


class Int64(int):
    """An integer of Go's type `int64`, which differs from `int`."""

    __go_type__: ClassVar[str] = "int64"


@dataclass(frozen=True, slots=True)
class Time:
    """A moment in a zone.

    The fields are private (each begins with `_`), so that templates cannot read them, as in Go.

    Attributes:
        _nanoseconds: since 1970 in UTC.
        _local: whether the zone is the local one; else UTC.
        _monotonic: nanoseconds since the start of the process; None if the moment was computed.
    """

    __go_type__: ClassVar[str] = "time.Time"

    _nanoseconds: int
    _local: bool = True
    _monotonic: int | None = None

    def Year(self) -> int:
        """Return the year."""
        return self._clock().tm_year

    def Month(self) -> Month:
        """Return the month."""
        return Month(self._clock().tm_mon)

    def Day(self) -> int:
        """Return the day of the month."""
        return self._clock().tm_mday

    def Hour(self) -> int:
        """Return the hour, 0 to 23."""
        return self._clock().tm_hour

    def Minute(self) -> int:
        """Return the minute of the hour."""
        return self._clock().tm_min

    def Second(self) -> int:
        """Return the second of the minute."""
        return self._clock().tm_sec

    def Nanosecond(self) -> int:
        """Return the nanoseconds within the second."""
        return self._nanoseconds % _SECOND

    def YearDay(self) -> int:
        """Return the day of the year, from 1."""
        return self._clock().tm_yday

    def Weekday(self) -> Weekday:
        """Return the day of the week."""
        return Weekday((self._clock().tm_wday + 1) % 7)

    def Unix(self) -> Int64:
        """Return the seconds since 1970 in UTC."""
        return Int64(self._nanoseconds // _SECOND)

    def UnixMilli(self) -> Int64:
        """Return the milliseconds since 1970 in UTC."""
        return Int64(self._nanoseconds // 1_000_000)

    def UnixMicro(self) -> Int64:
        """Return the microseconds since 1970 in UTC."""
        return Int64(self._nanoseconds // 1_000)

    def UnixNano(self) -> Int64:
        """Return the nanoseconds since 1970 in UTC."""
        return Int64(self._nanoseconds)

    def IsZero(self) -> bool:
        """Return whether this is Go's zero time; `datetime` never gives that one."""
        return False

    def UTC(self) -> Time:
        """Return the same moment in UTC."""
        return replace(self, _local=False)

    def Local(self) -> Time:
        """Return the same moment in the local zone."""
        return replace(self, _local=True)

    def AddDate(self, years: int, months: int, days: int) -> Time:
        """Return the moment that many years, months and days later, at the same time of day.

        A day past the end of its month rolls over into the next. Where a clock change repeats or
        skips the time of day, the choice is Go's.
        """
        clock = self._clock()
        year, month = divmod((clock.tm_year + years) * 12 + clock.tm_mon - 1 + months, 12)
        day = _days_to(year, month + 1) + clock.tm_mday - 1 + days
        seconds = ((day * 24 + clock.tm_hour) * 60 + clock.tm_min) * 60 + clock.tm_sec
        seconds -= _offset_of_clock(seconds) if self._local else 0
        return Time(seconds * _SECOND + self.Nanosecond(), self._local)

    def Format(self, layout: str) -> str:
        """Return the moment in the format of the layout."""
        return _CHUNK.sub(lambda chunk: _written(chunk[0], self), layout)

    def String(self) -> str:
        """Return the moment as Go prints it, with the monotonic clock if it has one."""
        text = self.Format("2006-01-02 15:04:05.999999999 -0700 MST")
        if self._monotonic is None:
            return text
        seconds, nanoseconds = divmod(self._monotonic, _SECOND)
        return f"{text} m=+{seconds}.{nanoseconds:09}"

    def _clock(self) -> time.struct_time:
        seconds = self._nanoseconds // _SECOND
        return time.localtime(seconds) if self._local else time.gmtime(seconds)

    def _offset(self) -> int:
        return self._clock().tm_gmtoff

    def _zone(self) -> str:
        return self._clock().tm_zone if self._local else "UTC"


def now() -> Time:
    """Return the present moment in the local zone. Go: time.Now.

    >>> now().UTC().Format("MST Z07:00")
    'UTC Z'
    """
    return Time(time.time_ns(), _monotonic=time.monotonic_ns() - _STARTED)


def _days_to(year: int, month: int) -> int:
    """Return the days from 1970 to the first of a month, also beyond the years of `datetime`.

    >>> _days_to(1970, 2), _days_to(12024, 1) - _days_to(2024, 1)
    (31, 3652425)
    """
    like = 2000 + year % 400  # the calendar repeats after 400 years
    return dt.date(like, month, 1).toordinal() - _EPOCH + (year - like) // 400 * 146_097


def _offset_of_clock(shown: int) -> int:
    """Return the offset of the local zone, in seconds, at a local time. Go: time.Date.

    Args:
        shown: the local time, as seconds since 1970 if it were UTC.
    """
    offset = time.localtime(shown).tm_gmtoff
    return time.localtime(shown - offset).tm_gmtoff if offset else 0


# -- Layouts

# The parts of a layout, in the order in which Go tries them. Go: nextStdChunk.
_CHUNK: Final = re.compile(
    r"""(?ax)
    January | Jan(?![a-z]) | Monday | Mon(?![a-z]) | MST
    | 002 | 0[1-6] | 15 | 1 | 2006 | 2 | __2 | _2(?!006) | [345]
    | PM | pm
    | [-Z]07 (?: 0000 | :00:00 | 00 | :00 )?
    | [.,] (?: 0+ | 9+ ) (?![0-9])
    """
)

# Go keeps the number of digits in 12 bits.
_MOST_DIGITS: Final = 1 << 12

_WRITERS: Final[dict[str, Callable[[Time], str]]] = {
    "2006": lambda t: f"{t.Year():04}",
    "06": lambda t: f"{t.Year() % 100:02}",
    "January": lambda t: t.Month().String(),
    "Jan": lambda t: t.Month().String()[:3],
    "1": lambda t: f"{int(t.Month())}",
    "01": lambda t: f"{int(t.Month()):02}",
    "Monday": lambda t: t.Weekday().String(),
    "Mon": lambda t: t.Weekday().String()[:3],
    "2": lambda t: f"{t.Day()}",
    "_2": lambda t: f"{t.Day():2}",
    "02": lambda t: f"{t.Day():02}",
    "__2": lambda t: f"{t.YearDay():3}",
    "002": lambda t: f"{t.YearDay():03}",
    "15": lambda t: f"{t.Hour():02}",
    "3": lambda t: f"{t.Hour() % 12 or 12}",
    "03": lambda t: f"{t.Hour() % 12 or 12:02}",
    "4": lambda t: f"{t.Minute()}",
    "04": lambda t: f"{t.Minute():02}",
    "5": lambda t: f"{t.Second()}",
    "05": lambda t: f"{t.Second():02}",
    "PM": lambda t: "PM" if t.Hour() >= 12 else "AM",
    "pm": lambda t: "pm" if t.Hour() >= 12 else "am",
    "MST": lambda t: t._zone(),
}


def _written(chunk: str, moment: Time) -> str:
    writer = _WRITERS.get(chunk)
    if writer is not None:
        return writer(moment)
    if chunk[0] in ".,":
        return _fraction(chunk, moment.Nanosecond())
    return _offset_written(chunk, moment._offset())


def _fraction(chunk: str, nanoseconds: int) -> str:
    """Return a fraction of a second, with nine digits at most. Go: appendNano."""
    count = (len(chunk) - 1) % _MOST_DIGITS
    digits = f"{nanoseconds:09}"[:count]
    if chunk[1] == "0":
        return chunk[0] + digits
    digits = digits.rstrip("0")
    return chunk[0] + digits if digits else ""


def _offset_written(chunk: str, offset: int) -> str:
    if chunk[0] == "Z" and offset == 0:
        return "Z"
    minutes, seconds = divmod(abs(offset), 60)
    parts = (f"{minutes // 60:02}", f"{minutes % 60:02}", f"{seconds:02}")
    colon = ":" if ":" in chunk else ""
    return ("-" if offset < 0 else "+") + colon.join(parts[: len(chunk.replace(":", "")) // 2])
