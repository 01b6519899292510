"""The named classes of characters of RE2: of Perl, of POSIX, and of Unicode.

A class is its ranges of code points, each with its first and its last. Knows no expressions.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

Ranges = tuple[tuple[int, int], ...]

_END: Final = sys.maxunicode + 1
ANY: Final[Ranges] = ((0, _END - 1),)


def _pairs(text: str) -> Ranges:
    """Return the ranges of characters that stand side by side, each the first or the last."""
    return tuple(zip(map(ord, text[::2]), map(ord, text[1::2]), strict=True))


PERL: Final[Mapping[str, Ranges]] = {
    "d": _pairs("09"),
    "s": _pairs("\t\n\f\r  "),
    "w": _pairs("09AZaz__"),
}
POSIX: Final[Mapping[str, Ranges]] = {
    "alnum": _pairs("09AZaz"),
    "alpha": _pairs("AZaz"),
    "ascii": _pairs("\x00\x7f"),
    "blank": _pairs("\t\t  "),
    "cntrl": _pairs("\x00\x1f\x7f\x7f"),
    "digit": _pairs("09"),
    "graph": _pairs("!~"),
    "lower": _pairs("az"),
    "print": _pairs(" ~"),
    "punct": _pairs("!/:@[`{~"),
    "space": _pairs("\t\r  "),
    "upper": _pairs("AZ"),
    "word": _pairs("09AZaz__"),
    "xdigit": _pairs("09AFaf"),
}
_CATEGORIES: Final = {
    *("C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn"),
    *("N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps"),
    *("S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs"),
}


def unicode_class(name: str) -> Ranges | None:
    """Return the class of a Unicode category or script; None if no such name exists.

    >>> unicode_class("Zl"), unicode_class("Nope")
    (((8232, 8232),), None)
    """
    if name == "Any":
        return ANY
    return _category(name) if name in _CATEGORIES else _script(name)


def complement(ranges: Ranges) -> Ranges:
    """Return the class of all characters that a class has not.

    >>> complement(((0, 31), (40, 99)))
    ((32, 39), (100, 1114111))
    """
    return tuple(_gaps(sorted(ranges)))


def written(ranges: Ranges) -> str:
    r"""Return the class as `re` spells it; of no ranges, what never matches.

    >>> written(((97, 122), (93, 93))), written(())
    ('[a-z\\x5d]', '(?!)')
    """
    if not ranges:
        return "(?!)"
    spans = (_char(one) if one == last else f"{_char(one)}-{_char(last)}" for one, last in ranges)
    return f"[{''.join(spans)}]"


def _char(code: int) -> str:
    char = chr(code)
    if char.isascii() and char.isalnum():
        return char
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@lru_cache(maxsize=64)
def _category(name: str) -> Ranges:
    # Go has no category of what is not assigned.
    every = ((code, unicodedata.category(chr(code))) for code in range(_END))
    return tuple(_runs(code for code, one in every if one.startswith(name) and one != "Cn"))


@lru_cache(maxsize=64)
def _script(name: str) -> Ranges | None:
    import regex  # noqa: PLC0415 - slow to import; it knows the scripts, which `unicodedata` lacks

    if not name.replace("_", "").isalpha() or not name[:1].isupper():
        return None
    try:
        pattern = regex.compile(rf"\p{{Script={name}}}+")
    except regex.error:
        return None
    every = "".join(map(chr, range(_END)))
    return tuple((found.start(), found.end() - 1) for found in pattern.finditer(every))


def _runs(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = -1
    for code in codes:
        if code != last + 1 or first < 0:
            if first >= 0:
                yield first, last
            first = code
        last = code
    if first >= 0:
        yield first, last


def _gaps(ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start = 0
    for first, last in ranges:
        if first > start:
            yield start, first - 1
        start = max(start, last + 1)
    if start < _END:
        yield start, _END - 1
