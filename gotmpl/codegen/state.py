"""State of generating one template's code: scope, current node, bound constants.

Knows no pipelines or blocks.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gotmpl.codegen.fields import TEMPORARY, Look, Reading
from gotmpl.codegen.python import Piece, Printed, f_string
from gotmpl.codegen.unit import Names, global_name
from gotmpl.codegen.values import NOT_BOXED, Failed, Known, Local, Value
from gotmpl.codegen.variables import Variable
from gotmpl.limits import LARGE
from gotmpl.syntax.nodes import Node
from gotmpl.values.signatures import Signature

_FEW: Final = 3  # pieces of output that are written one by one where there are limits
# Python for the text of a value of any type: the value itself, if an f-string prints it as Go does;
# else a table has a function for it, or it is asked for.
_TEXT: Final = "{0} if type({0}) in PLAIN else {made} else {rest}"
# The same in a loop, where most values are of the type that the last such value had.
_TEXT_AGAIN: Final = (
    "{0} if type({0}) is {was} else {made} else {0} if type({0}) in PLAIN and ({was} := type({0}))"
    " else {rest}"
)
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
class Draft(Reading):
    """The state of printing one template.

    Attributes:
        functions: what the template may call.
        assigned: the variables that are assigned anywhere.
        mixed: the variables whose `boxed` is known only at run time.
        metered: how the code is to hold the execution to limits.
        is_executed: whether the template is the one that is executed, not one that it calls.
        dot: the cursor.
        variables: the variables in scope, the innermost last.
        at: the number of the node that Go would name in an error now (Go: state.at), or the
            variable that holds it.
        nodes: the nodes that the code refers to by number.
        names: what the code refers to by name.
        bound: the names of its constants by their `id`.
    """

    functions: Mapping[str, Callee | None]
    assigned: frozenset[str] = frozenset()
    mixed: frozenset[str] = frozenset()
    metered: Metered = Metered.NOT
    is_executed: bool = False
    dot: Local = field(default_factory=lambda: Local("d0"))
    variables: list[Variable] = field(default_factory=list)
    at: int | str = 0
    nodes: list[Node] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    bound: dict[int, str] = field(default_factory=dict)

    @property
    def once(self) -> bool:
        """Whether the next line runs once for each execution.

        Nothing is inlined then: to compile an inlined look-up costs as much as a hundred look-ups.
        """
        return self.is_executed and not self.out.is_repeated

    # -- Names and places

    def visit(self, node: Node) -> int:
        """Make a node the one that errors name (Go: state.at); return its number."""
        self.at = self.out.node = self.number(node)
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

    def new_guard(self, condition: str) -> str:
        """Print a new guard, which also needs the current one, and return it."""
        guard = self.name("g")
        outer = f"{self.out.guard} and " if self.out.guard else ""
        with self.out.under(""):
            self.out.line(f"{guard} = {outer}{condition}")
        return guard

    def bind(self, value: object, prefix: str) -> str:
        """Return the name under which the code finds a value."""
        name = self.bound.get(id(value))  # the constants keep it alive
        if name is None:
            name = self.bound[id(value)] = self.name(prefix)
            self.names.constants[name] = value
        return name

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

    def hoist(self, value: Value) -> Local | Known:
        """Evaluate now; return the constant, or a variable to which nothing is assigned."""
        if isinstance(value, Known) or (isinstance(value, Local) and value.is_settled):
            return value
        return self.put(value, self.temporary())

    def put(self, value: Value, name: str) -> Local:
        """Set a variable."""
        self.out.line(f"{name} = {value.code()}", value.place)
        return Local(name, exact=value.exact, boxed=value.boxed)

    def apart(self, value: Value) -> Value:
        """Return a value without a place: what has one is evaluated now."""
        return self.hoist(value) if value.place else value

    def evaluated(self, value: Value) -> str:
        """Read or evaluate now; return the variable, to which nothing may be assigned."""
        if not isinstance(value, Look):
            return value.text if isinstance(value, Local | Known) else self.hoist(value).text
        name, given, _ = self.look(value.receiver, value.names, settles=True)
        if given != name:
            self.out.line(given)
        return name

    def take_back(self, line: int, variable: int) -> None:
        """Drop what was printed and declared since there were so many lines and variables."""
        if len(self.out.lines) > line:
            self.forget()
        del self.out.lines[line:], self.variables[variable:]

    def named(self, value: Value) -> tuple[str, str]:
        """Return a name for a value, or for what is read, and the expression that names it."""
        if isinstance(value, Local | Known):
            return value.text, value.text
        if isinstance(value, Look):
            return self.look(value.receiver, value.names)[:2]
        name = self.temporary()
        return name, f"({name} := ({value.code()}))"

    # -- Output

    def shown(self, given: str, rest: str, table: str = "SHOWN") -> str:
        """Make the text of a value in a variable; return the variable that an f-string prints.

        Args:
            given: the variable.
            rest: Python for the text of a value of no common type.
            table: what has the functions that make the texts of common types.
        """
        name, texts = self.temporary(), self.texts
        made = f"{table}[type({given})]({given}) if type({given}) in {table}"
        if given in texts:
            made = f"{texts[given]} if type({given}) in SIMPLE else {made}"
        elif given.startswith(TEMPORARY) and not self.out.guard:
            texts[given] = name
        form, was = _TEXT, ""
        if self.out.loops:
            form, was = _TEXT_AGAIN, self.out.start(self.name("was"), "str")
        self.out.line(f"{name} = {form.format(given, was=was, made=made, rest=rest)}")
        return name

    def flush(self) -> None:
        """Print the lines that write the segment, and begin another segment."""
        whole = self.temporary()
        self.temporaries = 0
        self.forget()
        out, pieces = self.out, self.out.segment
        if self._is_measured(pieces):
            text = f"{whole} := {f_string(pieces)}"
            if len(pieces) == 1 and isinstance(pieces[0], Printed):
                text = whole = pieces[0].local  # a function has made it, and it is a text
            out.line(f"out.append({text})")
            out.after(f"if len({whole}) >= {LARGE}: check_limits()", pieces)
        elif self.metered is not Metered.NOT and _printed(pieces):
            self.names.loose = True
            for piece in pieces:
                out.segment = [piece]
                out.line(f"out.append({f_string(out.segment)})")
        elif pieces:
            out.line(f"out.append({f_string(pieces)})")
        out.segment = []

    def _is_measured(self, pieces: Sequence[Piece]) -> bool:
        """Return whether limits measure the text of a segment at once.

        They do if a function has made a part of it, or if there are many pieces. A value that is
        written by itself needs no measuring, since the output only refers to it. So a few pieces
        are written one by one, which costs less than to measure their text.
        """
        if self.metered is Metered.NOT:
            return False
        values = _printed(pieces)
        constant = sum(len(piece) for piece in pieces if isinstance(piece, str))
        if constant >= LARGE or any(value.is_made for value in values):
            return True
        is_few = len(pieces) == 1 or (len(pieces) <= _FEW and not self.once)
        return bool(values) and not is_few

    # -- Variables

    def variable(self, name: str) -> Value:
        """Return the value of the innermost variable of a name (Go: varValue)."""
        unsure: list[str] = []
        for found in reversed(self.variables):
            if found.name == name and not found.unsure:
                boxed, reads = found.boxed, found.reads
                value: Value = Local(found.local, boxed=boxed, is_settled=False, reads=reads)
                break
            if found.name == name:
                unsure.append(found.local)
        else:
            value = self.fail(f"undefined variable: {name}")
        for local in reversed(unsure):
            value = Value(f"({value.code()} if {local} is UNSET else {local})")
        return value

    def declare(self, name: str, value: Value) -> Value:
        """Make a variable of a value."""
        # The underscore separates the number from digits that the name may begin with.
        local = f"{self.name('v')}_{''.join(c for c in name[1:] if c.isascii())}"
        unsure = bool(self.out.guard)
        if unsure:  # the declaration may not be reached
            with self.out.under(""):
                self.out.line(f"{local} = UNSET")
        self.out.line(f"{local} = {value.code()}", value.place)
        made = Local(local, exact=value.exact, is_settled=False)
        if not unsure and name not in self.assigned:
            made = self.as_dot(made)
        boxed = self.shadow(name, NOT_BOXED)
        self.variables.append(Variable(name, local, boxed, unsure, made.reads))
        return made

    def shadow(self, name: str, boxed: str) -> str:
        """Return whether a new variable is boxed, kept in a Python variable if that changes."""
        if name not in self.mixed:
            return boxed
        local = self.name("m")
        self.out.line(f"{local} = {boxed}")
        return local

    def assign(self, name: str, value: Value, boxed: str = NOT_BOXED) -> None:
        """Set the innermost variable of a name (Go: setVar)."""
        guard = self.out.guard
        self.forget()
        for found in reversed(self.variables):
            if found.name != name:
                continue
            if not found.unsure:
                self.out.line(f"{found.local} = {value.code()}", value.place)
                if name in self.mixed:
                    self.out.line(f"{found.boxed} = {boxed}")
                break
            with self.out.under(self.new_guard(f"{found.local} is not UNSET")):
                self.out.line(f"{found.local} = {value.code()}")
            self.out.guard = self.new_guard(f"{found.local} is UNSET")
        else:
            self.out.line(self.fail(f"undefined variable: {name}").code())
        self.out.guard = guard


def _printed(pieces: Sequence[Piece]) -> list[Printed]:
    """Return the values of a segment."""
    return [piece for piece in pieces if isinstance(piece, Printed)]
