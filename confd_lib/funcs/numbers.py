"""Functions over integers and booleans, with Go's 64 bits and its errors.

Knows neither the store nor the system.
"""

from __future__ import annotations

import re
from typing import Final

from confd_lib.golang import strconv
from gotmpl import quote

_INTEGER: Final = re.compile(r"([+-]?)([0-9]*)(.*)", re.DOTALL | re.ASCII)
_SIGN_BIT: Final = 1 << 63
_WORD: Final = 1 << 64


def add(a: int, b: int) -> int:
    """The sum of two integers."""
    return _wrapped(a + b)


def sub(a: int, b: int) -> int:
    """The first integer less the second."""
    return _wrapped(a - b)


def mul(a: int, b: int) -> int:
    """The product of two integers."""
    return _wrapped(a * b)


def div(a: int, b: int) -> int:
    """The first integer divided by the second, cut towards zero."""
    return _wrapped(_quotient(a, b))


def mod(a: int, b: int) -> int:
    """The remainder of the division; it has the sign of the first integer."""
    return a - b * _quotient(a, b)


def seq(first: int, last: int) -> range:
    """The integers from the first to the last; none if the last is less."""
    return range(first, last + 1)


def atoi(text: str) -> int:
    """The integer of the text, in decimal."""
    sign, digits, rest = _INTEGER.fullmatch(text).groups()  # type: ignore[union-attr]  # it always matches
    # Go reads from the left, so that an overflow comes before an error in the text after it.
    significant = digits.lstrip("0")
    number = int(significant or "0") if len(significant) <= 20 else _WORD
    if number < _WORD and (rest or not digits):
        raise ValueError(f"strconv.Atoi: parsing {quote(text)}: invalid syntax")
    number = -number if sign == "-" else number
    if not -_SIGN_BIT <= number < _SIGN_BIT:
        raise ValueError(f"strconv.Atoi: parsing {quote(text)}: value out of range")
    return number


def parse_bool(text: str) -> bool:
    """The boolean of the text: 1, t, T, TRUE, true, True, or 0, f, F, FALSE, false, False."""
    return strconv.parse_bool(text)


def _wrapped(number: int) -> int:
    return (number + _SIGN_BIT) % _WORD - _SIGN_BIT


def _quotient(a: int, b: int) -> int:
    if b == 0:
        raise ZeroDivisionError("runtime error: integer divide by zero")
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient
