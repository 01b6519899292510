"""Python for loops, and what holds them and calls of templates to limits.

Where there are limits, a loop counts its turns before it begins if its body is quick, and else runs
in lots with a check between them. Knows no bodies.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from gotmpl.codegen.python import Place
from gotmpl.codegen.state import Draft, Metered
from gotmpl.codegen.variables import breaks, continues, is_quick
from gotmpl.limits import SHORT
from gotmpl.syntax.nodes import RangeNode, TemplateNode


class Turns(enum.Enum):
    """How the turns of a loop are held to limits."""

    FREE = "not counted"
    COUNTED = "counted before the loop begins; where that cannot be, each has a tick"
    IN_LOTS = "with a check between lots"
    TICKING = "each has a tick"


class Iterated(NamedTuple):
    """Python for what a loop iterates over.

    Attributes:
        collection: the variable that holds the collection.
        whole: its items if it is a list.
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
        return f"{self.whole} if {self.listed} else {self.found}"


def iterated(node: RangeNode, collection: str, at: str) -> Iterated:
    """Return what a loop iterates over; `at` is the node that errors name."""
    if len(node.pipe.decl) > 1:
        # An `enumerate` is true even if the list is empty.
        listed = f"type({collection}) is list and {collection}"
        found = f"pairs({collection}, {at})"
        return Iterated(collection, f"enumerate({collection})", listed, found)
    found = f"each({collection}, {at})"
    return Iterated(collection, collection, f"type({collection}) is list", found)


@dataclass(slots=True)
class Loops:
    """Prints the loops of a template, and the ticks of calls.

    Attributes:
        draft: the state of printing the template.
        ticking: by calls that a loop may count, the variables that hold whether it has not.
    """

    draft: Draft
    ticking: dict[TemplateNode, str] = field(default_factory=dict)

    def items(
        self, node: RangeNode, given: Iterated, place: Place, calls: Sequence[TemplateNode]
    ) -> str:
        """Return Python for what a loop iterates over, held to limits if there are any.

        Args:
            node: the loop.
            given: what the loop iterates over.
            place: the place of the loop.
            calls: the calls that the loop counts with its turns.
        """
        turns, collection = self._turns(node), given.collection
        if turns is Turns.COUNTED:
            whole = self.draft.metered is Metered.WHOLE
            return self._count(node, given, place) if whole else self._count_in_part(node, given)
        if turns is not Turns.IN_LOTS:
            return self.held(node, given.items, calls)
        if len(node.pipe.decl) > 1:
            numbered = f"meter.numbered({collection}{self._cost(calls)})"
            return f"{numbered} if {given.listed} else {self.held(node, given.found, calls)}"
        held = self.held(node, given.items, calls)
        return f"() if {given.listed} and not {collection} else {held}"

    def _count_in_part(self, node: RangeNode, given: Iterated) -> str:
        """Return the items of a loop, of which many are counted."""
        size = f"len({given.collection})"
        free = f"({size} < {SHORT} or meter.takes({size}))"
        of_dict = f"{given.found} if type({given.collection}) in DICTS and {free}"
        held = self.held(node, given.found, ())
        return f"{given.whole} if {given.listed} and {free} else {of_dict} else {held}"

    def _count(self, node: RangeNode, given: Iterated, place: Place) -> str:
        """Print what counts the turns of a loop; return the variable that holds its items."""
        draft, out = self.draft, self.draft.out
        left, items = draft.name("n"), draft.name("i")
        enough = f"({left} := meter.free - len({given.collection})) >= 0"
        of_dict = f"type({given.collection}) in DICTS"
        for test, found in ((f"if {given.listed}", given.whole), (f"elif {of_dict}", given.found)):
            with out.block(f"{test} and {enough}"):
                out.line(f"meter.free = {left}")
                out.line(f"{items} = {found}", place)
        with out.block("else"):
            out.line(f"{items} = {self.held(node, given.found, ())}", place)
        return items

    def held(self, node: RangeNode, items: str, calls: Sequence[TemplateNode]) -> str:
        """Return Python for the items of a loop, held to limits while it runs."""
        match self._turns(node):
            case Turns.FREE:
                return items
            case Turns.COUNTED:
                return f"meter.turns({items})"
            case Turns.IN_LOTS:
                return f"meter.lots({items}{self._cost(calls)})"
            case Turns.TICKING:
                return f"compress({items}, meter.ticks)"

    def _turns(self, node: RangeNode) -> Turns:
        """Return how a loop is held to limits."""
        if self.draft.metered is Metered.NOT:
            return Turns.FREE
        if self.draft.metered is Metered.WHOLE and breaks(node.list):
            return Turns.TICKING
        return Turns.COUNTED if is_quick(node.list, self._is_quick) else Turns.IN_LOTS

    def _is_quick(self, name: str) -> bool:
        """Return whether a function is a builtin that calls no other."""
        known = self.draft.functions[name]
        return known is not None and known.builtin and name != "call"

    def _cost(self, calls: Sequence[TemplateNode]) -> str:
        """Return the argument for the steps of a turn, if steps are counted."""
        return f", {1 + len(calls)}" if self.draft.metered is Metered.WHOLE else ""

    def counted_calls(self, node: RangeNode) -> Sequence[TemplateNode]:
        """Return the calls that each turn of a loop makes, if steps are counted."""
        numbered = len(node.pipe.decl) > 1
        if self.draft.metered is not Metered.WHOLE or numbered or continues(node.list):
            return ()
        if self._turns(node) is not Turns.IN_LOTS:
            return ()
        return [one for one in node.list.nodes if isinstance(one, TemplateNode)]

    @contextmanager
    def turning(
        self,
        node: RangeNode,
        target: str,
        items: str,
        place: Place,
        calls: Sequence[TemplateNode],
    ) -> Iterator[None]:
        """Print what follows as the body of a loop; one that runs in lots is a loop in a loop.

        Args:
            node: the loop.
            target: the variables that hold an item.
            items: Python for what the loop iterates over.
            place: the place of the loop.
            calls: the calls that the loop counts with its turns.
        """
        out = self.draft.out
        if self._turns(node) is not Turns.IN_LOTS:
            with out.block(f"for {target} in {items}", place):
                yield
            return
        lot = self.draft.name("l")
        ticking = self.draft.name("u") if calls else ""
        self.ticking.update(dict.fromkeys(calls, ticking))
        with out.block(f"for {lot} in {items}", place):
            if ticking:
                out.line(f"{ticking} = type({lot}) is compress")
            with out.block(f"for {target} in {lot}", place):
                yield
            if breaks(node.list):
                with out.block("else"):
                    out.line("continue")
                out.line("break")

    def tick(self, node: TemplateNode, *, in_loop: bool) -> None:
        """Print the tick of a call, unless the loop around it stands for it."""
        metered = self.draft.metered
        if metered is Metered.NOT or (metered is Metered.IN_PART and in_loop):
            return
        ticking = self.ticking.get(node)
        tick = "next(meter.ticks)"
        self.draft.out.line(f"if {ticking}: {tick}" if ticking else tick)
