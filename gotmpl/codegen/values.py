"""The intermediate form between tree and Python: a value, what is known of it, and its Python.

Knows neither trees nor statements.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Protocol

from gotmpl.codegen.python import Place
from gotmpl.record import record


@record
class Boxed:
    """Whether a value came out of an `interface {}`, as error messages say.

    Attributes:
        code: Python for it: a bool, or the collection that the value is an element of.
        reads: the variables in that.
    """

    code: str
    reads: tuple[str, ...] = ()


NOT_BOXED: Final = Boxed("False")
BOXED: Final = Boxed("True")


class Binder(Protocol):
    """Gives names to what the code refers to."""

    def temporary(self) -> str:
        """Return a name for a value that no later segment reads."""

    def reader(self, name: str) -> str:
        """Return the name of the readers of a field."""


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
        is_atom: whether it is a name or a constant, which may be written twice.
        is_settled: whether it may be evaluated again with the same result: a constant, or a local
            that nothing assigns.
    """

    text: str
    place: Place | None = None
    exact: type | None = None
    boxed: Boxed = NOT_BOXED
    unchecked: str = ""
    is_atom = False
    is_settled = False

    def code(self) -> str:
        """Return Python for the value; a missing one is None."""
        return self.text

    def raw(self) -> str:
        """Return Python for the value; a missing one is `MISSING`."""
        return self.code()

    def quick(self) -> str:
        """Return Python that is fast, and None where it does not have the value."""
        return self.code()

    def rest(self, quick: str, *, raw: bool = False) -> str:  # noqa: ARG002 - for `Look`
        """Return Python for the value where `quick` names what `quick()` gave."""
        return quick

    def taken_out(self) -> Value:
        """Return it as a pipeline gives it: out of its interface, a missing one as nil."""
        return self if self.boxed is NOT_BOXED else replace(self, boxed=NOT_BOXED)


class Failed(Value):
    """A value that cannot be had: evaluating it always fails."""

    __slots__ = ()


@record
class Known(Value):
    """A constant: its value, and as text that or its name."""

    value: object = None
    is_atom = True
    is_settled = True


@record
class Local(Value):
    """A value in a Python variable, the text.

    Attributes:
        is_settled: as in `Value`.
        is_dict: the variable that holds whether it is a plain dict, if there is one.
        is_temporary: whether the variable is reused after the segment.
    """

    is_settled: bool = True
    is_dict: str = ""
    is_temporary: bool = False
    is_atom = True


class Look(Value):
    """Fields of a receiver (Go: evalFieldChain).

    Go's rules are a call. Code that may run often asks plain dicts and readers itself, and calls
    only where these have nothing: a key is missing, or the rules have more to say.

    Attributes:
        binder: gives names.
        receiver: where the names begin.
        names: the fields.
        node: the node that Go names when a field is not there, or the variable with its number.
        at: the node that Go names when a method fails.
        once: whether the code runs once, so that a call is all.
        boxed: whether the value is still in its interface, and a missing one no nil.
    """

    __slots__ = ("at", "binder", "names", "node", "once", "receiver")

    def __init__(
        self,
        binder: Binder,
        receiver: Local | Known,
        names: tuple[str, ...],
        node: int | str,
        at: int,
        *,
        once: bool,
        boxed: Boxed = BOXED,
    ) -> None:
        super().__init__("", boxed=boxed)
        self.binder, self.receiver, self.names = binder, receiver, names
        self.node, self.at, self.once = node, at, once

    def code(self) -> str:
        """Return Python for the value."""
        return self._of("value")

    def raw(self) -> str:
        """Return Python for the value, or for what is missing until a pipeline has taken it."""
        return self._of("raw" if self.boxed is BOXED else "value")

    def held(self) -> str:
        """Return Python for the value in its interface, if it is in one."""
        return self._ask("held")

    def tested(self) -> str:
        """Return Python for whether the value is true."""
        if self.once:
            return self._ask("test")
        name = self.binder.temporary()
        test = self._ask("test", name)
        if len(self.names) == 1:
            test = f"({name} is not None or not lacks({self.receiver.code()})) and {test}"
        return f"{name} if type({name} := ({self.quick()})) in FOUND else {test}"

    def shown(self, quick: str = "") -> str:
        """Return Python for what an action prints; `quick` as in `rest`."""
        return self._ask("text", quick)

    def quick(self) -> str:
        """Return Python for the value of plain dicts and of classes with readers."""
        if self.once:
            return self.code()
        holder = self.receiver.code()
        test = getattr(self.receiver, "is_dict", "") or f"type({holder}) in DICTS"
        code = ""
        for name in self.names:
            if code:
                inner = self.binder.temporary()
                test, holder = f"type({inner} := ({code})) in DICTS", inner
            read = f"{self.binder.reader(name)}[type({holder})]({holder})"
            code = f"{holder}.get({name!r}) if {test} else {read}"
        return code

    def rest(self, quick: str, *, raw: bool = False) -> str:
        """Return Python that asks Go's rules if `quick` is None."""
        if self.once:
            return quick
        return self._ask("raw" if raw and self.boxed is BOXED else "value", quick)

    def taken_out(self) -> Value:
        """Return the same with a missing value as nil."""
        given = self.binder, self.receiver, self.names, self.node, self.at
        return Look(*given, once=self.once, boxed=NOT_BOXED)

    def _of(self, use: str) -> str:
        if self.once:
            return self._ask(use)
        name = self.binder.temporary()
        found = f"({name} := ({self.quick()})) is not None"
        if use == "value" and len(self.names) == 1:
            found = f"{found} or lacks({self.receiver.code()})"
        return f"({name} if {found} else {self._ask(use)})"

    def _ask(self, use: str, quick: str = "") -> str:
        """Return the call that asks Go's rules (run: Fields)."""
        names = self.names if len(self.names) > 1 else self.names[0]
        boxed = self.receiver.boxed
        call = f"{use}({self.receiver.code()}, {names!r}, {self.node}"
        if quick or boxed is not NOT_BOXED:
            call = f"{call}, {boxed.code}"
        if quick:
            call = f"{call}, {quick}"
        return f"{call})" if self.node == self.at else f"{call}, at={self.at})"
