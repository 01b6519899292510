"""The functions of Rancher's executor: those of sprig of 2016, and one of its own.

Knows nothing of compose files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gotmpl.golang.unicode import QUOTATION_MARKS, is_space
from gotmpl.sprig import v2016
from gotmpl.values.kinds import Slice

if TYPE_CHECKING:
    from collections.abc import Callable

_ONE_BYTE: Final = 0x80  # characters below take one byte
_STRAY_BYTES: Final = range(0xDC80, 0xDD00)  # characters that stand for a byte that is not UTF-8


def functions(**sources: object) -> dict[str, Callable[..., object]]:
    """Return the functions by name, for `Template.funcs`.

    Args:
        sources: `now`, `random` and `env`, as for `v2016.functions`.

    >>> from gotmpl import render
    >>> render("{{range splitPreserveQuotes .}}<{{.}}>{{end}}", "-a -b='c d'", funcs=functions())
    "<-a><-b='c d'>"
    """
    made = v2016.functions(**sources)  # type: ignore[arg-type]  # its own signature checks them
    return {**made, "splitPreserveQuotes": split_preserve_quotes}


def split_preserve_quotes(text: str) -> Slice[str]:
    """Return the parts of a text between white space outside quotes; the quotes stay.

    Every quotation mark opens or closes. As in the original, a last character of one byte always
    belongs to the last part, and a last part that ends with a longer character is lost.

    >>> split_preserve_quotes("a  b ")
    Slice('string', ['a', '', 'b '])
    """
    parts, start, in_quotes = list[str](), 0, False
    for place, char in enumerate(text):
        in_quotes ^= char in QUOTATION_MARKS
        if place + 1 == len(text) and _is_one_byte(char):
            parts.append(text[start:])
        elif is_space(char) and not in_quotes:
            parts.append(text[start:place])
            start = place + 1
    return Slice("string", parts)


def _is_one_byte(char: str) -> bool:
    return ord(char) < _ONE_BYTE or ord(char) in _STRAY_BYTES
