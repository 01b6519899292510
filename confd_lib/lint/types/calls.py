"""The calls in a template, with their arguments as far as they are known before it runs.

One walk over the trees of a file follows the values of variables. The module knows neither rules
nor resources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from confd_lib.funcs.readers import READERS
from confd_lib.lint.types.texts import UNKNOWN, Text, formatted, literal, printed
from gotmpl import nodes

# Parentheses nested deeper than this are ignored.
_MAX_DEPTH: Final = 60


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function.

    Attributes:
        name: the function.
        arguments: its arguments; the value of the pipeline comes last.
        line: the line of the template.
        column: the column of its name, from 1.
        guards: the keys that the conditions of the branches around it read.
        conditional: whether it stands in a branch.
    """

    name: str
    arguments: tuple[Text, ...]
    line: int
    column: int = 1
    guards: frozenset[str] = frozenset()
    conditional: bool = False

    @property
    def key(self) -> Text:
        """The first argument: the key, of a call that asks the store."""
        return self.arguments[0] if self.arguments else UNKNOWN


@dataclass(frozen=True, slots=True)
class Spot:
    """A node with its line, for rules.

    Attributes:
        node: the node.
        line: the line of the template.
        column: the column, from 1.
        has_cursor: whether the cursor may hold a value there; confd executes without data.
        has_root: whether `$` may hold a value there.
    """

    node: nodes.Node
    line: int
    column: int
    has_cursor: bool
    has_root: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """The calls and nodes in the trees of a file.

    Attributes:
        calls: all calls; those of one template in the order of its text.
        spots: all nodes of lists, and all operands.
    """

    calls: tuple[Call, ...]
    spots: tuple[Spot, ...]

    @property
    def reads(self) -> tuple[Call, ...]:
        """The calls that ask the store."""
        return tuple(call for call in self.calls if call.name in READERS)


def contents(trees: Mapping[str, nodes.Tree], main: str, *, has_data: bool = False) -> Contents:
    """Find all calls and nodes of the templates of a file.

    Args:
        trees: the templates, by name.
        main: the name of the template that confd executes.
        has_data: whether it is executed with data.
    """
    walks = [_Walk(tree, has_root=has_data or name != main) for name, tree in trees.items()]
    for walk in walks:
        walk.run()
    calls = tuple(call for walk in walks for call in walk.calls)
    return Contents(calls, tuple(spot for walk in walks for spot in walk.spots))


@dataclass(frozen=True, slots=True)
class _Block:
    """A list of nodes, with the state of the walk at its beginning."""

    list: nodes.ListNode
    variables: dict[str, Text]
    has_cursor: bool
    guards: frozenset[str] = frozenset()
    conditional: bool = False


@dataclass(slots=True)
class _Walk:
    """A walk over one tree."""

    tree: nodes.Tree
    has_root: bool
    calls: list[Call] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Walk the tree; variables that are assigned with `=` count as unknown."""
        self.unsure.update(assigned(self.tree.root))
        blocks = [_Block(self.tree.root, {}, self.has_root)]
        while blocks:
            block = blocks.pop()
            inner: list[_Block] = []
            for node in block.list.nodes:
                self._spot(node, block)
                inner += self._node(node, block)
            blocks += reversed(inner)

    def _node(self, node: nodes.Node, block: _Block) -> Iterator[_Block]:
        pipe = getattr(node, "pipe", None)
        if not isinstance(pipe, nodes.PipeNode):
            return
        before = len(self.calls)
        value = self._pipe(pipe, block, 0)
        if not isinstance(node, nodes.BranchNode):
            self._declare(pipe, value, block.variables)
            return
        asked = {call.key.literal for call in self.calls[before:] if call.name in READERS}
        guards = block.guards | {key for key in asked if key is not None}
        inner = replace(block, variables=dict(block.variables), guards=guards, conditional=True)
        elements = UNKNOWN if isinstance(node, nodes.RangeNode) else value
        self._declare(pipe, elements, inner.variables)
        moves = isinstance(node, nodes.RangeNode | nodes.WithNode)
        yield replace(inner, list=node.list, has_cursor=block.has_cursor or moves)
        if node.else_list is not None:
            yield replace(inner, list=node.else_list, variables=dict(inner.variables))

    def _declare(self, pipe: nodes.PipeNode, value: Text, variables: dict[str, Text]) -> None:
        for one in pipe.decl:
            name = one.ident[0]
            variables[name] = UNKNOWN if name in self.unsure else value

    def _pipe(self, pipe: nodes.PipeNode, block: _Block, depth: int) -> Text:
        value: Text | None = None
        for command in pipe.cmds:
            value = self._command(command, value, block, depth)
        return value or UNKNOWN

    def _command(
        self, command: nodes.CommandNode, piped: Text | None, block: _Block, depth: int
    ) -> Text:
        first, *rest = command.args
        values = [self._operand(arg, block, depth) for arg in rest]
        if not isinstance(first, nodes.IdentifierNode):
            return self._operand(first, block, depth)
        if piped is not None:
            values.append(piped)
        place = place_of(self.tree.source, first.pos)
        call = Call(first.ident, tuple(values), *place, block.guards, block.conditional)
        self.calls.append(call)
        return _RESULTS.get(first.ident, _unknown)(call)

    def _operand(self, node: nodes.Node, block: _Block, depth: int) -> Text:
        self._spot(node, block)
        match node:
            case nodes.StringNode(text=text):
                return literal(text)
            case nodes.NumberNode(text=text):
                return literal(text, is_text=False)
            case nodes.VariableNode(ident=(name,)):
                return block.variables.get(name, UNKNOWN)
            case nodes.IdentifierNode():
                return self._command(nodes.CommandNode(node.pos, (node,)), None, block, depth)
            case nodes.PipeNode() if depth < _MAX_DEPTH:
                return self._pipe(node, block, depth + 1)
            case nodes.ChainNode(node=inner) if depth < _MAX_DEPTH:
                self._operand(inner, block, depth + 1)
        return UNKNOWN

    def _spot(self, node: nodes.Node, block: _Block) -> None:
        place = place_of(self.tree.source, node.pos)
        self.spots.append(Spot(node, *place, block.has_cursor, self.has_root))


def place_of(source: nodes.Source, pos: int) -> tuple[int, int]:
    """Return the line and the column of a position, both from 1, in characters."""
    return source.line(pos), pos - source.text.rfind("\n", 0, pos)


def assigned(root: nodes.ListNode) -> Iterator[str]:
    """Yield the variables that a template sets with `=`."""
    pending: list[nodes.Node | None] = [root]
    while pending:
        node = pending.pop()
        pipe = getattr(node, "pipe", None)
        if isinstance(pipe, nodes.PipeNode) and pipe.is_assign:
            yield from (one.ident[0] for one in pipe.decl)
        if isinstance(node, nodes.ListNode):
            pending.extend(node.nodes)
        elif isinstance(node, nodes.BranchNode):
            pending += (node.list, node.else_list)


def _unknown(call: Call) -> Text:
    return Text(made_by=call.name)


# The results that are known before the template runs.
_RESULTS: Final = {
    "print": lambda call: printed(call.arguments),
    "printf": lambda call: formatted(call.arguments),
}
