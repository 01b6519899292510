"""The names of types as Go's `%T` prints them. Knows no trees or text."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Final

from gotmpl.values.kinds import (
    INTERFACE,
    TYPE_NAMES,
    Kind,
    Map,
    Slice,
    class_name,
    go_type,
    is_bytes,
    kind,
    stands_for,
)
from gotmpl.values.signatures import Signature

ERROR_TYPE: Final = "*errors.errorString"


def key_type_name(mapping: Mapping[object, object]) -> str:
    """Return the name of the type of a map's keys: `interface {}` if they differ in type."""
    if set(map(type, mapping)) <= {str}:
        return "string"
    names = {type_name(key) for key in mapping}
    return names.pop() if len(names) == 1 and None not in mapping else INTERFACE


def _name_type(value: object) -> str:
    """Return the name of a type that depends on what the value holds, or on its class."""
    if isinstance(value, Slice | Map):
        return f"{'[]' if isinstance(value, Slice) else 'map[string]'}{value.elem}"
    match kind(value):
        case Kind.SLICE if type(value).__module__ == "builtins":  # a set, a view, a memoryview
            return f"[]{elem_type_name(value)}"
        case Kind.MAP if type(value) is dict:
            return f"map[{key_type_name(value)}]{INTERFACE}"
        case Kind.FUNC if callable(value):
            if inspect.isgeneratorfunction(value):
                return f"iter.Seq[{INTERFACE}]"
            return str(Signature.of(value))
        case Kind.CHAN:
            return f"chan {INTERFACE}"
    if isinstance(value, BaseException) and type(value).__module__ == "builtins":
        return ERROR_TYPE
    return class_name(type(value))


def type_name(value: object) -> str:
    """Return the name of the value's type, as `%T` prints it.

    >>> type_name({"a": 1}), type_name({1: 2}), type_name(1.5)
    ('map[string]interface {}', 'map[int]interface {}', 'float64')
    """
    cls = type(value)
    name = TYPE_NAMES.get(cls) or go_type(cls)
    if name:
        return name
    python = stands_for(cls)
    return TYPE_NAMES[python] if python else _name_type(value)


def elem_type_name(value: object) -> str:
    """Return the name of the type of the elements of a slice or map."""
    if isinstance(value, Slice | Map):
        return value.elem
    if isinstance(value, range):
        return "int"
    return "uint8" if isinstance(value, str) or is_bytes(value) else INTERFACE
