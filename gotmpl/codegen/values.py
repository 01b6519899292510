"""The intermediate form between tree and Python: a value, what is known of it, and its Python.

Knows neither trees nor statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gotmpl.codegen.python import Piece, Place
from gotmpl.record import record

# Python for whether a value came out of an `interface {}`, as error messages say: one of these, or
# a variable that holds it, or holds the collection that the value is an element of.
NOT_BOXED: Final = "False"
BOXED: Final = "True"


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
