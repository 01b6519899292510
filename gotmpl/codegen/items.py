"""Python for what a range iterates over: a list as it is, any other collection by a function.

Knows no trees.
"""

from __future__ import annotations

from typing import NamedTuple


class Items(NamedTuple):
    """Python for what a range iterates over.

    Attributes:
        whole: the expression if the collection is a list.
        listed: tests whether it is one.
        found: the expression for any other collection.
        free: tests whether the turns of a list need no ticks; empty if that is not asked.
    """

    whole: str
    listed: str
    found: str
    free: str = ""

    def __str__(self) -> str:
        test = f"{self.listed} and {self.free}" if self.free else self.listed
        return f"{self.whole} if {test} else {self.found}"


def items_of(collection: str, variables: int, at: str) -> Items:
    """Return the Python for what a range iterates over.

    Args:
        collection: the Python variable with the collection.
        variables: of the range.
        at: Python for the place of the range.
    """
    listed = f"type({collection}) is list"
    if variables > 1:
        # An `enumerate` is true even if the list is empty.
        listed = f"{listed} and {collection}"
        return Items(f"enumerate({collection})", listed, f"pairs({collection}, {at})")
    return Items(collection, listed, f"each({collection}, {at})")
