"""Fields read at the speed of a call: for a class and names, what reads these of its values.

A reader gives what `fields` and `keys` give, or its last argument where their rules have to be
asked: for a method, and for what fails. Knows no trees or text.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any, Final

from gotmpl.values.access import CLOSED_TYPES, class_attribute, member
from gotmpl.values.fields import NO_FIELD, declared_names, is_librarys, library_data
from gotmpl.values.kinds import Kind, kind_of_type

Reader = Callable[[Any, str, object], object]  # of a value, a name, and what it gives instead

# The most that is kept, of all names together: a class that has a reader is kept alive, and classes
# may be made for each execution; a template may have many names.
_MOST_CLASSES: Final = 1024
_MOST_READERS: Final = 8192
_MOST_NAMES: Final = 65536  # those that they read


class _Readers(dict[type, Reader]):
    """The readers of fields of some names, by class; one is made when a class is first seen.

    Args:
        names: the names.
        count: counts a reader before it is made.
        together: whether the fields are read before the first of them is needed.
    """

    def __init__(
        self, names: Sequence[str], count: Callable[[type, int], None], *, together: bool
    ) -> None:
        super().__init__()
        self._names, self._count, self._together = names, count, together

    def __missing__(self, cls: type) -> Reader:
        self._count(cls, len(self._names))
        reader = self[cls] = _reader(cls, self._names, together=self._together)
        return reader


class _ReadersByNames(dict[str, _Readers]):
    """The readers of classes, by the names of the fields with spaces between.

    Args:
        together: as of `_Readers`.

    >>> import types
    >>> host = types.SimpleNamespace(port=80)
    >>> READERS["name port"][type(host)](host, "port", None)
    80
    """

    def __init__(self, *, together: bool) -> None:
        super().__init__()
        self._together = together
        self.clear()

    def clear(self) -> None:
        """Drop all readers."""
        super().clear()
        self._readers = self._names = 0  # how many there are
        self._classes: set[type] = set()

    def __missing__(self, names: str) -> _Readers:
        found = self[names] = _Readers(names.split(" "), self._count, together=self._together)
        return found

    def _count(self, cls: type, names: int) -> None:
        """Count a reader of so many names; where there would be too many, drop all."""
        too_many = len(self._classes) >= _MOST_CLASSES and cls not in self._classes
        if too_many or self._readers >= _MOST_READERS or self._names >= _MOST_NAMES:
            self.clear()
        self._classes.add(cls)
        self._readers += 1
        self._names += names


READERS: Final = _ReadersByNames(together=False)  # of fields that are read where they are needed
# Of fields that are read together, and may be used again where a method was called.
EARLY_READERS: Final = _ReadersByNames(together=True)


def _reader(cls: type, names: Sequence[str], *, together: bool) -> Reader:
    """Return what reads fields of the values of a class."""
    try:
        readers = {name: _reader_of(cls, name) for name in names}
    except Exception:  # noqa: BLE001 - of a metaclass; it is raised where a field is read
        return lambda value, name, instead: _reader_of(cls, name)(value, name, instead)
    same = set(readers.values())
    if together and _call in same:  # a method may change what is used again behind it
        return _call
    if len(same) == 1:
        return same.pop()
    return lambda value, name, instead: readers[name](value, name, instead)


def _reader_of(cls: type, name: str) -> Reader:
    of_class = member(cls, name)
    if of_class and of_class.is_method:
        return _call
    if name.startswith("_"):
        return _ask
    if of_class:
        return _of_library
    of_kind = kind_of_type(cls)
    if of_kind is Kind.MAP:
        return dict.get if issubclass(cls, dict) and cls.get is dict.get else _of_map
    if of_kind is not Kind.STRUCT or issubclass(cls, CLOSED_TYPES):
        return _ask
    if _intervenes(cls, name):
        return _call
    return getattr if _is_attribute(cls, name) else _ask


def _ask(_value: object, _name: str, instead: object) -> object:
    """Read nothing: the rules have to be asked."""
    return instead


def _call(_value: object, _name: str, instead: object) -> object:
    """Read nothing: the rules have to be asked, and call a method."""
    return instead


def _of_library(value: object, name: str, instead: object) -> object:
    try:
        found = library_data(value, name)
    except Exception:  # noqa: BLE001 - of a property; it is raised where the field is needed
        return instead
    return instead if found is NO_FIELD else found


def _of_map(mapping: Any, name: str, instead: object) -> object:
    try:
        return mapping.get(name, instead)
    except Exception:  # noqa: BLE001 - of a user's class; it is raised where the field is needed
        return instead


def _is_attribute(cls: type, name: str) -> bool:
    """Return whether a value of a struct has a field of the name if it has the attribute."""
    if name in declared_names(cls):
        return True
    of_class = any(name in vars(base) for base in cls.__mro__)
    return not (of_class or hasattr(cls, "__dataclass_fields__") or is_librarys(cls))


def _intervenes(cls: type, name: str) -> bool:
    """Return whether a class has its own way to read attributes, or that of the name."""
    found = next(base for base in cls.__mro__ if "__getattribute__" in vars(base))
    if hasattr(cls, "__getattr__") or found.__module__ not in ("builtins", "types"):
        return True
    getter = getattr(type(class_attribute(cls, name)), "__get__", None)
    return isinstance(getter, types.FunctionType)
