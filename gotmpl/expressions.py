"""Pipelines to Python expressions: fields, variables, constants and calls.

An expression that cannot stand in one line is printed in several; what it leaves is the name of
its result. The order in which Go evaluates, and the node that Go would name in an error, are kept.
Knows nothing of control structures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gotmpl.literals import quote
from gotmpl.nodes import (
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
from gotmpl.pygen import Function, Place
from gotmpl.scope import BOXED, NOT_BOXED, Variable
from gotmpl.signature import GoType, Refused, Signature, assign, constant, ideal

_LITERALS: Final = (BoolNode, NilNode, NumberNode, StringNode)
_NO_CONSTANT: Final = object()
# Types whose `repr` is safe to stand in generated code.
_PRINTABLE: Final = frozenset({str, int, float, bool, type(None)})
# Builtins that tell a value from the interface around it: from which argument on, and by what.
_NOTICES_INTERFACES: Final = {"len": (0, "nil_interface"), "slice": (1, "interface")}
# Builtins that are known to give a bool, which needs no test of truth.
_PREDICATES: Final = frozenset({"eq", "ge", "gt", "le", "lt", "ne", "not"})


@dataclass(frozen=True, slots=True)
class Value:
    """Python for a value.

    Attributes:
        code: the expression; what is not there is None.
        raw: the expression that tells what is not there (`MISSING`) from nil; may equal `code`.
        boxed: Python for whether the value came out of an `interface {}`.
        held: the expression for the value in its interface, where that must be found out.
        place: where evaluating it may fail in a function of the user's. One line may hold only one
            such place, so that the line tells which.
        atom: whether the expression is a name or a constant, which may be written twice.
        settled: whether it is the same whenever evaluated.
        constant: the value itself, where it is known.
        exact: its Python type, where that is known.
    """

    code: str
    raw: str = ""
    boxed: str = NOT_BOXED
    held: str = ""
    place: Place | None = None
    atom: bool = False
    settled: bool = False
    constant: object = _NO_CONSTANT
    exact: type | None = None

    @property
    def is_constant(self) -> bool:
        """Whether the value is known."""
        return self.constant is not _NO_CONSTANT


@dataclass(frozen=True, slots=True)
class Known:
    """A function that the template may call."""

    signature: Signature
    builtin: bool


@dataclass(slots=True)
class Expressions:
    """The state of printing one template: what is in scope, and what the code refers to.

    Attributes:
        functions: what the template may call.
        out: the function being printed.
        dot: the cursor.
        variables: the variables in scope, the innermost last.
        at: Python for the number of the node that Go would name in an error now (Go: state.at).
        nodes: the nodes that the code refers to by number.
        constants: what the code refers to by name.
        calls: the Python names of the functions called.
        tracked: the variables that hold a node's number and are read.
    """

    functions: Mapping[str, Known | None]
    mixed: frozenset[str] = frozenset()
    out: Function = field(default_factory=lambda: Function(""))
    dot: Value = field(default_factory=lambda: Value("d0", atom=True, settled=True))
    variables: list[Variable] = field(default_factory=list)
    at: str = "0"
    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, object] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    tracked: set[str] = field(default_factory=set)
    names: int = 0

    # -- Names and places

    def name(self, prefix: str) -> str:
        """Return a Python name that is new."""
        self.names += 1
        return f"{prefix}{self.names}"

    def number(self, node: Node) -> int:
        """Return the number by which the code refers to a node."""
        self.nodes.append(node)
        return len(self.nodes) - 1

    def visit(self, node: Node) -> str:
        """Make a node the one that errors name (Go: state.at)."""
        self.at = str(self.number(node))
        return self.at

    def here(self) -> str:
        """Return Python for the number of the node that errors name now."""
        if not self.at.isdigit():
            self.tracked.add(self.at)
        return self.at

    def bind(self, value: object, prefix: str) -> str:
        """Return the name under which the code finds a value."""
        for name, bound in self.constants.items():
            if bound is value:
                return name
        name = self.name(prefix)
        self.constants[name] = value
        return name

    def known(self, value: object) -> Value:
        """Return the value itself as an expression."""
        code = repr(value) if type(value) in _PRINTABLE else self.bind(value, "k")
        return Value(code, atom=True, settled=True, constant=value, exact=type(value))

    def fail(self, reason: str) -> Value:
        """Return an expression that fails when it is evaluated."""
        return Value(f"fail({self.here()}, {reason!r})")

    def hoist(self, value: Value, prefix: str = "x") -> Value:
        """Evaluate now; return the name of the result."""
        if value.settled:
            return value
        name = self.name(prefix)
        self.out.line(f"{name} = {value.raw or value.code}", value.place)
        code = f"(None if {name} is MISSING else {name})" if value.raw else name
        raw = name if value.raw else ""
        return Value(code, raw, value.boxed, atom=not raw, settled=True, exact=value.exact)

    # -- Pipelines

    def pipeline(self, pipe: PipeNode | None, *, sets: bool = True) -> Value:
        """Return the value of a pipeline (Go: evalPipeline).

        Args:
            pipe: the pipeline.
            sets: whether to set its variables, which a range does by itself.
        """
        if pipe is None:
            return self.known(None)
        self.visit(pipe)
        value: Value | None = None
        for cmd in pipe.cmds:
            value = self.command(cmd, value)
            # Go: a pipeline takes the value out of its interface, and nothing is nil.
            value = replace(value, raw="", boxed=NOT_BOXED)
        assert value is not None
        if sets:
            for variable in pipe.decl:
                value = self._set(pipe, variable.ident[0], value)
        return value

    def _set(self, pipe: PipeNode, name: str, value: Value) -> Value:
        if not pipe.is_assign:
            return self.declare(name, value)
        value = self.hoist(value)
        self.assign(name, value)
        return value

    def command(self, cmd: CommandNode, final: Value | None) -> Value:
        """Return the value of one stage (Go: evalCommand).

        Args:
            cmd: the stage.
            final: the value of the stage before it, which is its last argument.
        """
        first, args = cmd.args[0], cmd.args[1:]
        waits = isinstance(first, IdentifierNode) and all(
            isinstance(arg, _LITERALS) for arg in args
        )
        if final is not None and (final.place or not waits):
            final = self.hoist(final)
        match first:
            case IdentifierNode():
                return self._function(first, cmd, args, final)
            case FieldNode() | ChainNode():
                return self._fields(first, args, final)
            case VariableNode() if len(first.ident) > 1:
                return self._fields(first, args, final)
        if not isinstance(first, PipeNode):
            self.visit(first)
        if args or final is not None:
            variable = self.variable(first) if isinstance(first, VariableNode) else None
            if variable is not None and variable.code.startswith("fail("):
                return variable
            return self.fail(f"can't give argument to non-function {first}")
        if isinstance(first, PipeNode):
            return self.pipeline(first)
        if isinstance(first, NilNode):
            return self.fail("nil is not a command")
        return self._operand(first)

    def _operand(self, node: Node) -> Value:
        """Return the value of an operand that takes no arguments."""
        match node:
            case DotNode():
                return self.dot
            case VariableNode(ident=(_,)):
                return self.variable(node)
            case VariableNode() | FieldNode() | ChainNode():
                return self._fields(node, (), None)
            case IdentifierNode():
                return self._function(node, node, (), None)
            case PipeNode():
                return self.pipeline(node)
        try:
            return self.known(ideal(node))
        except Refused as refused:
            return self.fail(str(refused))

    # -- Variables

    def variable(self, node: VariableNode) -> Value:
        """Return the value of a variable (Go: varValue)."""
        return self._lookup(node.ident[0], len(self.variables))

    def _lookup(self, name: str, top: int) -> Value:
        for index in range(top - 1, -1, -1):
            found = self.variables[index]
            if found.name == name:
                break
        else:
            return self.fail(f"undefined variable: {name}")
        if not found.unsure:
            return Value(found.local, boxed=found.boxed, atom=True)
        other = self._lookup(name, index)
        return Value(f"({other.code} if {found.local} is UNSET else {found.local})")

    def declare(self, name: str, value: Value) -> Value:
        """Make a variable of a value."""
        local = self.name("v") + "".join(c for c in name[1:] if c.isascii())
        unsure = bool(self.out.guard)
        if unsure:  # it may not come to this
            self.out.always(f"{local} = UNSET")
        self.out.line(f"{local} = {value.code}", value.place)
        self.variables.append(Variable(name, local, self.shadow(name, NOT_BOXED), unsure))
        return Value(local, atom=True, exact=value.exact)

    def shadow(self, name: str, boxed: str) -> str:
        """Return Python for whether a new variable is boxed, kept in a variable if that changes."""
        if name not in self.mixed:
            return boxed
        local = self.name("m")
        self.out.line(f"{local} = {boxed}")
        return local

    def assign(self, name: str, value: Value, boxed: str = NOT_BOXED) -> None:
        """Set the innermost variable of a name (Go: setVar)."""
        guard = self.out.guard
        for found in reversed(self.variables):
            if found.name != name:
                continue
            if not found.unsure:
                break
            inner = self.name("g")
            self.out.guarding(inner, f"{found.local} is not UNSET")
            with self.out.under(inner):
                self.out.line(f"{found.local} = {value.code}")
            outer = self.name("g")
            self.out.guarding(outer, f"{found.local} is UNSET")
            self.out.guard = outer
        else:
            found = None
        if found is None:
            self.out.line(self.fail(f"undefined variable: {name}").code)
        else:
            self.out.line(f"{found.local} = {value.code}", value.place)
            if name in self.mixed:
                self.out.line(f"{found.boxed} = {boxed}")
        self.out.guard = guard

    # -- Fields

    def _fields(
        self, node: FieldNode | VariableNode | ChainNode, args: Sequence[Node], final: Value | None
    ) -> Value:
        """Return fields of the cursor, of a variable or of a term (Go: evalFieldChain)."""
        at = self.visit(node)
        receiver, names = self._receiver(node)
        if receiver.code.startswith("fail("):
            return receiver
        if not args and final is None:
            return self._chain(receiver, names, at)
        return self._method(receiver, names, at, args, final)

    def _receiver(
        self, node: FieldNode | VariableNode | ChainNode
    ) -> tuple[Value, tuple[str, ...]]:
        match node:
            case FieldNode(ident=names):
                return self.dot, names
            case VariableNode(ident=(_, *names)):
                value = self.variable(node)
                return (value if value.atom else self.hoist(value)), tuple(names)
            case ChainNode(node=NilNode()):
                return self.fail(f"indirection through explicit nil in {node}"), node.fields
            case ChainNode(node=term, fields=names):
                self.visit(term)
                value = self._operand(term)
                return (value if value.atom else self.hoist(value)), names
        raise TypeError(node)

    def _chain(self, receiver: Value, names: tuple[str, ...], at: str) -> Value:
        """Return fields, with the look into plain dicts inline."""
        rest = (
            f"({receiver.raw or receiver.code}, {names!r}, {receiver.boxed}, {self.here()}, {at})"
        )
        if receiver.is_constant:
            return Value(f"chain{rest}", f"find{rest}", BOXED, f"held{rest}")
        holder = receiver.code
        tests = [f"type({holder}) is dict"]
        for name in names[:-1]:
            inner = self.name("y")
            tests.append(f"type({inner} := {holder}.get({name!r})) is dict")
            holder = inner
        tests.append(f"{names[-1]!r} in {holder}")
        found = f"{holder}[{names[-1]!r}] if {' and '.join(tests)}"
        rest = (
            f"({receiver.raw or receiver.code}, {names!r}, {receiver.boxed}, {self.here()}, {at})"
        )
        return Value(
            f"({found} else chain{rest})", f"({found} else find{rest})", BOXED, f"held{rest}"
        )

    def _method(
        self,
        receiver: Value,
        names: tuple[str, ...],
        at: str,
        args: Sequence[Node],
        final: Value | None,
    ) -> Value:
        """Return the result of a method with arguments, which are fitted as the run finds it."""
        out, call, result = self.out, self.name("m"), self.name("x")
        final = self.hoist(final) if final is not None else None
        count = (len(args), final is not None)
        out.line(
            f"{call} = bind({receiver.raw or receiver.code}, {names!r}, {receiver.boxed}, "
            f"{count!r}, {self.here()}, {at})"
        )
        out.line(f"{result} = None")
        guard = self.name("g")
        out.guarding(guard, f"{call} is not None")
        with out.under(guard):
            fitted = [self.hoist(self._late(call, i, arg)).code for i, arg in enumerate(args)]
            if final is not None:
                raw = final.raw or final.code
                fitted.append(f"{call}.argument({len(args)}, {raw}, {final.boxed}, {self.here()})")
            place = Place(int(at), names[-1])
            code = ", ".join(fitted)
            if final is not None:  # fitting it is no part of the call
                fitted[-1] = self.hoist(Value(fitted[-1])).code
                code = ", ".join(fitted)
            out.line(f"{result} = {call}.function({code})", place)
        return Value(result, atom=True, settled=True)

    def _late(self, call: str, index: int, node: Node) -> Value:
        at = self.visit(node)
        if isinstance(node, _LITERALS):
            return Value(f"{call}.constant({index}, {self.bind(node, 'k')}, {at})")
        value = self._operand(node)
        if value.place:
            value = self.hoist(value)
        raw = value.raw or value.code
        return Value(f"{call}.argument({index}, {raw}, {value.boxed}, {self.here()})")

    # -- Functions

    def _function(
        self, ident: IdentifierNode, cmd: Node, args: Sequence[Node], final: Value | None
    ) -> Value:
        """Return the call of a function (Go: evalFunction, evalCall)."""
        self.visit(ident)
        name = ident.ident
        known = self.functions[name]
        try:
            if known is None:
                raise Refused(f"{quote(name)} is not a defined function")
            known.signature.check_count(name, len(args), piped=final is not None)
        except Refused as refused:
            if final is not None:
                self.hoist(final)
            return self.fail(str(refused))
        if known.builtin and name in ("and", "or"):
            return self._short_circuit(name, args, final)
        notices = _NOTICES_INTERFACES.get(name) if known.builtin else None
        codes = self._arguments(args, final, known.signature.type_at, notices)
        if known.builtin and name == "call":
            codes += [f"name={str(args[0])!r}"] if args else []
        local = f"f_{name}" if name.isascii() else self.calls.get(name) or self.name("f")
        self.calls[name] = local
        return Value(
            f"{local}({', '.join(codes)})",
            boxed=BOXED if known.signature.boxed else NOT_BOXED,
            place=Place(self.number(cmd), name),
            exact=bool if known.builtin and name in _PREDICATES else None,
        )

    def _arguments(
        self,
        args: Sequence[Node],
        final: Value | None,
        type_at: Callable[[int], GoType],
        notices: tuple[int, str] | None,
    ) -> list[str]:
        """Return the arguments of a call, to be evaluated from left to right."""
        values: list[Value] = []
        for index, arg in enumerate(args):
            mark = len(self.out.lines)
            value = self._argument(arg, type_at(index))
            if notices is not None and index >= notices[0] and value.boxed != NOT_BOXED:
                value = _noticed(value, notices[1])
            if value.place:
                value = self.hoist(value)
            if printed := self.out.take(mark):  # what stands to the left comes before it
                values = [self.hoist(earlier) for earlier in values]
                self.out.lines.extend(printed)
            values.append(value)
        if final is not None:
            values.append(self._fit(final, type_at(len(args))))
        return [value.code for value in values]

    def _argument(self, node: Node, go_type: GoType) -> Value:
        """Return an operand as an argument of a type (Go: evalArg)."""
        self.visit(node)
        if not isinstance(node, _LITERALS):
            return self._fit(self._operand(node), go_type)
        try:
            return self.known(constant(node, go_type))
        except Refused as refused:
            return self.fail(str(refused))

    def _fit(self, value: Value, go_type: GoType) -> Value:
        """Return a value as an argument of a type (Go: validateType)."""
        if go_type.is_interface:
            return value
        if value.is_constant:
            try:
                fitted = assign(
                    value.constant, go_type, valid=value.constant is not None, boxed=False
                )
            except Refused as refused:
                return self.fail(str(refused))
            return self.known(fitted)
        if value.place:
            value = self.hoist(value)
        raw = value.raw or value.code
        rest = f"{self.bind(go_type, 'T')}, {value.boxed}, {self.here()})"
        if go_type.exact is None:
            return Value(f"argument({raw}, {rest}")
        name, test = raw, raw
        if not value.atom:
            name = self.name("x")
            test = f"{name} := {raw}"
        return Value(
            f"({name} if type({test}) is {go_type.exact.__name__} else argument({name}, {rest})"
        )

    def _short_circuit(self, name: str, args: Sequence[Node], final: Value | None) -> Value:
        """Return the first argument that decides, or the last (Go: evalCall, of `and` and `or`)."""
        out, result, at = self.out, self.name("x"), self.name("n")
        go_on = f"is_true({result})" if name == "and" else f"not is_true({result})"
        outer = out.guard
        for index, arg in enumerate((*args, final)):
            if arg is None:
                continue
            if index:
                guard = self.name("g")
                out.guarding(guard, go_on)
                out.guard = guard
            value = self._argument(arg, _ANY) if isinstance(arg, Node) else arg
            out.line(f"{result} = {value.code}", value.place)
            out.line(f"{at} = {self.here() if not self.at.isdigit() else self.at}", needed_for=at)
        out.guard = outer
        self.at = at
        return Value(result, atom=True, settled=True)


def _noticed(value: Value, function: str) -> Value:
    """Return a value as a builtin sees it that notices interfaces."""
    raw = value.raw or value.code
    if function == "interface" and value.held:
        return Value(value.held)
    return replace(
        value, code=f"{function}({raw}, {value.boxed})", raw="", atom=False, settled=False
    )


_ANY: Final = GoType("interface {}", lambda _: True, lambda: None)
