"""The items of Python loops, and what holds loops and calls of templates to limits.

Where there are limits, a loop takes the steps of its turns from those that the meter has free.
Where these are too few, the meter checks the limits and gives the items in lots. Knows no bodies.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gotmpl.codegen.python import Place
from gotmpl.codegen.state import Draft, Metered
from gotmpl.codegen.variables import leaves
from gotmpl.limits import MOST_QUICK, SHORT
from gotmpl.syntax.nodes import BreakNode, ContinueNode, IdentifierNode, RangeNode, TemplateNode
from gotmpl.syntax.walk import walk


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
        metered = self.draft.metered
        if metered is Metered.NOT or (metered is Metered.WHOLE and leaves(node.list, BreakNode)):
            return self.held(node, self.found(node, collection, at))
        numbered = len(node.pipe.decl) > 1
        whole = f"enumerate({collection})" if numbered else collection
        is_list = f"type({collection}) is list"
        cost, is_quick = self._cost(node), self._is_quick(node)
        held = f"held_{'pairs' if numbered else 'each'}({collection}, {at}, meter, {cost}"
        if metered is Metered.IN_PART and is_quick:
            few = f"{is_list} and len({collection}) < {SHORT}"
            return f"{whole} if {few} else {held}, {MOST_QUICK}, {SHORT})"
        out, items, left = self.draft.out, self.draft.name("i"), self.draft.name("n")
        steps = f"len({collection}) * {cost}" if cost > 1 else f"len({collection})"
        with out.block(f"if {is_list} and ({left} := meter.free - {steps}) >= 0"):
            out.line(f"meter.free = {left}")
            out.line(f"{items} = {whole}", place)
        with out.block("else"):
            out.line(f"{items} = {held}{f', {MOST_QUICK}' if is_quick else ''})", place)
        return items

    def found(self, node: RangeNode, collection: str, at: str) -> str:
        """Return Python for what a loop iterates over, which is false if that is nothing."""
        is_list = f"type({collection}) is list"
        if len(node.pipe.decl) < 2:
            return f"{collection} if {is_list} else each({collection}, {at})"
        # An `enumerate` is true even if the list is empty.
        is_list = f"{is_list} and {collection}"
        return f"enumerate({collection}) if {is_list} else pairs({collection}, {at})"

    def held(self, node: RangeNode, items: str) -> str:
        """Return Python for the items of a loop, held to limits by the meter."""
        if self.draft.metered is Metered.NOT:
            return items
        if self.draft.metered is Metered.WHOLE and leaves(node.list, BreakNode):
            # How many turns there are is not known before.
            return f"compress({items}, meter.ticks)"
        if self._is_quick(node):
            return f"meter.quick({items})"
        return f"meter.turns({items}, {self._cost(node)})"

    def _is_quick(self, node: RangeNode) -> bool:
        """Return whether a turn has no loop, and calls only builtins that call no function."""
        return not any(
            isinstance(one, RangeNode | TemplateNode)
            or (isinstance(one, IdentifierNode) and not self._is_quick_function(one.ident))
            for one in walk(node.list)
        )

    def _is_quick_function(self, name: str) -> bool:
        """Return whether a function is a builtin that calls no other."""
        callee = self.draft.functions[name]
        return callee is not None and callee.builtin and name != "call"

    def _cost(self, node: RangeNode) -> int:
        """Return the steps of a turn; the calls that each turn makes are counted with it."""
        if self.draft.metered is not Metered.WHOLE or leaves(node.list, ContinueNode):
            return 1
        calls = [one for one in node.list.nodes if isinstance(one, TemplateNode)]
        self.counted.update(calls)
        return 1 + len(calls)

    def tick(self, node: TemplateNode) -> None:
        """Print the tick of a call, unless the loop around it stands for it."""
        metered, out = self.draft.metered, self.draft.out
        counts = metered is Metered.WHOLE or (metered is Metered.IN_PART and not out.is_repeated)
        if counts and node not in self.counted:
            out.line("meter.free -= 1")
            out.line("meter.step()", when="meter.free < 0")
