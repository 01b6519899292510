"""The operands of a pipeline that an error is about, found in the tree.

Knows no values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from gotmpl.errors import ExecError
from gotmpl.syntax.nodes import (
    ActionNode,
    BranchNode,
    ChainNode,
    CommandNode,
    DotNode,
    FieldNode,
    IdentifierNode,
    ListNode,
    Node,
    PipeNode,
    TemplateNode,
    Tree,
    VariableNode,
)
from gotmpl.syntax.walk import walk

# How the reasons begin that are about the result of a pipeline.
_OF_RESULTS: Final = ("wrong type for value", "range can't iterate over")


class Found(NamedTuple):
    """The statement that failed.

    Attributes:
        statement: the action, the branch or the call of a template.
        operands: the operands that its error is about.
    """

    statement: Node
    operands: list[Node]


class _Visited(NamedTuple):
    """A node, the pipeline and the command it is in, and the commands piped into that."""

    node: Node
    pipe: PipeNode | None = None
    command: CommandNode | None = None
    piped: tuple[CommandNode, ...] = ()


def find(tree: Tree, error: ExecError) -> Found | None:
    """Return the statement of a tree that failed; None if it is not in the tree.

    >>> from gotmpl.syntax.blocks import parse
    >>> tree = parse("t", "a{{if eq .a .b.c}}{{end}}", funcs=("eq",))["t"]
    >>> error = ExecError("reason", name="t", line=1, column=6, template="t", context="eq .a .b.c")
    >>> find(tree, error).operands
    [<FieldNode '.a'>, <FieldNode '.b.c'>]
    """
    lines = tree.source.text.split("\n")[: error.line]
    if len(lines) < error.line:
        return None
    before = lines[-1].encode("utf-8", "surrogateescape")[: error.column]
    start = sum(len(line) + 1 for line in lines[:-1])
    pos = start + len(before.decode("utf-8", "surrogateescape"))
    for statement, pipe in _statements(tree.root):
        nodes = list(_nodes(pipe))
        at = [one for one in nodes if one.node.pos == pos and str(one.node) == error.context]
        if at:
            return Found(statement, _asked(error, at[-1], nodes))
    return None


def field_of(reason: str) -> str:
    """Return the field, the key or the method that a reason names, or empty.

    >>> field_of("can't evaluate field prot in type string")
    'prot'
    >>> field_of('map has no entry for key "prot"')
    'prot'
    """
    words = reason.split()
    match words:
        case ["can't", "evaluate", "field", name, *_]:
            return name
        case ["map", "has", "no", "entry", "for", "key", name]:
            return name.strip('"')
        case [name, "is", "not", "a", "method", *_] | [name, "has", "arguments", *_]:
            return name
        case ["nil", "pointer", "evaluating", "interface", name]:
            return name.rpartition(".")[2]
        case _:
            return ""


def _asked(error: ExecError, at: _Visited, nodes: list[_Visited]) -> list[Node]:
    name = field_of(error.reason)
    if name:
        # Go may name another node than the chain that holds the field.
        owners = [owner for one in nodes if (owner := _owner(one.node, name)) is not None]
        return owners[:1]
    if isinstance(at.node, IdentifierNode | CommandNode):
        command = at.node if isinstance(at.node, CommandNode) else at.command
        args = command.args[1:] if command else ()
        return [*filter(_varies, args), *_last(at)]
    found = [at.node] if _varies(at.node) else []
    if at.pipe is not None and error.reason.startswith(_OF_RESULTS):
        # Go names the last node of the pipeline that gave the value.
        result = replace(at.pipe, decl=())
        found += [result] if str(result) not in map(str, found) else []
    return found


def _last(at: _Visited) -> Iterator[Node]:
    """Yield the pipeline whose value is the last argument."""
    if at.piped:
        yield PipeNode(at.node.pos, is_assign=False, decl=(), cmds=at.piped)


def _varies(node: Node) -> bool:
    """Return whether a node is no constant."""
    return isinstance(node, DotNode | FieldNode | VariableNode | ChainNode | PipeNode)


def _owner(node: Node, name: str) -> Node | None:
    """Return the part of a chain whose field is the name."""
    match node:
        case FieldNode(ident=names) if name in names:
            at = names.index(name)
            return replace(node, ident=names[:at]) if at else DotNode(node.pos)
        case VariableNode(ident=names) if name in names[1:]:
            return replace(node, ident=names[: names.index(name)])
        case ChainNode(fields=names) if name in names:
            at = names.index(name)
            return replace(node, fields=names[:at]) if at else node.node
    return None


def _statements(root: ListNode) -> Iterator[tuple[Node, PipeNode]]:
    for node in walk(root):
        match node:
            case ActionNode(pipe=pipe) | BranchNode(pipe=pipe):
                yield node, pipe
            case TemplateNode(pipe=PipeNode() as pipe):
                yield node, pipe


def _nodes(pipe: PipeNode) -> Iterator[_Visited]:
    """Yield a pipeline and all that it holds, the outer before the inner."""
    pending = [_Visited(pipe)]
    while pending:
        one = pending.pop()
        yield one
        match one.node:
            case PipeNode(cmds=cmds):
                pipe = one.node
                inner = [_Visited(cmd, pipe, cmd, cmds[:i]) for i, cmd in enumerate(cmds)]
            case CommandNode(args=args):
                inner = [one._replace(node=arg) for arg in args]
            case ChainNode(node=node):
                inner = [one._replace(node=node)]
            case _:
                continue
        pending.extend(reversed(inner))
