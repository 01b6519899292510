"""Which attributes of a value a template may use: the rules of docs/values.md, class by class.

A template sees no name that begins with an underscore. Of an object of the standard library, or of
one of the libraries below, it sees data but no methods; of Python's own types, functions and
modules it sees nothing. Knows no trees or text.
"""

from __future__ import annotations

import enum
import functools
import sys
import types
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from gotmpl.values.kinds import (
    CACHED_FUNCTION,
    FUNCTION_TYPES,
    NUMPY,
    Kind,
    kind_of_type,
    once_per_class,
)


class Access(enum.IntEnum):
    """How much a template may use of what a class defines."""

    NOTHING = 0
    DATA = 1  # properties and other descriptors that only read
    METHODS = 2  # and methods


# Root packages. Whatever else is installed counts as the user's own.
_SEALED: Final = frozenset({"builtins", NUMPY})
_OURS: Final = __name__.partition(".")[0]
# Values of Go's library, whose methods templates call.
_GOS: Final = f"{_OURS}.golang."
_LIBRARIES: Final = frozenset(sys.stdlib_module_names) | {
    *("attr", "attrs", "markupsafe", "pandas", "pydantic", "pydantic_core"),
}
CLOSED_TYPES: Final = (*FUNCTION_TYPES, types.ModuleType)
# These read format strings, in which `{0.__class__}` is an attribute.
_FORMATTERS: Final = frozenset({"format", "format_map"})

_METHODS: Final = (types.FunctionType, classmethod, staticmethod, CACHED_FUNCTION)
_PROPERTIES: Final = (property, functools.cached_property, types.DynamicClassAttribute)
_DATA: Final = (*_PROPERTIES, types.GetSetDescriptorType, types.MemberDescriptorType)


class Member(NamedTuple):
    """An attribute of a class that a template may use.

    Attributes:
        is_method: whether Go has a method for it: a method, or a property.
        getter: for a property, the function that reads it.
    """

    is_method: bool
    getter: Callable[..., object] | None = None


def access(cls: type) -> Access:
    """Return what a template may use of what a class itself defines.

    >>> import datetime
    >>> mine = type("Host", (), {"__module__": "inventory"})
    >>> access(int).name, access(datetime.date).name, access(mine).name
    ('NOTHING', 'DATA', 'METHODS')
    """
    module = str(cls.__module__)
    if module.startswith(_GOS):
        return Access.METHODS
    root = module.partition(".")[0]
    if root in _SEALED or (root == _OURS and _is_of_its_module(cls)):
        return Access.NOTHING
    return Access.DATA if root in _LIBRARIES else Access.METHODS


def _is_of_its_module(cls: type) -> bool:
    """Return whether a class is what its module has under its name: no example of a docstring."""
    module = sys.modules.get(cls.__module__)
    return getattr(module, cls.__name__, None) is cls


def member(cls: type, name: str) -> Member | None:
    """Return the member of that name of a class, if a template may use it."""
    return _members(cls).get(name)


def class_attribute(cls: type, name: str) -> object:
    """Return what a class, or the first one that it inherits from, has under a name, or None."""
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)


def member_names(cls: type) -> tuple[str, ...]:
    """Return the names of the attributes of a class that a template may use."""
    return tuple(_members(cls))


@once_per_class
def _members(cls: type) -> Mapping[str, Member]:
    """Return what a template may use; the first class of the MRO that has a name decides."""
    if issubclass(cls, CLOSED_TYPES):
        return {}
    members: dict[str, Member | None] = {}
    for base in reversed(cls.__mro__):
        allowed = access(base)
        for name, found in vars(base).items():
            members[name] = _allowed(cls, name, found, allowed)
    return {name: found for name, found in members.items() if found is not None}


def _allowed(cls: type, name: str, found: object, allowed: Access) -> Member | None:
    if name.startswith("_"):
        return None
    if allowed is Access.DATA:
        # `.m.name` of a map is a key, whatever its class calls so.
        is_data = isinstance(found, _DATA) and kind_of_type(cls) is not Kind.MAP
        return Member(is_method=False) if is_data else None
    if allowed is Access.NOTHING or (issubclass(cls, str) and name in _FORMATTERS):
        return None
    if isinstance(found, _PROPERTIES):
        getter = _getter(found, name)
        return Member(is_method=True, getter=getter) if getter else None
    return Member(is_method=True) if isinstance(found, _METHODS) else None


def _getter(found: object, name: str) -> Callable[..., object] | None:
    """Return the function behind a property; None if it cannot be read."""
    if isinstance(found, property):
        return found.fget

    def read(value: object) -> object:
        return getattr(value, name)

    # A cached property is read as an attribute, or it would not be cached.
    function = getattr(found, "func", None) or getattr(found, "fget", None)
    return functools.wraps(function)(read) if function else None
