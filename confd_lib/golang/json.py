"""JSON as Go's `encoding/json` has it, as `gotmpl` reads and writes it.

Knows neither stores nor templates.
"""

from __future__ import annotations

from gotmpl.golang.json import (
    MAX_DEPTH,
    Number,
    decode,
    decode_array,
    decode_numbers,
    decode_object,
    encode,
)

__all__ = [
    "MAX_DEPTH",
    "Number",
    "decode",
    "decode_array",
    "decode_numbers",
    "decode_object",
    "encode",
]
