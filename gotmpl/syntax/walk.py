"""The nodes in a node, one level deep and at any depth; nesting costs no recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from gotmpl.syntax.nodes import (
    ActionNode,
    BranchNode,
    ChainNode,
    CommandNode,
    IfNode,
    ListNode,
    Node,
    PipeNode,
    RangeNode,
    TemplateNode,
    WithNode,
)


def _in_branch(node: BranchNode) -> Sequence[Node]:
    bodies = (node.list,) if node.else_list is None else (node.list, node.else_list)
    return (node.pipe, *bodies)


# `Any` because the class of a node, which a type checker cannot see, ties the function's argument.
_INNER: Final[Mapping[type[Node], Callable[[Any], Sequence[Node]]]] = {
    **dict.fromkeys((IfNode, RangeNode, WithNode), _in_branch),
    ActionNode: lambda node: (node.pipe,),
    ChainNode: lambda node: (node.node,),
    CommandNode: attrgetter("args"),
    ListNode: attrgetter("nodes"),
    PipeNode: attrgetter("cmds"),
    TemplateNode: lambda node: () if node.pipe is None else (node.pipe,),
}


def inner(node: Node) -> Sequence[Node]:
    """Return the nodes in a node, in their order; not the variables that a pipeline sets."""
    found = _INNER.get(type(node))
    return found(node) if found else ()


def walk(node: Node, without: type[Node] | None = None) -> Iterator[Node]:
    """Yield a node and those in it, in the order of the text.

    Args:
        node: the node.
        without: a class of nodes that are yielded, but not those in them.

    >>> from gotmpl.syntax.blocks import parse
    >>> tree = parse("t", "a{{.b | len}}", funcs=("len",))["t"]
    >>> [type(one).__name__ for one in walk(tree.root) if not inner(one)]
    ['TextNode', 'FieldNode', 'IdentifierNode']
    """
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if type(one) is not without:
            waiting += reversed(inner(one))
