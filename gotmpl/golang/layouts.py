"""The layouts of Go's `time.Time.Format`: a layout is an example of the wanted format.

It is the text of Go's reference time, Mon Jan 2 15:04:05 2006 -0700. Knows no clock and no zones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from gotmpl.golang.duration import Month, Weekday
from gotmpl.golang.strings import merge_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from time import struct_time


class Moment(NamedTuple):
    """A moment, as clocks and calendars of its zone show it.

    Attributes:
        clock: date and time.
        nanoseconds: within the second.
        zone: the abbreviation of the zone.
        offset: the seconds by which the zone is ahead of UTC.
    """

    clock: struct_time
    nanoseconds: int
    zone: str
    offset: int


def formatted(layout: str, moment: Moment) -> str:
    """Return a moment in the format of a layout. Go: Time.Format.

    >>> import time
    >>> formatted("Mon 2 Jan 2006 15:04 MST", Moment(time.gmtime(0), 0, "UTC", 0))
    'Thu 1 Jan 1970 00:00 UTC'
    """
    return merge_bytes(CHUNK.sub(lambda chunk: _written(chunk[0], moment), layout))


# The parts of a layout, in the order in which Go tries them. Go: nextStdChunk.
CHUNK: Final = re.compile(
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


def _weekday(clock: struct_time) -> str:
    return Weekday((clock.tm_wday + 1) % 7).String()


_WRITERS: Final[dict[str, Callable[[struct_time], str]]] = {
    "2006": lambda t: f"{t.tm_year:04}",
    "06": lambda t: f"{t.tm_year % 100:02}",
    "January": lambda t: Month(t.tm_mon).String(),
    "Jan": lambda t: Month(t.tm_mon).String()[:3],
    "1": lambda t: f"{t.tm_mon}",
    "01": lambda t: f"{t.tm_mon:02}",
    "Monday": _weekday,
    "Mon": lambda t: _weekday(t)[:3],
    "2": lambda t: f"{t.tm_mday}",
    "_2": lambda t: f"{t.tm_mday:2}",
    "02": lambda t: f"{t.tm_mday:02}",
    "__2": lambda t: f"{t.tm_yday:3}",
    "002": lambda t: f"{t.tm_yday:03}",
    "15": lambda t: f"{t.tm_hour:02}",
    "3": lambda t: f"{t.tm_hour % 12 or 12}",
    "03": lambda t: f"{t.tm_hour % 12 or 12:02}",
    "4": lambda t: f"{t.tm_min}",
    "04": lambda t: f"{t.tm_min:02}",
    "5": lambda t: f"{t.tm_sec}",
    "05": lambda t: f"{t.tm_sec:02}",
    "PM": lambda t: "PM" if t.tm_hour >= 12 else "AM",
    "pm": lambda t: "pm" if t.tm_hour >= 12 else "am",
}


def _written(chunk: str, moment: Moment) -> str:
    writer = _WRITERS.get(chunk)
    if writer is not None:
        return writer(moment.clock)
    if chunk == "MST":  # of a zone without a name, its offset
        return moment.zone or _offset_written("-0700", moment.offset)
    if chunk[0] in ".,":
        return _fraction(chunk, moment.nanoseconds)
    return _offset_written(chunk, moment.offset)


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
