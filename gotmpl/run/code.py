"""The code of one template, compiled: what it was generated from, and what it depends on.

Its source is generated again where it is asked for, in a traceback or an error: it is twice as
large as all else. Runs nothing.
"""

from __future__ import annotations

import itertools
import linecache
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate, pairwise
from typing import Final, Protocol, TypeVar, overload

from gotmpl.codegen.python import Line
from gotmpl.codegen.shapes import shape
from gotmpl.codegen.state import Callee, Metered
from gotmpl.codegen.statements import generate
from gotmpl.codegen.unit import ENTRY, Unit
from gotmpl.errors import ExecError
from gotmpl.run.skeletons import Batch, Compiled, entry
from gotmpl.syntax.blocks import parse_blank
from gotmpl.syntax.nodes import ListNode, Part, Tree
from gotmpl.syntax.probes import instrument

_T = TypeVar("_T")
_serial: Final = itertools.count(1)


class Environment(Protocol):
    """The functions and templates of a set, and its options, for which code is generated."""

    @property
    def observed(self) -> bool:
        """Whether there is an observer."""

    @property
    def metered(self) -> Metered:
        """How executions are held to limits."""

    def known(self, name: str) -> Callee | None:
        """Return what is known of a function."""

    def defines(self, name: str) -> bool:
        """Return whether there is a template of a name."""


class _Seen(dict[str, _T]):
    """Look-ups by name, remembered."""

    def __init__(self, look: Callable[[str], _T]) -> None:
        super().__init__()
        self._look = look

    def __missing__(self, name: str) -> _T:
        self[name] = found = self._look(name)
        return found


@dataclass(slots=True, eq=False, weakref_slot=True)
class Code:
    """The compiled code of one template.

    Attributes:
        name: the template's name.
        tree: the tree that it was generated from.
        filename: the name under which tracebacks have it.
        parts: the code of its parts, which are executed in turn.
        functions: the functions that it names, with their signatures.
        templates: the templates that it names, and whether they were defined.
        observed: whether it calls an observer.
        metered: how it holds an execution to limits.
        sizes: how many nodes each part has; nothing if the template is not in parts.
    """

    name: str
    tree: Tree
    filename: str
    parts: Sequence[Compiled]
    functions: Mapping[str, Callee | None]
    templates: Mapping[str, bool]
    observed: bool
    metered: Metered
    sizes: Sequence[int] = ()

    @classmethod
    def of(cls, name: str, tree: Tree, environment: Environment) -> Code:
        """Generate and compile the code of a template.

        Raises:
            ExecError: it is nested deeper than Python can take.
        """
        functions, templates = _Seen(environment.known), _Seen(environment.defines)
        observed, metered = environment.observed, environment.metered
        shown = name if name.isprintable() else ascii(name)[1:-1]
        filename = f"<template {shown} #{next(_serial)}>"
        code = cls(name, tree, filename, (), functions, templates, observed, metered)
        try:
            code.parts = code._compiled()
        except (RecursionError, MemoryError, SyntaxError) as error:
            raise ExecError("max expression depth exceeded", name=name) from error
        tree.release()
        _show_lines(filename, code)
        return code

    def _compiled(self) -> Sequence[Compiled]:
        """Return the code of the parts; what has to be compiled is compiled at once."""
        is_plain = self.metered is Metered.NOT and not self.observed
        known = (is_plain and self.tree.parts) or ()
        self.sizes = [part.size for part in known]
        trees = cache(self._trees)
        batch = Batch()
        for index, part in enumerate(known):
            key = shape(self.tree, part, self.functions, self.templates)
            direct = partial(self._direct, trees, index)
            batch.add(key, part.values, direct, partial(self._blank, part))
        if not known:
            direct = partial(self._direct, trees, 0)
            batch.add(None, (), direct, direct)
        return batch.compile(self.filename)

    def _direct(self, trees: Callable[[], Sequence[Tree]], index: int) -> Unit:
        return self._unit(trees()[index])

    def _blank(self, part: Part) -> Unit:
        return self._unit(parse_blank(part, self.tree))

    def _unit(self, tree: Tree, name: str = ENTRY) -> Unit:
        return generate(tree, self.functions, self.templates, metered=self.metered, entry=name)

    def _trees(self) -> Sequence[Tree]:
        """Return the parts as trees."""
        if self.observed:
            return [instrument(self.tree)]
        nodes = self.tree.borrowed().nodes
        ends = list(accumulate(self.sizes)) or [len(nodes)]
        lists = (nodes[start:end] for start, end in pairwise([0, *ends]))
        return [self.tree.with_root(ListNode(0, some)) for some in lists]

    def units(self) -> list[Unit]:
        """Generate the code of the parts again; it is the same each time."""
        trees = self._trees()
        return [self._unit(tree, entry(n, len(trees))) for n, tree in enumerate(trees, 1)]

    def at(self, line: int) -> tuple[Unit, Line]:
        """Return a line of the code, counted from 1, and the unit that has it."""
        first = 1
        for index, part in enumerate(self.parts):
            if line <= first + part.lines:
                unit = self._unit(self._trees()[index])
                return unit, unit.module.lines[line - first]
            first += part.lines + 1
        raise IndexError(line)

    def text(self) -> str:
        """Return the source."""
        return "\n".join([unit.module.text for unit in self.units()])

    def fits(self, environment: Environment) -> bool:
        """Return whether the code is valid: signatures and templates are the same."""
        return (
            self.observed == environment.observed
            and self.metered is environment.metered
            and all(environment.known(name) == known for name, known in self.functions.items())
            and all(environment.defines(name) == known for name, known in self.templates.items())
        )


# The file names of codes that are gone. A code may go while `linecache` walks through its entries,
# which must not lose one then: the next code takes them out.
_gone: Final[deque[str]] = deque()


def _show_lines(filename: str, code: Code) -> None:
    """Let tracebacks show the lines of a code, as long as it lives."""
    with suppress(IndexError):  # another thread may have taken out the last one
        while _gone:
            linecache.cache.pop(_gone.popleft(), None)
    linecache.cache[filename] = (1, None, _Source(code), filename)  # type: ignore[assignment]  # as good as a list
    weakref.finalize(code, _gone.append, filename)


class _Source(Sequence[str]):
    """The lines of generated code, for `linecache`; generated when somebody reads them."""

    def __init__(self, code: Code) -> None:
        self._code = weakref.ref(code)
        self._lines: list[str] | None = None

    def _read(self) -> list[str]:
        if self._lines is None:
            code = self._code()
            self._lines = code.text().splitlines(keepends=True) if code else []
        return self._lines

    def __len__(self) -> int:
        return len(self._read())

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._read()[index]
