"""The variables and the cursor that each node of a tree uses, read from the tree alone.

The walk happens before anything is executed; the tracer then follows values along it. The module
knows neither stores nor output.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import gotmpl
from confd_lib.funcs.readers import READERS
from gotmpl import nodes


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts about a node that are known before execution.

    Attributes:
        node: the node.
        tree: the template it is in.
        uses: the declarations of the variables in its pipeline, except variables that only make the
            key of a read.
        dot: the `range` or `with` whose cursor its pipeline uses; the root of the tree for the
            cursor of the template itself; None if the pipeline does not use the cursor.
        declares: the declarations of the variables that it declares or sets.
        inside: the branches around it, innermost first.
    """

    node: nodes.Node
    tree: nodes.Tree
    uses: tuple[nodes.Node, ...] = ()
    dot: nodes.Node | None = None
    declares: tuple[nodes.Node, ...] = ()
    inside: tuple[nodes.BranchNode, ...] = ()


_Scope = dict[str, nodes.Node]


@dataclass(frozen=True, slots=True)
class _Block:
    """A list of nodes to walk, with the variables, the cursor and the branches around it."""

    list: nodes.ListNode
    scope: _Scope
    dot: nodes.Node
    inside: tuple[nodes.BranchNode, ...]


def facts(tree: nodes.Tree) -> dict[nodes.Node, Facts]:
    """Return the facts of all nodes of a tree, by node; nodes are equal only to themselves."""
    found: dict[nodes.Node, Facts] = {}
    blocks = [_Block(tree.root, {}, tree.root, ())]
    while blocks:
        block = blocks.pop()
        for node in block.list.nodes:
            fact = found[node] = _facts(tree, node, block)
            if isinstance(node, nodes.BranchNode):
                blocks += _inner(node, fact, block)
    return found


def _facts(tree: nodes.Tree, node: nodes.Node, block: _Block) -> Facts:
    pipe = getattr(node, "pipe", None)
    if not isinstance(pipe, nodes.PipeNode):
        return Facts(node, tree, inside=block.inside)
    operands = list(_operands(pipe))
    names = [leaf.ident[0] for leaf in operands if isinstance(leaf, nodes.VariableNode)]
    uses = tuple(block.scope[name] for name in names if name in block.scope)
    dot = block.dot if any(isinstance(leaf, _CURSOR) for leaf in operands) else None
    declares = _declared(node, pipe, block)
    return Facts(node, tree, uses, dot, declares, block.inside)


def _declared(node: nodes.Node, pipe: nodes.PipeNode, block: _Block) -> tuple[nodes.Node, ...]:
    """Return the declarations of the variables that a pipeline sets; add new ones to the scope."""
    scope = block.scope
    if pipe.is_assign:
        return tuple(scope[one.ident[0]] for one in pipe.decl if one.ident[0] in scope)
    if not isinstance(node, nodes.BranchNode):
        scope.update((one.ident[0], one) for one in pipe.decl)
    return tuple(pipe.decl)


def _inner(node: nodes.BranchNode, fact: Facts, block: _Block) -> Iterator[_Block]:
    scope = {**block.scope, **{one.ident[0]: one for one in node.pipe.decl}}
    if node.pipe.is_assign:
        scope = dict(block.scope)
    inside = (node, *fact.inside)
    moves = isinstance(node, nodes.RangeNode | nodes.WithNode)
    yield _Block(node.list, dict(scope), node if moves else block.dot, inside)
    if node.else_list is not None:
        yield _Block(node.else_list, dict(scope), block.dot, inside)


_CURSOR: Final = (nodes.DotNode, nodes.FieldNode)


def _operands(pipe: nodes.PipeNode) -> Iterator[nodes.Node]:
    """Yield the operands of a pipeline, at any depth, without declarations and keys of reads."""
    pending: list[nodes.Node] = [pipe]
    while pending:
        match pending.pop():
            case nodes.PipeNode(cmds=cmds):
                pending.extend(cmds)
            case nodes.CommandNode(args=(nodes.IdentifierNode(ident=name), _, *more)) if (
                name in READERS
            ):
                pending.extend(more)
            case nodes.CommandNode(args=args):
                pending.extend(args)
            case nodes.ChainNode(node=node):
                pending.append(node)
            case leaf:
                yield leaf


def is_root(visit: gotmpl.Visit) -> bool:
    """Return whether a place is the beginning of a template."""
    return visit.branch == "list" and visit.node is visit.tree.root
