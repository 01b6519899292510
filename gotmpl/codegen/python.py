"""Prints Python lines, blocks and functions, and records the template node behind each line.

Knows nothing of templates but the numbers of their nodes.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from gotmpl.record import record


class Place(NamedTuple):
    """The node of a line, by number, and the function that the line calls, if any."""

    node: int
    function: str = ""


class Line(NamedTuple):
    """A printed line."""

    code: str
    place: Place | None = None
    needed_for: str = ""


@dataclass(slots=True)
class Function:
    """A function being printed.

    Attributes:
        header: the line that begins it.
        lines: its lines, each with its place.
        node: the place of lines that have no place of their own; None before any node.
        depth: how deep the next line stands.
        guard: a variable that holds whether the next lines run. Arguments that `and` and `or` may
            not reach are printed under guards, not as blocks: they nest deeper than Python allows.
    """

    header: str
    lines: list[Line] = field(default_factory=list)
    node: int | None = None
    depth: int = 1
    guard: str = ""

    def line(self, code: str, place: Place | None = None, *, needed_for: str = "") -> None:
        """Print a simple statement.

        Args:
            code: the statement.
            place: the node that it belongs to.
            needed_for: a variable; the line is dropped in `join` if nothing reads it.
        """
        code = f"{'    ' * self.depth}{self._guarded(code)}"
        self.lines.append(Line(code, place or self._place(), needed_for))

    def always(self, code: str) -> None:
        """Print a simple statement that runs whatever the guard."""
        self.lines.append(Line(f"{'    ' * self.depth}{code}", self._place()))

    def _place(self) -> Place | None:
        return None if self.node is None else Place(self.node)

    def _guarded(self, code: str) -> str:
        return f"if {self.guard}: {code}" if self.guard else code

    def guarding(self, guard: str, condition: str) -> None:
        """Print a new guard, which also needs the current one."""
        self.always(
            f"{guard} = {self.guard} and {condition}" if self.guard else f"{guard} = {condition}"
        )

    @contextmanager
    def under(self, guard: str) -> Iterator[None]:
        """Print what follows under a guard."""
        outer, self.guard = self.guard, guard
        yield
        self.guard = outer

    @contextmanager
    def block(self, header: str, place: Place | None = None) -> Iterator[None]:
        """Print a compound statement with what follows as its body."""
        self.line(f"{header}:", place)
        self.depth += 1
        before = len(self.lines)
        yield
        self.fill(before)
        self.depth -= 1

    def fill(self, mark: int = 0) -> None:
        """Print `pass` if every line since `mark` may be dropped."""
        if all(line.needed_for for line in self.lines[mark:]):
            self.line("pass")

    def take(self, mark: int) -> list[Line]:
        """Remove and return the lines printed since `mark`."""
        taken = self.lines[mark:]
        del self.lines[mark:]
        return taken


@record
class Module:
    """Printed functions as lines of one text, and the places of these, counted from 1."""

    lines: list[str]
    places: dict[int, Place]

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "".join(self.lines)


def join(functions: Iterable[Function], read: Container[str] = ()) -> Module:
    """Return the functions as one module.

    Args:
        functions: the functions.
        read: the variables that are read; lines needed for others are dropped.
    """
    lines: list[str] = []
    places: dict[int, Place] = {}
    for function in functions:
        if lines:
            lines.append("\n")
        lines.append(f"{function.header}:\n")
        function.fill()
        for line in function.lines:
            if line.needed_for and line.needed_for not in read:
                continue
            lines.append(f"{line.code}\n")
            if line.place is not None:
                places[len(lines)] = line.place
    return Module(lines, places)
