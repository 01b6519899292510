"""Prints floats as Go does: `strconv.FormatFloat` for one verb and one precision.

The digits are Python's, which rounds as Go does; the layout is Go's. Knows no flags or width.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class _Digits(NamedTuple):
    """The value 0.DIGITS x 10**point, without leading or trailing zeros."""

    digits: str
    point: int


def _decimal(text: str) -> _Digits:
    """Return the digits of a float that Python printed, which is not negative."""
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    zeros = len(whole + fraction) - len(digits)
    if not digits:
        return _Digits("", 0)
    return _Digits(digits.rstrip("0"), len(whole) - zeros + int(exponent or 0))


def _exponent_form(number: _Digits, precision: int, letter: str) -> str:
    digits = (number.digits or "0").ljust(precision + 1, "0")
    exponent = number.point - 1 if number.digits else 0
    fraction = f".{digits[1 : precision + 1]}" if precision > 0 else ""
    return f"{digits[0]}{fraction}{letter}{exponent:+03d}"


def _fixed_form(number: _Digits, precision: int) -> str:
    digits, point = number
    whole = digits[: max(point, 0)].ljust(point, "0") or "0"
    if precision <= 0:
        return whole
    fraction = "0" * min(-point, precision) + digits[max(point, 0) :]
    return f"{whole}.{fraction[:precision].ljust(precision, '0')}"


def _shortest_form(number: _Digits, letter: str) -> str:
    """Print the fewest digits that give the same float (Go: fmtEFG with 'g', shortest)."""
    digits, point = number
    if digits and not -4 <= point - 1 < 6:  # Go: eprec is 6 where the shortest form is asked for
        return _exponent_form(number, len(digits) - 1, letter)
    return _fixed_form(number, len(digits) - point)


def _general_form(number: _Digits, precision: int, letter: str) -> str:
    """Go: fmtEFG with 'g', a precision given."""
    digits, point = number
    significant = len(digits)
    reach = significant if precision > significant >= point else precision
    exponent = point - 1
    if exponent < -4 or exponent >= reach:
        return _exponent_form(number, min(precision, significant) - 1, letter)
    return _fixed_form(number, max((significant if precision > point else precision) - point, 0))


def _format_general(value: float, precision: int, letter: str) -> str:
    if precision < 0:
        return _shortest_form(_decimal(repr(value)), letter)
    precision = precision or 1
    return _general_form(_decimal(f"{value:.{precision - 1}e}"), precision, letter)


def _format_exponent(value: float, precision: int, letter: str) -> str:
    if precision >= 0:
        return f"{value:.{precision}{letter}}"
    number = _decimal(repr(value))
    return _exponent_form(number, len(number.digits) - 1, letter)


def _format_fixed(value: float, precision: int, _letter: str) -> str:
    if precision >= 0:
        return f"{value:.{precision}f}"
    number = _decimal(repr(value))
    return _fixed_form(number, len(number.digits) - number.point)


def _binary(value: float) -> tuple[int, int]:
    """Return the mantissa and exponent in the 64 bits of a float that is not negative."""
    exponent = max(math.frexp(value)[1] - 53, -1074)
    return int(math.ldexp(value, -exponent)), exponent if value else -1074


def _format_binary(value: float, _precision: int, _letter: str) -> str:
    mantissa, exponent = _binary(value)
    return f"{mantissa}p{exponent:+d}"


_HEX_DIGITS: Final = 13  # the 52 bits behind the leading one


def _format_hex(value: float, precision: int, letter: str) -> str:
    """Print in hexadecimal, subnormal floats normalised (Go: fmtX)."""
    fraction, exponent = math.frexp(value)
    mantissa = int(math.ldexp(fraction, 53))
    exponent = exponent - 1 if value else 0
    if 0 <= precision < _HEX_DIGITS:
        mantissa = _round_half_even(mantissa, 4 * (_HEX_DIGITS - precision))
        if mantissa >> 53:
            mantissa, exponent = mantissa >> 1, exponent + 1
    digits = f"{mantissa & (2**52 - 1):013x}"
    digits = digits.rstrip("0") if precision < 0 else digits[:precision].ljust(precision, "0")
    text = f"0x{mantissa >> 52}{'.' if digits else ''}{digits}p{exponent:+03d}"
    return text.upper() if letter == "X" else text


def _round_half_even(number: int, bits: int) -> int:
    """Return the number with its lowest `bits` rounded to zeros."""
    kept, half = number >> bits, 1 << (bits - 1)
    rest = number & ((1 << bits) - 1)
    if rest > half or (rest == half and kept & 1):
        kept += 1
    return kept << bits


# The letter that a verb writes before the exponent, and how it writes the number.
_FORMATS: Final[dict[str, tuple[Callable[[float, int, str], str], str]]] = {
    "e": (_format_exponent, "e"),
    "E": (_format_exponent, "E"),
    "f": (_format_fixed, ""),
    "F": (_format_fixed, ""),
    "g": (_format_general, "e"),
    "G": (_format_general, "E"),
    "b": (_format_binary, ""),
    "x": (_format_hex, "x"),
    "X": (_format_hex, "X"),
}


def format_float(value: float, verb: str, precision: int = -1) -> str:
    """Print a float in the layout of a verb (Go: strconv.FormatFloat with 64 bits).

    Args:
        value: any float.
        verb: one of `e E f F g G b x X`.
        precision: digits after the point (`g`: in all); -1 for the fewest that give the same float.

    >>> format_float(1000000.0, "g"), format_float(0.1, "e", 3), format_float(1.5, "x")
    ('1e+06', '1.000e-01', '0x1.8p+00')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    write, letter = _FORMATS[verb]
    text = write(abs(value), precision, letter)
    return f"-{text}" if math.copysign(1.0, value) < 0 else text


def shortest(value: float) -> str:
    """Print a float as `%v` does: the fewest digits, with an exponent below -4 and from 6.

    >>> shortest(100000.0), shortest(123456789.0), shortest(-0.0)
    ('100000', '1.23456789e+08', '-0')
    """
    if -1e6 < value < 1e6 or 1e16 <= abs(value) < math.inf:
        return repr(value).removesuffix(".0")  # Python's exponents have Go's form
    return _with_exponent(repr(value)) if math.isfinite(value) else format_float(value, "g")


def _with_exponent(text: str) -> str:
    """Return a number from 1e6 that Python printed without exponent as Go prints it."""
    whole, _, fraction = text.removeprefix("-").partition(".")
    digits = (whole + fraction).rstrip("0")
    mantissa = f"{digits[0]}.{digits[1:]}".removesuffix(".")
    return f"{'-' if text[0] == '-' else ''}{mantissa}e+{len(whole) - 1:02}"
