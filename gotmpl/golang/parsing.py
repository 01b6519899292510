"""Reads dates by Go's layouts, as `time.Parse` and `time.ParseInLocation` do.

Knows no templates.
"""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from gotmpl.golang.duration import DAYS, MONTHS
from gotmpl.golang.layouts import CHUNK
from gotmpl.golang.time import Time, Zone, moment_of
from gotmpl.strconv.quoting import quote

_BEYOND: Final = "out of range"
_Rest = str


class _Bad(Exception):
    """A value does not fit its chunk of the layout; the argument is why it is beyond a range."""


@dataclass(slots=True)
class _Date:
    """The parts of a date that were read."""

    year: int = 0
    month: int = 0
    day: int | None = None
    day_of_year: int = 0
    hour: int = 0
    minute: int = 0
    second: int = 0
    nanoseconds: int = 0
    afternoon: bool | None = None
    offset: int | None = None
    zone: str = ""
    is_utc: bool = False


def parse_date(layout: str, text: str) -> Time:
    """Return the moment of a text; without a zone in it, in the local zone.

    Raises:
        ValueError: the text is not in the layout; the message is Go's.

    >>> parse_date("2006-01-02 15:04 Z07:00", "2017-12-31 10:00 Z").String()
    '2017-12-31 10:00:00 +0000 UTC'
    >>> parse_date("2006-01-02", "2017-13-01")
    Traceback (most recent call last):
    ValueError: parsing time "2017-13-01": month out of range
    """
    date, rest, chunks = _Date(), text, list(_chunks(layout))
    for index, (prefix, chunk) in enumerate(chunks):
        at = rest
        try:
            rest = _after_prefix(rest, prefix)
        except _Bad:
            raise _mismatch(layout, text, at, prefix) from None
        if not chunk:
            if rest:
                raise ValueError(f"parsing time {quote(text)}: extra text: {quote(rest)}")
            break
        at = rest
        try:
            following = chunks[index + 1] if index + 1 < len(chunks) else ("", "")
            rest = _read(chunk, rest, date, following)
        except _Bad as bad:
            if bad.args:
                raise ValueError(f"parsing time {quote(text)}: {bad} {_BEYOND}") from None
            raise _mismatch(layout, text, at, chunk) from None
    return _moment(date, text)


def _mismatch(layout: str, text: str, rest: str, chunk: str) -> ValueError:
    return ValueError(
        f"parsing time {quote(text)} as {quote(layout)}: "
        f"cannot parse {quote(rest)} as {quote(chunk)}"
    )


def _chunks(layout: str) -> Iterator[tuple[str, str]]:
    """Yield each chunk behind the text before it; at last the text behind all, and no chunk."""
    start = 0
    for found in CHUNK.finditer(layout):
        yield layout[start : found.start()], found[0]
        start = found.end()
    yield layout[start:], ""


def _after_prefix(rest: str, prefix: str) -> _Rest:
    """Return the text after a prefix, in which several spaces count as one. Go: time.skip."""
    while prefix:
        if prefix[0] == " ":
            if rest and rest[0] != " ":
                raise _Bad
            prefix, rest = prefix.lstrip(" "), rest.lstrip(" ")
        elif not rest or rest[0] != prefix[0]:
            raise _Bad
        else:
            prefix, rest = prefix[1:], rest[1:]
    return rest


# -- Chunks

_TWO: Final = re.compile("[0-9]{2}", re.ASCII)
_ONE_OR_TWO: Final = re.compile("[0-9]{1,2}", re.ASCII)
_THREE: Final = re.compile("[0-9]{3}", re.ASCII)
_YEAR: Final = re.compile("[0-9]{4}", re.ASCII)
_FRACTION: Final = re.compile("[.,][0-9]+", re.ASCII)


def _digits(pattern: re.Pattern[str], rest: str) -> tuple[int, _Rest]:
    found = pattern.match(rest)
    if found is None:
        raise _Bad
    return int(found[0]), rest[found.end() :]


