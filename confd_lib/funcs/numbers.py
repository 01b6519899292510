"""Functions over integers and booleans, with Go's 64 bits and its errors.

Knows neither the store nor the system.
"""

from __future__ import annotations

from confd_lib.golang import strconv
from gotmpl import quote
from gotmpl.golang import integers
from gotmpl.golang.integers import quotient, wrapped


def add(a: int, b: int) -> int:
    """Return the sum of two integers."""
    return wrapped(a + b)


def sub(a: int, b: int) -> int:
    """Return the first integer less the second."""
    return wrapped(a - b)


def mul(a: int, b: int) -> int:
    """Return the product of two integers."""
    return wrapped(a * b)


def div(a: int, b: int) -> int:
    """Return the first integer divided by the second, cut towards zero."""
    return wrapped(quotient(a, b))


def mod(a: int, b: int) -> int:
    """Return the remainder of the division; it has the sign of the first integer."""
    return a - b * quotient(a, b)


def seq(first: int, last: int) -> range:
    """Return the integers from the first to the last; none if the last is less."""
    return range(first, last + 1)


def atoi(text: str) -> int:
    """Return the integer of the text, in decimal."""
    number, reason = integers.atoi(text)
    if reason:
        raise ValueError(f"strconv.Atoi: parsing {quote(text)}: {reason}")
    return number


def parse_bool(text: str) -> bool:
    """Return the boolean of the text: 1, t, T, TRUE, true, True; 0, f, F, FALSE, false, False."""
    return strconv.parse_bool(text)
