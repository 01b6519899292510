"""The items of Python loops, and what holds loops and calls of templates to limits.

Where there are limits, a loop takes the steps of its turns from those that the meter has free.
Where these are too few, the meter checks the limits and gives the items in lots. Knows no bodies.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gotmpl.codegen.python import Place
from gotmpl.codegen.state import Draft, Metered
from gotmpl.codegen.variables import breaks, continues, is_quick
from gotmpl.limits import SHORT
from gotmpl.syntax.nodes import RangeNode, TemplateNode


@dataclass(slots=True)
class Loops:
    """Prints what holds the loops of a template, and its calls of others, to limits.

    Attributes:
        draft: the state of printing the template.
        counted: the calls that count with the turns of the loop around them.
    """

    draft: Draft
    counted: set[TemplateNode] = field(default_factory=set)

    def items(self, node: RangeNode, collection: str, at: str, place: Place) -> str:
        """Return Python for what a loop iterates over, held to limits if there are any.

        Args:
            node: the loop.
            collection: the variable that holds the collection.
            at: the node that errors name.
            place: the place of the loop.
        """
        found = self.found(node, collection, at)
        if self.draft.metered is Metered.NOT:
            return found
        items = self.draft.name("i")
        self.draft.out.line(f"{items} = {found}", place)
        return self.held(node, collection, items, place)

    def found(self, node: RangeNode, collection: str, at: str) -> str:
        """Return Python for what a loop iterates over, which is false if that is nothing."""
        is_list = f"type({collection}) is list"
        if len(node.pipe.decl) < 2:
            return f"{collection} if {is_list} else each({collection}, {at})"
        others = f"pairs({collection}, {at})"
        if self.draft.metered is Metered.NOT:  # an `enumerate` is true even if the list is empty
            return f"enumerate({collection}) if {is_list} and {collection} else {others}"
        return f"{collection} if {is_list} else {others}"

    def held(self, node: RangeNode, collection: str, items: str, place: Place) -> str:
        """Print what holds a loop to limits; return Python for its items, which `found` found."""
        if self.draft.metered is Metered.NOT:
            return items
        out = self.draft.out
        if self.draft.metered is Metered.WHOLE and breaks(node.list):
            # How many turns there are is not known before.
            out.line(f"{items} = compress({items}, meter.ticks)")
        elif self.draft.metered is Metered.IN_PART and self._is_quick(node):
            when = f"type({items}) is not list or len({items}) >= {SHORT}"
            out.line(f"{items} = meter.quick({items})", place, when=when)
        else:
            self._take_steps(node, items, place)
        if len(node.pipe.decl) < 2:
            return items
        return f"enumerate({items}) if type({collection}) is list else {items}"

    def _take_steps(self, node: RangeNode, items: str, place: Place) -> None:
        """Print what takes the steps of a loop from those that are free."""
        draft, out = self.draft, self.draft.out
        left, cost = draft.name("n"), self._cost(node)
        steps = f"len({items}) * {cost}" if cost > 1 else f"len({items})"
        held = f"meter.quick({items})" if self._is_quick(node) else f"meter.turns({items}, {cost})"
        with out.block(f"if type({items}) is list and ({left} := meter.free - {steps}) >= 0"):
            out.line(f"meter.free = {left}")
        with out.block("else"):
            out.line(f"{items} = {held}", place)

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
