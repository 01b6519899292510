"""Runs generated code within limits: measures its output, and ends it where it passes a limit.

Knows no functions and no trees: a `Program` binds them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any, Final

from gotmpl.errors import ExecError
from gotmpl.limits import FIRST_LOT, Exceeded, Flow, Limits, Meter, show_variables, too_long
from gotmpl.run.code import Code
from gotmpl.run.failures import at_end
from gotmpl.run.program import Entry, Program, Settings
from gotmpl.run.runtime import each, elements_of_map, pairs
from gotmpl.strconv.quoting import merge_escapes
from gotmpl.syntax.nodes import Tree
from gotmpl.values.keys import sorted_items
from gotmpl.values.kinds import DICTS

_CONSTANT: Final = Flow.CONSTANT
_REPEATED: Final = Flow.REPEATED
_Start = tuple[Tree | None, Entry, Flow]  # a template, and how it is executed
_NOT_STARTED: Final[tuple[None, Any, Flow]] = None, None, Flow.CONSTANT
_Items = Callable[[Any, int], Iterable[object]]
_Of = Callable[[Any], Iterable[object]]


def _held(items: _Items, of_dict: _Of, of_list: _Of) -> Callable[..., Iterable[object]]:
    """Return what gives the items of a loop, held to limits.

    Args:
        items: gives the items of any collection.
        of_dict: gives those of a dict.
        of_list: gives those of a list from its elements.
    """

    def held(
        collection: Any, node: int, meter: Meter, cost: int, at_once: int = FIRST_LOT, few: int = 1
    ) -> Iterable[object]:
        """Return the items of a loop.

        Args:
            collection: what the loop iterates over.
            node: the node that errors name.
            meter: counts the turns.
            cost: as in `Meter.turns`.
            at_once: as in `Meter.turns`.
            few: the turns over a dict with fewer items than these are not counted.
        """
        if type(collection) in DICTS:
            turns = len(collection)
            if turns < few:
                return of_dict(collection)
            left = meter.free - turns * cost
            if left >= 0:
                meter.free = left
                return of_dict(collection)
        if type(collection) is list:
            return of_list(meter.turns(collection, cost, at_once))
        return meter.turns(items(collection, node), cost, at_once)

    return held


# What code with limits iterates over where that is no list, or a long one.
_ITEMS: Final = {
    "held_each": _held(each, elements_of_map, iter),
    "held_pairs": _held(pairs, sorted_items, enumerate),
}


class LimitedProgram(Program):
    """A program whose executions have limits.

    Args:
        settings: as of `Program`.
        trees: as of `Program`.
        codes: as of `Program`.
        limits: what an execution may cost.
    """

    def __init__(
        self,
        settings: Settings,
        trees: Mapping[str, Tree],
        codes: dict[tuple[str, Tree], Code],
        limits: Limits,
    ) -> None:
        super().__init__(settings, trees, codes)
        self.names.update(_ITEMS)
        self._limits = limits
        self._most = sys.maxsize if limits.output is None else limits.output
        self._starts: dict[str, _Start] = {}

    def run(self, name: str, tree: Tree, data: object) -> tuple[str, ExecError | None]:
        """Execute a template; return the output, and the error if it failed.

        `check_limits` finds the execution by the variables of this function.
        """
        limits = self._limits
        out: list[str] = []
        begun = meter = None
        try:
            started, entry, kind = self._starts.get(name, _NOT_STARTED)
            if started is not tree:
                started, entry, kind = self._start(name, tree)
            shown = self.shown(out) if self.observed else out
            if kind is _CONSTANT:
                entry(shown, None, data)
                return merge_escapes("".join(out)), None
            begun = monotonic()
            if kind is _REPEATED:
                meter = Meter(limits, out, monotonic, begun)
            entry(shown, meter, data)
        except (Exception, Exceeded) as error:  # noqa: BLE001 - all become ExecError
            failure = self.failure(error)
            out.append(failure.unwritten)
            made = "".join(out) if meter is None else meter.text()
            text = merge_escapes(made[: self._most])
            return text, failure.error(text, name)
        finally:
            if meter is not None:
                meter.close()
        text = "".join(out) if meter is None else meter.text(loose=self.loose)
        if len(text) > self._most:
            text = merge_escapes(text[: self._most])
            return text, at_end(too_long(self._most), self.code(name, tree), text)
        return merge_escapes(text), None

    def _start(self, name: str, tree: Tree) -> _Start:
        """Return what executes a template, and remember that."""
        entry = self.entry(name, tree)
        (part,) = self.code(name, tree).parts
        kind = part.names.flow
        if kind is Flow.CONSTANT:
            constant: list[str] = []
            entry(constant, None, None)
            if len("".join(constant)) > self._most:
                kind = Flow.STRAIGHT  # whose output is measured
        start = self._starts[name] = tree, entry, kind
        return start


show_variables(LimitedProgram.run)
