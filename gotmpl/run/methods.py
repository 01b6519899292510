"""The methods that templates of a set may call, where the set restricts them. Knows no trees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import FunctionType
from typing import NamedTuple, Self

from gotmpl.errors import TemplateError
from gotmpl.values.fields import method


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
