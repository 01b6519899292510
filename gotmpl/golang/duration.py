"""Go's `time.Duration` and the other integers of its package `time`, with their methods.

Knows no clock, no zones and no templates.
"""

# ruff: noqa: N802 - a template calls the methods by the names that Go gives them

from __future__ import annotations

import re
from typing import ClassVar, Final

from gotmpl.golang.integers import LEAST, MOST, Int64, quotient
from gotmpl.strconv.quoting import quote

SECOND: Final = 1_000_000_000
_MINUTE: Final = 60 * SECOND
_HOUR: Final = 60 * _MINUTE
_LONGEST: Final = 18  # digits of a number that 64 bits surely hold
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS: Final = (
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
)  # fmt: skip
# The units of less than a second, each with the nanoseconds from which on it is used.
_UNITS: Final = ((1_000_000, "ms"), (1_000, "µs"), (1, "ns"))


class Month(int):
    """A month, from 1; it prints as its name."""

    __go_type__: ClassVar[str] = "time.Month"

    def String(self) -> str:
        """Return the English name."""
        return MONTHS[self - 1]


class Weekday(int):
    """A day of the week, Sunday being 0; it prints as its name."""

    __go_type__: ClassVar[str] = "time.Weekday"

    def String(self) -> str:
        """Return the English name."""
        return DAYS[self]


class Duration(int):
    """The nanoseconds between two moments.

    >>> print(Duration(90 * SECOND).String(), Duration(1500).String())
    1m30s 1.5µs
    """

    __go_type__: ClassVar[str] = "time.Duration"

    def Nanoseconds(self) -> Int64:
        """Return the nanoseconds."""
        return Int64(self)

    def Microseconds(self) -> Int64:
        """Return the whole microseconds."""
        return Int64(quotient(self, 1_000))

    def Milliseconds(self) -> Int64:
        """Return the whole milliseconds."""
        return Int64(quotient(self, 1_000_000))

    def Seconds(self) -> float:
        """Return the seconds, with a fraction."""
        return _in_units(self, SECOND)

    def Minutes(self) -> float:
        """Return the minutes, with a fraction."""
        return _in_units(self, _MINUTE)

    def Hours(self) -> float:
        """Return the hours, with a fraction."""
        return _in_units(self, _HOUR)

    def Truncate(self, multiple: Duration) -> Duration:
        """Return the multiple next to it in the direction of zero."""
        return Duration(quotient(self, multiple) * multiple) if multiple > 0 else self

    def Round(self, multiple: Duration) -> Duration:
        """Return the multiple that is nearest; from half way, the one further from zero."""
        if multiple <= 0:
            return self
        size, rest = abs(self), abs(self) % multiple
        size += -rest if 2 * rest < multiple else multiple - rest
        return clamped(-size if self < 0 else size)

    def Abs(self) -> Duration:
        """Return the duration without its sign."""
        return clamped(abs(self))

    def String(self) -> str:
        """Return the duration as Go prints it: `1h2m3.5s`."""
        size, sign = abs(self), "-" if self < 0 else ""
        if size == 0:
            return "0s"
        if size < SECOND:
            least, unit = next(found for found in _UNITS if size >= found[0])
            return f"{sign}{_decimal(size, least)}{unit}"
        minutes, seconds = divmod(size, _MINUTE)
        hours, minutes = divmod(minutes, 60)
        parts = f"{hours}h" * bool(hours) + f"{minutes}m" * bool(hours or minutes)
        return f"{sign}{parts}{_decimal(seconds, SECOND)}s"


def clamped(nanoseconds: int) -> Duration:
    """Return a duration; the longest of that sign that Go has, if it is longer."""
    return Duration(max(LEAST, min(MOST, nanoseconds)))


def _in_units(number: int, unit: int) -> float:
    whole = quotient(number, unit)
    return float(whole) + float(number - whole * unit) / unit


def _decimal(number: int, unit: int) -> str:
    """Return the number in units, with the digits of its fraction that are needed."""
    whole, rest = divmod(number, unit)
    fraction = f"{rest:0{len(str(unit)) - 1}}".rstrip("0") if rest else ""
    return f"{whole}.{fraction}" if fraction else f"{whole}"


# -- Reading

_NANOSECONDS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": SECOND,
    "m": _MINUTE,
    "h": _HOUR,
}
_PART: Final = re.compile(r"(?P<whole>[0-9]*)(?:\.(?P<fraction>[0-9]*))?(?P<unit>[^0-9.]*)")


def parse_duration(text: str) -> Duration:
    """Return the duration of a text such as `1h30m` or `-1.5s`. Go: time.ParseDuration.

    Raises:
        ValueError: the text is no duration, or a longer one than Go has; the message is Go's.

    >>> parse_duration("-1.5h").String()
    '-1h30m0s'
    >>> parse_duration("1d")
    Traceback (most recent call last):
    ValueError: time: unknown unit "d" in duration "1d"
    """
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return Duration(0)
    total, place = 0, 0
    while rest and place < len(rest):
        part = _PART.match(rest, place)
        if part is None or not (part["whole"] or part["fraction"]):
            raise ValueError(f"time: invalid duration {quote(text)}")
        total += _nanoseconds(part, text)
        place = part.end()
    if not rest or total > MOST + text.startswith("-"):
        raise ValueError(f"time: invalid duration {quote(text)}")
    return Duration(-total if text.startswith("-") else total)


def _nanoseconds(part: re.Match[str], text: str) -> int:
    unit = part["unit"]
    if not unit:
        raise ValueError(f"time: missing unit in duration {quote(text)}")
    if unit not in _NANOSECONDS:
        raise ValueError(f"time: unknown unit {quote(unit)} in duration {quote(text)}")
    if len(part["whole"]) > _LONGEST:
        raise ValueError(f"time: invalid duration {quote(text)}")
    digits = (part["fraction"] or "")[:_LONGEST]
    fraction: int = int(digits or "0") * _NANOSECONDS[unit] // 10 ** len(digits)
    return int(part["whole"] or "0") * _NANOSECONDS[unit] + fraction
