"""JSON as Go's `encoding/json` reads it into an `interface{}`. Knows nothing of HTTP and trees."""

from __future__ import annotations

import json
import math
from typing import Final

MAX_DEPTH: Final = 500
"""The most lists and maps in one another; how many Python itself reads depends on its version."""

_MAX_EXACT: Final = 300  # an integer with fewer digits is finite as a float64


def loads(text: bytes) -> object:
    """Return the value of a JSON text.

    Numbers are int or float; Go reads them as float64, so one that no float64 holds is an error.
    Half of a surrogate pair becomes U+FFFD.

    Raises:
        ValueError: the text is not JSON; the message is ours, and says where.

    >>> loads(b'{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    >>> loads(b"[1e400]")
    Traceback (most recent call last):
    ValueError: cannot unmarshal number 1e400 into Go value of type float64
    """
    try:
        value = json.loads(
            text.decode(), parse_int=_integer, parse_float=_float, parse_constant=_refuse
        )
        if is_deeper(value, MAX_DEPTH):
            raise RecursionError
    except (ValueError, RecursionError) as error:
        raise ValueError(_reason(error)) from error
    return _without_surrogates(value) if b"\\ud" in text or b"\\uD" in text else value


def is_deeper(value: object, levels: int) -> bool:
    """Return whether more than so many lists and maps are nested in one another.

    >>> is_deeper({"a": [1]}, 2), is_deeper({"a": [1]}, 1)
    (False, True)
    """
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(levels):
        level = [
            child
            for one in level
            for child in (one.values() if isinstance(one, dict) else one)
            if isinstance(child, (dict, list))
        ]
        if not level:
            break
    return bool(level)


def _reason(error: ValueError | RecursionError) -> str:
    """Say why a text is not JSON, in words that are the same with every Python."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}"
    if isinstance(error, RecursionError):
        return f"nested too deep: more than {MAX_DEPTH} levels"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):  # Go: UnmarshalTypeError
        raise ValueError(f"cannot unmarshal number {digits:.40} into Go value of type float64")
    return number


def _integer(digits: str) -> int:
    # Python reads no integer of more than 4300 digits; float64 holds none of more than 309.
    if len(digits) > _MAX_EXACT:
        _float(digits)
    return int(digits)


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _without_surrogates(value: object) -> object:
    """Go: half of a surrogate pair is U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {
            str(_without_surrogates(key)): _without_surrogates(child)
            for key, child in value.items()
        }
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value
