"""Fields read at the speed of a call: for each name, a function for each class.

A reader gives what `fields` and `keys` give, or `NO_FIELD` where their rules have to be asked.
Knows no trees or text.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import Final

from gotmpl.values.access import CLOSED_TYPES, member
from gotmpl.values.fields import NO_FIELD, declared_names, is_librarys
from gotmpl.values.kinds import Kind, kind_of_type

Reader = Callable[[object], object]

_MOST: Final = 64  # classes that a name has readers for; a class may be made for each execution


class Readers(dict[type, Reader]):
    """The readers of one name, by class; each is made when its class is first seen.

    Args:
        name: the name of the field or key.

    >>> import collections
    >>> read = Readers("port")
    >>> read[dict]({"port": 80}), read[collections.OrderedDict]({}) is NO_FIELD
    (80, True)
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
    if name.startswith("_") or member(cls, name) is not None:
        return _ask
    of_kind = kind_of_type(cls)
    if of_kind is Kind.MAP:
        return methodcaller("get", name, NO_FIELD)
    if of_kind is Kind.STRUCT and _is_attribute(cls, name):
        return lambda value: getattr(value, name, NO_FIELD)
    return _ask


def _ask(_: object) -> object:
    return NO_FIELD


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
