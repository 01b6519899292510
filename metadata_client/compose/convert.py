"""Convert YAML values as rancher-compose does before they reach the metadata service.

rancher-compose writes its configuration as YAML a second time and reads that (`utils.Convert`),
which cuts floats to 32 bits; then it makes every key a string (`NestedMapsToMapInterface`), and
sends JSON. Knows nothing of files and services.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from metadata_client import float32 as float32s

# Go: strconv.FormatFloat(f, 'g', -1, 32) writes an exponent from here on, and a number with an
# exponent is read again as a float.
_EXPONENT_FROM: Final = 1e6


def converted(value: object) -> object:
    """Return the value as the metadata service will hold it.

    >>> converted({8080: [3.14159265358979, 2.0], True: None})
    {'8080': [3.1415927, 2], 'true': None}

    Raises:
        ValueError: a value that JSON cannot hold; the text is Go's.
    """
    if isinstance(value, Mapping):
        return {key_text(key): converted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [converted(item) for item in value]
    if isinstance(value, float):
        return float32(value)
    if value is None or isinstance(value, str | int):
        return value
    raise ValueError(f"json: unsupported type: {type(value).__name__}")


def float32(value: float) -> int | float:
    """Return the number with the shortest decimal form among those of the same 32-bit float.

    >>> float32(1234567.891)
    1234567.9

    Raises:
        ValueError: it is infinite, too large for 32 bits, or not a number.
    """
    shortest = float32s.shortest(value)
    if not math.isfinite(shortest):
        raise ValueError(f"json: unsupported value: {_no_number(shortest)}")
    whole = shortest.is_integer() and abs(shortest) < _EXPONENT_FROM
    return int(shortest) if whole else shortest


def key_text(key: object) -> str:
    """Return a key of a nested map as text.  Go: fmt.Sprintf("%v", key).

    >>> [key_text(key) for key in ("a", 8080, True, None)]
    ['a', '8080', 'true', '<nil>']
    """
    if key is None:
        return "<nil>"
    return scalar_text(key)


def scalar_text(value: object) -> str:
    """Return a scalar as the text of an option that is a string, such as a label or a port.

    >>> [scalar_text(value) for value in (True, 80, 1.5, None)]
    ['true', '80', '1.5', '']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, float):
        return str(value)
    nearest = float32s.nearest(value)
    return str(float32(value)) if math.isfinite(nearest) else _no_number(nearest)


def _no_number(value: float) -> str:
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
