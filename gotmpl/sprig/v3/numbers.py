"""Functions of numbers as sprig v3 has them, and its rules for what number a value is.

Knows no other functions.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from gotmpl.errors import FuncError
from gotmpl.fmt.printf import sprintf
from gotmpl.golang.integers import LEAST, MOST, Int64, wrapped
from gotmpl.sprig import lists
from gotmpl.sprig.numbers import parsed_float
from gotmpl.strconv.floats import format_float

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

# -- The number of a value

# A decimal with a fraction, which is left out. spf13/cast: trimDecimal.
_DECIMAL: Final = re.compile(r"([+-]?[0-9]*)(?:\.[0-9]*)?")
# Go: strconv.ParseInt with base 0; underscores stand between digits, or behind the prefix.
_LITERAL: Final = re.compile(
    r"""(?x)
    ([+-]?)
    ( 0[xX] (?:_?[0-9a-fA-F])+ | 0[bB] (?:_?[01])+ | 0[oO]? (?:_?[0-7])+ | 0 | [1-9] (?:_?[0-9])* )
    """
)
_OCTAL: Final = re.compile("[+-]?[0-7]+")
_LONGEST: Final = 80  # characters of an integer of 64 bits; more are zeros in front


def int64(value: object) -> Int64:
    """Return the integer of a value: of a text by Go's rules for literals; 0 if it has none.

    >>> int64("0x1f"), int64("012"), int64("1.9"), int64("1e3"), int64(-7.9), int64(None)
    (31, 10, 1, 0, -7, 0)
    """
    if isinstance(value, str):
        return Int64(_parsed(value))
    if isinstance(value, float):
        return Int64(int(value) if LEAST <= value < -LEAST else LEAST)
    return Int64(wrapped(value)) if isinstance(value, int) else Int64(0)


def _parsed(text: str) -> int:
    decimal = _DECIMAL.fullmatch(text)
    if decimal:
        text = decimal[1] if decimal[1] not in ("", "+", "-") else "0"
    literal = _LITERAL.fullmatch(text)
    if literal is None or len(text) > _LONGEST:
        return 0
    digits = literal[2].replace("_", "")
    base = 8 if digits[0] == "0" and digits.isdecimal() else 0
    number = int(digits, base) * (-1 if literal[1] == "-" else 1)
    return number if LEAST <= number <= MOST else 0


def int_(value: object) -> int:
    """Return the integer of a value as `int64` does, as an int."""
    return int(int64(value))


def float64(value: object) -> float:
    """Return the float of a value: of a text, a number, a bool; else 0."""
    if isinstance(value, str):
        return parsed_float(value)
    return float(value) if isinstance(value, int | float) else 0.0


def to_decimal(value: object) -> Int64:
    """Return the integer of the value's text, read as an octal number, or 0."""
    text = sprintf("%v", (value,))
    number = int(text, 8) if _OCTAL.fullmatch(text) and len(text) <= _LONGEST else 0
    return Int64(number if LEAST <= number <= MOST else 0)


# -- Floats


def floor(value: object) -> float:
    """Return the greatest whole number that is not above the value."""
    return _whole(float64(value), math.floor)


def ceil(value: object) -> float:
    """Return the least whole number that is not below the value."""
    return _whole(float64(value), math.ceil)


def _whole(number: float, rounded: Callable[[float], int]) -> float:
    return math.copysign(rounded(number), number) if math.isfinite(number) else number


def round_(value: object, places: int, *up_from: float) -> float:
    """Return the value with so many decimal places, rounded up from a fraction of 0.5.

    The fraction of a number below 0 is below 0, so that it is always rounded down.
    """
    power = _power_of_ten(places)
    shifted = power * float64(value)
    fraction = math.modf(shifted)[0] if math.isfinite(shifted) else math.nan
    up = fraction >= (up_from[0] if up_from else 0.5)
    number = _whole(shifted, math.ceil if up else math.floor)
    return number / power if power and not math.isinf(power) else math.nan


def _power_of_ten(places: int) -> float:
    try:
        return math.pow(10.0, places)
    except OverflowError:
        return math.inf


def maxf(value: object, *others: object) -> float:
    """Return the greatest of the values, as floats."""
    return _extreme([value, *others], max)


def minf(value: object, *others: object) -> float:
    """Return the least of the values, as floats."""
    return _extreme([value, *others], min)


def _extreme(values: list[object], choose: Callable[[list[float]], float]) -> float:
    numbers = [float64(value) for value in values]
    return math.nan if any(map(math.isnan, numbers)) else choose(numbers)


# -- Decimal arithmetic

_PLACES: Final = 10**16  # of a quotient


def _decimal(value: object) -> Fraction:
    """Return the number that the shortest text of a float is. Go: decimal.NewFromFloat."""
    number = float64(value)
    if not math.isfinite(number):
        raise FuncError(f"Cannot create a Decimal from {sprintf('%v', (number,))}")
    return Fraction(format_float(number, "e", -1))


def _quotient(number: Fraction, divisor: Fraction) -> Fraction:
    if not divisor:
        raise FuncError("decimal division by 0")
    scaled = abs(number / divisor) * _PLACES
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if (number < 0) == (divisor < 0) else -whole, _PLACES)


def _float(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _folded(values: list[object], operation: Callable[[Fraction, Fraction], Fraction]) -> float:
    result = _decimal(values[0])
    for value in values[1:]:
        result = operation(result, _decimal(value))
    return _float(result)


def addf(*values: object) -> float:
    """Return the sum of the values, in decimals."""
    return _folded([0, *values], lambda one, other: one + other)


def add1f(value: object) -> float:
    """Return the value and 1, in decimals."""
    return addf(value, 1)


def subf(value: object, *others: object) -> float:
    """Return the value without the others, in decimals."""
    return _folded([value, *others], lambda one, other: one - other)


def mulf(value: object, *others: object) -> float:
    """Return the product of the values, in decimals."""
    return _folded([value, *others], lambda one, other: one * other)


def divf(value: object, *others: object) -> float:
    """Return the value divided by the others, in decimals, with 16 places."""
    return _folded([value, *others], _quotient)


# -- Sequences and chance


def seq(*numbers: int) -> str:
    """Return whole numbers as a text: `seq LAST`, `seq FIRST LAST` or `seq FIRST STEP LAST`."""
    if not 1 <= len(numbers) <= 3:
        return ""
    first, last = (1, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[-1])
    towards = -1 if last < first else 1
    step = numbers[1] if len(numbers) == 3 else towards
    return " ".join(map(str, lists.until_step(first, last + towards, step)))


def drawing(random: Random) -> dict[str, Callable[..., object]]:
    """Return the function that draws a number."""

    def rand_int(least: int, end: int) -> int:
        """Return a number from `least` up to `end`, which is not among them, by chance."""
        if end <= least:
            raise FuncError("invalid argument to Intn")
        return random.randrange(least, end)

    return {"randInt": rand_int}
