"""State of generating one template's code: scope, current node, bound constants.

Knows no pipelines or blocks.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from gotmpl.codegen.python import Function, Piece, Printed, f_string
from gotmpl.codegen.settled import Gathered, Settled, reader
from gotmpl.codegen.unit import Names, global_name
from gotmpl.codegen.values import NOT_BOXED, Failed, Known, Local, Look, Value
from gotmpl.codegen.variables import Variable
from gotmpl.limits import LARGE
from gotmpl.syntax.nodes import Node
from gotmpl.values.signatures import Signature

_FEW: Final = 3  # pieces of output that are written one by one where there are limits
_TEMPORARY: Final = "x"  # begins the names of variables that are set once in a segment
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
class Draft:
    """The state of printing one template.

    Attributes:
        functions: what the template may call.
        assigned: the variables that are assigned anywhere.
        mixed: the variables whose `boxed` is known only at run time.
        metered: how the code is to hold the execution to limits.
        is_executed: whether the template is the one that is executed, not one that it calls.
        out: the function being printed.
        dot: the cursor.
        variables: the variables in scope, the innermost last.
        at: the number of the node that Go would name in an error now (Go: state.at), or the
            variable that holds it.
        nodes: the nodes that the code refers to by number.
        names: what the code refers to by name.
        bound: the names of its constants by their `id`.
        tracked: the variables that are read, of those that hold a node's number, or whether a key
            is nil, or are parameters of a function for a block.
        fields: by the variables of `as_dot` that hold what reads fields, the names of these fields.
        given: how many names were given.
        temporaries: how many temporary names this segment has.
        settled: what the segment has read.
        gathered: the fields that any segment reads together.
        settles: whether fields may be read by lines of their own now.
    """

    functions: Mapping[str, Callee | None]
    assigned: frozenset[str] = frozenset()
    mixed: frozenset[str] = frozenset()
    metered: Metered = Metered.NOT
    is_executed: bool = False
    out: Function = field(default_factory=lambda: Function(""))
    dot: Local = field(default_factory=lambda: Local("d0"))
    variables: list[Variable] = field(default_factory=list)
    at: int | str = 0
    nodes: list[Node] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    bound: dict[int, str] = field(default_factory=dict)
    tracked: set[str] = field(default_factory=set)
    fields: dict[str, dict[str, None]] = field(default_factory=dict)
    given: int = 0
    temporaries: int = 0
    settled: Settled = field(default_factory=Settled)
    gathered: list[Gathered] = field(default_factory=list)
    settles: bool = False

    @property
    def once(self) -> bool:
        """Whether the next line runs once for each execution.

        Nothing is inlined then: to compile an inlined look-up costs as much as a hundred look-ups.
        """
        return self.is_executed and not self.out.is_repeated

    # -- Names and places

    def name(self, prefix: str) -> str:
        """Return a Python name that is new."""
        self.given += 1
        return f"{prefix}{self.given}"

    def temporary(self) -> str:
        """Return a name for a value that no later segment reads: few names compile faster."""
        self.temporaries += 1
        return f"{_TEMPORARY}{self.temporaries}"

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

    def track(self, variable: str, value: str) -> None:
        """Print that a variable holds a value, if anything reads it."""
        self.out.later(lambda: [f"{variable} = {value}"] if variable in self.tracked else [])

    def bind(self, value: object, prefix: str) -> str:
        """Return the name under which the code finds a value."""
        name = self.bound.get(id(value))  # the constants keep it alive
        if name is None:
            name = self.bound[id(value)] = self.name(prefix)
            self.names.constants[name] = value
        return name

    # -- Fields

    def look(
        self, receiver: Local, names: Sequence[str], *, settles: bool = False
    ) -> tuple[str, str, Local]:
        """Read fields; the value is `MISSING` where Go's rules have to be asked.

        Args:
            receiver: where the names begin.
            names: the fields.
            settles: whether lines of their own may read them, together with others of the segment.

        Returns:
            The variable, the expression that names it, and what the last field is read from.
        """
        found = self.settled.find(_path(receiver, names), names[-1])
        if found is None and (settles or self.settles) and not self.out.guard:
            found = self._gather(receiver, names)
        if found is not None:
            if self.out.guard:  # under which a method may be called or not
                self.settled.forget()
            name = found.fields[names[-1]]
            return name, name, Local(found.receiver, reads=found.reads)
        self.settled.forget()
        code, holder = self.read(receiver, names)
        name = self.temporary()
        return name, f"({name} := {code})", holder

    def _gather(self, receiver: Local, names: Sequence[str]) -> Gathered:
        """Return what reads the last of the fields, together with others."""
        path, depth = _path(receiver, names), self.out.depth
        found = self.settled.find(path, names[-1]) or self.settled.open(path, depth)
        if found is None:
            found = self._begin(receiver, path, depth)
        if names[-1] not in found.fields:
            found.fields[names[-1]] = self.temporary()
            if len(found.fields) == 2 and found.number:
                self.out.start(found.keyed, "dict")
                self.out.start(found.named, "None")
        return found

    def _begin(self, receiver: Local, path: tuple[str, ...], depth: int) -> Gathered:
        """Return what reads fields of the value at a path from here on."""
        text, reads = receiver.code(), receiver.reads
        _, *names = path
        if names:
            text, reads = self._gather(receiver, names).fields[names[-1]], ""
        number = self.name("") if self.out.loops else ""
        found = self.settled.gathered = Gathered(text, path, reads, number, depth)
        self.out.later(found.lines)
        self.gathered.append(found)
        return found

    def share_readers(self) -> None:
        """Have what reads single fields of a value read those that no segment reads with others.

        Fields that are read together have their own: a method among others makes these no slower.
        """
        for found in self.gathered:
            if found.reads and len(found.fields) == 1:
                self.fields[f"read{found.reads}"].update(dict.fromkeys(found.fields))

    def read(self, receiver: Local, names: Sequence[str]) -> tuple[str, Local]:
        """Return Python that reads fields in one expression, and what the last is read from."""
        holder, code = receiver, ""
        for name in names:
            given = holder.code()
            if code:
                holder = Local(self.temporary())
                given = f"{holder.text} := {code}"
            read = f"read{holder.reads}" if holder.reads else f"({reader(given, (name,))})"
            if holder.reads:
                self.fields[read][name] = None
            code = f"{read}({holder.code()}, {name!r}, MISSING)"
        return code, holder

    def lacks(self, receiver: Local) -> str:
        """Return Python for whether a key that a receiver lacks is nil, asked once if it is."""
        text = receiver.code()
        asks = f"type({text}) in GIVE_NIL and type(next(iter({text}), '')) is str"
        if not receiver.reads:
            return f"({asks})"
        nil = f"nil{receiver.reads}"
        self.tracked.add(nil)
        return f"({nil} or ({nil} := {asks}))"

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
        if not isinstance(value, Look) or value.once:
            return value.text if isinstance(value, Local | Known) else self.hoist(value).text
        name, given, _ = self.look(value.receiver, value.names, settles=True)
        if given != name:
            self.out.line(given)
        return name

    def take_back(self, line: int, variable: int) -> None:
        """Drop what was printed and declared since there were so many lines and variables."""
        if len(self.out.lines) > line:
            self.settled.forget()
        del self.out.lines[line:], self.variables[variable:]

    def named(self, value: Value) -> tuple[str, str]:
        """Return a name for a value, or for what is read, and the expression that names it."""
        if isinstance(value, Local | Known):
            return value.text, value.text
        if isinstance(value, Look) and not value.once:
            return self.look(value.receiver, value.names)[:2]
        name = self.temporary()
        return name, f"({name} := ({value.code()}))"

    def as_dot(self, value: Local) -> Local:
        """Return a value as a receiver; what reads its fields is found once, if at all.

        In a loop it is found once for values of one class that follow each other.
        """
        reads = self.name("")
        read, nil, cls = f"read{reads}", f"nil{reads}", f"cls{reads}"
        fields = self.fields[read] = {}
        out, is_repeated = self.out, self.out.loops > 0

        def lines() -> Sequence[str]:
            if not fields:
                return ()
            if not is_repeated:
                return (f"{read} = {reader(value.text, fields)}",)
            out.start(cls, "None")
            found = reader(value.text, fields, cls=cls)
            return (f"if type({value.text}) is not {cls}: {read} = {found}",)

        out.later(lines)
        self.track(nil, "False")
        return replace(value, reads=reads)

    # -- Output

    def shown(self, given: str, rest: str, table: str = "SHOWN") -> str:
        """Make the text of a value in a variable; return the variable that an f-string prints.

        Args:
            given: the variable.
            rest: Python for the text of a value of no common type.
            table: what has the functions that make the texts of common types.
        """
        name, texts = self.temporary(), self.settled.texts
        made = f"{table}[type({given})]({given}) if type({given}) in {table}"
        if given in texts:
            made = f"{texts[given]} if type({given}) in SIMPLE else {made}"
        elif given.startswith(_TEMPORARY) and not self.out.guard:
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
        self.settled.forget()
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
        self.settled.forget()
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


def _path(receiver: Local, names: Sequence[str]) -> tuple[str, ...]:
    """Return where the last of the fields is read from, as of `Gathered`."""
    return (receiver.code(), *names[:-1])


def _printed(pieces: Sequence[Piece]) -> list[Printed]:
    """Return the values of a segment."""
    return [piece for piece in pieces if isinstance(piece, Printed)]
