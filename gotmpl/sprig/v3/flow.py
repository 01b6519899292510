"""Functions that choose between values or end the execution. Knows no other functions."""

from __future__ import annotations

from gotmpl.errors import FuncError
from gotmpl.sprig.defaults import empty
from gotmpl.sprig.v3.values import deep_equal as equal


def coalesce(*values: object) -> object:
    """Return the first value that is not empty; nil if all are."""
    return next((value for value in values if not empty(value)), None)


def ternary(chosen: object, otherwise: object, condition: bool) -> object:
    """Return the first value if the condition is true, else the second."""
    return chosen if condition else otherwise


def all_(*values: object) -> bool:
    """Return whether no argument is empty."""
    return not any(map(empty, values))


def any_(*values: object) -> bool:
    """Return whether an argument is not empty."""
    return not all(map(empty, values))


def fail(reason: str) -> str:
    """End the execution with an error of this text."""
    raise FuncError(reason)


def hello() -> str:
    """Return a greeting."""
    return "Hello!"


def deep_equal(one: object, other: object) -> bool:
    """Return whether two values are equal, and of one type."""
    return equal(one, other)
