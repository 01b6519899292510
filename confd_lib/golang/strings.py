r"""Texts as Go's package `strings` treats them: what functions of templates and key rules share.

Knows neither stores nor templates. A text is Python's `str` that stands for UTF-8; a byte that is
no UTF-8 rides along as a surrogate (`surrogateescape`), and lengths, orders and searches are those
of the bytes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# What stands for no byte, and so cannot be written as one.
_LONE_SURROGATES: Final = "[\ud800-\udc7f\udd00-\udfff]"


def to_bytes(text: str) -> bytes:
    r"""Return the bytes that Go sees.

    >>> to_bytes("é\udcff")
    b'\xc3\xa9\xff'
    """
    return text.encode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    r"""Return the bytes of a rendered text; half of a surrogate pair becomes U+FFFD, as in Go.

    >>> encode("\xe9\udcff\ud800")
    b'\xc3\xa9\xff\xef\xbf\xbd'
    """
    try:
        return to_bytes(text)
    except UnicodeEncodeError:
        return to_bytes(re.sub(_LONE_SURROGATES, "\ufffd", text))


def from_bytes(data: bytes) -> str:
    r"""Return the text of bytes that Go holds in a string.

    >>> from_bytes(b"\xc3\xa9\xff")
    'é\udcff'
    """
    return data.decode("utf-8", "surrogateescape")


def is_valid(text: str) -> bool:
    """Whether the text is UTF-8 throughout. Go: utf8.ValidString."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def byte_length(text: str) -> int:
    """Return Go's `len`.

    >>> byte_length("日本")
    6
    """
    return len(text) if text.isascii() else len(to_bytes(text))


def in_byte_order(texts: Iterable[str]) -> list[str]:
    r"""Return the texts sorted as Go sorts strings.

    The order of UTF-8's bytes is that of the characters, but for bytes that are none.

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
    # Go has Unicode's simple mapping alone. Where Python's full one makes several characters of
    # one, the simple one is the title case if that is a single character, else there is none.
    for mapped in (char.upper(), char.title()):
        if len(mapped) == 1:
            return "\ufffd" if "\ud800" <= mapped <= "\udfff" else mapped
    return char


@lru_cache(maxsize=4096)
def _lower_rune(char: str) -> str:
    # One character alone has a longer lower case than its simple one: İ.
    mapped = char.lower()[0]
    return "\ufffd" if "\ud800" <= mapped <= "\udfff" else mapped
