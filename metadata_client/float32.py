"""Floats of 32 bits, in which go-yaml v2 and rancher-compose write the 64 bits that they have.

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
    """The float of 32 bits that is nearest to the value; infinite where none is as large.

    >>> nearest(0.1), nearest(1e300)
    (0.10000000149011612, inf)
    """
    try:
        made: float = _FLOAT32.unpack(_FLOAT32.pack(value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return made


def shortest(value: float) -> float:
    """The number that has the shortest decimal form among those with the same `nearest`.

    >>> shortest(1234567.891), shortest(0.1)
    (1234567.9, 0.1)
    """
    wanted = nearest(value)
    if not math.isfinite(wanted):
        return wanted
    return next(short for short in _roundings(wanted) if nearest(short) == wanted)


def _roundings(value: float) -> Iterator[float]:
    """The value with ever more decimal digits, until any two 32-bit floats are told apart."""
    for digits in range(1, 10):
        # Above a power of two the next float is farther away than below it, so that a number which
        # is not the nearest with that many digits may still be read as this float.
        for rounding in (decimal.ROUND_HALF_EVEN, decimal.ROUND_UP):
            yield float(decimal.Context(prec=digits, rounding=rounding).create_decimal(value))
