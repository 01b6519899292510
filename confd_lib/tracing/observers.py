"""Several observers of one execution as one.

The module does not know what observers do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gotmpl


@dataclass(frozen=True, slots=True)
class _All:
    """Passes each event on to all members."""

    members: Sequence[gotmpl.Observer]

    def visit(self, visit: gotmpl.Visit) -> None:
        for member in self.members:
            member.visit(visit)

    def write(self, text: str) -> None:
        for member in self.members:
            member.write(text)


def together(*observers: gotmpl.Observer | None) -> gotmpl.Observer | None:
    """Return one observer for those given; None for none, so that the template runs at full speed.

    >>> together(None, None) is None
    True
    """
    members = [one for one in observers if one is not None]
    return _All(members) if members else None
