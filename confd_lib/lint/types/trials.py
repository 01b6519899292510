"""Operations of templates, tried on samples by the engine itself: results, and why they fail.

Functions that ask the store or the machine are replaced by others of the same types, so that only
types are tried. The module does not know the trees of a template under test.
"""

from __future__ import annotations

import enum
import functools
import itertools
import math
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import gotmpl
from confd_lib import funcs
from confd_lib.funcs.readers import READERS
from confd_lib.lint.types import shapes
from confd_lib.store.store import Store

# Functions that read the store or the machine.
OUTSIDE: Final = frozenset(
    {*READERS, "datetime", "fileExists", "getenv"}
    | {"lookupIP", "lookupIPV4", "lookupIPV6", "lookupSRV"}
)
# Functions that refuse some texts and take others.
_BY_VALUE: Final = frozenset({"atoi", "base64Decode", "json", "jsonArray", "parseBool"})


class Tried(enum.Enum):
    """Which functions of confd a trial calls; the others are replaced by some of the same types."""

    VALUES = "all are called, but those that read the store or the machine"
    TEXTS = "those that refuse some texts are replaced as well"
    TYPES = "all are replaced"


# Beyond so many combinations of samples an operation counts as unknown.
_MOST: Final = 300
# An operation of more characters is parsed each time it is tried.
_KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an operation on one combination of samples.

    Attributes:
        reason: why it failed, in the engine's words; empty if it did not.
        values: the values that it gave.
    """

    reason: str = ""
    values: tuple[object, ...] = ()


@dataclass(slots=True)
class _Trial:
    """An operation, parsed."""

    template: gotmpl.Template
    seen: list[object] = field(default_factory=list)

    def run(self, data: Mapping[str, object]) -> Outcome:
        self.seen.clear()
        try:
            self.template.render(data)
        except gotmpl.ExecError as error:
            reason = error.reason.partition(": ")[2] if "error calling" in error.reason else ""
            return Outcome(reason or error.reason)
        return Outcome("", tuple(self.seen))


def outcomes(
    operation: str,
    operands: Sequence[Sequence[object]],
    compat: str,
    tried: Tried = Tried.VALUES,
) -> list[Outcome]:
    """Try an operation on all combinations of samples.

    Args:
        operation: the text of a template in which `.a0`, `.a1` … are the operands, and which passes
            its results to `record`.
        operands: the samples of each operand.
        compat: the functions it may call, as `confd_lib.funcs.functions` takes it.
        tried: which of these functions are called.

    Returns:
        the outcomes; none if there are too many combinations.
    """
    if math.prod(map(len, operands)) > _MOST:
        return []
    make = _kept if len(operation) <= _KEPT else _trial
    trial = make(operation, compat, tried)
    rows = itertools.product(*operands)
    return [trial.run({f"a{i}": one for i, one in enumerate(row)}) for row in rows]


def _trial(operation: str, compat: str, tried: Tried) -> _Trial:
    seen: list[object] = []

    def record(*values: object) -> str:
        seen.extend(values)
        return ""

    template = gotmpl.Template("").funcs({**functions(compat, tried), "record": record})
    return _Trial(template.parse(operation), seen)


_kept: Final = functools.lru_cache(maxsize=4096)(_trial)


@functools.lru_cache(maxsize=16)
def functions(compat: str, tried: Tried = Tried.VALUES) -> Mapping[str, Callable[..., object]]:
    """Return the functions of a confd, some of them replaced."""
    known = funcs.functions(Store(), compat)
    texts = OUTSIDE | _BY_VALUE
    replaced = {Tried.VALUES: OUTSIDE, Tried.TEXTS: texts, Tried.TYPES: known.keys()}[tried]
    return {
        name: _replacement(function) if name in replaced else function
        for name, function in known.items()
    }


def result(name: str, compat: str) -> shapes.Value:
    """Return what a function of confd gives, by its annotation; unknown for other functions."""
    function = functions(compat).get(name)
    return shapes.declared(_returns(function)) if function else shapes.UNKNOWN


def _replacement(function: Callable[..., object]) -> Callable[..., object]:
    """Return a function of the same types that always gives the same value."""
    sample = shapes.declared(_returns(function)).samples[-1]

    @functools.wraps(function)
    def replacement(*_: object) -> object:
        return sample

    return replacement


def _returns(function: Callable[..., object]) -> object:
    return typing.get_type_hints(function).get("return")
