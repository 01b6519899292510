"""Functions of dates. A date is a time, or seconds since 1970; anything else is the present.

The clock comes from outside. Knows nothing of versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gotmpl.golang.duration import SECOND, parse_duration
from gotmpl.golang.integers import Int64
from gotmpl.golang.time import Time, format_in_zone

if TYPE_CHECKING:
    from collections.abc import Callable

_HTML: Final = "2006-01-02"  # the layout of a date field in HTML


def dates(now: Callable[[], Time]) -> dict[str, Callable[..., object]]:
    """Return the functions of dates.

    Args:
        now: returns the present moment.
    """

    def moment(date: object) -> Time:
        if isinstance(date, Time):
            return date
        is_seconds = type(date) in (int, Int64)
        return Time(date * SECOND) if is_seconds else now()  # type: ignore[operator]  # an integer

    def date_in_zone(layout: str, date: object, zone: str) -> str:
        """Return the date in a layout, as the clocks of a zone show it."""
        return format_in_zone(moment(date), layout, zone)

    def date_local(layout: str, date: object) -> str:
        """Return the date in a layout, as local clocks show it."""
        return date_in_zone(layout, date, "Local")

    def html_date(date: object) -> str:
        """Return the date as a field of HTML has it, by local clocks."""
        return date_local(_HTML, date)

    def html_date_in_zone(date: object, zone: str) -> str:
        """Return the date as a field of HTML has it, by the clocks of a zone."""
        return date_in_zone(_HTML, date, zone)

    return {
        "now": now,
        "date": date_local,
        "dateInZone": date_in_zone,
        "date_in_zone": date_in_zone,
        "dateModify": date_modify,
        "date_modify": date_modify,
        "htmlDate": html_date,
        "htmlDateInZone": html_date_in_zone,
    }


def date_modify(duration: str, date: Time) -> Time:
    """Return the date that much later; the same date if it is no duration."""
    try:
        return date.Add(parse_duration(duration))
    except ValueError:
        return date
