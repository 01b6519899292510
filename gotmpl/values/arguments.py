"""Values as arguments: what may be passed, and what it becomes. Knows no trees or text."""

from __future__ import annotations

from collections.abc import Sequence

from gotmpl.values.kinds import INTERFACE, Kind, kind, plain
from gotmpl.values.names import type_name
from gotmpl.values.signatures import GoType, Refused, Signature
from gotmpl.values.slices import pythons


def assign(value: object, go_type: GoType, *, valid: bool, boxed: bool) -> object:
    """Return the value as an argument of the type (Go: validateType).

    Args:
        value: the value; None is nil.
        go_type: the type of the parameter.
        valid: whether there is a value; a missing key has none.
        boxed: whether it came out of an `interface {}`.

    Raises:
        Refused: it is of another type.
    """
    if value is not None:
        if go_type.accepts(value):
            return value
        own = pythons(value)
        if own is not value and go_type.accepts(own):
            return own
        got = type_name(value)
    elif valid and boxed and not go_type.is_interface:
        got = INTERFACE
    elif go_type.zero is not None:
        return go_type.zero()
    else:
        raise Refused(f"invalid value; expected {go_type.name}")
    raise Refused(f"wrong type for value; expected {go_type.name}; got {got}")


def arguments(signature: Signature, values: Sequence[object]) -> list[object]:
    """Return values as the arguments of a call (Go: prepareArg), for `call`.

    Raises:
        Refused: one is of another type; the message begins with its index.
    """
    return [_argument(i, value, signature.type_at(i)) for i, value in enumerate(values)]


def _argument(index: int, value: object, go_type: GoType) -> object:
    if value is None:
        if go_type.zero is None:
            raise Refused(f"arg {index}: value is nil; should be of type {go_type.name}")
        return go_type.zero()
    if go_type.accepts(value):
        return value
    own = pythons(value)
    if go_type.accepts(own):
        return own
    if go_type.exact is int and kind(value) in (Kind.INT, Kind.UINT8):
        return plain(value)  # Go: intLike kinds convert
    raise Refused(f"arg {index}: value has type {type_name(value)}; should be {go_type.name}")
