"""State of generating one template's code: scope, current node, bound constants.

A value is a Python expression with the facts known about it. Knows no pipelines or blocks.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gotmpl.codegen.python import Function, Place
from gotmpl.codegen.variables import NOT_BOXED, Variable
from gotmpl.syntax.nodes import Node
from gotmpl.values.signatures import Signature

_NO_CONSTANT: Final = object()
# Types whose `repr` is safe to stand in generated code.
_PRINTABLE: Final = frozenset({str, int, float, bool, type(None)})


class Value(NamedTuple):
    """Python for a value.

    Attributes:
        code: the expression; a missing value is None.
        raw: the same with a missing value as `MISSING`, which is not nil; may equal `code`.
        boxed: Python for whether the value came out of an `interface {}`.
        held: like `code`, but wrapped in `Interface` if Go would still hold it in an interface {}.
        place: where evaluating it may fail in a function of the user's. A line holds at most one
            place, so that the line number identifies it.
        atom: whether the expression is a name or a constant, which may be written twice.
        settled: whether it may be evaluated again with the same result: a constant, or a local that
            nothing assigns.
        is_dict: the variable that holds whether it is a plain dict, if there is one.
        call: for a call in code with limits, the expression without a check of what it returns.
        inlined: whether it is a call of a builtin that is inlined, and so in a loop or a template.
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
    is_dict: str = ""
    constant: object = _NO_CONSTANT
    exact: type | None = None
    call: str = ""
    inlined: bool = False

    @property
    def fails(self) -> bool:
        """Whether evaluating it always fails."""
        return self.code.startswith("fail(")

    @property
    def is_constant(self) -> bool:
        """Whether the value is known."""
        return self.constant is not _NO_CONSTANT


class Metered(enum.Enum):
    """How code holds its execution to limits."""

    NOT = "not at all"
    IN_PART = "between checks it does a bounded amount of work"
    WHOLE = "and counts each step"


class Known(NamedTuple):
    """A function that the template may call."""

    signature: Signature
    builtin: bool


class Field(NamedTuple):
    """A field that the code reads.

    Attributes:
        name: its name.
        raw: whether a missing one is to be `MISSING`, which is not nil.
    """

    name: str
    raw: bool


@dataclass(slots=True)
class Draft:
    """The state of printing one template.

    Attributes:
        functions: what the template may call.
        mixed: the variables whose `boxed` is known only at run time.
        out: the function being printed.
        dot: the cursor.
        variables: the variables in scope, the innermost last.
        at: Python for the number of the node that Go would name in an error now (Go: state.at).
        nodes: the nodes that the code refers to by number.
        constants: what the code refers to by name.
        bound: the names of these constants by their `id`.
        calls: the Python names of the functions called.
        readers: the Python names of the readers of fields.
        tracked: the variables that hold a node's number and are read.
        once: whether the printed code runs once for each execution. Nothing is inlined then: to
            compile an inlined look-up costs as much as a hundred look-ups.
        metered: how the code is to hold the execution to limits.
        names: how many names were given.
    """

    functions: Mapping[str, Known | None]
    mixed: frozenset[str] = frozenset()
    out: Function = field(default_factory=lambda: Function(""))
    dot: Value = field(default_factory=lambda: Value("d0", atom=True, settled=True))
    variables: list[Variable] = field(default_factory=list)
    at: str = "0"
    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, object] = field(default_factory=dict)
    bound: dict[int, str] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    readers: dict[Field, str] = field(default_factory=dict)
    tracked: set[str] = field(default_factory=set)
    once: bool = False
    metered: Metered = Metered.NOT
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
        self.out.node = self.number(node)
        self.at = str(self.out.node)
        return self.at

    def here(self) -> str:
        """Return Python for the number of the node that errors name now."""
        if not self.at.isdigit():
            self.tracked.add(self.at)
        return self.at

    def bind(self, value: object, prefix: str) -> str:
        """Return the name under which the code finds a value."""
        name = self.bound.get(id(value))  # `constants` keeps it alive
        if name is None:
            name = self.bound[id(value)] = self.name(prefix)
            self.constants[name] = value
        return name

    def reader(self, field: Field) -> str:
        """Return the name under which the code finds the readers of a field."""
        if field not in self.readers:
            self.readers[field] = self.name("r")
        return self.readers[field]

    def known(self, value: object) -> Value:
        """Return the value itself as an expression."""
        code = repr(value) if type(value) in _PRINTABLE else self.bind(value, "k")
        return Value(code, atom=True, settled=True, constant=value, exact=type(value))

    def as_dot(self, value: Value) -> Value:
        """Return a value as a cursor; whether it is a plain dict is tested once, if at all."""
        if value.is_constant:
            return value
        test = self.name("p")
        self.out.line(f"{test} = type({value.code}) is dict", needed_for=test)
        return value._replace(is_dict=test)

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

    def named(self, value: Value) -> tuple[str, str]:
        """Return a name for a value, and the expression that is the value and gives the name."""
        if value.atom:
            return value.code, value.code
        name = self.name("x")
        return name, f"{name} := {value.code}"

    # -- Variables

    def variable(self, name: str, top: int | None = None) -> Value:
        """Return the value of the innermost variable of a name (Go: varValue).

        Args:
            name: the variable.
            top: how many of the variables in scope count; all if not given.
        """
        top = len(self.variables) if top is None else top
        for index in range(top - 1, -1, -1):
            found = self.variables[index]
            if found.name == name:
                break
        else:
            return self.fail(f"undefined variable: {name}")
        if not found.unsure:
            return Value(found.local, boxed=found.boxed, atom=True)
        other = self.variable(name, index)
        return Value(f"({other.code} if {found.local} is UNSET else {found.local})")

    def declare(self, name: str, value: Value) -> Value:
        """Make a variable of a value."""
        # The underscore separates the number from digits that the name may begin with.
        local = f"{self.name('v')}_{''.join(c for c in name[1:] if c.isascii())}"
        unsure = bool(self.out.guard)
        if unsure:  # the declaration may not be reached
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
