"""The fields that a segment reads: those of one value together, before the first is needed.

A method that is called may change what was read: it is read again then. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword


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


@dataclass(slots=True)
class Settled:
    """The fields that a segment has read, and the texts that it has made, and can still use.

    Attributes:
        gathered: the fields, of one value: a method that is called where one of them is needed may
            change those of all others.
        texts: the variables that hold texts, by those that hold the values.
    """

    gathered: Gathered | None = None
    texts: dict[str, str] = field(default_factory=dict)

    def find(self, path: tuple[str, ...], name: str) -> Gathered | None:
        """Return what holds a field of the value at a path."""
        found = self.gathered
        return found if found and found.path == path and name in found.fields else None

    def open(self, path: tuple[str, ...], depth: int) -> Gathered | None:
        """Return what can read one more field of the value at a path."""
        found = self.gathered
        return found if found and found.path == path and found.depth == depth else None

    def forget(self) -> None:
        """Have fields read again: what follows may change them."""
        self.gathered = None
        self.texts = {}

    def copy(self) -> Settled:
        """Return the same, which does not change with this."""
        return Settled(self.gathered, dict(self.texts))
