"""Go's package `encoding/base64`: its standard encoding, and the text of its error.

Knows no templates.
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Final

from gotmpl.golang.strings import from_bytes, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE_ENDS: Final = b"\r\n"
_GOOD: Final = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_ALPHABET: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def encoded(text: str) -> str:
    """Return a text in base64. Go: StdEncoding.EncodeToString.

    >>> encoded("größe")
    'Z3LDtsOfZQ=='
    """
    return binascii.b2a_base64(to_bytes(text), newline=False).decode()


def decoded(text: str) -> str:
    """Return the text of its base64. Go: StdEncoding.DecodeString.

    Raises:
        ValueError: the text is not base64; the message is Go's.

    >>> decoded("Z3LDtsOfZQ==")
    'größe'
    """
    data = to_bytes(text)
    compact = data.translate(None, _LINE_ENDS)
    if _GOOD.fullmatch(compact) is None:
        raise ValueError(f"illegal base64 data at input byte {_corrupt_at(data)}")
    return from_bytes(binascii.a2b_base64(compact))


def _corrupt_at(data: bytes) -> int:
    """Return the index that Go's error has for data that is not base64. Go: decodeQuantum."""
    quantum = 0
    for at, char in _significant(data):
        if char in _ALPHABET:
            quantum = (quantum + 1) % 4
        elif char == ord("=") and quantum >= 2:
            return _corrupt_padding(data, at, quantum)
        else:
            return at
    # Go counts the characters of the last quantum back, without the line ends among them.
    return len(data) - quantum


def _corrupt_padding(data: bytes, at: int, quantum: int) -> int:
    rest = _significant(data, at + 1)
    if quantum == 2:
        second = next(rest, None)
        if second is None:
            return len(data)
        if second[1] != ord("="):
            return second[0] - 1
    garbage = next(rest, None)
    return len(data) if garbage is None else garbage[0]


def _significant(data: bytes, start: int = 0) -> Iterator[tuple[int, int]]:
    return ((at, data[at]) for at in range(start, len(data)) if data[at] not in _LINE_ENDS)
