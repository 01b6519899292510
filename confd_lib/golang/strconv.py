"""Numbers and truths as Go's `strconv` reads them from a flag or a mode, with its errors.

Knows nothing of what the numbers are for.
"""

from __future__ import annotations

import re
from typing import Final

import gotmpl

# Base 0 of ParseUint: the prefix says the base, a leading 0 says eight, `_` may part digits. Texts,
# since whoever only wants the version should not pay for compiling them.
_BASES: Final = (
    (r"0[xX](?:_?[0-9a-fA-F])+", 16),
    (r"0[oO]?(?:_?[0-7])+|0", 8),
    (r"0[bB](?:_?[01])+", 2),
    (r"[1-9](?:_?[0-9])*", 10),
)

_BOOLS: Final = dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True) | dict.fromkeys(
    ("0", "f", "F", "false", "FALSE", "False"), False
)


def parse_uint(text: str, bits: int) -> int:
    """Read an unsigned number whose prefix says its base (Go: `ParseUint(text, 0, bits)`).

    Args:
        text: the digits, with `0x`, `0o`, `0b` or `0` before them where they are not decimal.
        bits: how wide the result may be.

    Raises:
        ValueError: it is none, or is too large; the text is Go's.

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
    """Read a signed number whose prefix says its base (Go: `ParseInt(text, 0, bits)`).

    Args:
        text: an optional sign, then what `parse_uint` takes.
        bits: how wide the result may be.

    Raises:
        ValueError: it is none, or is too large or too small; the text is Go's.

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
    """Read a truth (Go: `ParseBool`).

    Args:
        text: 1, t, T, TRUE, true, True, 0, f, F, FALSE, false or False.

    Raises:
        ValueError: it is another; the text is Go's.

    >>> parse_bool("T"), parse_bool("0")
    (True, False)
    """
    try:
        return _BOOLS[text]
    except KeyError:
        raise ValueError(_message("ParseBool", text, "invalid syntax")) from None


def _digits(text: str) -> int | None:
    for pattern, base in _BASES:
        if re.fullmatch(pattern, text):
            digits = text.replace("_", "")
            # Python reads no decimal of 4 300 digits; what has more than 20 is too large for Go.
            return int(digits if base != 10 else digits[:21], base)
    return None


def _message(function: str, text: str, reason: str) -> str:
    return f"strconv.{function}: parsing {gotmpl.quote(text)}: {reason}"
