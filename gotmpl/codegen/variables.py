"""The variables of a template in code generation: which Python local holds which, and when.

Mirrors the variable stack of Go's execution, which differs from the parser's: a variable of one
branch is not visible in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from gotmpl.codegen.values import NOT_BOXED, Boxed
from gotmpl.limits import Flow
from gotmpl.record import record
from gotmpl.syntax.nodes import (
    ActionNode,
    BranchNode,
    BreakNode,
    ChainNode,
    CommandNode,
    CommentNode,
    ContinueNode,
    IdentifierNode,
    IfNode,
    ListNode,
    Node,
    PipeNode,
    RangeNode,
    TemplateNode,
    TextNode,
    VariableNode,
    WithNode,
)

_CONSTANT: Final = frozenset({CommentNode, ListNode, TextNode})
_HOLDS_PIPES: Final = frozenset({ChainNode, PipeNode})


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
    lists = [root]
    while lists:
        for node in lists.pop().nodes:
            pipe = getattr(node, "pipe", None)
            if pipe is not None:
                yield from _settings(pipe, node)
            if isinstance(node, BranchNode):
                lists.append(node.list)
                if node.else_list is not None:
                    lists.append(node.else_list)


def _settings(pipe: PipeNode, node: Node) -> Iterator[Setting]:
    """Yield the pipelines that set variables: a node's own, and those in parentheses in it."""
    stack: list[Node] = [pipe]
    while stack:
        inner = stack.pop()
        if isinstance(inner, ChainNode):
            stack.append(inner.node)
        elif isinstance(inner, PipeNode):
            if inner.decl:
                yield Setting(inner, inner is pipe and isinstance(node, RangeNode))
            for cmd in inner.cmds:
                stack += [arg for arg in cmd.args if type(arg) in _HOLDS_PIPES]


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
    stack: list[tuple[Node | None, Node]] = [(root, root)]
    while stack:
        node, owner = stack.pop()
        match node:
            case ListNode(nodes=nodes):
                for child in nodes:
                    found[child] = NamesIn(set(), set())
                    outer.append((child, owner))
                    stack.append((child, child))
            case BranchNode(pipe=pipe, list=body, else_list=other):
                stack += ((part, owner) for part in (pipe, body, other))
            case PipeNode(decl=decl, cmds=cmds, is_assign=is_assign):
                found[owner].assigned.update(v.ident[0] for v in decl if is_assign)
                stack += ((part, owner) for part in (*decl, *cmds))
            case CommandNode(args=args):
                stack += ((arg, owner) for arg in args)
            case ActionNode(pipe=inner) | TemplateNode(pipe=inner) | ChainNode(node=inner):
                stack.append((inner, owner))
            case VariableNode(ident=ident):
                found[owner].used.add(ident[0])
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
    return any(isinstance(node, BreakNode) for node in _outside_ranges(body))


def continues(body: ListNode) -> bool:
    """Return whether a list has a continue outside any range in it."""
    return any(isinstance(node, ContinueNode) for node in _outside_ranges(body))


def _outside_ranges(body: ListNode) -> Iterator[Node]:
    """Yield the nodes of a list and of the branches in it, but not of ranges."""
    stack: list[Node] = [body]
    while stack:
        node = stack.pop()
        yield node
        match node:
            case ListNode(nodes=nodes):
                stack.extend(nodes)
            case IfNode(list=inner, else_list=other) | WithNode(list=inner, else_list=other):
                stack.append(inner)
                if other is not None:
                    stack.append(other)


def flow(body: ListNode) -> Flow:
    """Return what the code of a list does."""
    kinds = {type(node) for node in _inside(body)}
    if RangeNode in kinds or TemplateNode in kinds:
        return Flow.REPEATED
    return Flow.CONSTANT if kinds <= _CONSTANT else Flow.STRAIGHT


def is_quick(body: ListNode, quick: Callable[[str], bool]) -> bool:
    """Return whether a list has no loop, and calls no template and only `quick` functions."""
    return not any(
        isinstance(node, RangeNode | TemplateNode)
        or (isinstance(node, IdentifierNode) and not quick(node.ident))
        for node in _inside(body)
    )


def _inside(body: ListNode) -> Iterator[Node]:
    """Yield the nodes of a list, with all that is in them."""
    stack: list[Node] = [body]
    while stack:
        node = stack.pop()
        yield node
        match node:
            case ListNode(nodes=nodes) | CommandNode(args=nodes) | PipeNode(cmds=nodes):
                stack.extend(nodes)
            case BranchNode(pipe=pipe, list=inner, else_list=other):
                stack += (pipe, inner)
                if other is not None:
                    stack.append(other)
            case ActionNode(pipe=part) | ChainNode(node=part) | TemplateNode(pipe=part):
                if part is not None:
                    stack.append(part)


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
