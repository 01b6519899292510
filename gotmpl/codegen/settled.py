"""The fields that a segment reads: those of one value together, before the first is needed.

A method that is called may change what was read: it is read again then. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

# Python for what reads fields: of a value, and of their names with spaces between.
READER: Final = "GET if (cls := type({0})) is dict or cls in DICTS else READ[{1!r}][cls]"


@dataclass(slots=True, eq=False)
class Gathered:
    """Fields of one value that are read together.

    A plain dict is read by subscripts, until one lacks a key; another value field by field.

    Attributes:
        receiver: the variable that holds the value.
        path: the variable that a template's names begin with, and the names that lead to the value.
        reads: as of `values.Local`.
        plain: in a loop, the variable that holds `dict`, or None once one has lacked a key.
        depth: how deep the lines stand that read them.
        fields: the variables that hold the fields, by name.
        is_shared: whether it is known before what reads single fields of the value.
    """

    receiver: str
    path: tuple[str, ...]
    reads: str
    plain: str
    depth: int
    fields: dict[str, str] = field(default_factory=dict)
    is_shared: bool = False

    @property
    def is_repeated(self) -> bool:
        """Whether it is read in a loop."""
        return self.plain != "dict"

    def lines(self) -> Sequence[str]:
        """Return the lines that read the fields."""
        receiver, plain, names = self.receiver, self.plain, tuple(self.fields)
        alone = len(names) == 1
        reader = f"read{self.reads}" if self.is_shared and alone else "read"
        read = [f"{self.fields[name]} = {reader}({receiver}, {name!r}, None)" for name in names]
        if reader == "read":
            read.insert(0, f"read = {self._reader(' '.join(names))}")
        if alone:
            return ("; ".join(read),)
        taken = [f"{self.fields[name]} = {receiver}[{name!r}]" for name in names]
        got = f"{', '.join(self.fields.values())} = map({receiver}.get, {names!r})"
        lacking = f"{plain} = None; {got}" if self.is_repeated else got
        return (
            f"if type({receiver}) is {plain}:",
            f"    try: {'; '.join(taken)}",
            f"    except KeyError: {lacking}",
            f"else: {'; '.join(read)}",
        )

    def _reader(self, names: str) -> str:
        """Return Python for what reads the fields of a value that is no plain dict."""
        if not self.is_shared:
            return READER.format(self.receiver, names)
        known = f"read{self.reads}"
        return f"{known} if {known} is GET else READ[{names!r}][type({self.receiver})]"


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
