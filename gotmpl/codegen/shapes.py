"""The shape of a part of a template: what its code depends on beside the names and texts in it.

Parts of equal shape have equal code but for these values, so it is generated and compiled once: for
a blank, which has a mark in the place of each value. Prints nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gotmpl.codegen.state import Callee
from gotmpl.record import record
from gotmpl.syntax.nodes import (
    ActionNode,
    BoolNode,
    BranchNode,
    BreakNode,
    ChainNode,
    CommandNode,
    CommentNode,
    ContinueNode,
    DotNode,
    FieldNode,
    IdentifierNode,
    IfNode,
    ListNode,
    NilNode,
    Node,
    NumberNode,
    PipeNode,
    RangeNode,
    StringNode,
    TemplateNode,
    TextNode,
    Tree,
    VariableNode,
    WithNode,
)
from gotmpl.values.signatures import ANY, UNIVERSAL, Signature

_MOST: Final = 600  # items of a shape
_DEEPEST: Final = 24  # lists and pipelines in each other
_LONGEST: Final = 64  # characters of what is part of a shape
# A text whose quoted form is itself between quotation marks, and which is no format.
_SIMPLE: Final = re.compile(r"[ !#$&-\[\]-_a-~]+")
MARK: Final = re.compile(r"Qz(\d+)zQ")


class _Unshaped(Exception):
    """The code depends on more than a shape holds."""


@record
class Shape:
    """The shape of a part, and its own values.

    Attributes:
        key: equal for parts of equal shape.
        values: the names and texts that are not in it; a blank has the mark of its index for each.
    """

    key: tuple[object, ...]
    values: list[str]


def shape(
    tree: Tree, functions: Mapping[str, Callee | None], defined: Mapping[str, bool]
) -> Shape | None:
    """Return the shape of a part; None if its code depends on more, or it is large.

    Args:
        tree: the part.
        functions: what it may call, by name.
        defined: whether there is a template of a name.

    >>> from gotmpl.syntax.blocks import parse
    >>> a, b, c = (parse("t", text, funcs=())["t"] for text in ("x{{.a}}", "y{{.b}}", "z{{$.c}}"))
    >>> shape(a, {}, {}).key == shape(b, {}, {}).key != shape(c, {}, {}).key
    True
    >>> shape(a, {}, {}).values
    ['x', 'a']
    """
    reading = _Reading(functions, defined)
    try:
        reading.list(tree.root, 0)
    except _Unshaped:
        return None
    reading.key.append(tree.name == tree.source.name)
    return Shape(tuple(reading.key), reading.values)


@dataclass(slots=True)
class _Reading:
    """The reading of a part: `key` and `values` as in `Shape`."""

    functions: Mapping[str, Callee | None]
    defined: Mapping[str, bool]
    key: list[object] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    names: dict[str, int] = field(
        default_factory=dict
    )  # the index of each name: equal ones are one

    def list(self, nodes: ListNode, depth: int) -> None:
        key = self.key
        if depth > _DEEPEST or len(key) > _MOST:
            raise _Unshaped
        for node in nodes.nodes:
            kind = type(node)
            key.append(kind)
            if kind is TextNode:
                self.values.append(node.text)  # type: ignore[attr-defined]  # the type says so
            else:
                read = _STATEMENTS.get(kind)
                if read is None:
                    raise _Unshaped
                read(self, node, depth)
        key.append(ListNode)

    def branch(self, node: BranchNode, depth: int) -> None:
        self.pipe(node.pipe, depth + 1)
        self.list(node.list, depth + 1)
        if node.else_list is not None:
            self.list(node.else_list, depth + 1)
            self.key.append(BranchNode)

    def template(self, node: TemplateNode, depth: int) -> None:
        self.key += (_short(node.name), self.defined[node.name])
        if node.pipe is not None:
            self.pipe(node.pipe, depth + 1)

    def pipe(self, pipe: PipeNode, depth: int) -> None:
        key = self.key
        if depth > _DEEPEST or len(key) > _MOST:
            raise _Unshaped
        if pipe.decl:
            key += (len(pipe.decl), pipe.is_assign)
            for variable in pipe.decl:
                self.variable(variable, depth)
        for command in pipe.cmds:
            for arg in command.args:
                kind = type(arg)
                key.append(kind)
                _OPERANDS[kind](self, arg, depth + 1)
            key.append(CommandNode)
        key.append(PipeNode)

    def name(self, name: str) -> None:
        """Read a name whose text does not matter, but which others are equal to it."""
        if not name.isascii():
            raise _Unshaped
        index = self.names.get(name)
        if index is None:
            index = self.names[name] = len(self.values)
            self.values.append(name)
        self.key.append(index)

    def field(self, node: FieldNode, _: int) -> None:
        for name in node.ident:
            self.name(name)

    def variable(self, node: VariableNode, _: int) -> None:
        first, *rest = node.ident
        if first == "$":
            self.key.append(first)
        else:
            self.name(first[1:])
        for name in rest:
            self.name(name)

    def chain(self, node: ChainNode, depth: int) -> None:
        kind = type(node.node)
        self.key.append(kind)
        _OPERANDS[kind](self, node.node, depth + 1)
        for name in node.fields:
            self.name(name)

    def identifier(self, node: IdentifierNode, _: int) -> None:
        name = node.ident
        known = self.functions[name]
        if known is None or name == "call":
            raise _Unshaped
        if not known.builtin and not _is_universal(known.signature):
            raise _Unshaped
        self.key += (_short(name), None if known.builtin else known.signature)

    def string(self, node: StringNode, _: int) -> None:
        if _SIMPLE.fullmatch(node.text):
            self.key.append(node.quoted[0])
            self.values.append(node.text)
        else:
            self.key += (_short(node.text), node.quoted)

    def number(self, node: NumberNode, _: int) -> None:
        self.key.append(_short(node.text))

    def bool(self, node: BoolNode, _: int) -> None:
        self.key.append(node.value)

    def nothing(self, _: Node, __: int) -> None:
        """Read a node that has nothing but its type."""


_STATEMENTS: Final[Mapping[type[Node], Callable[..., None]]] = {
    ActionNode: lambda reading, node, depth: reading.pipe(node.pipe, depth + 1),
    BreakNode: _Reading.nothing,
    CommentNode: _Reading.nothing,
    ContinueNode: _Reading.nothing,
    IfNode: _Reading.branch,
    RangeNode: _Reading.branch,
    TemplateNode: _Reading.template,
    WithNode: _Reading.branch,
}
_OPERANDS: Final[Mapping[type[Node], Callable[..., None]]] = {
    BoolNode: _Reading.bool,
    ChainNode: _Reading.chain,
    DotNode: _Reading.nothing,
    FieldNode: _Reading.field,
    IdentifierNode: _Reading.identifier,
    NilNode: _Reading.nothing,
    NumberNode: _Reading.number,
    PipeNode: _Reading.pipe,
    StringNode: _Reading.string,
    VariableNode: _Reading.variable,
}


def _short(text: str) -> str:
    """Return a text that is part of a shape; a long one is in none, nor one that has a mark."""
    if len(text) > _LONGEST or MARK.search(text):
        raise _Unshaped
    return text


def _is_universal(signature: Signature) -> bool:
    """Return whether the types of a function are the same for all that have their names."""
    types = (*signature.params, signature.variadic or ANY, signature.result)
    return not signature.results and UNIVERSAL.issuperset(types)


# -- Blanks


def blank(tree: Tree) -> Tree:
    """Return a part with marks in the place of the values of its shape.

    >>> from gotmpl.syntax.blocks import parse
    >>> str(blank(parse("t", "x{{if .a}}y{{.b.a}}{{end}}", funcs=())["t"]))
    'Qz0zQ{{if .Qz1zQ}}Qz2zQ{{.Qz3zQ.Qz1zQ}}{{end}}'
    """
    return tree.with_root(_Blanking().list(tree.root))


@dataclass(slots=True)
class _Blanking:
    """The making of a blank, in the order in which a shape is read."""

    count: int = 0
    names: dict[str, str] = field(default_factory=dict)

    def mark(self) -> str:
        self.count += 1
        return f"Qz{self.count - 1}zQ"

    def name(self, name: str) -> str:
        if name not in self.names:
            self.names[name] = self.mark()
        return self.names[name]

    def list(self, nodes: ListNode) -> ListNode:
        return ListNode(nodes.pos, tuple([self.statement(node) for node in nodes.nodes]))

    def statement(self, node: Node) -> Node:
        match node:
            case TextNode():
                return TextNode(node.pos, self.mark())
            case BranchNode(pipe=pipe, list=body, else_list=other):
                given = self.pipe(pipe), self.list(body), other and self.list(other)
                return type(node)(node.pos, *given, node.source)
            case ActionNode(pipe=pipe):
                return ActionNode(node.pos, self.pipe(pipe), node.source)
            case TemplateNode(pipe=PipeNode() as pipe):
                return replace(node, pipe=self.pipe(pipe))
        return node

    def pipe(self, pipe: PipeNode) -> PipeNode:
        decl = tuple([self.variable(variable) for variable in pipe.decl])
        cmds = [
            CommandNode(cmd.pos, tuple([self.operand(arg) for arg in cmd.args]))
            for cmd in pipe.cmds
        ]
        return PipeNode(pipe.pos, pipe.is_assign, decl, tuple(cmds))

    def operand(self, node: Node) -> Node:
        match node:
            case FieldNode(ident=names):
                return FieldNode(node.pos, self.all(names))
            case VariableNode():
                return self.variable(node)
            case StringNode(text=text, quoted=quoted) if _SIMPLE.fullmatch(text):
                text = self.mark()
                return StringNode(node.pos, f"{quoted[0]}{text}{quoted[0]}", text)
            case ChainNode(node=term, fields=names):
                return ChainNode(node.pos, self.operand(term), self.all(names))
            case PipeNode():
                return self.pipe(node)
        return node

    def variable(self, node: VariableNode) -> VariableNode:
        first, *rest = node.ident
        first = first if first == "$" else f"${self.name(first[1:])}"
        return VariableNode(node.pos, (first, *self.all(rest)))

    def all(self, names: Sequence[str]) -> tuple[str, ...]:
        return tuple([self.name(name) for name in names])
