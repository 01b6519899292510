"""The place of an error in a text, shown as the line with carets under the node.

Knows texts and errors, no trees and no values.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator
from typing import Final, NamedTuple

from gotmpl.errors import ExecError, ParseError
from gotmpl.strconv.quoting import quote
from gotmpl.syntax import blocks
from gotmpl.syntax.lexer import PieceKind, cut
from gotmpl.syntax.nodes import Source

# The most characters of a line that are shown.
_WIDTH: Final = 100
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)++)"?')


class Place(NamedTuple):
    """A part of a line.

    Attributes:
        line: the line, counted from 1.
        begin: where the part begins in it, counted from 0.
        end: where it ends; as `begin` if the whole line is meant.
    """

    line: int
    begin: int = 0
    end: int = 0


class Action(NamedTuple):
    """An action in a text: where it begins and ends, with its delimiters, and its inside."""

    pos: int
    end: int
    inside: str


def actions(source: Source) -> Iterator[Action]:
    """Yield the actions of a text, up to the first that has no end, which ends with the text."""
    for piece in cut(source):
        if piece.kind in (PieceKind.ACTION, PieceKind.ERROR):
            pos = source.text.rfind(source.left, 0, piece.pos)
            close = source.text.find(source.right, piece.end) if piece.end >= 0 else -1
            end = len(source.text) if close < 0 else close + len(source.right)
            yield Action(pos, end, source.text[piece.pos : max(piece.end, piece.pos)].strip())


def of_exec(error: ExecError, text: str) -> Place:
    """Return the place of the node at which an execution stopped.

    Go gives the position of the second name of `.a.b.c`: the node may begin before it. Go prints
    the node with spaces of its own, which may differ from those in the text.

    >>> error = ExecError("reason", name="t", line=1, column=4, template="t", context="add .a 1")
    >>> of_exec(error, "{{  add   .a 1}}")
    Place(line=1, begin=4, end=14)
    """
    line = text.split("\n")[error.line - 1]
    before = line.encode("utf-8", "surrogateescape")[: error.column]
    at = len(before.decode("utf-8", "surrogateescape"))
    around = _spans(error.context.partition("\n")[0], line)
    inside = [span for span in around if span[0] <= at < span[1]]
    begin, end = inside[-1] if inside else (at, min(at + 1, len(line)))
    return Place(error.line, begin, end)


def of_parse(error: ParseError, source: Source, functions: Container[str]) -> Place:
    """Return the place of the action that cannot be parsed, or of the name in it that is wrong.

    Go gives the line only. The action is the first after which the text has the same error.

    >>> error = ParseError('function "b" not defined', name="t", line=1)
    >>> of_parse(error, Source("t", "{{print 1}} {{print b}}"), ("print",))
    Place(line=1, begin=20, end=21)
    """
    delims = (source.left, source.right)
    for action in actions(source):
        if source.line(action.pos) <= error.line <= source.line(action.end):
            try:
                blocks.parse(source.name, source.text[: action.end], funcs=functions, delims=delims)
            except ParseError as failed:
                if failed.reason == error.reason:
                    return _named(error.reason, source, action)
    return Place(error.line)


def of_action(source: Source, action: Action) -> Place:
    """Return the place of an action, as far as it stands on its first line."""
    return _in_line(source.text, action.pos, action.end)


def marked(place: Place, text: str) -> list[str]:
    r"""Return the line of a place, and a line with carets under the part.

    >>> print("\n".join(marked(Place(2, 2, 11), 'a:\n{{getv "/a"}}\n')))
      2 | {{getv "/a"}}
        |   ^^^^^^^^^
    """
    number, begin, end = place
    line = text.split("\n")[number - 1]
    start = max(0, min(begin - _WIDTH // 3, len(line) - _WIDTH))
    before, after = "…" * (start > 0), "…" * (len(line) > start + _WIDTH)
    first = f"{number:3} | {before}{printable(line[start : start + _WIDTH])}{after}".rstrip()
    if begin == end:
        return [first]
    blank = _blank(before + printable(line[start:begin]))
    carets = "^" * _width(printable(line[begin : min(end, start + _WIDTH)]))
    return [first, f"{'':{len(f'{number:3}')}} | {blank}{carets}"]


def numbered(text: str, most: int) -> list[str]:
    r"""Return the last lines of a text with their numbers.

    >>> numbered("a\nb\nc = ", 2)
    ['  2 | b', '  3 | c = ']
    """
    lines = text.removesuffix("\n").split("\n") if text else []
    first = max(0, len(lines) - most)
    return [f"{i:3} | {_end(line)}" for i, line in enumerate(lines[first:], first + 1)]


def printable(text: str) -> str:
    r"""Return a text with escapes for what a terminal does not print, except tabs.

    >>> printable("\ta\x1b[2J\r")
    '\ta\\x1b[2J\\r'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else quote(c)[1:-1] for c in text)


def _end(line: str) -> str:
    return "…" * (len(line) > _WIDTH) + printable(line[-_WIDTH:])


def _named(reason: str, source: Source, action: Action) -> Place:
    """Return the place of the name that a reason quotes, if the action has it once."""
    text = source.text[action.pos : action.end]
    for name in _QUOTED.findall(reason):
        begins = [at for at in _occurrences(name, text) if _is_whole(name, text, at)]
        if len(begins) == 1:
            begin = action.pos + begins[0]
            return _in_line(source.text, begin, begin + len(name))
    return of_action(source, action)


def _spans(node: str, line: str) -> Iterator[tuple[int, int]]:
    """Yield where a node stands in a line, whatever spaces are in it."""
    places = [i for i, c in enumerate(line) if not c.isspace()]
    dense, wanted = "".join(line[i] for i in places), "".join(node.split())
    for at in _occurrences(wanted, dense) if wanted else ():
        yield places[at], places[at + len(wanted) - 1] + 1


def _occurrences(part: str, text: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _is_whole(name: str, text: str, at: int) -> bool:
    """Return whether a name at a place is not a part of a longer one; a mark always is."""
    if not name[-1].isalnum():
        return True
    before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
    return not (before.isalnum() or before in tuple("_$.") or after.isalnum() or after == "_")


def _in_line(text: str, pos: int, end: int) -> Place:
    start = text.rfind("\n", 0, pos) + 1
    stop = text.find("\n", pos, end)
    return Place(text.count("\n", 0, pos) + 1, pos - start, (end if stop < 0 else stop) - start)


def _blank(text: str) -> str:
    return "".join("\t" if c == "\t" else " " * _width(c) for c in text)


def _width(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)
