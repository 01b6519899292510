"""Cuts a template into text, comments and actions, and trims spaces at trim markers.

The only module that knows delimiters and trim markers. In an action it only steps over strings and
numbers, which may hold a delimiter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Final, NamedTuple

from gotmpl.strconv.numbers import SCANNED
from gotmpl.syntax.nodes import Source

SPACES: Final = " \t\r\n"  # Go: spaceChars; no other space is trimmed or separates operands
_SPACE_SET: Final = frozenset(SPACES)  # '' (a slice past the end) is not in it
_MARKER: Final = "-"
_COMMENT: Final = ("/*", "*/")

# Quotation marks are escaped in these, since the grammar quotes them again.
STRING: Final = r"\x22(?:[^\x22\\\n]|\\[^\n])*+\x22"
CHARACTER: Final = r"'(?:[^'\\\n]|\\[^\n])*+'"
RAW_STRING: Final = r"`[^`]*+`"

_QUOTE = re.compile("[\"'`]")
_QUOTED = re.compile(f"{STRING}|{CHARACTER}|{RAW_STRING}")
# One token, which Go reads to its end before it looks for the right delimiter. `\w` is close enough
# to Go's letters and digits: where they differ, the action has an error before its end. Needed for
# rare delimiters only; `re` compiles it on first use.
_UNIT = (
    f"(?xs){STRING}|{CHARACTER}|{RAW_STRING}"
    rf"|(?=[+-]|\.?[0-9]){SCANNED}(?:(?=[+-]){SCANNED})?\w?|[.$]?\w+|:=|[^{SPACES}]"
)
# Spaces, up to a marker that trims those behind the action (Go: lexSpace).
_SPACE_UNIT = rf"[{SPACES}]+(?=[{SPACES}]{_MARKER}RIGHT)|[{SPACES}]++"
# A right delimiter that begins with one of these may hide in a word, a number or a quote.
_HIDES = re.compile(rf"[\w.+\-=\"'`{SPACES}]")


class PieceKind(Enum):
    """The kind of a piece of a template."""

    TEXT = auto()
    COMMENT = auto()
    ACTION = auto()
    ERROR = auto()


class Piece(NamedTuple):
    """One piece of a template.

    `text` is the text itself, the comment with its marks, the inside of the action or the message
    of an error; `pos` is where `text` begins in the source (Go: the start of the token). For an
    action `end` is the position of its right delimiter, or -1 if it has none.
    """

    kind: PieceKind
    pos: int
    text: str
    end: int = -1


def cut(source: Source) -> Iterator[Piece]:
    """Cut the source into pieces; an error is the last piece."""
    text, left = source.text, source.left
    find = _end_between_units if _HIDES.match(source.right) else _end_outside_quotes
    opening, _ = _COMMENT
    pos = 0
    while (at := text.find(left, pos)) >= 0:
        inside = at + len(left)
        trims = text.startswith(_MARKER, inside) and text[inside + 1 : inside + 2] in _SPACE_SET
        plain = text[pos:at].rstrip(SPACES) if trims else text[pos:at]
        if plain:
            yield Piece(PieceKind.TEXT, pos, plain)
        if trims:
            inside += 2
        is_comment = text.startswith(opening, inside)
        piece = _comment(source, inside) if is_comment else _action(source, inside, find)
        yield piece
        if piece.end < 0:
            return
        pos = _after(source, piece)
    if pos < len(text):
        yield Piece(PieceKind.TEXT, pos, text[pos:])


def _after(source: Source, piece: Piece) -> int:
    """Return where the text after a piece begins, behind the spaces that its marker trims."""
    _, begun, inside, end = piece
    pos = end + len(source.right)
    if end == begun + len(inside):  # no trim marker between
        return pos
    return len(source.text) - len(source.text[pos:].lstrip(SPACES))


def _comment(source: Source, inside: int) -> Piece:
    """Go: lexComment."""
    opening, closing = _COMMENT
    stop = source.text.find(closing, inside + len(opening))
    if stop < 0:
        return Piece(PieceKind.ERROR, inside, "unclosed comment")
    stop += len(closing)
    end = _right_delim(source, stop)
    if end < 0:
        return Piece(PieceKind.ERROR, inside, "comment ends before closing delimiter")
    return Piece(PieceKind.COMMENT, inside, source.text[inside:stop], end)


def _right_delim(source: Source, pos: int) -> int:
    """Return the place of a right delimiter at `pos` or behind a trim marker there, or -1."""
    text, right = source.text, source.right
    if text[pos : pos + 1] in _SPACE_SET and text.startswith(_MARKER + right, pos + 1):
        return pos + 2
    return pos if text.startswith(right, pos) else -1


def _action(source: Source, inside: int, find: Callable[[Source, int], int]) -> Piece:
    """Return the action whose inside begins here, without the marker that may end it.

    Args:
        source: the template.
        inside: where the action's inside begins.
        find: finds where it ends.
    """
    end = find(source, inside)
    text = source.text
    if end < 0:
        return Piece(PieceKind.ACTION, inside, text[inside:])
    stop = end
    if end - inside >= 2 and text[end - 1] == _MARKER and text[end - 2] in _SPACE_SET:
        stop -= 2
    return Piece(PieceKind.ACTION, inside, text[inside:stop], end)


def _end_outside_quotes(source: Source, pos: int) -> int:
    """Find the right delimiter by hops from quote to quote: it cannot hide elsewhere."""
    text, right = source.text, source.right
    end = text.find(right, pos)
    while end >= 0 and (quote := _QUOTE.search(text, pos, end)):
        quoted = _QUOTED.match(text, quote.start())
        if quoted is None:  # unterminated: the error comes before any end
            return -1
        pos = quoted.end()
        if end < pos:
            end = text.find(right, pos)
    return end


def _end_between_units(source: Source, pos: int) -> int:
    """Find the right delimiter between tokens, as Go's lexer does."""
    spaces = _SPACE_UNIT.replace("RIGHT", re.escape(source.right))
    units = re.compile(f"{_UNIT}|{spaces}")
    while (end := _right_delim(source, pos)) < 0:
        unit = units.match(source.text, pos)
        if unit is None:
            return -1
        # Go looks for it after the dot of a field or the dollar of a variable too.
        bare = re.match(r"\.(?![0-9])|\$", unit[0])
        pos = pos + 1 if bare and source.text.startswith(source.right, pos + 1) else unit.end()
    return end
