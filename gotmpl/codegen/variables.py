"""The variables of a template in code generation: which Python local holds which, and when.

Mirrors the variable stack of Go's execution, which differs from the parser's: a variable of one
branch is not visible in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from gotmpl.codegen.values import NOT_BOXED, Boxed
from gotmpl.limits import FEW, Flow
from gotmpl.record import record
from gotmpl.syntax.nodes import (
    BreakNode,
    CommentNode,
    ContinueNode,
    IdentifierNode,
    ListNode,
    Node,
    PipeNode,
    RangeNode,
    TemplateNode,
    TextNode,
    VariableNode,
)
from gotmpl.syntax.walk import inner, walk

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
    boxed: Boxed = NOT_BOXED
    unsure: bool = False
    reads: str = ""


@record
class Setting:
    """A pipeline that sets variables.

    Attributes:
        pipe: the pipeline.
        ranges: whether it is the pipeline of a range.
    """

    pipe: PipeNode
    ranges: bool


def settings(root: ListNode) -> Iterator[Setting]:
    """Yield the pipelines below a list that set variables; nesting costs no recursion."""
    ranged: set[Node] = set()
    for node in walk(root):
        if isinstance(node, RangeNode):
            ranged.add(node.pipe)
        elif isinstance(node, PipeNode) and node.decl:
            yield Setting(node, node in ranged)


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
    found: dict[Node, NamesIn] = {root: NamesIn(set(), set())}
    outer: list[tuple[Node, Node]] = []
    stack: list[tuple[Node, Node]] = [(root, root)]
    while stack:
        node, owner = stack.pop()
        if isinstance(node, ListNode):
            for child in node.nodes:
                found[child] = NamesIn(set(), set())
                outer.append((child, owner))
                stack.append((child, child))
            continue
        names = found[owner]
        if isinstance(node, PipeNode):
            declared = {variable.ident[0] for variable in node.decl}
            names.used.update(declared)
            names.assigned.update(declared if node.is_assign else ())
        elif isinstance(node, VariableNode):
            names.used.add(node.ident[0])
        stack += [(part, owner) for part in inner(node)]
    for child, owner in reversed(outer):
        found[owner].used.update(found[child].used)
        found[owner].assigned.update(found[child].assigned)
    return found


def assigned(found: Iterable[Setting]) -> frozenset[str]:
    """Return the names of the variables that pipelines assign."""
    return frozenset(
        variable.ident[0]
        for setting in found
        if setting.pipe.is_assign
        for variable in setting.pipe.decl
    )


def breaks(body: ListNode) -> bool:
    """Return whether a list has a break outside any range in it."""
    return any(isinstance(node, BreakNode) for node in walk(body, without=RangeNode))


def continues(body: ListNode) -> bool:
    """Return whether a list has a continue outside any range in it."""
    return any(isinstance(node, ContinueNode) for node in walk(body, without=RangeNode))


def flow(body: ListNode) -> Flow:
    """Return what the code of a list does."""
    nodes = list(walk(body))
    kinds = {type(node) for node in nodes}
    if kinds <= _CONSTANT:
        return Flow.CONSTANT
    repeats = RangeNode in kinds or TemplateNode in kinds
    return Flow.REPEATED if repeats or len(nodes) > FEW else Flow.STRAIGHT


def is_quick(body: ListNode, quick: Callable[[str], bool]) -> bool:
    """Return whether a list has no loop, and calls no template and only `quick` functions."""
    return not any(
        isinstance(node, RangeNode | TemplateNode)
        or (isinstance(node, IdentifierNode) and not quick(node.ident))
        for node in walk(body)
    )


def mixed(found: Iterable[Setting]) -> frozenset[str]:
    """Return the names of variables that are assigned both by a range and by a pipeline.

    A range's element came out of an `interface {}`, a pipeline's value did not: which of them a
    variable holds is known only at run time.
    """
    ranged, piped, reassigned = set(), set(), set()
    for setting in found:
        names = {variable.ident[0] for variable in setting.pipe.decl}
        if setting.ranges:
            ranged |= names
            reassigned |= names if setting.pipe.is_assign else set()
        elif setting.pipe.is_assign:
            piped |= names
    return frozenset(reassigned | (ranged & piped))
