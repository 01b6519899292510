"""Fields read at the speed of a call: for each class, a function that reads those of its values.

A reader gives what `fields` and `keys` give, or None where their rules have to be asked.
Knows no trees or text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from gotmpl.values.access import CLOSED_TYPES, member
from gotmpl.values.fields import NO_FIELD, declared_names, is_librarys, library_data
from gotmpl.values.kinds import DICTS, Kind, kind_of_type

Reader = Callable[[Any, str, None], object]  # of a value, a name, and what it gives instead

# Classes that have readers, and names for each; either may be made for each execution.
_MOST: Final = 256


class _Readers(dict[type, Reader]):
    """The readers of fields, by class; each is made when its class is first seen.

    >>> import types
    >>> host = types.SimpleNamespace(port=80)
    >>> READERS[type(host)](host, "port", None), READERS[dict]({"name": "web"}, "port", None)
    (80, None)
    """

    def __missing__(self, cls: type) -> Reader:
        if len(self) == _MOST:
            self.clear()
        reader = self[cls] = dict.get if cls in DICTS else _reader(cls)
        return reader


READERS: Final = _Readers()


def _reader(cls: type) -> Reader:
    """Return what reads fields of the values of a class, whatever their names."""
    attributes: set[str] = set()
    others: dict[str, Reader] = {}

    def read(value: object, name: str, _: None) -> object:
        if name in attributes:
            return getattr(value, name, None)
        reader = others.get(name)
        if reader is None:
            if len(others) == _MOST:
                attributes.clear()
                others.clear()
            reader = others[name] = _reader_of(cls, name)
            if reader is getattr:
                attributes.add(name)
        return reader(value, name, None)

    return read


def _reader_of(cls: type, name: str) -> Reader:
    of_class = member(cls, name)
    if name.startswith("_") or (of_class and of_class.is_method):
        return _ask
    if of_class:
        return _of_library
    of_kind = kind_of_type(cls)
    if of_kind is Kind.MAP:
        return _of_map
    return getattr if of_kind is Kind.STRUCT and _is_attribute(cls, name) else _ask


def _ask(*_: object) -> None:
    return None


def _of_library(value: object, name: str, _: None) -> object:
    found = library_data(value, name)
    return None if found is NO_FIELD else found


def _of_map(mapping: Any, name: str, _: None) -> object:
    return mapping.get(name)


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
