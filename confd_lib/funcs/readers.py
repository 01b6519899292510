"""The seven functions that ask the store, by name, and what each takes: one table for all who ask.

Knows nothing of stores or templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class Argument(Enum):
    """The kinds of the first argument of a function that asks the store."""

    KEY = "the key of one value"
    PATTERN = "a pattern of keys"
    PATH = "a path whose children are listed"


READERS: Final[Mapping[str, Argument]] = MappingProxyType(
    {
        "exists": Argument.KEY,
        "get": Argument.KEY,
        "gets": Argument.PATTERN,
        "getv": Argument.KEY,
        "getvs": Argument.PATTERN,
        "ls": Argument.PATH,
        "lsdir": Argument.PATH,
    }
)
"""The functions that ask the store, with the kind of their first argument."""
