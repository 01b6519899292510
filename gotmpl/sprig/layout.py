"""Functions of texts that lay them out: indented, cut short, wrapped into lines.

Widths are in bytes, as in Go; a character may be cut. Knows nothing of versions.
"""

from __future__ import annotations

from gotmpl.golang.strings import from_bytes, to_bytes
from gotmpl.sprig.strings import repeat

_MARK = b"..."
_LEAST_WIDTH = 4  # one byte and the mark
_LEAST_WIDTH_OF_BOTH = 7  # one byte and two marks


def indent(spaces: int, text: str) -> str:
    """Return the text with spaces before each of its lines, empty ones too."""
    pad = repeat(spaces, " ")
    return pad + text.replace("\n", "\n" + pad)


# -- Cut short


def abbrev(width: int, text: str) -> str:
    """Return the text cut to a width, with `...` at the end if something was cut."""
    return abbrevboth(0, width, text)


def abbrevboth(offset: int, width: int, text: str) -> str:
    """Return the part of the text around an offset, with `...` at both ends."""
    if width < _LEAST_WIDTH or (offset > 0 and width < _LEAST_WIDTH_OF_BOTH):
        return text
    return from_bytes(_abbreviated(to_bytes(text), offset, width))


def _abbreviated(text: bytes, offset: int, width: int) -> bytes:
    """Go: goutils.AbbreviateFull."""
    kept = width - len(_MARK)
    if len(text) <= width:
        return text
    offset = min(offset, len(text) - kept)
    if offset <= _LEAST_WIDTH:
        return text[:kept] + _MARK
    if offset + kept < len(text):
        return _MARK + _abbreviated(text[offset:], 0, kept)
    return _MARK + text[-kept:]


# -- Wrapped


def wrap(width: int, text: str) -> str:
    """Return the text in lines of a width; a word that is longer keeps its line."""
    return _wrapped(text, width, "\n", cut=False)


def wrap_with(width: int, separator: str, text: str) -> str:
    """Return the text with separators between its lines; a word that is longer is cut."""
    return _wrapped(text, width, separator or "\n", cut=True)


def _wrapped(text: str, width: int, separator: str, *, cut: bool) -> str:
    """Go: goutils.WrapCustom."""
    data, width, lines, start = to_bytes(text), max(width, 1), list[bytes](), 0
    while len(data) - start > width:
        if data.startswith(b" ", start):
            start += 1
            continue
        end = data.rfind(b" ", start, start + width + 1)
        after = end + 1
        if end < 0 and cut:
            end = after = start + width
        elif end < 0:
            end, after = _word_end(data, start + width)
        lines.append(data[start:end])
        start = after
    return from_bytes(to_bytes(separator).join([*lines, data[start:]]))


def _word_end(text: bytes, place: int) -> tuple[int, int]:
    """Return where the line of a word that is too long ends, and where the next line begins.

    A word without a space behind the place loses the byte before it: goutils adds -1 to the place.
    """
    space = text.find(b" ", place)
    end = space if space >= 0 else place - 1
    return end, end + 1
