"""Parser of Go's number and character literals, for every type that can hold the value.

Mirrors strconv and the number rules of text/template/parse. Knows no tokens or trees.
"""

from __future__ import annotations

import math
import re
from typing import Final

from gotmpl.record import record
from gotmpl.strconv.quoting import INVALID, quote, unquote_char

# Go: lexer.scanNumber. It takes more than numbers, and strconv refuses the rest. It never goes
# back, hence the possessive quantifiers.
SCANNED: Final = (
    r"[+-]?+(?>0[xX][0-9a-fA-F_]*+\.?+[0-9a-fA-F_]*+(?:[pP][+-]?+[0-9_]*+)?+"
    r"|0[oO][0-7_]*+\.?+[0-7_]*+|0[bB][01_]*+\.?+[01_]*+"
    r"|[0-9_]*+\.?+[0-9_]*+(?:[eE][+-]?+[0-9_]*+)?+)i?+"
)


@record
class Number:
    """A numeric constant, with its value in each type that holds it (Go: parse.NumberNode)."""

    is_int: bool = False
    is_uint: bool = False
    is_float: bool = False
    is_complex: bool = False
    int_: int = 0
    uint: int = 0
    float_: float = 0.0
    complex_: complex = 0j


# Possessive: digits that could be split in two ways would take quadratic time.
_FLOAT: Final = r"""(?x) (?P<sign>[+-]?+)(?:
        0[xX](?P<hex>[0-9a-fA-F_]*+\.?+[0-9a-fA-F_]*+[pP][+-]?+[0-9][0-9_]*+)
      | [0-9_]*+\.?+[0-9_]*+(?:[eE][+-]?+[0-9][0-9_]*+)?+
    )"""
_INTEGER: Final = r"""(?x) 0[bB](?P<b>[01_]+) | 0[oO](?P<o>[0-7_]+) | 0[xX](?P<x>[0-9a-fA-F_]+)
      | 0(?P<old>[0-7_]*) | (?P<d>[1-9_][0-9_]*)"""
_BASES: Final = {"b": 2, "o": 8, "x": 16, "old": 8, "d": 10}
# An underscore stands between digits, or between the prefix of a base and a digit.
_BAD_UNDERSCORE: Final = "(?<![0-9])_|_(?![0-9])"
_BAD_HEX_UNDERSCORE: Final = "(?<![0-9a-fA-FxX])_|_(?![0-9a-fA-F])"
_PREFIX: Final = "[+-]?0[bBoO]"
_MAX_UINT64: Final = 2**64 - 1
_MAX_UINT64_DIGITS: Final = 20


def _underscores_ok(text: str) -> bool:
    """Go: underscoreOK."""
    if "_" not in text:
        return True
    if "x" in text or "X" in text:
        return re.search(_BAD_HEX_UNDERSCORE, text) is None
    return re.search(_BAD_UNDERSCORE, re.sub(_PREFIX, "0", text)) is None


def parse_float(text: str) -> float:
    """Parse a decimal or hexadecimal float literal (Go: strconv.ParseFloat).

    Raises:
        ValueError: `invalid syntax` or `value out of range`, as Go says.

    >>> parse_float("1_000.5"), parse_float("0x1p-2")
    (1000.5, 0.25)
    """
    match = re.fullmatch(_FLOAT, text)
    if match is None or not _underscores_ok(text):
        raise ValueError(INVALID)
    plain = text.replace("_", "")
    try:
        value = float(plain) if match["hex"] is None else float.fromhex(plain)
    except OverflowError:
        value = math.inf
    except ValueError:
        raise ValueError(INVALID) from None
    if math.isinf(value):
        raise ValueError("value out of range")  # Go: strconv.ErrRange
    return value


def _parse_uint(text: str) -> int | None:
    """Go: strconv.ParseUint with base 0; None for any of its errors."""
    match = re.fullmatch(_INTEGER, text)
    if match is None or not _underscores_ok(text):
        return None
    base, digits = _BASES[match.lastgroup or ""], (match[match.lastgroup or 0]).replace("_", "")
    if base == 10 and len(digits) > _MAX_UINT64_DIGITS:
        return None
    value = int(digits or "0", base)
    return value if value <= _MAX_UINT64 else None