def _name(names: tuple[str, ...], rest: str) -> tuple[int, _Rest]:
    for index, name in enumerate(names):
        if rest[: len(name)].lower() == name.lower():
            return index, rest[len(name) :]
    raise _Bad


# The attribute that each chunk of digits sets, its pattern, and the range that is checked at once.
_NUMBERS: Final[dict[str, tuple[str, re.Pattern[str], range | None]]] = {
    "2006": ("year", _YEAR, None),
    "1": ("month", _ONE_OR_TWO, range(1, 13)),
    "01": ("month", _TWO, range(1, 13)),
    "2": ("day", _ONE_OR_TWO, None),
    "_2": ("day", _ONE_OR_TWO, None),
    "02": ("day", _TWO, None),
    "15": ("hour", _ONE_OR_TWO, range(24)),
    "3": ("hour", _ONE_OR_TWO, range(13)),
    "03": ("hour", _TWO, range(13)),
    "4": ("minute", _ONE_OR_TWO, range(60)),
    "04": ("minute", _TWO, range(60)),
    "5": ("second", _ONE_OR_TWO, range(60)),
    "05": ("second", _TWO, range(60)),
    "002": ("day_of_year", _THREE, None),
    "__2": ("day_of_year", _THREE, None),
}


def _read(chunk: str, rest: str, date: _Date, following: tuple[str, str]) -> _Rest:
    """Read one chunk, and return the text after it."""
    if chunk in _NUMBERS:
        return _read_number(chunk, rest, date, following)
    if chunk in _OTHERS:
        return _OTHERS[chunk](rest, date)
    if chunk[0] in ".,":
        return _read_fraction(chunk, rest, date)
    return _read_offset(chunk, rest, date)


def _read_number(chunk: str, rest: str, date: _Date, following: tuple[str, str]) -> _Rest:
    attribute, pattern, allowed = _NUMBERS[chunk]
    if chunk in ("_2", "__2"):
        rest = rest.removeprefix(" ")
    if chunk == "__2":
        rest = rest.removeprefix(" ").rjust(3, "0") if rest[:1] == " " else rest
    number, rest = _digits(pattern, rest)
    if allowed is not None and number not in allowed:
        raise _Bad(attribute)
    setattr(date, attribute, number)
    if attribute == "second" and not (not following[0] and following[1][:1] in tuple(".,")):
        fraction = _FRACTION.match(rest)
        if fraction:
            return _read_nanoseconds(fraction[0], rest, date)
    return rest


def _read_nanoseconds(fraction: str, rest: str, date: _Date) -> _Rest:
    date.nanoseconds = int(fraction[1:10].ljust(9, "0"))
    return rest[len(fraction) :]


def _read_fraction(chunk: str, rest: str, date: _Date) -> _Rest:
    if chunk[1] == "0":
        fraction = rest[: len(chunk)]
        if len(fraction) < len(chunk) or not _FRACTION.fullmatch(fraction):
            raise _Bad
        return _read_nanoseconds(fraction, rest, date)
    found = _FRACTION.match(rest)
    return _read_nanoseconds(found[0], rest, date) if found else rest


def _short_year(rest: str, date: _Date) -> _Rest:
    number, rest = _digits(_TWO, rest)
    date.year = number + (1900 if number >= 69 else 2000)
    return rest


def _month(names: tuple[str, ...]) -> Callable[[str, _Date], _Rest]:
    def read(rest: str, date: _Date) -> _Rest:
        index, rest = _name(names, rest)
        date.month = index + 1
        return rest

    return read


def _weekday(names: tuple[str, ...]) -> Callable[[str, _Date], _Rest]:
    return lambda rest, _: _name(names, rest)[1]


def _half(marks: tuple[str, str]) -> Callable[[str, _Date], _Rest]:
    def read(rest: str, date: _Date) -> _Rest:
        if rest[:2] not in marks:
            raise _Bad
        date.afternoon = rest[:2] == marks[1]
        return rest[2:]

    return read


