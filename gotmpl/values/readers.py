"""Fields read at the speed of a call: for each name, a function for each class.

A reader gives what `fields` and `keys` give, or None where their rules have to be asked.
Knows no trees or text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from gotmpl.values.access import CLOSED_TYPES, member
from gotmpl.values.fields import NO_FIELD, declared_names, is_librarys, library_data
from gotmpl.values.kinds import Kind, kind_of_type

Reader = Callable[[Any], object]

_MOST: Final = 64  # classes that a name has readers for; a class may be made for each execution


class Readers(dict[type, Reader]):
    """The readers of one name, by class; each is made when its class is first seen.

    Args:
        name: the name of the field or key.

    >>> import types
    >>> read = Readers("port")
    >>> host = types.SimpleNamespace(port=80)
    >>> read[type(host)](host), read[dict]({"port": 80}), read[dict]({"name": "web"})
    (80, 80, None)
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, cls: type) -> Reader:
        if len(self) >= _MOST:
            self.clear()
        reader = self[cls] = _reader(cls, self._name)
        return reader


def _reader(cls: type, name: str) -> Reader:
    of_class = member(cls, name)
    if name.startswith("_") or (of_class and of_class.is_method):
        return _ask
    if of_class:
        return lambda value: _found(library_data(value, name))
    of_kind = kind_of_type(cls)
    if of_kind is Kind.MAP:
        return lambda mapping: mapping.get(name)
    if of_kind is Kind.STRUCT and _is_attribute(cls, name):
        return lambda value: getattr(value, name, None)
    return _ask


def _found(value: object) -> object:
    return None if value is NO_FIELD else value


def _ask(_: object) -> object:
    return None


def _is_attribute(cls: type, name: str) -> bool:
    """Return whether a value of a struct has a field of the name if it has the attribute."""
    if issubclass(cls, CLOSED_TYPES) or _intervenes(cls):
        return False
    if name in declared_names(cls):
        return True
    of_class = any(name in vars(base) for base in cls.__mro__)
    return not (of_class or hasattr(cls, "__dataclass_fields__") or is_librarys(cls))


def _intervenes(cls: type) -> bool:
    """Return whether a class has its own way to read attributes."""
    found = next(base for base in cls.__mro__ if "__getattribute__" in vars(base))
    return hasattr(cls, "__getattr__") or found.__module__ not in ("builtins", "types")
