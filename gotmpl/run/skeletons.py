"""Compiled parts of templates: those of equal shape share what CPython has compiled once.

The code of a blank is a skeleton: a part's own names and texts take the place of the marks in its
constants, which costs a hundredth of compiling them. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from types import CodeType
from typing import Any, Final

from gotmpl.codegen.unit import ENTRY, Names, Unit
from gotmpl.record import record
from gotmpl.syntax.outlines import MARK
from gotmpl.values.signatures import GoType

_MOST: Final = 512  # shapes that are kept
_Fill = Callable[[Sequence[str]], object]  # returns an item, given the values of its marks


@record
class Compiled:
    """The compiled code of a part.

    Attributes:
        functions: the code of its functions, the first of which executes it.
        names: what they refer to.
        lines: how many lines it has.
    """

    functions: Sequence[CodeType]
    names: Names
    lines: int

    @property
    def shares_names(self) -> bool:
        """Whether all its names mean the same in every part of a template."""
        names = self.names
        return not names.constants and not names.templates and len(self.functions) == 1


class _Items:
    """A tuple of a code object, some items of which have marks."""

    __slots__ = ("_items", "_marked")

    def __init__(self, items: tuple[Any, ...]) -> None:
        self._items = items
        self._marked = [(i, fill) for i, item in enumerate(items) if (fill := _filling(item))]

    def filled(self, values: Sequence[str]) -> tuple[Any, ...]:
        """Return them with values in the place of the marks."""
        if not self._marked:
            return self._items
        items = list(self._items)
        for index, fill in self._marked:
            items[index] = fill(values)
        return tuple(items)


def _filling(item: object) -> _Fill | None:
    """Return what fills an item of a code object; None if it has no mark."""
    if isinstance(item, tuple):
        items = _Items(item)
        return items.filled if items._marked else None
    pieces = MARK.split(item) if isinstance(item, str) else []
    if len(pieces) < 2:
        return None
    indexes = [int(piece) for piece in pieces[1::2]]
    if len(indexes) == 1 and not pieces[0] and not pieces[2]:
        (only,) = indexes
        return lambda values: values[only]
    form = "{}".join(piece.replace("{", "{{").replace("}", "}}") for piece in pieces[::2])
    return lambda values: form.format(*[values[index] for index in indexes])


class Skeleton:
    """The compiled code of a blank.

    Args:
        compiled: the code, whose lines are counted from 0.
    """

    __slots__ = ("_compiled", "_items")

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._items = [
            (code, _Items(code.co_consts), _Items(code.co_names), _Items(code.co_varnames))
            for code in compiled.functions
        ]

    def filled(self, values: Sequence[str]) -> Compiled:
        """Return the code of a part of this shape, given the values of the shape."""
        functions = [
            code.replace(
                co_consts=consts.filled(values),
                co_names=names.filled(values),
                co_varnames=variables.filled(values),
            )
            for code, consts, names, variables in self._items
        ]
        return Compiled(functions, self._compiled.names, self._compiled.lines)


@dataclass(slots=True, eq=False)
class _Kept:
    """The code of a shape, as far as it is known.

    Attributes:
        seen: whether there was a part of this shape; from the second on, blanks are compiled.
        skeleton: the code of a blank.
        varies: whether the code depends on more than the shape, so that no skeleton will do.
    """

    seen: bool = False
    skeleton: Skeleton | None = None
    varies: bool = False


@lru_cache(maxsize=_MOST)
def _kept(key: tuple[object, ...]) -> _Kept:  # noqa: ARG001 - the cache is by it
    return _Kept()


class Batch:
    """The parts of a template, of which those that have no skeleton yet are compiled at once."""

    def __init__(self) -> None:
        self._units: list[Unit] = []
        self._blanks: dict[_Kept, int] = {}  # the index of a blank's unit
        self._makes: list[Callable[[Sequence[Compiled]], Compiled]] = []

    def add(
        self,
        shape: tuple[object, ...] | None,
        values: Sequence[str],
        direct: Callable[[], Unit],
        blank: Callable[[], Unit],
    ) -> None:
        """Add a part.

        Args:
            shape: what its code depends on beside the values; None if that is not known.
            values: the names and texts in it.
            direct: generates its code.
            blank: generates the code of its blank.
        """
        kept = None if shape is None else _kept(shape)
        if kept is None or not (kept.skeleton or self._has_blank(kept, blank)):
            index = len(self._units)
            self._units.append(direct())
            self._makes.append(lambda compiled: compiled[index])
        else:
            self._makes.append(lambda compiled: self._skeleton(kept, compiled).filled(values))

    def _has_blank(self, kept: _Kept, generate: Callable[[], Unit]) -> bool:
        """Return whether a blank is in the batch; it is added if it should be."""
        if kept in self._blanks:
            return True
        if kept.varies or not kept.seen:
            kept.seen = True
            return False
        unit = generate()
        kept.varies = _varies(unit)
        if not kept.varies:
            self._blanks[kept] = len(self._units)
            self._units.append(unit)
        return not kept.varies

    def _skeleton(self, kept: _Kept, compiled: Sequence[Compiled]) -> Skeleton:
        found = kept.skeleton
        if found is None:
            found = kept.skeleton = Skeleton(compiled[self._blanks[kept]])
        return found

    def compile(self, filename: str) -> list[Compiled]:
        """Return the code of the parts, as that of one file.

        Raises:
            RecursionError, MemoryError, SyntaxError: a part is nested too deep for CPython.
        """
        compiled = _compiled(self._units, filename) if self._units else ()
        return _placed([make(compiled) for make in self._makes], filename)


def _varies(unit: Unit) -> bool:
    """Return whether the code of a blank differs from that of other parts by more than values."""
    fails = any("fail(" in line.code for line in unit.module.lines)
    return fails or not all(isinstance(value, GoType) for value in unit.names.constants.values())


def _compiled(units: Sequence[Unit], filename: str) -> Sequence[Compiled]:
    """Compile units as one text; their lines are counted from 0."""
    text = "\n".join([unit.module.text for unit in units])
    module = compile(text, filename, "exec", dont_inherit=True)
    functions = (code for code in module.co_consts if isinstance(code, CodeType))
    found, first = [], 1
    for unit in units:
        mine = [
            code.replace(co_firstlineno=code.co_firstlineno - first)
            for code in islice(functions, unit.module.count)
        ]
        found.append(Compiled(mine, unit.names, len(unit.module.lines)))
        first += len(unit.module.lines) + 1
    return found


def _placed(parts: Sequence[Compiled], filename: str) -> list[Compiled]:
    """Return the code of parts as that of one file, with an empty line between them."""
    line, found = 1, []
    for number, part in enumerate(parts, 1):
        name = entry(number, len(parts))
        functions = [
            code.replace(
                co_filename=filename,
                co_firstlineno=code.co_firstlineno + line,
                co_name=name if code.co_name == ENTRY else code.co_name,
            )
            for code in part.functions
        ]
        found.append(Compiled(functions, part.names, part.lines))
        line += part.lines + 1
    return found


def entry(number: int, count: int) -> str:
    """Return the name of the function that executes a part, the first of which is 1."""
    return ENTRY if count == 1 else f"{ENTRY}{number}"
