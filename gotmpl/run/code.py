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
from dataclasses import dataclass
from types import CodeType
from typing import Final, Protocol, TypeVar, overload

from gotmpl.codegen.state import Callee, Metered
from gotmpl.codegen.statements import generate
from gotmpl.codegen.unit import Names, Unit
from gotmpl.errors import ExecError
from gotmpl.syntax.nodes import Tree
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
        compiled: the code.
        names: what it refers to.
        functions: the functions that it names, with their signatures.
        templates: the templates that it names, and whether they were defined.
        observed: whether it calls an observer.
        metered: how it holds an execution to limits.
    """

    name: str
    tree: Tree
    compiled: CodeType
    names: Names
    functions: Mapping[str, Callee | None]
    templates: Mapping[str, bool]
    observed: bool
    metered: Metered

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
        try:
            unit = _unit(tree, functions, templates, metered, observed=observed)
            compiled = compile(unit.module.text, filename, "exec", dont_inherit=True)
        except (RecursionError, MemoryError, SyntaxError) as error:
            raise ExecError("max expression depth exceeded", name=name) from error
        code = cls(name, tree, compiled, unit.names, functions, templates, observed, metered)
        _show_lines(filename, code)
        return code

    def unit(self) -> Unit:
        """Generate the code again; it is the same each time."""
        return _unit(
            self.tree, self.functions, self.templates, self.metered, observed=self.observed
        )

    def fits(self, environment: Environment) -> bool:
        """Return whether the code is valid: signatures and templates are the same."""
        return (
            self.observed == environment.observed
            and self.metered is environment.metered
            and all(environment.known(name) == known for name, known in self.functions.items())
            and all(environment.defines(name) == known for name, known in self.templates.items())
        )


def _unit(
    tree: Tree,
    functions: Mapping[str, Callee | None],
    templates: Mapping[str, bool],
    metered: Metered,
    *,
    observed: bool,
) -> Unit:
    return generate(instrument(tree) if observed else tree, functions, templates, metered=metered)


# The file names of codes that are gone. A code may go while `linecache` walks through its entries,
# which must not lose one then: the next code takes them out.
_gone: Final[deque[str]] = deque()


def _show_lines(filename: str, code: Code) -> None:
    """Let tracebacks show the lines of a code, as long as it lives."""
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
            self._lines = code.unit().module.text.splitlines(keepends=True) if code else []
        return self._lines

    def __len__(self) -> int:
        return len(self._read())

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._read()[index]