def _parse_int(text: str) -> int | None:
    """Go: strconv.ParseInt with base 0; None for any of its errors."""
    size = _parse_uint(text[1:] if text[:1] in ("+", "-") else text)
    if size is None:
        return None
    value = -size if text[0] == "-" else size
    return value if -(2**63) <= value < 2**63 else None


def _from_float(value: float, *, complex_: complex | None = None) -> Number:
    """Return the number of a float; it is an integer too if nothing is lost."""
    whole = value.is_integer()
    is_int = whole and -(2.0**63) <= value < 2.0**63
    is_uint = whole and 0 <= value < 2.0**64
    return Number(
        is_int=is_int,
        is_uint=is_uint,
        is_float=True,
        is_complex=complex_ is not None,
        int_=int(value) if is_int else 0,
        uint=int(value) if is_uint else 0,
        float_=value,
        complex_=0j if complex_ is None else complex_,
    )


def _from_complex(value: complex) -> Number:
    """Go: simplifyComplex."""
    if value.imag:
        return Number(is_complex=True, complex_=value)
    return _from_float(value.real, complex_=value)


def _parse_char(text: str) -> Number:
    rune, tail = unquote_char(text[1:], text[0])
    if tail != "'":
        raise ValueError(f"malformed character constant: {text}")
    return Number(
        is_int=True, is_uint=True, is_float=True, int_=rune, uint=rune, float_=float(rune)
    )


# A second number with a sign, directly after the first, makes a complex one.
_PAIR: Final = rf"{SCANNED}(?=[+-]){SCANNED}"
# Go: fmt's floatToken, which looks for Inf before it looks for digits.
_TOKEN: Final = (
    r"[+-]?+i?+(?>0[xX][0-9a-fA-F_]*+\.?+[0-9a-fA-F_]*+(?:[pP][+-]?+[0-9_]*+)?+"
    r"|[0-9_]*+\.?+[0-9_]*+(?:[eEpP][+-]?+[0-9_]*+)?+)"
)
_SCANNED_PAIR: Final = rf"(?P<real>{_TOKEN})(?P<imag>[+-]{_TOKEN})i"


def _scan_float(text: str) -> float:
    try:
        return parse_float(text)
    except ValueError as error:
        raise ValueError(f"strconv.ParseFloat: parsing {quote(text)}: {error}") from None


def _parse_complex(text: str) -> Number:
    match = re.match(_SCANNED_PAIR, text)
    if match is None:
        raise ValueError("syntax error scanning complex number")  # Go: fmt.errComplex
    return _from_complex(complex(_scan_float(match["real"]), _scan_float(match["imag"])))


def _parse_imaginary(text: str) -> Number | None:
    try:
        return _from_complex(complex(0.0, parse_float(text)))
    except ValueError:
        return None


def _parse_real(text: str) -> Number:
    try:
        value = parse_float(text)
    except ValueError:
        raise ValueError(f"illegal number syntax: {quote(text)}") from None
    if not any(mark in text for mark in ".eEpP"):
        raise ValueError(f"integer overflow: {quote(text)}")  # 08 too, as in Go
    return _from_float(value)


def _parse_integer(text: str) -> Number | None:
    signed, unsigned = _parse_int(text), _parse_uint(text)
    if signed is None and unsigned is None:
        return None
    return Number(
        is_int=signed is not None,
        is_uint=unsigned is not None or signed == 0,
        is_float=True,
        int_=signed or 0,
        uint=unsigned or 0,
        float_=float(unsigned if signed is None and unsigned is not None else signed or 0),
    )


def parse_number(text: str) -> Number:
    """Parse a number or a character constant (Go: parse.newNumber).

    Raises:
        ValueError: the text is no such constant; the message is Go's.

    >>> parse_number("1e3").int_, parse_number("'a'").int_, parse_number("1+2i").complex_
    (1000, 97, (1+2j))
    """
    if text.startswith("'"):
        return _parse_char(text)
    if ("+" in text[1:] or "-" in text[1:]) and re.fullmatch(_PAIR, text):
        return _parse_complex(text)
    if text.endswith("i") and (number := _parse_imaginary(text[:-1])):
        return number
    return _parse_integer(text) or _parse_real(text)
