"""Pipelines to Python expressions: commands, operands, fields and methods.

An expression that does not fit one statement is printed as several, and the name of the result is
returned. Keeps Go's order of evaluation, and the node that Go names in an error.
Knows nothing of control structures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from gotmpl.codegen.calls import LITERALS, Calls
from gotmpl.codegen.constants import ideal
from gotmpl.codegen.python import Place
from gotmpl.codegen.state import Draft, Value
from gotmpl.codegen.variables import BOXED, NOT_BOXED
from gotmpl.syntax.nodes import (
    ChainNode,
    CommandNode,
    DotNode,
    FieldNode,
    IdentifierNode,
    NilNode,
    Node,
    PipeNode,
    VariableNode,
)
from gotmpl.values.signatures import Refused


class Expressions:
    """Prints pipelines into a draft."""

    __slots__ = ("_calls", "draft")

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._calls = Calls(draft, self._operand)

    # -- Pipelines

    def pipeline(self, pipe: PipeNode | None, *, sets: bool = True) -> Value:
        """Return the value of a pipeline (Go: evalPipeline).

        Args:
            pipe: the pipeline.
            sets: whether to set its variables, which a range does itself.
        """
        if pipe is None:
            return self.draft.known(None)
        self.draft.visit(pipe)
        value: Value | None = None
        for cmd in pipe.cmds:
            value = self.command(cmd, value)
            # Go: a pipeline takes the value out of its interface; a missing value becomes nil.
            if value.raw or value.boxed != NOT_BOXED:
                value = value._replace(raw="", boxed=NOT_BOXED)
        assert value is not None
        if sets:
            for variable in pipe.decl:
                value = self._set(pipe, variable.ident[0], value)
        return value

    def _set(self, pipe: PipeNode, name: str, value: Value) -> Value:
        if not pipe.is_assign:
            return self.draft.declare(name, value)
        value = self.draft.hoist(value)
        self.draft.assign(name, value)
        return value

    def command(self, cmd: CommandNode, final: Value | None) -> Value:
        """Return the value of one stage (Go: evalCommand).

        Args:
            cmd: the stage.
            final: the value of the stage before it, which is its last argument.
        """
        first, args = cmd.args[0], cmd.args[1:]
        literal = all(isinstance(arg, LITERALS) for arg in args)
        waits = literal and isinstance(first, IdentifierNode)
        if final is not None and (final.place or not waits):
            final = self.draft.hoist(final)
        if isinstance(first, IdentifierNode):
            return self._calls.function(first, cmd, args, final)
        if _has_fields(first):
            return self._fields(first, args, final)
        if not isinstance(first, PipeNode):
            self.draft.visit(first)
        if args or final is not None:
            return self._no_function(first)
        if isinstance(first, NilNode):
            return self.draft.fail("nil is not a command")
        return self._operand(first)

    def _no_function(self, first: Node) -> Value:
        """Refuse arguments to what takes none (Go: notAFunction)."""
        if isinstance(first, VariableNode):
            variable = self.draft.variable(first.ident[0])
            if variable.fails:
                return variable
            if not variable.atom:  # it may not exist, which Go reports first
                self.draft.hoist(variable)
        return self.draft.fail(f"can't give argument to non-function {first}")

    def _operand(self, node: Node) -> Value:
        """Return the value of an operand that takes no arguments."""
        match node:
            case DotNode():
                return self.draft.dot
            case _ if _has_fields(node):
                return self._fields(node, (), None)
            case VariableNode(ident=(name,)):
                return self.draft.variable(name)
            case IdentifierNode():
                return self._calls.function(node, node, (), None)
            case PipeNode():
                return self.pipeline(node)
        try:
            return self.draft.known(ideal(node))
        except Refused as refused:
            return self.draft.fail(str(refused))

    # -- Fields

    def _fields(
        self, node: FieldNode | VariableNode | ChainNode, args: Sequence[Node], final: Value | None
    ) -> Value:
        """Return fields of the cursor, of a variable or of a term (Go: evalFieldChain)."""
        at = self.draft.visit(node)
        receiver, names = self._receiver(node)
        if receiver.fails:
            return receiver
        if not args and final is None:
            return self._chain(receiver, names, at)
        return self._method(receiver, names, at, args, final)

    def _receiver(
        self, node: FieldNode | VariableNode | ChainNode
    ) -> tuple[Value, tuple[str, ...]]:
        match node:
            case FieldNode(ident=names):
                return self.draft.dot, names
            case VariableNode(ident=(_, *names)):
                value = self.draft.variable(node.ident[0])
                return (value if value.atom else self.draft.hoist(value)), tuple(names)
            case ChainNode(node=NilNode()):
                return self.draft.fail(f"indirection through explicit nil in {node}"), node.fields
            case ChainNode(node=term, fields=names):
                self.draft.visit(term)
                value = self._operand(term)
                return (value if value.atom else self.draft.hoist(value)), names
        raise TypeError(node)

    def _chain(self, receiver: Value, names: tuple[str, ...], at: str) -> Value:
        """Return fields; in code that may run often, plain dicts are indexed inline."""
        holder = receiver.code
        rest = f"({receiver.raw or holder}, {names!r}, {receiver.boxed}, {self._places(at)})"
        if receiver.is_constant or self.draft.once:
            return Value(f"chain{rest}", f"find{rest}", BOXED, f"held{rest}")
        tests = [receiver.is_dict or f"type({holder}) is dict"]
        self.draft.tracked.add(receiver.is_dict)
        for name in names[:-1]:
            inner = self.draft.name("y")
            tests.append(f"type({inner} := {holder}.get({name!r})) is dict")
            holder = inner
        tests.append(f"{names[-1]!r} in {holder}")
        found = f"{holder}[{names[-1]!r}] if {' and '.join(tests)} else"
        return Value(f"({found} chain{rest})", f"({found} find{rest})", BOXED, f"held{rest}")

    def _places(self, at: str) -> str:
        """Return Python for the nodes that errors name: of a look-up and, if it differs, a call."""
        here = self.draft.here()
        return here if here == at else f"{here}, {at}"

    def _method(
        self,
        receiver: Value,
        names: tuple[str, ...],
        at: str,
        args: Sequence[Node],
        final: Value | None,
    ) -> Value:
        """Return the result of a method with arguments, which are converted at run time."""
        out, call, result = self.draft.out, self.draft.name("m"), self.draft.name("x")
        final = self.draft.hoist(final) if final is not None else None
        count = (len(args), final is not None)
        out.line(
            f"{call} = bind({receiver.raw or receiver.code}, {names!r}, {receiver.boxed}, "
            f"{count!r}, {self.draft.here()}, {at})"
        )
        out.line(f"{result} = None")
        here = self.draft.name("n")  # arguments are visited only if there is a method to call
        out.line(f"{here} = {self.draft.here()}", needed_for=here)
        guard = self.draft.name("g")
        out.guarding(guard, f"{call} is not None")
        with out.under(guard):
            fitted = [self.draft.hoist(self._late(call, i, arg)).code for i, arg in enumerate(args)]
            if final is not None:
                raw = final.raw or final.code
                fitted.append(
                    f"{call}.argument({len(args)}, {raw}, {final.boxed}, {self.draft.here()})"
                )
            place = Place(int(at), names[-1])
            code = ", ".join(fitted)
            if final is not None:  # converting it is not part of the call
                fitted[-1] = self.draft.hoist(Value(fitted[-1])).code
                code = ", ".join(fitted)
            out.line(f"{result} = {call}.function({code})", place)
            out.line(f"{here} = {self.draft.here()}", needed_for=here)
        self.draft.at = here
        return Value(result, atom=True, settled=True)

    def _late(self, call: str, index: int, node: Node) -> Value:
        at = self.draft.visit(node)
        if isinstance(node, LITERALS):
            return Value(f"{call}.constant({index}, {self.draft.bind(node, 'k')}, {at})")
        value = self._operand(node)
        if value.place:
            value = self.draft.hoist(value)
        raw = value.raw or value.code
        return Value(f"{call}.argument({index}, {raw}, {value.boxed}, {self.draft.here()})")


def _has_fields(node: Node) -> TypeGuard[FieldNode | VariableNode | ChainNode]:
    """Return whether an operand follows fields."""
    match node:
        case FieldNode() | ChainNode() | VariableNode(ident=(_, _, *_)):
            return True
    return False
