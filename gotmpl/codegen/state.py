"""State of generating one template's code: scope, current node, bound constants.

Knows no pipelines or blocks.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from gotmpl.codegen.python import Function, Piece, Printed, f_string, separate
from gotmpl.codegen.unit import Names, global_name
from gotmpl.codegen.values import NOT_BOXED, Boxed, Failed, Known, Local, Value
from gotmpl.codegen.variables import Variable
from gotmpl.limits import LARGE
from gotmpl.syntax.nodes import Node
from gotmpl.values.signatures import Signature

_FEW: Final = 4  # pieces of output that are written one by one where there are limits
# Types whose `repr` is safe to stand in generated code.
_PRINTABLE: Final = frozenset({str, int, float, bool, type(None)})


class Metered(enum.Enum):
    """How code holds its execution to limits."""

    NOT = "not at all"
    IN_PART = "between checks it does a bounded amount of work"
    WHOLE = "and counts each step"


class Callee(NamedTuple):
    """A function that the template may call."""

    signature: Signature
    builtin: bool


@dataclass(slots=True)
class Draft:
    """The state of printing one template.

    Attributes:
        functions: what the template may call.
        mixed: the variables whose `boxed` is known only at run time.
        metered: how the code is to hold the execution to limits.
        out: the function being printed.
        dot: the cursor.
        variables: the variables in scope, the innermost last.
        at: the number of the node that Go would name in an error now (Go: state.at), or the
            variable that holds it.
        nodes: the nodes that the code refers to by number.
        names: what the code refers to by name.
        bound: the names of its constants by their `id`.
        tracked: the variables that hold a node's number and are read.
        once: whether the printed code runs once for each execution. Nothing is inlined then: to
            compile an inlined look-up costs as much as a hundred look-ups.
        given: how many names were given.
        temporaries: how many temporary names this segment has.
    """

    functions: Mapping[str, Callee | None]
    mixed: frozenset[str] = frozenset()
    metered: Metered = Metered.NOT
    out: Function = field(default_factory=lambda: Function(""))
    dot: Local | Known = field(default_factory=lambda: Local("d0"))
    variables: list[Variable] = field(default_factory=list)
    at: int | str = 0
    nodes: list[Node] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    bound: dict[int, str] = field(default_factory=dict)
    tracked: set[str] = field(default_factory=set)
    once: bool = False
    given: int = 0
    temporaries: int = 0

    # -- Names and places

    def name(self, prefix: str) -> str:
        """Return a Python name that is new."""
        self.given += 1
        return f"{prefix}{self.given}"

    def temporary(self) -> str:
        """Return a name for a value that no later segment reads: few names compile faster."""
        self.temporaries += 1
        return f"x{self.temporaries}"

    def visit(self, node: Node) -> int:
        """Make a node the one that errors name (Go: state.at); return its number."""
        nodes = self.nodes
        self.at = self.out.node = len(nodes)
        nodes.append(node)
        return self.at

    def number(self, node: Node) -> int:
        """Return the number by which the code refers to a node."""
        self.nodes.append(node)
        return len(self.nodes) - 1

    def here(self) -> str:
        """Return Python for the number of the node that errors name now."""
        if isinstance(self.at, str):
            self.tracked.add(self.at)
        return str(self.at)

    def bind(self, value: object, prefix: str) -> str:
        """Return the name under which the code finds a value."""
        name = self.bound.get(id(value))  # the constants keep it alive
        if name is None:
            name = self.bound[id(value)] = self.name(prefix)
            self.names.constants[name] = value
        return name

    def reader(self, name: str) -> str:
        """Return the name under which the code finds the readers of a field."""
        return self.names.readers.setdefault(name, global_name("r", name))

    def function(self, name: str) -> str:
        """Return the name under which the code finds a function."""
        return self.names.functions.setdefault(name, global_name("f", name))

    # -- Values

    def known(self, value: object) -> Known:
        """Return a constant."""
        text = repr(value) if type(value) in _PRINTABLE else self.bind(value, "k")
        return Known(text, exact=type(value), value=value)

    def fail(self, reason: str) -> Failed:
        """Return a value that always fails."""
        return Failed(f"fail({self.here()}, {reason!r})")

    def hoist(self, value: Value, prefix: str = "") -> Local | Known:
        """Evaluate now; return the variable: a temporary one, or one that `prefix` begins."""
        if isinstance(value, Known):
            return value
        lasts = not prefix or (isinstance(value, Local) and not value.is_temporary)
        if isinstance(value, Local) and value.is_settled and lasts:
            return value
        name = self.name(prefix) if prefix else self.temporary()
        self.out.line(f"{name} = {value.code()}", value.place)
        return Local(name, exact=value.exact, boxed=value.boxed, is_temporary=not prefix)

    def named(self, value: Value) -> tuple[str, str]:
        """Return a name for what `quick` gives, and the expression that gives it the name."""
        if value.is_atom:
            return value.code(), value.code()
        name = self.temporary()
        return name, f"{name} := ({value.quick()})"

    def as_dot(self, value: Local) -> Local:
        """Return a value as a cursor; whether it is a plain dict is tested once, if at all."""
        test = self.name("p")
        self.out.line(f"{test} = type({value.text}) in DICTS", needed_for=test)
        return replace(value, is_dict=test)

    # -- Output

    def write(self, text: str) -> None:
        """Add a text to the segment."""
        self.out.segment.append(text)

    def write_value(self, local: str, *, is_made: bool = False) -> None:
        """Add a value to the segment; the arguments are as in `Printed`."""
        assert self.out.node is not None
        self.out.segment.append(Printed(local, self.out.node, is_made))

    def flush(self) -> None:
        """Print the line that writes the segment, and begin another segment."""
        whole = self.temporary()
        self.temporaries = 0
        out, pieces = self.out, self.out.segment
        if not pieces:
            return
        code, measured = self._writing(pieces, whole)
        out.line(code)
        out.segment = []
        if measured:
            out.after(f"if len({measured}) >= {LARGE}: check_limits()", pieces)

    def _writing(self, pieces: Sequence[Piece], whole: str) -> tuple[str, str]:
        """Return Python that writes pieces, and the variable of a text that limits measure at once.

        Values of the data need no measuring, unless a text is made of them: the output refers to
        them. To write a few pieces one by one costs less than to measure the text they make.
        """
        text = f_string(pieces)
        values = [piece for piece in pieces if isinstance(piece, Printed)]
        constant = sum(len(piece) for piece in pieces if isinstance(piece, str))
        if self.metered is Metered.NOT or (not values and constant < LARGE):
            return f"out.append({text})", ""
        if any(value.is_made for value in values) or constant >= LARGE:
            if len(pieces) == 1 and values:
                return f"out.append({values[0].local})", values[0].local
        elif len(pieces) == 1 or (len(pieces) <= _FEW and not self.once):
            self.names.loose = True
            single = len(pieces) == 1
            return f"out.append({text})" if single else f"out += {separate(pieces)}", ""
        return f"out.append({whole} := {text})", whole

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
            boxed, is_dict = found.boxed, found.is_dict
            return Local(found.local, boxed=boxed, is_settled=False, is_dict=is_dict)
        other = self.variable(name, index)
        return Value(f"({other.code()} if {found.local} is UNSET else {found.local})")

    def declare(self, name: str, value: Value) -> Value:
        """Make a variable of a value."""
        # The underscore separates the number from digits that the name may begin with.
        local = f"{self.name('v')}_{''.join(c for c in name[1:] if c.isascii())}"
        unsure = bool(self.out.guard)
        if unsure:  # the declaration may not be reached
            self.out.always(f"{local} = UNSET")
        self.out.line(f"{local} = {value.code()}", value.place)
        self.variables.append(Variable(name, local, self.shadow(name, NOT_BOXED), unsure))
        return Local(local, exact=value.exact, is_settled=False)

    def shadow(self, name: str, boxed: Boxed) -> Boxed:
        """Return whether a new variable is boxed, kept in a Python variable if that changes."""
        if name not in self.mixed:
            return boxed
        local = self.name("m")
        self.out.line(f"{local} = {boxed.code}")
        return Boxed(local, (local,))

    def assign(self, name: str, value: Value, boxed: Boxed = NOT_BOXED) -> None:
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
                self.out.line(f"{found.local} = {value.code()}")
            outer = self.name("g")
            self.out.guarding(outer, f"{found.local} is UNSET")
            self.out.guard = outer
        else:
            found = None
        if found is None:
            self.out.line(self.fail(f"undefined variable: {name}").code())
        else:
            self.out.line(f"{found.local} = {value.code()}", value.place)
            if name in self.mixed:
                self.out.line(f"{found.boxed.code} = {boxed.code}")
        self.out.guard = guard
