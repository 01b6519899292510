"""Parses tokens into pipelines: commands, operands and their fields.

Keeps open parentheses on a stack of its own, so that nesting needs no recursion. Knows the names of
functions and variables, but no blocks.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field, replace
from sys import intern
from typing import Final

from gotmpl.strconv.numbers import parse_number
from gotmpl.strconv.quoting import quote, unquote
from gotmpl.syntax.cursor import Cursor
from gotmpl.syntax.nodes import (
    BoolNode,
    ChainNode,
    CommandNode,
    DotNode,
    FieldNode,
    IdentifierNode,
    NilNode,
    Node,
    NumberNode,
    PipeNode,
    StringNode,
    VariableNode,
)

_MAX_DEPTH: Final = 10_000  # Go: maxStackDepth, of parentheses
_OPERANDS: Final = frozenset(
    {"left paren", "bool", "char", "complex", "dot", "field", "word"}
    | {"nil", "number", "raw", "string", "variable"}
)
# A later stage of a pipeline may not begin with one of these (Go: checkPipeline).
_NOT_EXECUTABLE: Final = (BoolNode, DotNode, NilNode, NumberNode, StringNode)


@dataclass(slots=True)
class _OpenPipe:
    """An unfinished pipeline, and its unfinished command."""

    context: str
    end: str
    pos: int
    is_assign: bool = False
    decl: list[VariableNode] = field(default_factory=list)
    cmds: list[CommandNode] = field(default_factory=list)
    args: list[Node] | None = None
    cmd_pos: int = 0


class Pipelines:
    """Parses pipelines.

    Args:
        cursor: where the tokens come from.
        funcs: the names of the functions that may be called.

    Attributes:
        vars: the names of the variables in scope; pipelines add to them.
    """

    __slots__ = ("_cursor", "_funcs", "vars")

    def __init__(self, cursor: Cursor, funcs: Container[str]) -> None:
        self._cursor = cursor
        self._funcs = funcs
        self.vars = ["$"]

    def parse(self, context: str) -> PipeNode:
        """Go: pipeline, command and operand, with the open parentheses on a stack."""
        cursor = self._cursor
        stack = [self._open_pipe(context, "right delim")]
        while True:
            pipe = stack[-1]
            kind = cursor.next_non_space()
            if pipe.args is None:
                if kind == pipe.end:
                    node = self._close_pipe(stack.pop())
                    if not stack:
                        return node
                    self._operand(stack[-1], node)
                    continue
                if kind not in _OPERANDS:
                    cursor.unexpected(pipe.context)
                pipe.args, pipe.cmd_pos = [], cursor.pos
            if kind == "left paren":
                if len(stack) > _MAX_DEPTH:
                    cursor.error("max expression depth exceeded")
                stack.append(self._open_pipe("parenthesized pipeline", "right paren"))
                continue
            self._operand(pipe, self._term(kind))

    def _open_pipe(self, context: str, end: str) -> _OpenPipe:
        """Read the variables that a pipeline sets, if any."""
        cursor = self._cursor
        kind = cursor.next_non_space()
        pipe = _OpenPipe(context, end, cursor.pos)
        while kind == "variable":
            mark, variable = cursor.mark(), VariableNode(cursor.pos, (cursor.text,))
            after = cursor.next_non_space()
            if after in ("assign", "declare"):
                pipe.is_assign = after == "assign"
            elif cursor.text != ",":
                cursor.reset(mark)
                break
            pipe.decl.append(variable)
            self.vars.append(variable.ident[0])
            if after in ("assign", "declare"):
                return pipe
            self._second_variable(pipe)
            kind = cursor.next_non_space()
        cursor.back()
        return pipe

    def _second_variable(self, pipe: _OpenPipe) -> None:
        if pipe.context != "range" or len(pipe.decl) > 1:
            self._cursor.error(f"too many declarations in {pipe.context}")
        if self._cursor.peek_non_space() not in ("variable", "right delim", "right paren"):
            self._cursor.error("range can only initialize variables")

    def _close_pipe(self, pipe: _OpenPipe) -> PipeNode:
        """Go: checkPipeline."""
        if not pipe.cmds:
            self._cursor.error(f"missing value for {pipe.context}")
        for stage, cmd in enumerate(pipe.cmds[1:], start=2):
            if isinstance(cmd.args[0], _NOT_EXECUTABLE):
                self._cursor.error(f"non executable command in pipeline stage {stage}")
        return PipeNode(pipe.pos, pipe.is_assign, tuple(pipe.decl), tuple(pipe.cmds))

    def _operand(self, pipe: _OpenPipe, term: Node | None) -> None:
        """Add an operand with the fields that follow it, and end the command if it ends here."""
        assert pipe.args is not None
        kind = self._cursor.next()
        if term is not None:
            if kind == "field":
                term = self._chain(term, self._cursor.pos, self._names())
                kind = self._cursor.next()
            pipe.args.append(term)
        if kind == "space":
            return
        if kind in ("right delim", "right paren"):
            self._cursor.back()
        elif kind != "pipe":
            self._cursor.unexpected("operand")
        if not pipe.args:
            self._cursor.error("empty command")
        pipe.cmds.append(CommandNode(pipe.cmd_pos, tuple(pipe.args)))
        pipe.args = None

    def _names(self) -> tuple[str, ...]:
        """Return the fields in a row, the first of which was read."""
        names = [intern(self._cursor.text[1:])]
        while self._cursor.next() == "field":
            names.append(intern(self._cursor.text[1:]))
        self._cursor.back()
        return tuple(names)

    def _chain(self, term: Node, pos: int, fields: tuple[str, ...]) -> Node:
        if isinstance(term, FieldNode | VariableNode):
            return replace(term, pos=pos, ident=term.ident + fields)
        if isinstance(term, _NOT_EXECUTABLE):
            self._cursor.error(f"unexpected . after term {quote(str(term))}")
        return ChainNode(pos, term, fields)

    def _term(self, kind: str) -> Node | None:
        """Return the operand of the token read last, or None and unread it."""
        make = _TERMS.get(kind)
        if make is None:
            self._cursor.back()
            return None
        return make(self, self._cursor.pos, self._cursor.text)

    def _identifier(self, pos: int, text: str) -> Node:
        if text not in self._funcs:
            self._cursor.error(f"function {quote(text)} not defined")
        return IdentifierNode(pos, text)

    def _variable(self, pos: int, text: str) -> Node:
        if text not in self.vars:
            self._cursor.error(f"undefined variable {quote(text)}")
        return VariableNode(pos, (text,))

    def _number(self, pos: int, text: str) -> Node:
        try:
            return NumberNode(pos, text, parse_number(text))
        except ValueError as error:
            self._cursor.error(str(error))

    def _string(self, pos: int, text: str) -> Node:
        return StringNode(pos, text, self.unquote(text))

    def unquote(self, text: str) -> str:
        """Return the text of a quoted string."""
        try:
            return unquote(text)
        except ValueError as error:
            self._cursor.error(str(error))


_TERMS: Final = {
    "word": Pipelines._identifier,
    "dot": lambda _, pos, __: DotNode(pos),
    "nil": lambda _, pos, __: NilNode(pos),
    "variable": Pipelines._variable,
    "field": lambda _, pos, text: FieldNode(pos, (intern(text[1:]),)),
    "bool": lambda _, pos, text: BoolNode(pos, text == "true"),
    "number": Pipelines._number,
    "char": Pipelines._number,
    "complex": Pipelines._number,
    "string": Pipelines._string,
    "raw": Pipelines._string,
}
