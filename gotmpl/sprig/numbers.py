"""Functions of numbers: whatever is given becomes an `int64` first, and so is the result.

How a value becomes a number depends on the version, which passes its rule. Knows no versions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gotmpl.golang import integers
from gotmpl.golang.integers import Int64, quotient
from gotmpl.golang.integers import int64 as wrapped
from gotmpl.strconv.numbers import parse_float

if TYPE_CHECKING:
    from collections.abc import Callable

# Go: strconv.special, with a sign before infinity only.
_NO_NUMBER: Final = re.compile("[+-]?inf(?:inity)?|nan", re.IGNORECASE | re.ASCII)


def atoi(text: str) -> int:
    """Return the integer of a decimal text; 0 if there is no number, or the nearest one."""
    return integers.atoi(text)[0]


def parsed_float(text: str) -> float:
    """Return the float of a text; 0 if there is no float, or one that is too large.

    >>> parsed_float("1e3"), parsed_float("-Inf"), parsed_float("1e400"), parsed_float(" 1")
    (1000.0, -inf, 0.0, 0.0)
    """
    if _NO_NUMBER.fullmatch(text):
        return float(text)
    try:
        return parse_float(text)
    except ValueError:
        return 0.0


def arithmetic(number: Callable[[object], int]) -> dict[str, Callable[..., object]]:
    """Return the functions over integers.

    Args:
        number: returns the integer of any value.
    """

    def add(*values: object) -> Int64:
        """Return the sum of the values, as an `int64`."""
        return wrapped(sum(map(number, values)))

    def add1(value: object) -> Int64:
        """Return the value and 1, as an `int64`."""
        return wrapped(number(value) + 1)

    def sub(value: object, other: object) -> Int64:
        """Return the first value without the second, as an `int64`."""
        return wrapped(number(value) - number(other))

    def mul(value: object, *others: object) -> Int64:
        """Return the product of the values, as an `int64`."""
        product = number(value)
        for other in others:
            product = wrapped(product * number(other))
        return wrapped(product)

    def div(value: object, divisor: object) -> Int64:
        """Return the quotient without its fraction, as an `int64`."""
        return wrapped(quotient(number(value), number(divisor)))

    def mod(value: object, divisor: object) -> Int64:
        """Return what remains after the division, with the sign of the first value."""
        whole, by = number(value), number(divisor)
        return wrapped(whole - by * quotient(whole, by))

    def greatest(value: object, *others: object) -> Int64:
        """Return the greatest of the values, as an `int64`."""
        return Int64(max(map(number, (value, *others))))

    def least(value: object, *others: object) -> Int64:
        """Return the least of the values, as an `int64`."""
        return Int64(min(map(number, (value, *others))))

    return {
        "add": add,
        "add1": add1,
        "sub": sub,
        "mul": mul,
        "div": div,
        "mod": mod,
        "biggest": greatest,
        "max": greatest,
        "min": least,
    }
