"""The variables that hold what a segment has read, so that no field is read twice.

A method that is called may change what was read: it is read again then. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Held(NamedTuple):
    """A variable that holds a field, or what reads fields.

    Attributes:
        name: the variable.
        fields: of one that holds what reads fields, their names; they may still grow.
        asked: how many of `Settled.asked` came before it.
    """

    name: str
    fields: dict[str, None]
    asked: int


@dataclass(slots=True)
class Settled:
    """The variables of a segment that hold fields.

    Attributes:
        held: the variables, by the code that gives what they hold.
        asked: variables where one that is None may have called a method, in turn.
    """

    held: dict[str, Held] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def current(self, code: str) -> str:
        """Return the variable that holds what code gives now; an empty name if none does."""
        held = self.held.get(code)
        return "" if held is None or self.asked_since(held) else held.name

    def asked_since(self, held: Held) -> Sequence[str]:
        """Return the variables that may have called a method since another was set."""
        since = dict.fromkeys(self.asked[held.asked :])
        return [name for name in since if name != held.name]

    def hold(self, code: str, name: str, fields: dict[str, None]) -> None:
        """Note that a variable holds what code gives."""
        self.held[code] = Held(name, fields, len(self.asked))

    def ask(self, name: str) -> None:
        """Note that a method may be called where a variable that holds a field is None."""
        if self.asked[-1:] != [name]:
            self.asked.append(name)

    def forget(self) -> None:
        """Have fields read again: what follows may change them."""
        self.held.clear()
        self.asked.clear()

    def copy(self) -> Settled:
        """Return the same, which does not change with this."""
        return Settled(dict(self.held), list(self.asked))
