"""A trace as text: the output with values of keys in colour, or with origins and reads.

The module does not know how traces are made, nor the command line.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from typing import Final, TextIO

from confd_lib import escapes
from confd_lib.tracing.records import Outcome, OutputLine, Piece, Read

# The number of keys that a line names; it counts the others.
_NAMED: Final = 4

_RESET: Final = "\x1b[0m"
_FAINT: Final = "\x1b[2m"
_KEYED: Final = "\x1b[36m"
_OUTCOMES: Final = {
    Outcome.HIT: "\x1b[32m",
    Outcome.MISSING: "\x1b[31m",
    Outcome.DEFAULT: "\x1b[33m",
}


def wants_colour(stream: TextIO) -> bool:
    """Return whether a stream is a terminal and `NO_COLOR` is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def coloured(lines: Iterable[OutputLine]) -> str:
    r"""Return the output, with values of keys in colour.

    >>> coloured([OutputLine(1, (Piece("a=", 1), Piece("1", 1, ("/a",))))])
    'a=\x1b[36m1\x1b[0m'
    """
    return "\n".join(map(_line, lines))


def explained(lines: Iterable[OutputLine], reads: Iterable[Read], *, colour: bool) -> str:
    """Return the lines of the output with their origins, then the reads of the store."""
    paint = _paint if colour else _plain
    lines = [line for line in lines if line.pieces]
    width = min(max((len(_line_text(line)) for line in lines), default=0), 60)
    rows = [
        f"{_padded(line, width, colour=colour)}  {paint(_FAINT, _from(line))}" for line in lines
    ]
    asked = [
        paint(_OUTCOMES[read.outcome], f"{read}{f', {count} times' if count > 1 else ''}")
        for read, count in reads_once(reads)
    ]
    return "\n".join([*rows, "", *asked])


def _line(line: OutputLine) -> str:
    return "".join(map(_piece, line.pieces))


def _line_text(line: OutputLine) -> str:
    return escapes.one_line(line.text)


def _piece(piece: Piece) -> str:
    text = escapes.one_line(piece.text)
    return _paint(_KEYED, text) if piece.keys else text


def _padded(line: OutputLine, width: int, *, colour: bool) -> str:
    text = _line_text(line)
    return (_line(line) if colour else text) + " " * (width - len(text))


def _from(line: OutputLine) -> str:
    return f"<- {origin(line)}"


def _paint(code: str, text: str) -> str:
    return f"{code}{text}{_RESET}"


def _plain(_: str, text: str) -> str:
    return text


def origin(line: OutputLine) -> str:
    """Return the lines of the template and the keys that an output line comes from."""
    numbers = line.template_lines
    parts = [f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"]
    if line.keys:
        parts.append(named(line.keys))
    others = tuple(key for key in line.conditions if key not in line.keys)
    if others:
        parts.append(f"if {named(others)}")
    return "; ".join(parts)


def named(keys: tuple[str, ...]) -> str:
    """Return the first keys, and the number of the others.

    >>> named(("/a", "/b", "/c", "/d", "/e"))
    '/a, /b, /c, /d and 1 more'
    """
    more = len(keys) - _NAMED
    named = ", ".join(map(escapes.one_line, keys[:_NAMED]))
    return named + (f" and {more} more" if more > 0 else "")


def reads_once(reads: Iterable[Read]) -> list[tuple[Read, int]]:
    """Return each read once, with the number of its repetitions."""
    return list(Counter(reads).items())
