"""Functions that ask whether a value is empty. Knows nothing of versions."""

from __future__ import annotations

from gotmpl.values.kinds import is_true


def empty(value: object) -> bool:
    """Return whether the value is nil, false, 0, or has no elements; a struct never is."""
    return not is_true(value)


def default(instead: object, *given: object) -> object:
    """Return the first value that is given unless it is empty; else the one instead."""
    return given[0] if given and not empty(given[0]) else instead