# Go: parseTimeZone, for abbreviations of zones.
_ABBREVIATION: Final = re.compile(
    r"ChST|MeST|GMT(?:[+-][0-9]{1,2})?|[+-][0-9]{2}(?![0-9])|[A-Z]{4}T(?![A-Z])|WITA"
    r"|[A-Z]{3}T(?![A-Z])|[A-Z]{3}(?![A-Z])",
    re.ASCII,
)


def _zone(rest: str, date: _Date) -> _Rest:
    if rest.startswith("UTC"):
        date.is_utc = True
        return rest[3:]
    found = _ABBREVIATION.match(rest)
    if found is None:
        raise _Bad
    date.zone = found[0]
    return rest[found.end() :]


_OTHERS: Final[dict[str, Callable[[str, _Date], _Rest]]] = {
    "06": _short_year,
    "January": _month(MONTHS),
    "Jan": _month(tuple(name[:3] for name in MONTHS)),
    "Monday": _weekday(DAYS),
    "Mon": _weekday(tuple(name[:3] for name in DAYS)),
    "PM": _half(("AM", "PM")),
    "pm": _half(("am", "pm")),
    "MST": _zone,
}


# By the layout behind its sign.
_OFFSETS: Final = {
    "07": re.compile("([+-])[0-9]{2}", re.ASCII),
    "0700": re.compile("([+-])[0-9]{4}", re.ASCII),
    "07:00": re.compile("([+-])[0-9]{2}:[0-9]{2}", re.ASCII),
    "070000": re.compile("([+-])[0-9]{6}", re.ASCII),
    "07:00:00": re.compile("([+-])[0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII),
}


def _read_offset(chunk: str, rest: str, date: _Date) -> _Rest:
    if chunk[0] == "Z" and rest.startswith("Z"):
        date.is_utc = True
        return rest[1:]
    found = _OFFSETS[chunk[1:]].match(rest)
    if found is None:
        raise _Bad
    digits = found[0][1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = (int(digits[i : i + 2]) for i in (0, 2, 4))
    for number, most, name in (
        (hours, 24, "hour"),
        (minutes, 60, "minute"),
        (seconds, 60, "second"),
    ):
        if number > most:
            raise _Bad(f"time zone offset {name}")
    date.offset = ((hours * 60 + minutes) * 60 + seconds) * (-1 if found[1] == "-" else 1)
    return rest[found.end() :]


# -- The moment


def _moment(date: _Date, text: str) -> Time:
    hour = date.hour
    if date.afternoon is not None:
        hour = hour % 12 + 12 * date.afternoon
    month, day = _day(date, text)
    return moment_of(
        (date.year, month, day, hour, date.minute, date.second), date.nanoseconds, _where(date)
    )


def _where(date: _Date) -> Zone | None:
    """Return the zone of a date; None for the local one."""
    if date.is_utc:
        return Zone("UTC", 0)
    if date.offset is not None:
        return Zone(date.zone, date.offset)
    if not date.zone or date.zone in time.tzname:
        return None
    hours = re.fullmatch("GMT([+-][0-9]+)", date.zone)
    return Zone(date.zone, int(hours[1]) * 3600 if hours else 0)


def _day(date: _Date, text: str) -> tuple[int, int]:
    """Return month and day, of which a layout may have neither."""
    leap = calendar.isleap(date.year)
    if date.day_of_year:
        if not 1 <= date.day_of_year <= 365 + leap:
            raise ValueError(f"parsing time {quote(text)}: day-of-year {_BEYOND}")
        start = time.gmtime(calendar.timegm((2000 + date.year % 400, 1, date.day_of_year, 0, 0, 0)))
        return start.tm_mon, start.tm_mday
    month, day = date.month or 1, 1 if date.day is None else date.day
    if not 1 <= day <= _days_in(month, leap=leap):
        raise ValueError(f"parsing time {quote(text)}: day {_BEYOND}")
    return month, day


def _days_in(month: int, *, leap: bool) -> int:
    return calendar.monthrange(2000 if leap else 2001, month)[1]
