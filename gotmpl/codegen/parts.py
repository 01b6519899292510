"""Cuts a template into parts: lists of nodes whose code does not depend on the other parts.

A part is what a text writes up to the next control structure, or that structure. Nodes that share a
variable are in one part. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gotmpl.codegen.variables import assigned, names_in, set_by, settings
from gotmpl.syntax.nodes import (
    ActionNode,
    CommentNode,
    ListNode,
    Node,
    TemplateNode,
    TextNode,
    Tree,
)

_UNINTERRUPTED: Final = frozenset({ActionNode, CommentNode, TextNode})
_MOST: Final = 40  # nodes that nothing interrupts


def parts(tree: Tree) -> list[Tree]:
    """Return the parts of a template, in their order, each as a tree of its own.

    >>> from gotmpl.syntax.blocks import parse
    >>> tree = parse("t", "a{{.b}}{{if .c}}d{{end}}e{{$x := 1}}{{if .f}}{{end}}{{$x}}g", funcs=())
    >>> [str(part) for part in parts(tree["t"])]
    ['a{{.b}}', '{{if .c}}d{{end}}', 'e{{$x := 1}}{{if .f}}{{end}}{{$x}}g']
    """
    lists = list(_uninterrupted(tree.root.nodes))
    if len(lists) > 1 and "$" in assigned(settings(tree.root)):
        return [tree]
    lists = _joined(tree, lists)
    if len(lists) < 2:
        return [tree]
    return [tree.with_root(ListNode(0, tuple(nodes))) for nodes in lists]


def _uninterrupted(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    """Yield the nodes that are written at once; a text alone joins the structure behind it."""
    part: list[Node] = []
    writes = False
    for node in nodes:
        kind = type(node)
        interrupts = kind not in _UNINTERRUPTED
        if part and ((interrupts and writes) or len(part) == _MOST):
            yield part
            part, writes = [], False
        part.append(node)
        writes = writes or kind is ActionNode
        if interrupts:
            yield part
            part, writes = [], False
    if part:
        yield part


def _joined(tree: Tree, lists: list[list[Node]]) -> list[list[Node]]:
    """Return the lists with those joined between a variable's declaration and its last use."""
    declared = [set(_declared(nodes)) for nodes in lists]
    if not any(declared):
        return lists
    found = names_in(tree.root)
    used = [set[str]().union(*(found[node].used for node in nodes)) for nodes in lists]
    last_use = {name: index for index, names in enumerate(used) for name in names}
    joined: list[list[Node]] = []
    end = -1
    for index, nodes in enumerate(lists):
        if index <= end:
            joined[-1] += nodes
        else:
            joined.append(list(nodes))
        end = max(end, *(last_use[name] for name in declared[index]), index)
    return joined


def _declared(nodes: Sequence[Node]) -> Iterator[str]:
    """Yield the names of the variables that nodes leave in scope behind them."""
    for node in nodes:
        if isinstance(node, ActionNode | TemplateNode) and node.pipe is not None:
            for setting in set_by(node.pipe, node):
                yield from (variable.ident[0] for variable in setting.pipe.decl)
