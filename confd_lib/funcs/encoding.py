"""Functions that read and write JSON and base64, with Go's errors.

Knows neither the store nor the system.
"""

from __future__ import annotations

from confd_lib.golang import json as gojson
from gotmpl.golang import base64


def json_object(text: str) -> dict[str, object]:
    """Return the members of the JSON object."""
    return gojson.decode_object(text)


def json_array(text: str) -> list[object]:
    """Return the elements of the JSON array."""
    return gojson.decode_array(text)


def base64_encode(text: str) -> str:
    """Return the text in base64."""
    return base64.encoded(text)


def base64_decode(text: str) -> str:
    """Return the text of its base64."""
    return base64.decoded(text)
