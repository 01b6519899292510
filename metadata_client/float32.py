"""Round floats to 32 bits, as go-yaml v2 does before it writes one.

Knows nothing of YAML, nor of how a number is written.
"""

from __future__ import annotations

import decimal
import math
import struct
from collections.abc import Iterator
from typing import Final

_FLOAT32: Final = struct.Struct("f")


def nearest(value: float) -> float:
    """Return the nearest 32-bit float; infinite if the value is too large.

    >>> nearest(0.1), nearest(1e300)
    (0.10000000149011612, inf)
    """
    try:
        made: float = _FLOAT32.unpack(_FLOAT32.pack(value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return made


def shortest(value: float) -> float:
    """Return the number with the shortest decimal form among those with the same `nearest`.

    >>> shortest(1234567.891), shortest(0.1)
    (1234567.9, 0.1)
    """
    wanted = nearest(value)
    if not math.isfinite(wanted):
        return wanted
    return next(short for short in _roundings(wanted) if nearest(short) == wanted)


def _roundings(value: float) -> Iterator[float]:
    """Yield the value with more and more decimal digits, up to nine, which identify any float."""
    for digits in range(1, 10):
        # Above a power of two the next float is farther away than below it, so a number that is
        # not the nearest one with that many digits can still be read as this float.
        for rounding in (decimal.ROUND_HALF_EVEN, decimal.ROUND_UP):
            yield float(decimal.Context(prec=digits, rounding=rounding).create_decimal(value))
