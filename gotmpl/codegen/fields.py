"""The fields that templates read: in a segment, those of one value together, or in an expression.

A method that is called may change what was read: it is read again then. Knows no trees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from keyword import iskeyword
from typing import Final

from gotmpl.codegen.python import Function
from gotmpl.codegen.values import BOXED, NOT_BOXED, Local, Value
from gotmpl.record import record

TEMPORARY: Final = "x"  # begins the names of variables that are set once in a segment


def reader(value: str, names: Iterable[str], table: str = "READ", cls: str = "cls") -> str:
    """Return Python for what reads fields of a value.

    Args:
        value: the value.
        names: the names of the fields.
        table: what has it for the values of classes.
        cls: a variable for the value's class.
    """
    found = f"{table}[{' '.join(names)!r}][{cls}]"
    return f"GET if ({cls} := type({value})) is dict or {cls} in DICTS else {found}"


@dataclass(slots=True, eq=False)
class Gathered:
    """Fields of one value that are read together.

    A dict is read by subscripts, and by `get` if it lacks a key; another value field by field. A
    loop learns: an OrderedDict is read by subscripts too, and an object of the class of the last
    one by attributes, until a value lacks a field.

    Attributes:
        receiver: the variable that holds the value.
        path: the variable that a template's names begin with, and the names that lead to the value.
        reads: as of `values.Local`.
        number: in a loop, the number in the names of what it keeps for the next turn; else empty.
        depth: how deep the lines stand that read them.
        fields: the variables that hold the fields, by name.
    """

    receiver: str
    path: tuple[str, ...]
    reads: str
    number: str
    depth: int
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def keyed(self) -> str:
        """The class whose values are read by subscripts; in a loop, a variable that holds it.

        It is False once one has lacked a key.
        """
        return f"keyed{self.number}" if self.number else "dict"

    @property
    def named(self) -> str:
        """The variable that holds the class whose values are read by attributes.

        It is None before one is known, and False once one has lacked an attribute.
        """
        return f"named{self.number}"

    def can_read(self, name: str, depth: int) -> bool:
        """Return whether a line that stands so deep finds a field in it, or can add it."""
        return name in self.fields or depth == self.depth

    def lines(self) -> Sequence[str]:
        """Return the lines that read the fields."""
        if len(self.fields) > 1:
            return self._together()
        if self.reads:
            return (self._asked(f"read{self.reads}"),)
        return (f"read = {reader(self.receiver, self.fields)}; {self._asked('read')}",)

    def _together(self) -> Sequence[str]:
        """Return the lines that read several fields."""
        receiver, names = self.receiver, tuple(self.fields)
        asked = f"read = {reader(receiver, names, 'READ_EARLY')}; {self._asked('read')}"
        keyed, named = self.keyed, self.named
        by_key = f"map(GET, repeat({receiver}), {names!r}, repeat(MISSING))"
        lines = self._taken("if", keyed, "{}[{!r}]".format, "KeyError", by_key)
        if not self.number:
            return (*lines, f"else: {asked}")
        by_name = f"map(getattr, repeat({receiver}), {names!r}, repeat(MISSING))"
        return (
            *lines,
            *self._taken("elif", named, _attribute, "AttributeError", by_name),
            "else:",
            f"    {asked}",
            f"    if type({receiver}) is OrderedDict and {keyed}: {keyed} = OrderedDict",
            f"    elif read is getattr and {named} is not False: {named} = type({receiver})",
        )

    def _asked(self, read: str) -> str:
        """Return the statements that ask for each field, given what reads them."""
        items = self.fields.items()
        return "; ".join(
            [f"{local} = {read}({self.receiver}, {name!r}, MISSING)" for name, local in items]
        )

    def _taken(
        self, word: str, cls: str, form: Callable[[str, str], str], error: str, lacking: str
    ) -> Sequence[str]:
        """Return the lines that read all fields of a value of a class.

        Args:
            word: the word that begins the lines.
            cls: the class.
            form: returns Python for a field, given the value and the name.
            error: what Python raises where a field is missing.
            lacking: Python for the fields of a value that lacks one.
        """
        receiver, unlearn = self.receiver, f"{cls} = False; " if self.number else ""
        taken = [f"{local} = {form(receiver, name)}" for name, local in self.fields.items()]
        return (
            f"{word} type({receiver}) is {cls}:",
            f"    try: {'; '.join(taken)}",
            f"    except {error}: {unlearn}{', '.join(self.fields.values())} = {lacking}",
        )


def _attribute(value: str, name: str) -> str:
    """Return Python for an attribute: Python has not all names, and takes some for others."""
    if name.isascii() and name.isidentifier() and not iskeyword(name):
        return f"{value}.{name}"
    return f"getattr({value}, {name!r})"


@dataclass(slots=True, kw_only=True)
class Reading:
    """The state of reading fields: which the printed code has read, and can still use.

    Attributes:
        out: the function being printed.
        given: how many names were given.
        temporaries: how many temporary names this segment has.
        tracked: the variables that are read, of those that hold a node's number, or whether a key
            is nil, or are parameters of a function for a block.
        readers: the names of fields by the variables of `as_dot` that hold what reads them.
        gathered: the fields that the segment has read together last, all of one value: a method
            that is called where one of them is needed may change those of all others.
        all_gathered: those that any segment reads together.
        texts: the variables that hold texts made in this segment, by those that hold the values.
        settles: whether fields may be read by lines of their own now.
    """

    out: Function = field(default_factory=lambda: Function(""))
    given: int = 0
    temporaries: int = 0
    tracked: set[str] = field(default_factory=set)
    readers: dict[str, dict[str, None]] = field(default_factory=dict)
    gathered: Gathered | None = None
    all_gathered: list[Gathered] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    settles: bool = False

    # -- Names

    def name(self, prefix: str) -> str:
        """Return a Python name that is new."""
        self.given += 1
        return f"{prefix}{self.given}"

    def temporary(self) -> str:
        """Return a name for a value that no later segment reads: few names compile faster."""
        self.temporaries += 1
        return f"{TEMPORARY}{self.temporaries}"

    def track(self, variable: str, value: str) -> None:
        """Print that a variable holds a value, if anything reads it."""
        self.out.later(lambda: [f"{variable} = {value}"] if variable in self.tracked else [])

    # -- Fields

    def forget(self) -> None:
        """Have fields read again: what follows may change them."""
        self.gathered = None
        self.texts = {}

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
        found = self.gathered
        if (settles or self.settles) and not self.out.guard:
            found = self._gather(receiver, names)
        elif found and not (found.path == _path(receiver, names) and names[-1] in found.fields):
            found = None
        if found is not None:
            if self.out.guard:  # under which a method may be called or not
                self.forget()
            name = found.fields[names[-1]]
            return name, name, Local(found.receiver, reads=found.reads)
        self.forget()
        code, holder = self.read(receiver, names)
        name = self.temporary()
        return name, f"({name} := {code})", holder

    def _gather(self, receiver: Local, names: Sequence[str]) -> Gathered:
        """Return what reads the last of the fields, together with others."""
        path, found = _path(receiver, names), self.gathered
        if found is None or found.path != path or not found.can_read(names[-1], self.out.depth):
            found = self._begin(receiver, path)
        if names[-1] not in found.fields:
            found.fields[names[-1]] = self.temporary()
            if len(found.fields) == 2 and found.number:
                self.out.start(found.keyed, "dict")
                self.out.start(found.named, "None")
        return found

    def _begin(self, receiver: Local, path: tuple[str, ...]) -> Gathered:
        """Return what reads fields of the value at a path from here on."""
        text, reads = receiver.code(), receiver.reads
        _, *names = path
        if names:
            text, reads = self._gather(receiver, names).fields[names[-1]], ""
        number = self.name("") if self.out.loops else ""
        found = self.gathered = Gathered(text, path, reads, number, self.out.depth)
        self.out.later(found.lines)
        self.all_gathered.append(found)
        return found

    def share_readers(self) -> None:
        """Have what reads single fields of a value read those that no segment reads with others.

        Fields that are read together have their own: a method among others makes these no slower.
        """
        for found in self.all_gathered:
            if found.reads and len(found.fields) == 1:
                self.readers[f"read{found.reads}"].update(dict.fromkeys(found.fields))

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
                self.readers[read][name] = None
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

    def as_dot(self, value: Local) -> Local:
        """Return a value as a receiver; what reads its fields is found once, if at all.

        In a loop it is found once for values of one class that follow each other.
        """
        reads = self.name("")
        read, nil, cls = f"read{reads}", f"nil{reads}", f"cls{reads}"
        fields = self.readers[read] = {}
        out, loops = self.out, self.out.loops

        def lines() -> Sequence[str]:
            if not fields:
                return ()
            if not loops:
                return (f"{read} = {reader(value.text, fields)}",)
            out.start(cls, "None")
            found = reader(value.text, fields, cls=cls)
            return (f"if type({value.text}) is not {cls}: {read} = {found}",)

        out.later(lines)
        self.track(nil, "False")
        return replace(value, reads=reads)


def _path(receiver: Local, names: Sequence[str]) -> tuple[str, ...]:
    """Return where the last of the fields is read from, as of `Gathered`."""
    return (receiver.code(), *names[:-1])


@record
class Asked(Value):
    """Fields of a receiver by Go's rules, which are a call (Go: evalFieldChain).

    Attributes:
        draft: the code that reads them.
        receiver: where the names begin.
        names: the fields.
        node: Python for the number of the node that Go names when a field is not there.
        at: the same of the node that Go names when a method fails.
        boxed: whether the value is still in its interface, and a missing one no nil.
    """

    _: KW_ONLY
    draft: Reading
    receiver: Local
    names: tuple[str, ...]
    node: str
    at: str

    def code(self) -> str:
        """Return Python for the value."""
        return self._of("value")

    def raw(self) -> str:
        """Return Python for the value, or for what is missing until a pipeline has taken it."""
        return self._of("raw" if self.boxed == BOXED else "value")

    def held(self) -> str:
        """Return Python for the value in its interface, if it is in one."""
        return self._ask("held")

    def tested(self) -> str:
        """Return Python for whether the value is true."""
        return self._ask("test")

    def shown(self, name: str = "") -> str:
        """Return Python for what an action prints; `name` as in `rest`."""
        return self._ask("text", name)

    def _of(self, use: str) -> str:
        return self._ask(use)

    def _ask(self, use: str, name: str = "") -> str:
        """Return the call that asks Go's rules (run: Fields), and may call a method."""
        if not name:
            self.draft.forget()
        names = self.names if len(self.names) > 1 else self.names[0]
        boxed = self.receiver.boxed
        call = f"{use}({self.receiver.code()}, {names!r}, {self.node}"
        if name or boxed != NOT_BOXED:
            call = f"{call}, {boxed}"
        if name:
            call = f"{call}, {name}"
        return f"{call})" if self.node == self.at else f"{call}, at={self.at})"


@record
class Look(Asked):
    """Fields in code that may run often: it reads plain dicts and attributes itself.

    It asks Go's rules only where these have nothing: a key is missing, or the rules have more to
    say.
    """

    def tested(self) -> str:
        """Return Python for whether the value is true."""
        name, given, holder = self.draft.look(self.receiver, self.names)
        lacks, ask = self.draft.lacks(holder), self._ask("test", name)
        value = f"{name} if type({name}) in TESTED_ALIKE else type({name}) in TRUE or {ask}"
        return f"({given} is not MISSING or not {lacks}) and ({value})"

    def rest(self, name: str, *, raw: bool = False) -> str:
        """Return Python that asks Go's rules if what was read is `MISSING`."""
        return self._ask("raw" if raw and self.boxed == BOXED else "value", name)

    def _of(self, use: str) -> str:
        name = self.draft.temporary()
        quick, holder = self.draft.read(self.receiver, self.names)
        found = f"{name} if ({name} := {quick}) is not MISSING"
        if use == "value":
            found = f"{found} else None if {self.draft.lacks(holder)}"
        return f"({found} else {self._ask(use)})"
