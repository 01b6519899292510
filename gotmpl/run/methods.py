"""Methods: those that take no arguments, and those that the templates of a set may call.

Knows no trees.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from types import FunctionType, MethodType
from typing import NamedTuple, Self

from gotmpl.errors import TemplateError
from gotmpl.values.access import class_attribute, member
from gotmpl.values.fields import method
from gotmpl.values.signatures import Signature


class Nullary(NamedTuple):
    """A method of a class that takes no arguments, or a property.

    Attributes:
        function: the function behind it.
        is_property: whether it is a property.
        boxed: whether its result is declared as `interface {}`.
    """

    function: FunctionType
    is_property: bool
    boxed: bool

    def of(self, value: object, name: str) -> Callable[..., object]:
        """Return the bound method of a value, or what the value itself has under the name."""
        if self.is_property:
            return MethodType(self.function, value)
        found: Callable[..., object] = getattr(value, name)
        return found

    def is_behind(self, found: Callable[..., object]) -> bool:
        """Return whether what was found is the method of the class."""
        return type(found) is MethodType and found.__func__ is self.function


@functools.lru_cache(maxsize=1024)
def nullary(cls: type, name: str) -> Nullary | None:
    """Return the method of that name of a class; None where `method` and its signature decide."""
    found = member(cls, name)
    if found is None or not found.is_method or (name == "Error" and issubclass(cls, BaseException)):
        return None
    function = found.getter or class_attribute(cls, name)
    if not isinstance(function, FunctionType):
        return None
    try:
        signature = Signature.of_bound(function)
        signature.check_count(name, 0, piped=False)
    except Exception:  # noqa: BLE001 - a refusal, or of a user's function: raised where it is called
        return None
    return Nullary(function, bool(found.getter), signature.boxed)


class Methods(NamedTuple):
    """The methods and properties that templates may use.

    Attributes:
        classes: the classes of which they may use all.
        functions: the functions behind single ones.
    """

    classes: tuple[type, ...]
    functions: frozenset[Callable[..., object]]

    @classmethod
    def of(cls, allowed: Iterable[object]) -> Self:
        """Return what classes, methods and properties allow.

        Raises:
            TemplateError: something else is given.
        """
        classes, functions = [], []
        for one in allowed:
            function = one.fget if isinstance(one, property) else getattr(one, "__func__", one)
            if isinstance(one, type):
                classes.append(one)
            elif isinstance(function, FunctionType):
                functions.append(function)
            else:
                raise TemplateError(f"not a class, a method or a property: {one!r}")
        return cls(tuple(classes), frozenset(functions))

    def find(self, value: object, name: str) -> Callable[..., object] | None:
        """Return the bound method of that name, if templates may call it."""
        found = method(value, name)
        if found is None or isinstance(value, self.classes):
            return found
        return found if getattr(found, "__func__", found) in self.functions else None
