"""Go's `time.Time`, the result of the function `datetime`, with its methods.

Knows the clock and the local zone, not templates.
"""

# ruff: noqa: N802 - a template calls the methods by the names that Go gives them

from __future__ import annotations

import datetime as dt
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final, NamedTuple

from gotmpl.golang.duration import SECOND, Duration, Month, Weekday, clamped
from gotmpl.golang.integers import LEAST, MOST, Int64, int64
from gotmpl.golang.layouts import Moment, formatted
from gotmpl.strconv.quoting import quote

_STARTED: Final = time.monotonic_ns()
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
# The seconds from Go's zero time, the year 1, to 1970.
_YEAR_1: Final = (_EPOCH - 1) * 86400
_RFC3339: Final = "2006-01-02T15:04:05.999999999Z07:00"


def _several(*types: str) -> Callable[[Time], None]:
    """Return a method that no template can call, since it has several results of these types."""

    def method(_: Time) -> None:
        """Go's method has several results, which a template cannot take."""

    method.__go_results__ = types  # type: ignore[attr-defined]  # functions have any attribute
    return method


class Zone(NamedTuple):
    """A zone of one offset.

    Attributes:
        name: its abbreviation; may be empty.
        offset: the seconds by which it is ahead of UTC.
    """

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Location:
    """A zone: UTC, the local one, or one of a fixed offset."""

    __go_type__: ClassVar[str] = "*time.Location"

    _local: bool
    _fixed: Zone | None = None

    def String(self) -> str:
        """Return the name of the zone."""
        if self._fixed is not None:
            return self._fixed.name
        return _local_name() if self._local else "UTC"


def _local_name() -> str:
    """Return the name of the local zone. Go: initLocal."""
    name = os.environ.get("TZ")
    if name is None:
        return "Local" if Path("/etc/localtime").exists() else "UTC"
    name = name.removeprefix(":")
    if name == "/etc/localtime":
        return "Local"
    import zoneinfo  # noqa: PLC0415 - slow to import, and seldom needed

    folders = ["/"] if name.startswith("/") else zoneinfo.TZPATH
    return name if name and any(Path(folder, name).is_file() for folder in folders) else "UTC"


