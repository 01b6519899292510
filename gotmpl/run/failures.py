"""Explains what ended an execution: as an `ExecError` at the node that Go would name.

Finds what the failing line's segment had before it, which no line had written. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Final, TypeVar

from gotmpl.codegen.python import Line, Printed
from gotmpl.codegen.unit import Unit
from gotmpl.errors import ExecError, LimitError, message
from gotmpl.limits import Exceeded
from gotmpl.record import record
from gotmpl.run.code import Code
from gotmpl.run.runtime import Stop, Unprintable
from gotmpl.syntax.nodes import Node, TemplateNode

# Go's limit, which its message names; ours is that of the interpreter.
_MAX_DEPTH: Final = 100_000
_TOO_DEEP: Final = f"exceeded maximum template depth ({_MAX_DEPTH})"
# With more nested calls of templates than this, a RecursionError is theirs.
_RECURSION: Final = 50

_Error = TypeVar("_Error", bound=ExecError)


@record
class _Frame:
    """A template in execution, and its current line."""

    code: Code
    unit: Unit
    line: Line

    @property
    def node(self) -> Node | None:
        return None if self.line.node is None else self.unit.nodes[self.line.node]

    def explain(self, error: BaseException, partial: str) -> ExecError:
        """Return the error that an exception at this place stands for."""
        if isinstance(error, Stop):
            node = self.unit.nodes[error.node]
            return self._at(node, error.reason, partial, error.__cause__, ExecError)
        if self.node is None:
            return _without_place(error, self.code.name, partial)
        if isinstance(error, Unprintable):
            reason = f"can't print {self.node} {error}"
            return self._at(self.node, reason, partial, None, ExecError)
        reason = message(error)
        if self.line.function:
            reason = f"error calling {self.line.function}: {reason}"
        return self._at(self.node, reason, partial, error, ExecError)

    def too_deep(self, partial: str) -> ExecError:
        """Return the error of too many templates in execution."""
        assert self.node is not None
        return self._at(self.node, _TOO_DEEP, partial, None, ExecError)

    def exceeded(self, error: Exceeded, partial: str) -> LimitError:
        """Return the error of a limit: at the place, or at the end of the template."""
        node = self.node or self.code.tree.borrowed().nodes[-1]
        made = self._at(node, str(error), partial, None, LimitError)
        made.limit = error.limit
        return made

    def _at(
        self,
        node: Node,
        reason: str,
        partial: str,
        cause: BaseException | None,
        error: type[_Error],
    ) -> _Error:
        source = self.code.tree.source
        made = error(
            reason,
            name=source.name,
            line=source.line(node.pos),
            column=source.column(node.pos),
            template=self.code.name,
            context=str(node),
            partial=partial,
        )
        made.__cause__ = cause
        return made


class Failure:
    """An execution that failed.

    Args:
        error: what was raised.
        codes: the code of the set's templates, by the names of their files.
        caller: the file of functions that may stand between two templates.

    Attributes:
        unwritten: what the failing line's segment had before it.
    """

    def __init__(self, error: BaseException, codes: Mapping[str, Code], caller: str) -> None:
        self._error = error
        self._frames: list[_Frame] = []
        self.unwritten = ""
        places: dict[tuple[Code, int], tuple[Unit, Line]] = {}
        for code, found in _frames(error.__traceback__, codes, caller):
            place = code, found.tb_lineno
            if place not in places:
                places[place] = code.at(found.tb_lineno)
            unit, line = places[place]
            self._frames.append(_Frame(code, unit, line))
            if line.segment and isinstance(error, Exceeded) and not line.written:
                line = _at_longest(line, found.tb_frame.f_locals)
                self._frames[-1] = _Frame(code, unit, line)
            elif line.segment:
                self._collect(line, found.tb_frame.f_locals)

    def _collect(self, line: Line, values: Mapping[str, object]) -> None:
        """Find what the line's segment had; Python prints no int of thousands of digits."""
        for piece in line.segment[: line.written]:
            if not isinstance(piece, Printed):
                self.unwritten += piece
                continue
            try:
                self.unwritten += str(values[piece.local])
            except ValueError as error:
                self._error = error
                last = self._frames[-1]
                self._frames[-1] = _Frame(last.code, last.unit, Line("", *piece.place))
                return

    def error(self, partial: str, name: str) -> ExecError:
        """Return the error.

        Args:
            partial: what was written.
            name: the name of the template that was executed.
        """
        error, frames = self._error, self._frames
        if isinstance(error, RecursionError):
            calls = [frame for frame in frames if isinstance(frame.node, TemplateNode)]
            if len(calls) > _RECURSION:
                return calls[_deepest_in_go([frame.node for frame in calls])].too_deep(partial)
        if isinstance(error, Exceeded) and frames:
            # A template that is called takes its tick before it visits a node: its caller has one.
            placed = [frame for frame in frames if frame.node is not None]
            return (placed or frames)[-1].exceeded(error, partial)
        if frames:
            return frames[-1].explain(error, partial)
        if isinstance(error, ExecError):  # the code could not be generated
            return error
        return _without_place(error, name, partial)


def at_end(error: Exceeded, code: Code, partial: str) -> LimitError:
    """Return the error of a limit that was passed when all was written."""
    return _Frame(code, code.units()[-1], Line("")).exceeded(error, partial)


def _frames(
    traceback: TracebackType | None, codes: Mapping[str, Code], caller: str
) -> Iterator[tuple[Code, TracebackType]]:
    """Yield the frames of the set's templates, the innermost last, up to the first function."""
    begun = False
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        code = codes.get(filename)
        if code is not None:
            begun = True
            yield code, traceback
        elif begun and filename != caller:  # which binds a template on its first use
            return
        traceback = traceback.tb_next


def _at_longest(line: Line, values: Mapping[str, object]) -> Line:
    """Return a line at the longest value of a segment; the line itself if it prints no value."""
    printed = [piece for piece in line.segment if isinstance(piece, Printed)]
    if not printed:
        return line
    return Line("", *max(printed, key=lambda piece: len(str(values[piece.local]))).place)


def _deepest_in_go(calls: Sequence[Node | None]) -> int:
    """Return the index of the nested call that Go would name, at the same place in the cycle.

    Where the interpreter ends depends on how deep its stack was before.
    """
    half = calls[len(calls) // 2 :]
    period = next((n for n in range(1, len(half)) if half[n:] == half[:-n]), 1)
    last = len(calls) - 1
    return last - (last - _MAX_DEPTH) % period


def _without_place(error: BaseException, name: str, partial: str) -> ExecError:
    """Return the error of an exception that no line of a template has raised."""
    made = ExecError(message(error), name=name, partial=partial)
    made.__cause__ = error
    return made
