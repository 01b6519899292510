"""Several observers of one execution, and an execution that is observed.

Knows nothing of what observers make of what they hear.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import gotmpl


class Observer(Protocol):
    """Who hears where an execution passes and what it writes there."""

    def visit(self, visit: gotmpl.Visit, /) -> None:
        """Hear that a place is passed."""

    def write(self, text: str, /) -> None:
        """Hear what is written."""


@dataclass(frozen=True, slots=True)
class _All:
    """Several observers as one."""

    members: Sequence[Observer]

    def visit(self, visit: gotmpl.Visit) -> None:
        for member in self.members:
            member.visit(visit)

    def write(self, text: str) -> None:
        for member in self.members:
            member.write(text)


def observed(
    template: gotmpl.Template, functions: Mapping[str, Callable[..., object]], *who: Observer | None
) -> gotmpl.Template:
    """Give a template its functions and its observers; without any it runs as fast as ever.

    >>> observed(gotmpl.Template("t"), {}).parse("x").python_source().count("visit")
    0
    """
    members = [one for one in who if one is not None]
    template.funcs(functions)
    return template.observe(_All(members) if members else None)
