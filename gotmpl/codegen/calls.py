"""Calls of functions to Python expressions, with arguments converted to the parameters' types.

Checks arguments at generation time if their type is known, else emits a check at run time. Operands
are evaluated by a callback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from gotmpl.codegen.constants import constant
from gotmpl.codegen.inlining import INLINE
from gotmpl.codegen.python import Place
from gotmpl.codegen.state import Draft, Metered, Value
from gotmpl.codegen.variables import BOXED, NOT_BOXED
from gotmpl.limits import LARGE
from gotmpl.strconv.quoting import quote
from gotmpl.syntax.nodes import BoolNode, IdentifierNode, NilNode, Node, NumberNode, StringNode
from gotmpl.values.arguments import assign
from gotmpl.values.signatures import ANY, GoType, Refused

LITERALS: Final = (BoolNode, NilNode, NumberNode, StringNode)
# Builtins that distinguish a value from the interface around it: from which argument on, and the
# function that keeps the interface.
_NOTICES_INTERFACES: Final = {"len": (0, "nil_interface"), "slice": (1, "interface")}
# The types that builtins return, if always the same.
_RESULTS: Final[Mapping[str, type]] = {
    **dict.fromkeys(("eq", "ge", "gt", "le", "lt", "ne", "not"), bool),
    **dict.fromkeys(("html", "js", "print", "printf", "println", "urlquery"), str),
    "len": int,
}


class Calls:
    """Prints calls into a draft.

    Args:
        draft: where to print.
        operand: returns the value of an operand that is no constant.
    """

    __slots__ = ("_operand", "draft")

    def __init__(self, draft: Draft, operand: Callable[[Node], Value]) -> None:
        self.draft = draft
        self._operand = operand

    def function(
        self, ident: IdentifierNode, cmd: Node, args: Sequence[Node], final: Value | None
    ) -> Value:
        """Return the call of a function (Go: evalFunction, evalCall)."""
        self.draft.visit(ident)
        name = ident.ident
        known = self.draft.functions[name]
        try:
            if known is None:
                raise Refused(f"{quote(name)} is not a defined function")
            known.signature.check_count(name, len(args), piped=final is not None)
        except Refused as refused:
            if final is not None:
                self.draft.hoist(final)
            return self.draft.fail(str(refused))
        if known.builtin and name in ("and", "or"):
            # Evaluated before the arguments, which may decide without it.
            final = self.draft.hoist(final) if final is not None else None
            return self._short_circuit(name, args, final)
        notices = _NOTICES_INTERFACES.get(name) if known.builtin else None
        values = self._arguments(args, final, known.signature.type_at, notices)
        local = self._local(name)
        spelled = f", name={str(args[0])!r}" if known.builtin and name == "call" and args else ""

        def call(codes: Sequence[str]) -> str:
            return f"{local}({', '.join(codes)}{spelled})"

        inline = INLINE.get(name) if known.builtin and not self.draft.once else None
        inlined = inline(self.draft, values, call) if inline else None
        code = inlined or call([value.code for value in values])
        exact = _RESULTS.get(name) if known.builtin else None
        checked = self.draft.metered is not Metered.NOT and exact not in (bool, int)
        return Value(
            self._checked(code, exact) if checked else code,
            boxed=BOXED if known.signature.boxed else NOT_BOXED,
            place=Place(self.draft.number(cmd), name),
            exact=exact,
            call=code if checked else "",
            inlined=inlined is not None,
        )

    def _checked(self, code: str, exact: type | None) -> str:
        """Return a call with a check of the limits where its result is a large text."""
        name = self.draft.name("x")
        small = f"len({name} := {code}) < {LARGE}"
        if exact is None:
            small = f"type({name} := {code}) is not str or len({name}) < {LARGE}"
        return f"({name} if {small} else meter.fit({name}))"

    def _local(self, name: str) -> str:
        """Return the Python name of a function."""
        if name not in self.draft.calls:
            local = f"f_{name}" if name.isascii() else self.draft.name("f")
            self.draft.calls[name] = local
        return self.draft.calls[name]

    def _arguments(
        self,
        args: Sequence[Node],
        final: Value | None,
        type_at: Callable[[int], GoType],
        notices: tuple[int, str] | None,
    ) -> list[Value]:
        """Return the arguments of a call, to be evaluated from left to right."""
        values: list[Value] = []
        settled = 0  # how many of the first values are names
        for index, arg in enumerate(args):
            mark = len(self.draft.out.lines)
            value = self._argument(arg, type_at(index))
            if notices is not None and index >= notices[0] and value.boxed != NOT_BOXED:
                value = _noticed(value, notices[1])
            if value.place:
                value = self.draft.hoist(value)
            if printed := self.draft.out.take(mark):  # arguments to the left are evaluated first
                values[settled:] = map(self.draft.hoist, values[settled:])
                settled = len(values)
                self.draft.out.lines.extend(printed)
            values.append(value)
        if final is not None:
            if any(value.fails for value in values):  # it was evaluated, and fails, before them
                final = self.draft.hoist(final)
            values.append(self._fit(final, type_at(len(args))))
        return values

    def _argument(self, node: Node, go_type: GoType) -> Value:
        """Return an operand as an argument of a type (Go: evalArg)."""
        self.draft.visit(node)
        if not isinstance(node, LITERALS):
            return self._fit(self._operand(node), go_type)
        try:
            return self.draft.known(constant(node, go_type))
        except Refused as refused:
            return self.draft.fail(str(refused))

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
                return self.draft.fail(str(refused))
            return self.draft.known(fitted)
        if value.place:
            value = self.draft.hoist(value)
        raw = value.raw or value.code
        rest = f"{self.draft.bind(go_type, 'T')}, {value.boxed}, {self.draft.here()})"
        if go_type.exact is None or self.draft.once:
            return Value(f"argument({raw}, {rest}")
        name, given = self.draft.named(value._replace(code=raw))
        return Value(
            f"({name} if type({given}) is {go_type.exact.__name__} else argument({name}, {rest})"
        )

    def _short_circuit(self, name: str, args: Sequence[Node], final: Value | None) -> Value:
        """Return the first argument that decides, or the last (Go: evalCall, of `and` and `or`)."""
        out, result, at = self.draft.out, self.draft.name("x"), self.draft.name("n")
        go_on = f"is_true({result})" if name == "and" else f"not is_true({result})"
        outer = out.guard
        for index, arg in enumerate((*args, final)):
            if arg is None:
                continue
            if index:
                guard = self.draft.name("g")
                out.guarding(guard, go_on)
                out.guard = guard
            value = self._argument(arg, ANY) if isinstance(arg, Node) else arg
            out.line(f"{result} = {value.code}", value.place)
            out.line(f"{at} = {self.draft.here()}", needed_for=at)
        out.guard = outer
        self.draft.at = at
        return Value(result, atom=True, settled=True)


def _noticed(value: Value, function: str) -> Value:
    """Return a value in its interface, for a builtin that distinguishes the two."""
    raw = value.raw or value.code
    if function == "interface" and value.held:
        return Value(value.held)
    return value._replace(
        code=f"{function}({raw}, {value.boxed})", raw="", atom=False, settled=False
    )
