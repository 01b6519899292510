"""The fields and methods of a value that a template may see.

A template sees no name that begins with an underscore, and no attribute of a function, a class, a
module or a type of Python's own. Knows no trees or text.
"""

from __future__ import annotations

import dataclasses
import enum
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from gotmpl.values.kinds import (
    CACHED_FUNCTION,
    FUNCTION_TYPES,
    Kind,
    Slice,
    is_struct,
    kind_of_type,
    once_per_class,
)
from gotmpl.values.names import ERROR_TYPE, type_name


class _NoField(enum.Enum):
    NO_FIELD = "no field"


NO_FIELD: Final = _NoField.NO_FIELD
# Modules whose classes give a template no methods: `.m.items` is a key, never dict.items.
_CLOSED_MODULES: Final = frozenset(
    {"builtins", "collections", "collections.abc", "enum", "types", "typing", Slice.__module__}
)
_CLOSED_TYPES: Final = (*FUNCTION_TYPES, types.ModuleType)
_METHOD_TYPES: Final = (
    types.FunctionType,
    classmethod,
    staticmethod,
    CACHED_FUNCTION,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
)


def _slot_names(cls: type) -> Iterator[str]:
    for base in reversed(cls.__mro__):
        slots = base.__dict__.get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots


def _class_names(cls: type) -> Iterable[str]:
    if dataclasses.is_dataclass(cls):
        return [field.name for field in dataclasses.fields(cls)]
    if issubclass(cls, tuple):
        return tuple(getattr(cls, "_fields", ()))
    return _slot_names(cls)


@once_per_class
def _declared_names(cls: type) -> tuple[str, ...]:
    """Return the fields that the class declares: of a struct that is not closed."""
    if kind_of_type(cls) not in (Kind.STRUCT, Kind.POINTER) or issubclass(cls, _CLOSED_TYPES):
        return ()
    return tuple(name for name in _class_names(cls) if not name.startswith("_"))


def _own_names(value: object) -> Iterable[str]:
    """Return the attributes of a struct that is not a dataclass."""
    cls = type(value)
    if (
        not is_struct(value)
        or hasattr(cls, "__dataclass_fields__")
        or issubclass(cls, _CLOSED_TYPES)
    ):
        return ()
    return getattr(value, "__dict__", ())


def field_names(value: object) -> tuple[str, ...]:
    """Return the names of the fields of a struct, in order; of any other value, none.

    >>> field_names(types.SimpleNamespace(name="web", _secret=1, port=80))
    ('name', 'port')
    """
    declared = [name for name in _declared_names(type(value)) if hasattr(value, name)]
    return (*declared, *(name for name in _own_names(value) if not name.startswith("_")))


def field(value: object, name: str) -> object:
    """Return the field of a struct, or `NO_FIELD`.

    >>> field(types.SimpleNamespace(port=80), "port")
    80
    """
    if name in _declared_names(type(value)):
        return getattr(value, name, NO_FIELD)
    if name.startswith("_") or name not in _own_names(value):
        return NO_FIELD
    return getattr(value, name, NO_FIELD)


@once_per_class
def _open_classes(cls: type) -> tuple[tuple[Mapping[str, object], bool], ...]:
    """Return the attributes of each class in the MRO, and whether a template may use them."""
    if issubclass(cls, _CLOSED_TYPES):
        return ()
    found = [(vars(base), base.__module__ not in _CLOSED_MODULES) for base in cls.__mro__]
    return tuple(found) if any(is_open for _, is_open in found) else ()


def _class_member(cls: type[object], name: str) -> object:
    """Return the member of that name of the class or of a base that is open to templates."""
    for names, is_open in _open_classes(cls):
        if name in names:
            return names[name] if is_open and not name.startswith("_") else None
    return None


def method(value: object, name: str) -> Callable[..., object] | None:
    """Return the bound method of that name; a property counts as a method without arguments.

    >>> method([], "append") is None
    True
    """
    if name == "Error" and isinstance(value, BaseException):
        return value.__str__
    member = _class_member(type(value), name)
    if isinstance(member, property) and member.fget:
        return types.MethodType(member.fget, value)
    if isinstance(member, _METHOD_TYPES):
        bound: Callable[..., object] = getattr(value, name)
        return bound
    return None


def struct_items(value: object) -> list[tuple[str, object]]:
    """Return the fields with their values, as `fmt` prints them; of a plain error, its text."""
    if type_name(value) == ERROR_TYPE:
        return [("s", str(value))]
    return [(name, getattr(value, name)) for name in field_names(value)]


def go_string(value: object) -> tuple[str, Callable[[], object]] | None:
    """Return the method by which a value prints itself: Go's name for it, and the method.

    An exception is an error (`Error`); an object with a method `String` is a Stringer.

    >>> name, text = go_string(ValueError("no such key"))
    >>> name, text()
    ('Error', 'no such key')
    """
    if isinstance(value, BaseException):
        return "Error", value.__str__
    stringer = method(value, "String")
    return ("String", stringer) if stringer else None
