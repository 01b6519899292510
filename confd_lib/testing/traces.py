"""Traces as data: what a render read, and where each line of its output came from.

Knows nothing of how they are made or of how they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import gotmpl
from confd_lib import escapes


class Outcome(StrEnum):
    """What became of a read."""

    HIT = "hit"
    MISSING = "missing"
    DEFAULT = "default"  # the key is missing, and the template had something instead


@dataclass(frozen=True, slots=True)
class Read:
    """A question that a template asked the store.

    Attributes:
        line: the line of the template, from 1.
        function: what it called: `getv`, `ls` …
        argument: the key, the pattern or the path.
        outcome: what became of it.
        keys: the keys that answered, in the order of the answer; for `ls`, what it listed.
        value: the value, if one was asked for and was there.
    """

    line: int
    function: str
    argument: str
    outcome: Outcome
    keys: tuple[str, ...] = ()
    value: str | None = None

    def __str__(self) -> str:
        found = f" ({len(self.keys)})" if self.keys and self.keys != (self.argument,) else ""
        asked = f"{self.function} {escapes.one_line(self.argument)}"
        return f"line {self.line}: {asked}: {self.outcome}{found}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an output line, as one node of the template wrote it.

    Attributes:
        text: the part.
        line: the line of the template where it was written, from 1.
        keys: the keys whose values are in it, or made it.
    """

    text: str
    line: int
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputLine:
    """A line of the output, and where it came from.

    Attributes:
        number: the line, from 1.
        pieces: its parts, in their order.
        conditions: the keys that were asked on the way to it, by `if`, `with` and `range`.
    """

    number: int
    pieces: tuple[Piece, ...]
    conditions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The line, without its end."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def template_lines(self) -> tuple[int, ...]:
        """The lines of the template that wrote it."""
        shown = [piece for piece in self.pieces if piece.text.strip()] or self.pieces
        return tuple(dict.fromkeys(piece.line for piece in shown))

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys whose values are in it, or made it."""
        return tuple(dict.fromkeys(key for piece in self.pieces for key in piece.keys))


@dataclass(frozen=True, slots=True)
class Trace:
    """What one render read and wrote.

    Attributes:
        name: the name of the template.
        source: its text.
        reads: all that was asked of the store, in order.
        lines: the output.
        error: what ended the render before its time.
    """

    name: str
    source: str
    reads: tuple[Read, ...]
    lines: tuple[OutputLine, ...]
    error: gotmpl.ExecError | None = None

    def __str__(self) -> str:
        from confd_lib.testing.terminal import explained  # noqa: PLC0415 - for those who ask

        return explained(self, colour=False)

    @property
    def text(self) -> str:
        """What was written."""
        return "\n".join(line.text for line in self.lines)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that were there and were read, in the order of the first reads."""
        return tuple(dict.fromkeys(key for read in self.reads for key in read.keys))

    @property
    def missing(self) -> tuple[Read, ...]:
        """The reads of what was not there, those with a default among them."""
        return tuple(read for read in self.reads if read.outcome is not Outcome.HIT)

    def html(self) -> str:
        """Return a page that shows it all, in one file that needs no network."""
        from confd_lib.testing.trace_html import page  # noqa: PLC0415 - for those who ask

        return page(self)
