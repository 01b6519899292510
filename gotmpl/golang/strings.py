"""Go's package `strings`, and the one place that turns texts into bytes and back.

Knows no templates. A Go string is a `str` here, each byte that is not UTF-8 a
surrogate in it (`surrogateescape`). Lengths, orders and searches are those of the bytes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# The surrogates that do not represent a byte.
_LONE_SURROGATES: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def to_bytes(text: str) -> bytes:
    r"""Return the bytes of a Go string.

    Raises:
        UnicodeEncodeError: a surrogate does not represent a byte; `encode` replaces it.

    >>> to_bytes("é\udcff")
    b'\xc3\xa9\xff'
    """
    return text.encode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    r"""Return the bytes of a rendered text; a lone surrogate becomes U+FFFD, as in Go.

    >>> encode("\xe9\udcff\ud800")
    b'\xc3\xa9\xff\xef\xbf\xbd'
    """
    try:
        return to_bytes(text)
    except UnicodeEncodeError:
        return to_bytes(_LONE_SURROGATES.sub("\ufffd", text))


def from_bytes(data: bytes) -> str:
    r"""Return the Go string of bytes.

    >>> from_bytes(b"\xc3\xa9\xff")
    'é\udcff'
    """
    return data.decode("utf-8", "surrogateescape")


def is_valid(text: str) -> bool:
    """Return whether the text is valid UTF-8. Go: utf8.ValidString."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def merge_bytes(text: str) -> str:
    r"""Return a text in which bytes that make a character now, side by side, are that character.

    >>> merge_bytes("\udcc3" + "\udca9")
    'é'
    """
    return text if is_valid(text) else from_bytes(to_bytes(text))


def byte_length(text: str) -> int:
    """Return the length in bytes. Go: len.

    >>> byte_length("日本")
    6
    """
    return len(text) if text.isascii() else len(to_bytes(text))


def in_byte_order(texts: Iterable[str]) -> list[str]:
    r"""Return the texts in the order of their bytes, as Go sorts strings.

    UTF-8 byte order equals code point order, except for undecodable bytes.

    >>> in_byte_order(["\U0001f600", "\udcff", "a"])
    ['a', '😀', '\udcff']
    """
    listed = list(texts)
    if is_valid("".join(listed)):
        return sorted(listed)
    return sorted(listed, key=to_bytes)


def to_upper(text: str) -> str:
    """Return the text in upper case, character by character. Go: strings.ToUpper.

    >>> to_upper("straße ŉ é")
    'STRAßE ŉ É'
    """
    return text.upper() if text.isascii() else "".join(map(_upper_rune, text))


def to_lower(text: str) -> str:
    """Return the text in lower case, character by character. Go: strings.ToLower.

    >>> to_lower("İÉ")
    'ié'
    """
    return text.lower() if text.isascii() else "".join(map(_lower_rune, text))


@lru_cache(maxsize=4096)
def _upper_rune(char: str) -> str:
    # Go has Unicode's simple mapping only. Where Python's full mapping gives several characters,
    # the simple one is the title case if that is a single character, else the character itself.
    for mapped in (char.upper(), char.title()):
        if len(mapped) == 1:
            return "\ufffd" if "\ud800" <= mapped <= "\udfff" else mapped
    return char


@lru_cache(maxsize=4096)
def _lower_rune(char: str) -> str:
    # İ is the only character whose full lower case is longer than its simple one.
    mapped = char.lower()[0]
    return "\ufffd" if "\ud800" <= mapped <= "\udfff" else mapped
