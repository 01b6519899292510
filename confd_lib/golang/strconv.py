"""Go's `strconv`: parses the integers and booleans of flags and modes, with Go's error texts.

Knows nothing of what the numbers are for.
"""

from __future__ import annotations

import re
from typing import Final

import gotmpl

# ParseUint with base 0: a prefix names the base, a leading 0 alone means octal, `_` may separate
# digits.
_BASES: Final = (
    (re.compile(r"0[xX](?:_?[0-9a-fA-F])+"), 16),
    (re.compile(r"0[oO]?(?:_?[0-7])+|0"), 8),
    (re.compile(r"0[bB](?:_?[01])+"), 2),
    (re.compile(r"[1-9](?:_?[0-9])*"), 10),
)

_BOOLS: Final = dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True) | dict.fromkeys(
    ("0", "f", "F", "false", "FALSE", "False"), False
)


def parse_uint(text: str, bits: int) -> int:
    """Return the unsigned integer of a text (Go: `ParseUint(text, 0, bits)`).

    Args:
        text: the digits, after `0x`, `0o`, `0b` or `0` if they are not decimal.
        bits: the width of the result in bits.

    Raises:
        ValueError: the text is not an unsigned integer, or too large. The message is Go's.

    >>> oct(parse_uint("0644", 32)), oct(parse_uint("0o644", 32)), oct(parse_uint("644", 32))
    ('0o644', '0o644', '0o1204')
    """
    number = _digits(text)
    if number is None:
        raise ValueError(_message("ParseUint", text, "invalid syntax"))
    if number >> bits:
        raise ValueError(_message("ParseUint", text, "value out of range"))
    return number


def parse_int(text: str, bits: int = 64) -> int:
    """Return the signed integer of a text (Go: `ParseInt(text, 0, bits)`).

    Args:
        text: an optional sign, then a text as for `parse_uint`.
        bits: the width of the result in bits.

    Raises:
        ValueError: the text is not an integer, or out of range. The message is Go's.

    >>> parse_int("-0x10"), parse_int("+600")
    (-16, 600)
    """
    number = _digits(text[1:] if text[:1] in ("+", "-") else text)
    if number is None:
        raise ValueError(_message("ParseInt", text, "invalid syntax"))
    number = -number if text.startswith("-") else number
    if not -(1 << bits - 1) <= number < 1 << bits - 1:
        raise ValueError(_message("ParseInt", text, "value out of range"))
    return number


def parse_bool(text: str) -> bool:
    """Return the boolean of a text (Go: `ParseBool`).

    Args:
        text: 1, t, T, TRUE, true, True, 0, f, F, FALSE, false or False.

    Raises:
        ValueError: any other text. The message is Go's.

    >>> parse_bool("T"), parse_bool("0")
    (True, False)
    """
    try:
        return _BOOLS[text]
    except KeyError:
        raise ValueError(_message("ParseBool", text, "invalid syntax")) from None


def _digits(text: str) -> int | None:
    for pattern, base in _BASES:
        if pattern.fullmatch(text):
            digits = text.replace("_", "")
            # Python refuses decimals of more than 4 300 digits; 21 are too large for Go already.
            return int(digits if base != 10 else digits[:21], base)
    return None


def _message(function: str, text: str, reason: str) -> str:
    return f"strconv.{function}: parsing {gotmpl.quote(text)}: {reason}"
