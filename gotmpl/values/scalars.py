"""A value as one text or number, for what holds only those. Knows no trees or text."""

from __future__ import annotations

from gotmpl.values.fields import go_string
from gotmpl.values.kinds import plain


def scalar(value: object) -> object:
    """Return a value as Python's own text, number or bool, as a template sees it.

    What prints itself (a date, a `Decimal`, a path, a member of an `Enum`) becomes that text, a
    number of another library Python's own. All other values stay as they are.

    >>> import datetime, decimal
    >>> scalar(datetime.date(2024, 5, 6)), scalar(decimal.Decimal("1.10")), scalar([1])
    ('2024-05-06', '1.10', [1])
    """
    if isinstance(value, BaseException):
        return value
    found = go_string(value)
    return f"{found[1]()}" if found else plain(value)
