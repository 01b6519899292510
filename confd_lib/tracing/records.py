"""The records of a trace: reads of the store, and lines of the output with their origins.

The module does not know how traces are made or shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from confd_lib import escapes


class Outcome(StrEnum):
    """The outcome of a read."""

    HIT = "hit"
    MISSING = "missing"
    DEFAULT = "default"  # the key is missing, and the template has a default


@dataclass(frozen=True, slots=True)
class Read:
    """A read of the store by a template.

    Attributes:
        line: the line of the template, from 1.
        function: the function that was called: `getv`, `ls` …
        argument: the key, the pattern or the path.
        outcome: whether the store had it.
        keys: the keys in the answer, in its order; for `ls`, the listed ones.
        value: the value, if the function returns one and the key exists.
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
    """A part of an output line that one node of the template wrote.

    Attributes:
        text: the part.
        line: the line of that node in the template, from 1.
        keys: the keys whose values the part contains or was made from.
    """

    text: str
    line: int
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputLine:
    """A line of the output, and its origin.

    Attributes:
        number: the line, from 1.
        pieces: its parts, in order.
        conditions: the keys that `if`, `with` and `range` around it read.
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
        """The lines of the template that wrote the line."""
        shown = [piece for piece in self.pieces if piece.text.strip()] or self.pieces
        return tuple(dict.fromkeys(piece.line for piece in shown))

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys whose values the line contains or was made from."""
        return tuple(dict.fromkeys(key for piece in self.pieces for key in piece.keys))


def keys_of(reads: Iterable[Read]) -> tuple[str, ...]:
    """Return the keys in the answers, in the order of their first reads."""
    return tuple(dict.fromkeys(key for read in reads for key in read.keys))


def missing(reads: Iterable[Read]) -> tuple[Read, ...]:
    """Return the reads of missing keys, also those with a default."""
    return tuple(read for read in reads if read.outcome is not Outcome.HIT)
