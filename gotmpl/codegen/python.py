"""Prints Python lines, blocks and functions, and records the template node behind each line.

Output that nothing interrupts is one segment: its values are evaluated first, then all of it is
written at once. So each line records what its segment holds before it, in case it fails. Knows
nothing of templates but the numbers of their nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from gotmpl.record import record


class Place(NamedTuple):
    """The node of a line, by number, and the function that the line calls, if any."""

    node: int
    function: str = ""


class Part(NamedTuple):
    """A part of an expression that stands on a line of its own if it has a place."""

    code: str
    place: Place | None = None


class Printed(NamedTuple):
    """A value of a segment.

    Attributes:
        local: the Python variable that holds it as str or int.
        place: where it is printed.
        is_made: whether a function has made it: limits measure such a text at once.
    """

    local: str
    place: Place
    is_made: bool = False


Piece = str | Printed
_Lines = Callable[[], Sequence[str]]


class Line(NamedTuple):
    """A printed line.

    Attributes:
        code: the line, without its end.
        node: the number of its node.
        function: the name of the function that it calls, or nothing.
        later: returns the lines that stand here, if these depend on what is printed later; `code`
            is only what they are indented by.
        segment: the pieces of output around it.
        written: how many of these come before it and are not written yet.
    """

    code: str
    node: int | None = None
    function: str = ""
    later: _Lines | None = None
    segment: Sequence[Piece] = ()
    written: int = 0


@dataclass(slots=True)
class Function:
    """A function being printed.

    Attributes:
        header: the line that begins it.
        node: the node of lines that have no place of their own; None before any node.
        in_loop: whether another function calls it in a loop.
        returned: the variables that it returns behind a signal.
        lines: its lines.
        depth: how deep the next line stands.
        guard: a variable that holds whether the next lines run. Arguments that `and` and `or` may
            not reach are printed under guards, not as blocks: they nest deeper than Python allows.
        segment: the pieces of output that no line writes yet.
        loops: how many loops are open.
        starts: variables by the Python for what they hold when the function begins.
    """

    header: str
    node: int | None = None
    in_loop: bool = False
    returned: Sequence[str] = ()
    lines: list[Line] = field(default_factory=list)
    depth: int = 1
    guard: str = ""
    segment: list[Piece] = field(default_factory=list)
    loops: int = 0
    starts: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_repeated(self) -> bool:
        """Whether the next line is in a loop, of this function or of one that calls it."""
        return self.in_loop or self.loops > 0

    def start(self, variable: str, value: str) -> str:
        """Return a variable that holds a value when the function begins."""
        self.starts.setdefault(value, []).append(variable)
        return variable

    def line(
        self,
        code: str,
        place: Place | None = None,
        *,
        when: str = "",
        later: _Lines | None = None,
    ) -> None:
        """Print a simple statement.

        Args:
            code: the statement.
            place: the node that it belongs to.
            when: Python for whether the statement is executed, if it is not always.
            later: as of `Line`.
        """
        if self.guard:
            when = f"{self.guard} and ({when})" if when else self.guard
        if when:
            code = f"if {when}: {code}"
        code, segment = _INDENTS[self.depth] + code, self.segment
        at = place or (self.node, "")
        self.lines.append(Line(code, *at, later, segment or (), len(segment)))

    def later(self, lines: _Lines) -> None:
        """Print the lines that a function returns when all else is printed."""
        self.line("", later=lines)

    def after(self, code: str, segment: Sequence[Piece]) -> None:
        """Print a simple statement about a segment that is written."""
        self.lines.append(Line(_INDENTS[self.depth] + code, self.node, segment=segment))

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
        with self._body():
            yield

    @contextmanager
    def branch(self, keyword: str, condition: Sequence[Part]) -> Iterator[None]:
        """Print an `if` or `elif` with what follows as its body."""
        place = next((part.place for part in condition if part.place), None)
        if place is None or len(condition) == 1:
            self.line(f"{keyword} {''.join([part.code for part in condition])}:", place)
        else:
            self.line(f"{keyword} (")
            for part in condition:
                self.line(f"    {part.code.strip()}", part.place)
            self.line("):")
        with self._body():
            yield

    @contextmanager
    def _body(self) -> Iterator[None]:
        self.depth += 1
        before = len(self.lines)
        yield
        self.fill(before)
        self.depth -= 1

    def fill(self, mark: int = 0) -> None:
        """Print `pass` if there may be no lines since `mark`."""
        if all(line.later for line in self.lines[mark:]):
            self.line("pass")

    def take(self, mark: int) -> list[Line]:
        """Remove and return the lines printed since `mark`."""
        taken = self.lines[mark:]
        del self.lines[mark:]
        return taken


_INDENTS = tuple("    " * depth for depth in range(100))  # CPython takes no deeper ones


@record
class Module:
    """Printed functions as lines of one text.

    Attributes:
        lines: the lines.
        count: how many functions there are.
    """

    lines: list[Line]
    count: int

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "".join([f"{line.code}\n" for line in self.lines])


def join(functions: Sequence[Function]) -> Module:
    """Return the functions as one module."""
    lines: list[Line] = []
    for function in functions:
        if lines:
            lines.append(Line(""))
        lines.append(Line(f"{function.header}:"))
        function.fill()
        # What is printed later may have variables of its own.
        body = [line for printed in function.lines for line in _joined(printed)]
        for value, variables in function.starts.items():
            lines.append(Line(f"    {' = '.join(variables)} = {value}"))
        lines += body
    return Module(lines, len(functions))


def _joined(line: Line) -> Sequence[Line]:
    """Return the lines of a module that a printed one becomes."""
    if line.later is None:
        return (line,)
    return [line._replace(code=line.code + code) for code in line.later()]


def f_string(pieces: Sequence[Piece]) -> str:
    """Return Python for pieces of output as one text.

    >>> f_string(["a{", "b", Printed("x1", 7)]), f_string(["a", "b"])
    ('f"a{{b{x1}"', "'ab'")
    """
    if not any(isinstance(piece, Printed) for piece in pieces):
        return repr("".join(map(str, pieces)))
    parts = [
        f"{{{piece.local}}}" if isinstance(piece, Printed) else literal(piece) for piece in pieces
    ]
    return f'f"{"".join(parts)}"'


def literal(text: str) -> str:
    """Return a text as part of an f-string in double quotes."""
    quoted = repr(f'"{text}')[2:-1]  # the double quote makes repr use single quotes
    return quoted.replace('"', '\\"').replace("{", "{{").replace("}", "}}")
