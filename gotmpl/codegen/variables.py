"""The variables of a template in code generation: which Python local holds which, and when.

Mirrors the variable stack of Go's execution, which differs from the parser's: a variable of one
branch is not visible in the other.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from gotmpl.codegen.values import NOT_BOXED
from gotmpl.limits import FEW, Flow
from gotmpl.record import record
from gotmpl.syntax.nodes import (
    BreakNode,
    CommentNode,
    ContinueNode,
    ListNode,
    Node,
    PipeNode,
    RangeNode,
    TemplateNode,
    TextNode,
    VariableNode,
)
from gotmpl.syntax.walk import walk

_CONSTANT: Final = frozenset({CommentNode, ListNode, TextNode})


@record
class Variable:
    """A variable.

    Attributes:
        name: its name in the template, with the dollar sign.
        local: the Python variable that holds it.
        boxed: whether its value came out of an `interface {}`.
        reads: as in `Local`.
        unsure: whether it is declared in an argument that may not be reached, and so may not exist.
    """

    name: str
    local: str
    boxed: str = NOT_BOXED
    unsure: bool = False
    reads: str = ""


class NamesIn(NamedTuple):
    """The names of the variables in a node.

    Attributes:
        used: those that it declares, assigns or reads.
        assigned: those that it assigns.
    """

    used: set[str]
    assigned: set[str]


def names_in(root: ListNode) -> dict[Node, NamesIn]:
    """Return, for each node of a list at any depth, the variables in it."""
    found: dict[Node, NamesIn] = {}
    owners: list[tuple[Node, Node]] = [(root, root)]  # each with the one that it is in
    for owner, _ in owners:  # the loop appends to it
        names = found[owner] = NamesIn(set(), set())
        for node in walk(owner, without=ListNode):
            if isinstance(node, ListNode):
                owners += [(child, owner) for child in node.nodes]
            elif isinstance(node, PipeNode):
                declared = {variable.ident[0] for variable in node.decl}
                names.used.update(declared)
                names.assigned.update(declared if node.is_assign else ())
            elif isinstance(node, VariableNode):
                names.used.add(node.ident[0])
    for child, owner in reversed(owners):
        found[owner].used.update(found[child].used)
        found[owner].assigned.update(found[child].assigned)
    return found


def leaves(body: ListNode, kind: type[BreakNode | ContinueNode]) -> bool:
    """Return whether a list has a break, or a continue, outside any range in it."""
    return any(isinstance(node, kind) for node in walk(body, without=RangeNode))


def flow(body: ListNode) -> Flow:
    """Return what the code of a list does."""
    nodes = list(walk(body))
    kinds = {type(node) for node in nodes}
    if kinds <= _CONSTANT:
        return Flow.CONSTANT
    repeats = RangeNode in kinds or TemplateNode in kinds
    return Flow.REPEATED if repeats or len(nodes) > FEW else Flow.STRAIGHT


def assignments(root: ListNode) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of variables that are assigned, and those of them that are mixed.

    These are assigned both by a range and by a pipeline. A range's element came out of an
    `interface {}`, a pipeline's value did not: which a variable holds is known only at run time.
    """
    pipes: set[Node] = set()  # of ranges, which come before them
    ranged, reassigned, piped = set[str](), set[str](), set[str]()
    for node in walk(root):
        if isinstance(node, RangeNode):
            pipes.add(node.pipe)
        elif isinstance(node, PipeNode) and node.decl:
            names = {variable.ident[0] for variable in node.decl}
            ranged |= names if node in pipes else set()
            if node.is_assign:
                (reassigned if node in pipes else piped).update(names)
    return frozenset(reassigned | piped), frozenset(reassigned | (ranged & piped))
