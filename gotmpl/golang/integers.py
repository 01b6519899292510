"""Go's integers of 64 bits, which wrap, and its division, which cuts towards zero.

Knows no templates.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final

_DECIMAL: Final = re.compile(r"([+-]?)([0-9]*)(.*)", re.DOTALL | re.ASCII)
_LONGEST: Final = 20  # more digits than any number of 64 bits has
_TOO_LARGE: Final = 1 << 64

LEAST: Final = -(1 << 63)
MOST: Final = (1 << 63) - 1


class Int64(int):
    """An integer of Go's type `int64`, which differs from `int`."""

    __go_type__: ClassVar[str] = "int64"


def wrapped(number: int) -> int:
    """Return the 64 bits of a number that Go keeps.

    >>> wrapped(1 << 63) == LEAST
    True
    """
    return (number - LEAST) % (1 << 64) + LEAST


def int64(number: int) -> Int64:
    """Return the 64 bits of a number that Go keeps, as an `int64`."""
    return Int64(wrapped(number))


def quotient(number: int, divisor: int) -> int:
    """Return the quotient without its fraction, as Go divides.

    Raises:
        ZeroDivisionError: the divisor is 0; the message is that of Go's panic.

    >>> quotient(-7, 2), quotient(7, -2)
    (-3, -3)
    """
    if divisor == 0:
        raise ZeroDivisionError("runtime error: integer divide by zero")
    whole = abs(number) // abs(divisor)
    return whole if (number < 0) == (divisor < 0) else -whole


def atoi(text: str) -> tuple[int, str]:
    """Return the integer of a decimal text, and why it has none. Go: strconv.Atoi.

    The reason is empty, `invalid syntax` (the integer is 0) or `value out of range` (it is the
    nearest of 64 bits).

    >>> atoi("-042"), atoi("4x"), atoi("9223372036854775808")
    ((-42, ''), (0, 'invalid syntax'), (9223372036854775807, 'value out of range'))
    """
    sign, digits, rest = _DECIMAL.fullmatch(text).groups()  # type: ignore[union-attr]  # it always matches
    # Go reads from the left, so that an overflow comes before an error in the text after it.
    significant = digits.lstrip("0")
    number = int(significant or "0") if len(significant) <= _LONGEST else _TOO_LARGE
    if number < _TOO_LARGE and (rest or not digits):
        return 0, "invalid syntax"
    number = -number if sign == "-" else number
    nearest = max(LEAST, min(MOST, number))
    return nearest, "" if nearest == number else "value out of range"
