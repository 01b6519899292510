"""The items of Python loops, and what holds loops and calls of templates to limits.

Where there are limits, a loop takes the steps of its turns from those that the meter has free.
Where these are too few, the meter checks the limits and gives the items in lots. Knows no bodies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from gotmpl.codegen.python import Place
from gotmpl.codegen.state import Draft, Metered
from gotmpl.codegen.variables import breaks, continues, is_quick
from gotmpl.limits import SHORT
from gotmpl.syntax.nodes import RangeNode, TemplateNode


class Iterated(NamedTuple):
    """Python for what a loop iterates over.

    Attributes:
        collection: the variable that holds the collection.
        whole: its items if it is a list; `{}` stands for the list.
        listed: whether it is one.
        found: the items of any other.
    """

    collection: str
    whole: str
    listed: str
    found: str

    @property
    def items(self) -> str:
        """The items, without regard to limits."""
        return self.held(str)

    def held(self, hold: Callable[[str], str]) -> str:
        """Return Python for the items; `hold` returns Python that holds a loop to limits."""
        whole = self.whole.format(hold(self.collection))
        return f"{whole} if {self.listed} else {hold(self.found)}"


def iterated(node: RangeNode, collection: str, at: str) -> Iterated:
    """Return what a loop iterates over; `at` is the node that errors name."""
    if len(node.pipe.decl) > 1:
        # An `enumerate` is true even if the list is empty.
        listed = f"type({collection}) is list and {collection}"
        return Iterated(collection, "enumerate({})", listed, f"pairs({collection}, {at})")
    return Iterated(collection, "{}", f"type({collection}) is list", f"each({collection}, {at})")


@dataclass(slots=True)
class Loops:
    """Prints what holds the loops of a template, and its calls of others, to limits.

    Attributes:
        draft: the state of printing the template.
        counted: the calls that count with the turns of the loop around them.
    """

    draft: Draft
    counted: set[TemplateNode] = field(default_factory=set)

    def items(self, node: RangeNode, given: Iterated, place: Place) -> str:
        """Return Python for what a loop iterates over, held to limits if there are any.

        Args:
            node: the loop.
            given: what the loop iterates over.
            place: the place of the loop.
        """
        metered = self.draft.metered
        if metered is Metered.NOT or self._ticks(node):
            return self.held(node, given.items)
        held = given.held(lambda items: self.held(node, items))
        if metered is Metered.WHOLE or not self._is_quick(node):
            return self._take_steps(node, given, held, place)
        short = f"len({given.collection}) < {SHORT}"
        whole = given.whole.format(given.collection)
        of_dict = f"{given.found} if type({given.collection}) in DICTS and {short}"
        return f"{whole} if {given.listed} and {short} else {of_dict} else {held}"

    def _take_steps(self, node: RangeNode, given: Iterated, held: str, place: Place) -> str:
        """Print what takes the steps of a loop; return the variable that holds its items."""
        draft, out = self.draft, self.draft.out
        left, items = draft.name("n"), draft.name("i")
        cost = self._cost(node)
        steps = f"len({given.collection})" + (f" * {cost}" if cost > 1 else "")
        whole, is_dict = given.whole.format(given.collection), f"type({given.collection}) in DICTS"
        for test, found in ((f"if {given.listed}", whole), (f"elif {is_dict}", given.found)):
            with out.block(f"{test} and ({left} := meter.free - {steps}) >= 0"):
                out.line(f"meter.free, {items} = {left}, {found}", place)
        with out.block("else"):
            out.line(f"{items} = {held}", place)
        return items

    def held(self, node: RangeNode, items: str) -> str:
        """Return Python for the items of a loop, held to limits by the meter."""
        if self.draft.metered is Metered.NOT:
            return items
        if self._ticks(node):
            return f"compress({items}, meter.ticks)"
        if self._is_quick(node):
            return f"meter.quick({items})"
        return f"meter.turns({items}, {self._cost(node)})"

    def _ticks(self, node: RangeNode) -> bool:
        """Return whether each turn of a loop has a tick: how many there are is not known before."""
        return self.draft.metered is Metered.WHOLE and breaks(node.list)

    def _is_quick(self, node: RangeNode) -> bool:
        """Return whether a turn of a loop does little."""
        return is_quick(node.list, self._is_quick_function)

    def _is_quick_function(self, name: str) -> bool:
        """Return whether a function is a builtin that calls no other."""
        known = self.draft.functions[name]
        return known is not None and known.builtin and name != "call"

    def _cost(self, node: RangeNode) -> int:
        """Return the steps of a turn, with those of the calls that each turn makes."""
        if self.draft.metered is not Metered.WHOLE or continues(node.list):
            return 1
        calls = [one for one in node.list.nodes if isinstance(one, TemplateNode)]
        self.counted.update(calls)
        return 1 + len(calls)

    def tick(self, node: TemplateNode, *, in_loop: bool) -> None:
        """Print the tick of a call, unless the loop around it stands for it."""
        metered = self.draft.metered
        counts = metered is Metered.WHOLE or (metered is Metered.IN_PART and not in_loop)
        if counts and node not in self.counted:
            self.draft.out.line("next(meter.ticks)")
