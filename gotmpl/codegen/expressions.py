"""Pipelines to values: commands, operands, fields, and calls of functions and methods.

A value that does not fit one statement is printed as several, and a variable is returned. Keeps
Go's order of evaluation, and the node that Go names in an error. Arguments are checked at
generation time if their type is known, else at run time. Knows nothing of control structures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeGuard

from gotmpl.codegen.constants import constant, ideal
from gotmpl.codegen.fields import Asked, Look
from gotmpl.codegen.inlining import INLINE, Call
from gotmpl.codegen.python import Part, Place
from gotmpl.codegen.state import Draft, Metered
from gotmpl.codegen.values import BOXED, NOT_BOXED, Failed, Known, Local, Value
from gotmpl.limits import LARGE
from gotmpl.strconv.quoting import quote
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
from gotmpl.values.arguments import assign
from gotmpl.values.kinds import TESTED_ALIKE
from gotmpl.values.signatures import ANY, GoType, Refused

_LITERALS: Final = (BoolNode, NilNode, NumberNode, StringNode)
_DEEPEST: Final = 5  # `and`, `or` and `not` in each other's arguments, as Python's own
_MOST_READ: Final = 8  # names in a chain that is read without a call
# Builtins that distinguish a value from the interface around it: from which argument on, and the
# function that keeps the interface.
_NOTICES_INTERFACES: Final = {"len": (0, "nil_interface"), "slice": (1, "interface")}
# The types that builtins return, if always the same.
_RESULTS: Final[Mapping[str, type]] = {
    **dict.fromkeys(("eq", "ge", "gt", "le", "lt", "ne", "not"), bool),
    **dict.fromkeys(("html", "js", "print", "printf", "println", "urlquery"), str),
    "len": int,
}


class Expressions:
    """Prints what pipelines need into a draft, and returns their values."""

    __slots__ = ("draft",)

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

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
            value = self._command(cmd, value).taken_out()
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

    def _command(self, cmd: CommandNode, final: Value | None) -> Value:
        """Return the value of one stage (Go: evalCommand).

        Args:
            cmd: the stage.
            final: the value of the stage before it, which is its last argument.
        """
        first, args = cmd.args[0], cmd.args[1:]
        if final is not None:
            waits = isinstance(first, IdentifierNode) and all(
                isinstance(arg, _LITERALS) for arg in args
            )
            if final.place or not waits:
                final = self.draft.hoist(final)
        if isinstance(first, IdentifierNode):
            return self._function(first, cmd, args, final)
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
            if isinstance(variable, Failed):
                return variable
            if not isinstance(variable, Local):  # it may not exist, which Go reports first
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
                return self._function(node, node, (), None)
            case PipeNode():
                return self.pipeline(node)
        try:
            return self.draft.known(ideal(node))
        except Refused as refused:
            return self.draft.fail(str(refused))

    # -- Conditions

    def condition(self, pipe: PipeNode, *, settles: bool = True) -> list[Part]:
        """Return Python for whether a pipeline is true, in parts that each have one place.

        Args:
            pipe: the pipeline.
            settles: whether fields may be read by lines of their own.
        """
        draft = self.draft
        lines, visible = len(draft.out.lines), len(draft.variables)
        logic = self._logic(pipe, _DEEPEST)
        if logic is not None:
            return logic
        draft.take_back(lines, visible)
        draft.settles = settles
        value = self.pipeline(pipe)
        test = self.tested(value)
        draft.settles = False
        return [Part(test, value.place)]

    def tested(self, value: Value) -> str:
        """Return Python for whether a value is true (Go: isTrue)."""
        if isinstance(value, Known):
            return str(bool(value.value))
        if value.exact in TESTED_ALIKE:
            return value.code()
        if isinstance(value, Asked):
            return value.tested()
        if self.draft.once:
            return f"is_true({value.code()})"
        name, given = self.draft.named(value)
        alike = f"{name} if type({given}) in TESTED_ALIKE"
        return f"{alike} else type({name}) in TRUE or is_true({name})"

    def _logic(self, pipe: PipeNode, depth: int) -> list[Part] | None:
        """Return Python's own `and`, `or` and `not` for those of a condition.

        None if the pipeline is another, or if an argument needs lines of its own.
        """
        match pipe:
            case PipeNode(decl=(), cmds=(CommandNode(args=(IdentifierNode() as ident, *args)),)):
                callee = self.draft.functions[ident.ident]
            case _:
                return None
        operator = ident.ident
        if callee is None or not callee.builtin or not args or not depth:
            return None
        if operator not in ("and", "or", "not") or (operator == "not" and len(args) > 1):
            return None
        parts = []
        for index, arg in enumerate(args):
            test = self._logic(arg, depth - 1) if isinstance(arg, PipeNode) else None
            test = test or self._own_test(arg)
            if test is None:
                return None
            opening = f" {operator} (" if index else "not (" if operator == "not" else "("
            if len(test) == 1:
                parts.append(Part(f"{opening}{test[0].code})", test[0].place))
            else:
                parts += [Part(opening), *test, Part(")")]
        return parts

    def _own_test(self, arg: Node) -> list[Part] | None:
        """Return Python for whether an argument is true, if it needs no lines of its own."""
        mark = len(self.draft.out.lines)
        value = self._argument(arg, ANY)
        if len(self.draft.out.lines) > mark:
            return None
        return [Part(self.tested(value), value.place)]

    # -- Fields

    def _fields(
        self, node: FieldNode | VariableNode | ChainNode, args: Sequence[Node], final: Value | None
    ) -> Value:
        """Return fields of the cursor, of a variable or of a term (Go: evalFieldChain)."""
        draft = self.draft
        at = draft.visit(node)
        receiver, names = self._receiver(node)
        if isinstance(receiver, Failed):
            return receiver
        if args or final is not None:
            return self._method(receiver, names, at, args, final)
        kind = Asked if draft.once or len(names) > _MOST_READ else Look
        return kind(
            "",
            boxed=BOXED,
            draft=draft,
            receiver=receiver,
            names=names,
            node=draft.here(),
            at=str(at),
        )

    def _receiver(
        self, node: FieldNode | VariableNode | ChainNode
    ) -> tuple[Local | Failed, tuple[str, ...]]:
        match node:
            case FieldNode(ident=names):
                return self.draft.dot, names
            case VariableNode(ident=(_, *names)):
                return self._as_receiver(self.draft.variable(node.ident[0])), tuple(names)
            case ChainNode(node=NilNode()):
                return self.draft.fail(f"indirection through explicit nil in {node}"), node.fields
            case ChainNode(node=term, fields=names):
                self.draft.visit(term)
                return self._as_receiver(self._operand(term)), names
        raise TypeError(node)

    def _as_receiver(self, value: Value) -> Local | Failed:
        """Return a value, or the variable that it is evaluated into, as a receiver."""
        if isinstance(value, Local | Failed):
            return value
        return self.draft.put(value, self.draft.temporary())

    def _method(
        self,
        receiver: Local,
        names: tuple[str, ...],
        at: int,
        args: Sequence[Node],
        final: Value | None,
    ) -> Value:
        """Return the result of a method with arguments, which are converted at run time."""
        draft, out = self.draft, self.draft.out
        call, result = draft.name("m"), draft.temporary()
        final = draft.hoist(final) if final is not None else None
        count = (len(args), final is not None)
        out.line(
            f"{call} = bind({receiver.code()}, {names!r}, {receiver.boxed}, "
            f"{count!r}, {draft.here()}, {at})"
        )
        draft.forget()
        out.line(f"{result} = None")
        here = draft.name("n")  # arguments are visited only if there is a method to call
        draft.track(here, draft.here())
        with out.under(draft.new_guard(f"{call} is not None")):
            fitted = [draft.hoist(self._late(call, i, arg)).code() for i, arg in enumerate(args)]
            if final is not None:  # converting it is not part of the call
                last = f"{len(args)}, {final.raw()}, {final.boxed}, {draft.here()}"
                fitted.append(draft.hoist(Value(f"{call}.argument({last})")).code())
            place = Place(at, names[-1])
            out.line(f"{result} = {call}.function({', '.join(fitted)})", place)
            draft.track(here, draft.here())
        draft.at = here
        return Local(result)

    def _late(self, call: str, index: int, node: Node) -> Value:
        """Return an argument of a method, whose type is known at run time."""
        at = self.draft.visit(node)
        if isinstance(node, _LITERALS):
            return Value(f"{call}.constant({index}, {self.draft.bind(node, 'k')}, {at})")
        value = self.draft.apart(self._operand(node))
        return Value(f"{call}.argument({index}, {value.raw()}, {value.boxed}, {self.draft.here()})")

    # -- Functions

    def _function(
        self, ident: IdentifierNode, cmd: Node, args: Sequence[Node], final: Value | None
    ) -> Value:
        """Return the call of a function (Go: evalFunction, evalCall)."""
        draft, name = self.draft, ident.ident
        draft.visit(ident)
        callee = draft.functions[name]
        try:
            if callee is None:
                raise Refused(f"{quote(name)} is not a defined function")
            callee.signature.check_count(name, len(args), piped=final is not None)
        except Refused as refused:
            if final is not None:
                draft.hoist(final)
            return draft.fail(str(refused))
        builtin = name if callee.builtin else ""
        if builtin in ("and", "or"):
            # Evaluated before the arguments, which may decide without it.
            final = draft.hoist(final) if final is not None else None
            return self._short_circuit(name, args, final)
        notices = _NOTICES_INTERFACES.get(builtin)
        values = self._arguments(args, final, callee.signature.type_at, notices)
        if builtin in ("", "call"):
            draft.forget()
        spelled = f", name={str(args[0])!r}" if builtin == "call" and args else ""
        call = Call(draft.function(name), Place(draft.number(cmd), name), spelled)
        inline = None if draft.once else INLINE.get(builtin)
        inlined = inline(draft, values, call) if inline else None
        if inlined is not None:
            return self._limited(inlined, is_inlined=True)
        code = call.code([value.code() for value in values])
        boxed = BOXED if callee.signature.boxed else NOT_BOXED
        return self._limited(Value(code, call.place, _RESULTS.get(builtin), boxed))

    def _limited(self, value: Value, *, is_inlined: bool = False) -> Value:
        """Return the result of a call, with a check if there are limits and it may be large."""
        exact = value.exact
        if self.draft.metered is Metered.NOT or exact in (bool, int):
            return value
        unchecked = value.text if is_inlined or exact is None else ""
        name = self.draft.temporary()
        small = f"len({name} := {value.text}) < {LARGE}"
        if exact is None:
            small = f"type({name} := {value.text}) is not str or len({name}) < {LARGE}"
        return replace(value, text=f"({name} if {small} else fit({name}))", unchecked=unchecked)

    def _arguments(
        self,
        args: Sequence[Node],
        final: Value | None,
        type_at: Callable[[int], GoType],
        notices: tuple[int, str] | None,
    ) -> list[Value]:
        """Return the arguments of a call, to be evaluated from left to right."""
        draft = self.draft
        values: list[Value] = []
        settled = 0  # how many of the first values are names
        for index, arg in enumerate(args):
            mark = len(draft.out.lines)
            if isinstance(arg, PipeNode):  # whose lines come later than those of the arguments
                draft.forget()
            value = self._argument(arg, type_at(index))
            if notices is not None and index >= notices[0] and value.boxed != NOT_BOXED:
                value = _noticed(value, notices[1])
            value = draft.apart(value)
            if len(draft.out.lines) > mark:  # arguments to the left are evaluated first
                printed = draft.out.take(mark)
                draft.forget()  # these lines come later than those of the arguments
                values[settled:] = map(draft.hoist, values[settled:])
                settled = len(values)
                draft.out.lines.extend(printed)
            values.append(value)
        if final is not None:
            if any(isinstance(value, Failed) for value in values):
                final = draft.hoist(final)  # it was evaluated, and fails, before them
            values.append(self._fit(final, type_at(len(args))))
        return values

    def _argument(self, node: Node, go_type: GoType) -> Value:
        """Return an operand as an argument of a type (Go: evalArg)."""
        self.draft.visit(node)
        if not isinstance(node, _LITERALS):
            return self._fit(self._operand(node), go_type)
        try:
            return self.draft.known(constant(node, go_type))
        except Refused as refused:
            return self.draft.fail(str(refused))

    def _fit(self, value: Value, go_type: GoType) -> Value:
        """Return a value as an argument of a type (Go: validateType)."""
        if go_type.is_interface:
            return value
        draft = self.draft
        if isinstance(value, Known):
            given = value.value
            try:
                return draft.known(assign(given, go_type, valid=given is not None, boxed=False))
            except Refused as refused:
                return draft.fail(str(refused))
        value = draft.apart(value)
        if value.exact is not None and value.exact is go_type.exact:
            return value
        rest = f"{draft.bind(go_type, 'T')}, {value.boxed}, {draft.here()})"
        if go_type.exact is None or draft.once:
            return Value(f"argument({value.raw()}, {rest}")
        name, given = draft.named(value)
        slow = f"argument({value.rest(name, raw=True)}, {rest}"
        return Value(f"({name} if type({given}) is {go_type.exact.__name__} else {slow})")

    def _short_circuit(self, name: str, args: Sequence[Node], final: Value | None) -> Value:
        """Return the first argument that decides, or the last (Go: evalCall, of `and` and `or`)."""
        draft, out = self.draft, self.draft.out
        result, at = draft.temporary(), draft.name("n")
        test = self.tested(Local(result))
        go_on = f"({test})" if name == "and" else f"not ({test})"
        outer = out.guard
        given: Sequence[Node | Value] = args if final is None else (*args, final)
        for index, arg in enumerate(given):
            if index:
                out.guard = draft.new_guard(go_on)
            value = self._argument(arg, ANY) if isinstance(arg, Node) else arg
            out.line(f"{result} = {value.code()}", value.place)
            draft.track(at, draft.here())
        out.guard = outer
        draft.at = at
        return Local(result)


def _noticed(value: Value, function: str) -> Value:
    """Return a value in its interface, for a builtin that distinguishes the two."""
    if function == "interface" and isinstance(value, Asked):
        return Value(value.held())
    return Value(f"{function}({value.raw()}, {value.boxed})", value.place, value.exact)


def _has_fields(node: Node) -> TypeGuard[FieldNode | VariableNode | ChainNode]:
    """Return whether an operand follows fields."""
    match node:
        case FieldNode() | ChainNode() | VariableNode(ident=(_, _, *_)):
            return True
    return False