@dataclass(frozen=True, slots=True)
class Time:
    """A moment in a zone.

    The fields are private (each begins with `_`), so that templates cannot read them, as in Go.

    Attributes:
        _nanoseconds: since 1970 in UTC.
        _local: whether the zone is the local one; else UTC.
        _monotonic: nanoseconds since the start of the process; None if the moment was computed.
        _fixed: the zone, if it has a fixed offset and is neither; `_local` is false then.
    """

    __go_type__: ClassVar[str] = "time.Time"

    _nanoseconds: int
    _local: bool = True
    _monotonic: int | None = None
    _fixed: Zone | None = None

    # -- Parts

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
        return self._nanoseconds % SECOND

    def YearDay(self) -> int:
        """Return the day of the year, from 1."""
        return self._clock().tm_yday

    def Weekday(self) -> Weekday:
        """Return the day of the week."""
        return Weekday((self._clock().tm_wday + 1) % 7)

    Date = _several("int", "time.Month", "int")
    Clock = _several("int", "int", "int")
    ISOWeek = _several("int", "int")

    # -- Seconds since 1970

    def Unix(self) -> Int64:
        """Return the seconds since 1970 in UTC."""
        return Int64(self._nanoseconds // SECOND)

    def UnixMilli(self) -> Int64:
        """Return the milliseconds since 1970 in UTC."""
        return int64(self._nanoseconds // 1_000_000)

    def UnixMicro(self) -> Int64:
        """Return the microseconds since 1970 in UTC."""
        return int64(self._nanoseconds // 1_000)

    def UnixNano(self) -> Int64:
        """Return the nanoseconds since 1970 in UTC, of which Go keeps 64 bits."""
        return int64(self._nanoseconds)

    # -- Zones

    def UTC(self) -> Time:
        """Return the same moment in UTC, without the monotonic clock."""
        return Time(self._nanoseconds, _local=False)

    def Local(self) -> Time:
        """Return the same moment in the local zone, without the monotonic clock."""
        return Time(self._nanoseconds)

    def In(self, location: Location) -> Time:
        """Return the same moment in a zone, without the monotonic clock."""
        if location is None:
            raise ValueError("time: missing Location in call to Time.In")
        return Time(self._nanoseconds, location._local, None, location._fixed)

    def Location(self) -> Location:
        """Return the zone."""
        return Location(self._local, self._fixed)

    def IsDST(self) -> bool:
        """Return whether it is summer time."""
        return self._local and self._clock().tm_isdst > 0

    Zone = _several("string", "int")
    ZoneBounds = _several("time.Time", "time.Time")

    # -- Comparison and arithmetic

    def IsZero(self) -> bool:
        """Return whether this is Go's zero time, the beginning of the year 1."""
        return self._nanoseconds == -_YEAR_1 * SECOND

    def Compare(self, other: Time) -> int:
        """Return -1 if it is before the other moment, 1 if it is after it, else 0."""
        distance = self._distance(other)
        return (distance > 0) - (distance < 0)

    def After(self, other: Time) -> bool:
        """Return whether it is after the other moment."""
        return self._distance(other) > 0

    def Before(self, other: Time) -> bool:
        """Return whether it is before the other moment."""
        return self._distance(other) < 0

    def Equal(self, other: Time) -> bool:
        """Return whether it is the same moment, in any zone."""
        return self._distance(other) == 0

    def Sub(self, other: Time) -> Duration:
        """Return the duration since the other moment."""
        return clamped(self._distance(other))

    def Add(self, duration: Duration) -> Time:
        """Return the moment that much later."""
        monotonic = None if self._monotonic is None else self._monotonic + duration
        if monotonic is not None and not LEAST <= monotonic <= MOST:
            monotonic = None
        return replace(self, _nanoseconds=self._nanoseconds + duration, _monotonic=monotonic)

    def Truncate(self, multiple: Duration) -> Time:
        """Return the last multiple of the duration since the year 1, not after the moment."""
        return self._at(self._nanoseconds - self._past(multiple))

    def Round(self, multiple: Duration) -> Time:
        """Return the nearest multiple of the duration since the year 1; the later from half way."""
        past = self._past(multiple)
        step = multiple if multiple > 0 and 2 * past >= multiple else 0
        return self._at(self._nanoseconds - past + step)

    def AddDate(self, years: int, months: int, days: int) -> Time:
        """Return the moment that many years, months and days later, at the same time of day.

        A day past the end of its month rolls over into the next. Where a clock change repeats or
        skips the time of day, the choice is Go's.
        """
        clock = self._clock()
        year, month = divmod((clock.tm_year + years) * 12 + clock.tm_mon - 1 + months, 12)
        day = _days_to(year, month + 1) + clock.tm_mday - 1 + days
        seconds = ((day * 24 + clock.tm_hour) * 60 + clock.tm_min) * 60 + clock.tm_sec
        seconds -= _offset_of_clock(seconds) if self._local else self._offset()
        return self._at(seconds * SECOND + self.Nanosecond())

    # -- Texts and bytes

    def Format(self, layout: str) -> str:
        """Return the moment in the format of the layout."""
        return formatted(layout, self._shown())

    def AppendFormat(self, data: bytes, layout: str) -> bytes:
        """Return the bytes, and behind them the moment in the format of the layout."""
        return bytes(data) + formatted(layout, self._shown()).encode("utf-8", "surrogateescape")

    def String(self) -> str:
        """Return the moment as Go prints it, with the monotonic clock if it has one."""
        text = formatted("2006-01-02 15:04:05.999999999 -0700 MST", self._shown())
        if self._monotonic is None:
            return text
        seconds, nanoseconds = divmod(abs(self._monotonic), SECOND)
        return f"{text} m={'-' if self._monotonic < 0 else '+'}{seconds}.{nanoseconds:09}"

    def GoString(self) -> str:
        """Return the moment as Go writes it in a program; `%#v` prints it."""
        clock = self._clock()
        numbers = (clock.tm_mday, *clock[3:6], self.Nanosecond())
        zone = "time.Local" if self._local else "time.UTC"
        if self._fixed is not None:
            zone = f"time.Location({quote(self._fixed.name)})"
        shown = ", ".join(map(str, numbers))
        return f"time.Date({clock.tm_year}, time.{self.Month().String()}, {shown}, {zone})"

    def MarshalText(self) -> bytes:
        """Return the moment by RFC 3339."""
        return self._rfc3339("MarshalText")

    def AppendText(self, data: bytes) -> bytes:
        """Return the bytes, and behind them the moment by RFC 3339."""
        return bytes(data) + self._rfc3339("AppendText")

    def MarshalJSON(self) -> bytes:
        """Return the moment by RFC 3339 in quotes."""
        return b'"%s"' % self._rfc3339("MarshalJSON")

    def MarshalBinary(self) -> bytes:
        """Return the moment in the form that Go stores it."""
        minutes, seconds = -1, 0
        if self._local or self._fixed is not None:
            offset = self._offset()
            minutes = int(offset / 60)
            seconds = offset - minutes * 60
            if minutes == -1:
                raise ValueError("Time.MarshalBinary: unexpected zone offset")
        whole, nanoseconds = divmod(self._nanoseconds, SECOND)
        version = 2 if seconds else 1
        data = struct.pack(">BqIh", version, int64(whole + _YEAR_1), nanoseconds, minutes)
        return data + struct.pack(">b", seconds) if seconds else data

    def AppendBinary(self, data: bytes) -> bytes:
        """Return the bytes, and behind them the moment in the form that Go stores it."""
        return bytes(data) + self.MarshalBinary()

    def GobEncode(self) -> bytes:
        """Return the moment in the form that Go stores it."""
        return self.MarshalBinary()

    # -- Inside

    def _shown(self) -> Moment:
        clock = self._clock()
        if self._fixed is not None:
            return Moment(clock, self.Nanosecond(), *self._fixed)
        zone = clock.tm_zone if self._local else "UTC"
        return Moment(clock, self.Nanosecond(), zone, clock.tm_gmtoff)

    def _clock(self) -> time.struct_time:
        seconds = self._nanoseconds // SECOND
        if self._fixed is not None:
            return time.gmtime(seconds + self._fixed.offset)
        return time.localtime(seconds) if self._local else time.gmtime(seconds)

    def _offset(self) -> int:
        """Return the seconds by which the zone is ahead of UTC."""
        return self._fixed.offset if self._fixed is not None else self._clock().tm_gmtoff

    def _at(self, nanoseconds: int) -> Time:
        """Return another moment in the same zone, without the monotonic clock."""
        return replace(self, _nanoseconds=nanoseconds, _monotonic=None)

    def _distance(self, other: Time) -> int:
        """Return the nanoseconds from another moment, by the monotonic clock if both have it."""
        if self._monotonic is not None and other._monotonic is not None:
            return self._monotonic - other._monotonic
        return self._nanoseconds - other._nanoseconds

    def _past(self, multiple: Duration) -> int:
        """Return the nanoseconds past the last multiple since the year 1."""
        return (self._nanoseconds + _YEAR_1 * SECOND) % multiple if multiple > 0 else 0

    def _rfc3339(self, method: str) -> bytes:
        """Return the moment by RFC 3339, which not every year and zone has."""
        if not 0 <= self.Year() <= 9999:
            raise ValueError(f"Time.{method}: year outside of range [0,9999]")
        return formatted(_RFC3339, self._shown()).encode()


ZERO: Final = Time(-_YEAR_1 * SECOND, _local=False)
"""Go's zero time, the beginning of the year 1."""


def moment_of(
    clock: tuple[int, int, int, int, int, int], nanoseconds: int, zone: Zone | None
) -> Time:
    """Return the moment at which the clocks of a zone show a date and time. Go: time.Date.

    Args:
        clock: year, month, day, hour, minute and second.
        nanoseconds: within the second.
        zone: the zone; None for the local one.

    >>> moment_of((1970, 1, 1, 1, 0, 0), 0, Zone("CET", 3600)).Unix()
    0
    """
    year, month, day, hour, minute, second = clock
    seconds = (((_days_to(year, month) + day - 1) * 24 + hour) * 60 + minute) * 60 + second
    if zone is None:
        return Time((seconds - _offset_of_clock(seconds)) * SECOND + nanoseconds)
    moment = Time((seconds - zone.offset) * SECOND + nanoseconds, _local=False)
    if zone == ("UTC", 0):
        return moment
    here = moment.Local()._clock()
    is_local = here.tm_gmtoff == zone.offset and zone.name in ("", here.tm_zone)
    return moment.Local() if is_local else replace(moment, _fixed=zone)


def format_in_zone(moment: Time, layout: str, zone: str) -> str:
    """Return a moment in the format of a layout, as the clocks of a zone show it.

    Args:
        moment: the moment.
        layout: the layout.
        zone: its name in the tz database, or `Local`; UTC if it is empty or there is no such zone.

    >>> format_in_zone(Time(0), "15:04 MST", "America/New_York")
    '19:00 EST'
    """
    if zone == "Local":
        return moment.Local().Format(layout)
    found = _zone(zone) if zone else None
    if found is None:
        return moment.UTC().Format(layout)
    seconds = moment._nanoseconds // SECOND
    here = dt.datetime.fromtimestamp(_in_known_years(seconds), found)
    offset = int((here.utcoffset() or dt.timedelta(0)).total_seconds())
    clock = time.gmtime(seconds + offset)
    return formatted(layout, Moment(clock, moment.Nanosecond(), here.tzname() or "", offset))


def _zone(name: str) -> dt.tzinfo | None:
    import zoneinfo  # noqa: PLC0415 - slow to import, and seldom needed

    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None


_FIRST_KNOWN: Final = -_YEAR_1 + 2 * 86400
_LAST_KNOWN: Final = (dt.date.max.toordinal() - _EPOCH - 2) * 86400


def _in_known_years(seconds: int) -> int:
    """Return the seconds since 1970, or the nearest for which Python knows a date."""
    return max(_FIRST_KNOWN, min(_LAST_KNOWN, seconds))


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
