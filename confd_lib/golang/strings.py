"""Go's package `strings`, as `gotmpl` has it.

Knows neither stores nor templates.
"""

from __future__ import annotations

from gotmpl.golang.strings import (
    byte_length,
    encode,
    from_bytes,
    in_byte_order,
    is_valid,
    merge_bytes,
    to_bytes,
    to_lower,
    to_upper,
)

__all__ = [
    "byte_length",
    "encode",
    "from_bytes",
    "in_byte_order",
    "is_valid",
    "merge_bytes",
    "to_bytes",
    "to_lower",
    "to_upper",
]
