"""Trees whose execution reports where it passes to an observer: for coverage and traces.

Rewrites a tree, with a probe before each node and at the start of each branch, taken or not. Code
generation emits a call for it. Templates without an observer have no probes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from gotmpl.record import record
from gotmpl.syntax.nodes import BranchNode, ListNode, Node, ProbeNode, Tree


@record
class Visit:
    """A place that an execution passes.

    Attributes:
        tree: the template.
        node: the node that is about to be executed; for a branch, the node that it is a branch of.
        branch: empty for the node itself; `list` or `else` for a branch of it, also for an `else`
            that is not written; `list` with the tree's root for the template itself.
    """

    tree: Tree
    node: Node
    branch: str = ""


class Observer(Protocol):
    """Receives the events of executions."""

    def visit(self, visit: Visit, /) -> None:
        """Handle that an execution is about to run a node or branch."""

    def write(self, text: str, /) -> None:
        """Handle a piece of output, written after the last visit."""


def visits(tree: Tree) -> list[Visit]:
    """Return all places of a template, in their order in the text.

    >>> from gotmpl.syntax.blocks import parse
    >>> [str(visit.node) for visit in visits(parse("t", "a{{.b}}", funcs=())["t"])]
    ['a{{.b}}', 'a', '{{.b}}']
    """
    found: list[Visit] = []
    stack: list[Node] = [instrument(tree).root]
    while stack:
        match stack.pop():
            case ProbeNode(visit=Visit() as visit):
                found.append(visit)
            case ListNode(nodes=nodes):
                stack.extend(reversed(nodes))
            case BranchNode(list=body, else_list=other):
                stack.extend((other or ListNode(0, ()), body))
    return found


def instrument(tree: Tree) -> Tree:
    """Return a tree with probes; its execution writes the same.

    >>> from gotmpl.syntax.blocks import parse
    >>> tree = parse("t", "{{if .a}}x{{end}}", funcs=())["t"]
    >>> [f"{type(visit.node).__name__} {visit.branch}".strip() for visit in visits(tree)]
    ['ListNode list', 'IfNode', 'IfNode list', 'TextNode', 'IfNode else']
    """
    return tree.with_root(_list(tree, tree.root, Visit(tree, tree.root, "list")))


def _list(tree: Tree, nodes: ListNode, head: Visit) -> ListNode:
    probed: list[Node] = [ProbeNode(nodes.pos, head)]
    for node in nodes.nodes:
        probed += (ProbeNode(node.pos, Visit(tree, node)), _node(tree, node))
    return replace(nodes, nodes=tuple(probed))


def _node(tree: Tree, node: Node) -> Node:
    if not isinstance(node, BranchNode):
        return node
    other = node.else_list or ListNode(node.pos, ())
    return replace(
        node,
        list=_list(tree, node.list, Visit(tree, node, "list")),
        else_list=_list(tree, other, Visit(tree, node, "else")),
    )
