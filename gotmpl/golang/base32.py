"""Go's package `encoding/base32`: its standard encoding, and the text of its error.

Knows no templates.
"""

from __future__ import annotations

import base64
from typing import Final

from gotmpl.golang.strings import from_bytes, to_bytes

_LINE_ENDS: Final = b"\r\n"
_ALPHABET: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_QUANTUM: Final = 8
_PADDED: Final = (2, 4, 5, 7)  # how many characters of a quantum may be before its padding
_PAD: Final = ord("=")


def encoded(text: str) -> str:
    """Return a text in base32. Go: StdEncoding.EncodeToString.

    >>> encoded("hi")
    'NBUQ===='
    """
    return base64.b32encode(to_bytes(text)).decode()


def decoded(text: str) -> str:
    """Return the text of its base32. Go: StdEncoding.DecodeString.

    Raises:
        ValueError: the text is not base32; the message is Go's.

    >>> decoded("NBUQ====")
    'hi'
    """
    data = to_bytes(text).translate(None, _LINE_ENDS)
    padded = data.find(_PAD)
    # Go ignores what follows a padded quantum, unless that is a whole one.
    may_end = padded >= 0 and len(data) - padded <= _QUANTUM
    last = padded - padded % _QUANTUM if may_end else len(data)
    wrong = _corrupt_at(data, last)
    if wrong is not None:
        raise ValueError(f"illegal base32 data at input byte {wrong}")
    return from_bytes(base64.b32decode(data[: last + _QUANTUM]))


def _corrupt_at(data: bytes, last: int) -> int | None:
    """Return the index that Go's error has; None for data without an error. Go: Encoding.decode.

    Args:
        data: the encoded bytes.
        last: the index of the quantum that may be padded.
    """
    for place, char in enumerate(data[:last]):
        if char not in _ALPHABET:
            return place
    if last == len(data):
        return None if last % _QUANTUM == 0 else last - last % _QUANTUM
    padded = data.index(_PAD, last) - last
    for place, char in enumerate(data[last : last + padded]):
        if char not in _ALPHABET:
            return last + place
    if padded < _PADDED[0]:
        return last + padded
    if len(data) - last < _QUANTUM:
        return len(data)
    for place in range(last + padded + 1, last + _QUANTUM):
        if data[place] != _PAD:
            return place - 1
    return None if padded in _PADDED else last + padded
