"""Functions that encode texts, and their checksums.

What cannot be decoded gives the error's text as the result, as in sprig. Knows no versions.
"""

from __future__ import annotations

import hashlib

from gotmpl.golang import base32, base64
from gotmpl.golang.strings import encode


def b64enc(text: str) -> str:
    """Return the text in base64."""
    return base64.encoded(text)


def b64dec(text: str) -> str:
    """Return the text of its base64."""
    try:
        return base64.decoded(text)
    except ValueError as error:
        return str(error)


def b32enc(text: str) -> str:
    """Return the text in base32."""
    return base32.encoded(text)


def b32dec(text: str) -> str:
    """Return the text of its base32."""
    try:
        return base32.decoded(text)
    except ValueError as error:
        return str(error)


def sha256sum(text: str) -> str:
    """Return the SHA-256 checksum of the text, in hexadecimal digits."""
    return hashlib.sha256(encode(text)).hexdigest()
