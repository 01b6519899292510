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
        metered = self.draft.metered
        if metered is Metered.NOT:
            return self.found(node, collection, at)
        if metered is Metered.IN_PART and self._is_quick(node):
            short = f"len({collection}) < {SHORT}"
            others = _others(node, collection, at)
            of_dict = f"{others} if type({collection}) in DICTS and {short}"
            whole = f"enumerate({collection})" if _is_numbered(node) else collection
            is_short = f"type({collection}) is list and {short}"
            return f"{whole} if {is_short} else {of_dict} else meter.quick({others})"
        items = self.draft.name("i")
        self.draft.out.line(f"{items} = {self.found(node, collection, at)}", place)
        return self.held(node, collection, items, place)

    def found(self, node: RangeNode, collection: str, at: str) -> str:
        """Return Python for what a loop iterates over, which is false if that is nothing."""
        is_list, whole = f"type({collection}) is list", collection
        if _is_numbered(node) and self.draft.metered is Metered.NOT:
            # An `enumerate` is true even if the list is empty.
            is_list, whole = f"{is_list} and {collection}", f"enumerate({collection})"
        return f"{whole} if {is_list} else {_others(node, collection, at)}"

    def held(self, node: RangeNode, collection: str, items: str, place: Place) -> str:
        """Print what holds a loop to limits; return Python for its items, which `found` found."""
        if self.draft.metered is Metered.NOT:
            return items
        out = self.draft.out
        if self.draft.metered is Metered.WHOLE and breaks(node.list):
            # How many turns there are is not known before.
            out.line(f"{items} = compress({items}, meter.ticks)")
        else:
            self._take_steps(node, collection, items, place)
        if not _is_numbered(node):
            return items
        return f"enumerate({items}) if type({collection}) is list else {items}"

    def _take_steps(self, node: RangeNode, collection: str, items: str, place: Place) -> None:
        """Print what takes the steps of a loop from those that are free."""
        draft, out = self.draft, self.draft.out
        left, cost = draft.name("n"), self._cost(node)
        steps = f"len({items}) * {cost}" if cost > 1 else f"len({items})"
        held = f"meter.quick({items})" if self._is_quick(node) else f"meter.turns({items}, {cost})"
        enough = f"({left} := meter.free - {steps}) >= 0"
        with out.block(f"if {_is_counted(collection, items)} and {enough}"):
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


def _is_numbered(node: RangeNode) -> bool:
    """Return whether a loop has a variable for the index."""
    return len(node.pipe.decl) > 1


def _others(node: RangeNode, collection: str, at: str) -> str:
    """Return Python for the items of what is no list, and for those of a list, but slower."""
    return f"{'pairs' if _is_numbered(node) else 'each'}({collection}, {at})"


def _is_counted(collection: str, items: str) -> str:
    """Return Python for whether items have a length, as all have that are a collection itself."""
    return f"({items} is {collection} or type({items}) is list)"
