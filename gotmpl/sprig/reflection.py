"""Functions that name the type and the kind of a value. Knows nothing of versions."""

from __future__ import annotations

from gotmpl.golang.duration import Duration
from gotmpl.golang.integers import Int64
from gotmpl.values.kinds import kind
from gotmpl.values.names import type_name


def type_of(value: object) -> str:
    """Return the name of the value's type, as `%T` prints it."""
    return type_name(value)


def type_is(name: str, value: object) -> bool:
    """Return whether the value's type has the name."""
    return type_of(value) == name


def type_is_like(name: str, value: object) -> bool:
    """Return whether the value's type has the name, or is a pointer to that type."""
    return type_of(value) in (name, f"*{name}")


def kind_of(value: object) -> str:
    """Return the name of the value's kind, as Go's package `reflect` has it."""
    return "int64" if isinstance(value, Int64 | Duration) else kind(value).value


def kind_is(name: str, value: object) -> bool:
    """Return whether the value's kind has the name."""
    return kind_of(value) == name
