"""The fields and methods of a value that a template may see; `access` says which.

Knows no trees or text.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from gotmpl.values.access import CLOSED_TYPES, Access, access, member
from gotmpl.values.kinds import (
    NUMPY,
    Kind,
    go_type,
    is_func,
    kind_of_type,
    once_per_class,
    stands_for,
)
from gotmpl.values.names import ERROR_TYPE, type_name


class _NoField(enum.Enum):
    NO_FIELD = "no field"


NO_FIELD: Final = _NoField.NO_FIELD


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
def declared_names(cls: type) -> tuple[str, ...]:
    """Return the fields that the class declares: of a struct that is not closed."""
    if kind_of_type(cls) not in (Kind.STRUCT, Kind.POINTER) or issubclass(cls, CLOSED_TYPES):
        return ()
    return tuple(name for name in _class_names(cls) if not name.startswith("_"))


def _own_names(value: object) -> Iterable[str]:
    """Return the attributes of a struct that is not a dataclass."""
    cls = type(value)
    if not _is_open(cls):
        return ()
    names: Iterable[str] = getattr(value, "__dict__", ())
    cached = _cached_names(cls)
    return [name for name in names if name not in cached] if cached else names


@once_per_class
def _is_open(cls: type) -> bool:
    """Return whether values of a class have fields that it does not declare."""
    if kind_of_type(cls) not in (Kind.STRUCT, Kind.POINTER):
        return False
    return not hasattr(cls, "__dataclass_fields__") and not issubclass(cls, CLOSED_TYPES)


@once_per_class
def _cached_names(cls: type) -> frozenset[str]:
    """Return the names of cached properties, which are methods also when the value has them."""
    return frozenset(
        name
        for base in cls.__mro__
        for name, found in vars(base).items()
        if isinstance(found, functools.cached_property)
    )


def field_names(value: object) -> tuple[str, ...]:
    """Return the names of the fields of a struct, in order; of any other value, none.

    >>> field_names(types.SimpleNamespace(name="web", _secret=1, port=80))
    ('name', 'port')
    """
    declared = [name for name in declared_names(type(value)) if hasattr(value, name)]
    return (*declared, *(name for name in _own_names(value) if not name.startswith("_")))


def field(value: object, name: str) -> object:
    """Return a field of a struct, or data of a library's object, or `NO_FIELD`.

    >>> field(types.SimpleNamespace(port=80), "port")
    80
    """
    cls: type = type(value)
    if name in declared_names(cls):
        return getattr(value, name, NO_FIELD)
    if not name.startswith("_") and name in _own_names(value):
        found = getattr(value, name, NO_FIELD)
        return NO_FIELD if is_func(found) and is_librarys(cls) else found
    of_class = member(cls, name)
    return library_data(value, name) if of_class and not of_class.is_method else NO_FIELD


def library_data(value: object, name: str) -> object:
    """Return what a class of a library has under the name, unless it is a function."""
    found = getattr(value, name, NO_FIELD)
    return NO_FIELD if is_func(found) else found


def is_librarys(cls: type) -> bool:
    """Return whether functions among the data of a class's values are methods of a library's."""
    return access(cls) is Access.DATA and cls is not types.SimpleNamespace


def method(value: object, name: str) -> Callable[..., object] | None:
    """Return the bound method of that name; a property counts as a method without arguments.

    >>> method([], "append") is None
    True
    """
    if name == "Error" and isinstance(value, BaseException):
        return value.__str__
    cls: type = type(value)
    found = member(cls, name)
    if found is None or not found.is_method:
        return None
    if found.getter:
        return types.MethodType(found.getter, value)
    bound: Callable[..., object] = getattr(value, name)
    return bound


def struct_items(value: object) -> list[tuple[str, object]]:
    """Return the fields with their values, as `fmt` prints them; of a plain error, its text."""
    if type_name(value) == ERROR_TYPE:
        return [("s", str(value))]
    return [(name, getattr(value, name)) for name in field_names(value)]


# Modules with a `__str__` for all their classes, which makes none of them a Stringer.
_COMMON_TEXTS: Final = frozenset({"builtins", "pydantic.main", "pydantic.v1.utils"})


@once_per_class
def has_own_text(cls: type) -> bool:
    """Return whether a class defines `__str__` itself, so that Go would have a Stringer.

    >>> import decimal, pathlib
    >>> has_own_text(decimal.Decimal), has_own_text(pathlib.Path), has_own_text(list)
    (True, True, False)
    """
    if stands_for(cls) or issubclass(cls, CLOSED_TYPES):
        return False
    found = next(base for base in cls.__mro__ if "__str__" in vars(base))
    if found.__module__ == NUMPY:
        return kind_of_type(cls) is Kind.STRUCT
    return found.__module__ not in _COMMON_TEXTS


def go_string(value: object) -> tuple[str, Callable[[], object]] | None:
    """Return the method by which a value prints itself: Go's name for it, and the method.

    An exception is an error (`Error`); an object with a method `String`, or with a `__str__` of its
    own, is a Stringer. The name is empty where Python calls the method otherwise.

    >>> name, text = go_string(ValueError("no such key"))
    >>> name, text()
    ('Error', 'no such key')
    """
    if isinstance(value, BaseException):
        return "Error", value.__str__
    stringer = method(value, "String")
    if stringer:
        return "String", stringer
    return ("", functools.partial(str, value)) if has_own_text(type(value)) else None


def has_content(value: object) -> bool:
    """Return whether a struct has something to print: a field, or a Go type that says so.

    >>> has_content(types.SimpleNamespace(port=80)), has_content(object())
    (True, False)
    """
    cls = type(value)
    return isinstance(value, BaseException) or go_type(cls) is not None or bool(field_names(value))
