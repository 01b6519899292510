"""The intermediate form between tree and Python: a value, what is known of it, and its Python.

Knows neither trees nor statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, replace
from typing import Final, Protocol

from gotmpl.codegen.python import Piece, Place
from gotmpl.codegen.settled import Settled
from gotmpl.record import record

# Python for whether a value came out of an `interface {}`, as error messages say: one of these, or
# a variable that holds it, or holds the collection that the value is an element of.
NOT_BOXED: Final = "False"
BOXED: Final = "True"


class Binder(Protocol):
    """Gives names to what the code refers to."""

    settled: Settled

    def temporary(self) -> str:
        """Return a name for a value that no later segment reads."""

    def read(self, receiver: Local, names: Sequence[str]) -> tuple[str, Local]:
        """Return Python that reads fields, and what the last of them is read from."""

    def look(self, receiver: Local, names: Sequence[str]) -> tuple[str, str, Local]:
        """Return a name for fields, the expression that gives it, and what they are read from."""

    def lacks(self, receiver: Local) -> str:
        """Return Python for whether a key that a receiver lacks is nil."""


@record
class Value:
    """A Python expression, with what is known of its value.

    Attributes:
        text: the expression.
        place: where evaluating it may fail in a function of the user's. A line holds at most one
            place, so that the line number identifies it.
        exact: its Python type, where that is known.
        boxed: whether it came out of an `interface {}`.
        unchecked: in code with limits, the expression for a value that is printed, which is checked
            there.
    """

    text: str
    place: Place | None = None
    exact: type | None = None
    boxed: str = NOT_BOXED
    unchecked: str = ""

    def code(self) -> str:
        """Return Python for the value; a missing one is None."""
        return self.text

    def raw(self) -> str:
        """Return Python for the value; a missing one is `MISSING`."""
        return self.code()

    def rest(self, name: str, *, raw: bool = False) -> str:  # noqa: ARG002 - for `Look`
        """Return Python for the value where `name` is what `Draft.named` gave."""
        return name

    def taken_out(self) -> Value:
        """Return it as a pipeline gives it: out of its interface, a missing one as nil."""
        return self if self.boxed == NOT_BOXED else replace(self, boxed=NOT_BOXED)


class Failed(Value):
    """A value that cannot be had: evaluating it always fails."""

    __slots__ = ()


@record
class Known(Value):
    """A constant: its value, and as text that or its name."""

    value: object = None


@record
class Local(Value):
    """A value in a Python variable, the text.

    Attributes:
        is_settled: whether nothing assigns to the variable.
        reads: the end of the names of the variables that hold what reads its fields, and whether
            a key that it lacks is known to be nil; if there are such variables.
    """

    is_settled: bool = True
    reads: str = ""


@record
class Joined(Value):
    """A text of pieces that variables hold."""

    pieces: Sequence[Piece] = ()


@record
class Look(Value):
    """Fields of a receiver (Go: evalFieldChain).

    Go's rules are a call. Code that may run often reads plain dicts and attributes itself, and
    calls only where these have nothing: a key is missing, or the rules have more to say.

    Attributes:
        binder: gives names.
        receiver: where the names begin.
        names: the fields.
        node: the node that Go names when a field is not there, or the variable with its number.
        at: the node that Go names when a method fails.
        once: whether Go's rules read it at once, without a look-up of the code's own.
        boxed: whether the value is still in its interface, and a missing one no nil.
    """

    _: KW_ONLY
    binder: Binder
    receiver: Local
    names: tuple[str, ...]
    node: int | str
    at: int
    once: bool

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
        if self.once:
            return self._ask("test")
        name, given, holder = self.binder.look(self.receiver, self.names)
        lacks, ask = self.binder.lacks(holder), self._ask("test", name)
        value = f"{name} if type({name}) in TESTED_ALIKE else type({name}) in TRUE or {ask}"
        return f"({given} is not MISSING or not {lacks}) and ({value})"

    def shown(self, name: str = "") -> str:
        """Return Python for what an action prints; `name` as in `rest`."""
        return self._ask("text", name)

    def rest(self, name: str, *, raw: bool = False) -> str:
        """Return Python that asks Go's rules if what was read is `MISSING`."""
        if self.once:
            return name
        return self._ask("raw" if raw and self.boxed == BOXED else "value", name)

    def _of(self, use: str) -> str:
        if self.once:
            return self._ask(use)
        name = self.binder.temporary()
        quick, holder = self.binder.read(self.receiver, self.names)
        found = f"{name} if ({name} := {quick}) is not MISSING"
        if use == "value":
            found = f"{found} else None if {self.binder.lacks(holder)}"
        return f"({found} else {self._ask(use)})"

    def _ask(self, use: str, name: str = "") -> str:
        """Return the call that asks Go's rules (run: Fields), and may call a method."""
        if not name:
            self.binder.settled.forget()
        names = self.names if len(self.names) > 1 else self.names[0]
        boxed = self.receiver.boxed
        call = f"{use}({self.receiver.code()}, {names!r}, {self.node}"
        if name or boxed != NOT_BOXED:
            call = f"{call}, {boxed}"
        if name:
            call = f"{call}, {name}"
        return f"{call})" if self.node == self.at else f"{call}, at={self.at})"
