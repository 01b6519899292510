"""The Go types of the parameters and results of functions and methods.

Signatures come from annotations; a function that has none takes and returns `interface {}`. Knows
values, but no trees, text or generated code.
"""

from __future__ import annotations

import functools
import inspect
import types
import typing
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gotmpl.values.kinds import (
    INTERFACE,
    TYPE_NAMES,
    Map,
    NilMap,
    NilSlice,
    Slice,
    class_name,
)


class Refused(Exception):
    """A value or a constant cannot be used; `str()` is Go's reason.

    An internal signal: the caller that knows the place raises the error.
    """


@dataclass(frozen=True, slots=True)
class GoType:
    """The type of a parameter.

    Attributes:
        name: the type as Go prints it.
        accepts: whether a value that is not nil may be passed as it is.
        zero: returns what nil becomes; None if the type has no nil.
        exact: a Python type whose values need no other check; generated code tests it.
        named: the class, if it is one of strings or numbers: constants are of it as well.
    """

    name: str
    accepts: Callable[[object], bool] = field(repr=False)
    zero: Callable[[], object] | None = field(default=None, compare=False, repr=False)
    exact: type | None = None
    named: type | None = field(default=None, compare=False, repr=False)

    @property
    def is_interface(self) -> bool:
        """Whether anything may be passed."""
        return self.name == INTERFACE


def _is(cls: type) -> Callable[[object], bool]:
    return lambda value: type(value) is cls


def _kind_of(*classes: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, classes)


def _is_untyped_map(value: object) -> bool:
    return isinstance(value, dict | Mapping) and not isinstance(value, Map)


def _is_untyped_list(value: object) -> bool:
    return isinstance(value, list | tuple) and getattr(value, "elem", INTERFACE) == INTERFACE


ANY: Final = GoType(INTERFACE, lambda _: True, lambda: None)
_TYPES: Final[Mapping[object, GoType]] = {
    **{
        cls: GoType(TYPE_NAMES[cls], _is(cls), exact=cls)
        for cls in (str, int, float, bool, complex)
    },
    bytes: GoType(TYPE_NAMES[bytes], _kind_of(bytes, bytearray), bytes),
    list: GoType(TYPE_NAMES[list], _kind_of(list, tuple, range), list, exact=list),
    dict: GoType(f"map[string]{INTERFACE}", _is_untyped_map, NilMap, exact=dict),
    # A bare `list` takes slices of any type, as functions of Python do.
    list[object]: GoType(f"[]{INTERFACE}", _is_untyped_list, NilSlice, exact=list),
    type(None): GoType("", _is(type(None)), lambda: None),
}
# The types that are the same for all functions that name them; two classes may have one name.
UNIVERSAL: Final = frozenset({ANY, *_TYPES.values()})


_BASIC: Final = (str, int, float, complex)


def _slice_type(elem: str) -> GoType:
    def accepts(value: object) -> bool:
        if isinstance(value, range):
            return elem == "int"
        return isinstance(value, Slice) and value.elem == elem

    return GoType(f"[]{elem}", accepts, lambda: NilSlice(elem))


def _go_type(annotation: object) -> GoType:
    """Return the Go type of an annotation; `interface {}` if Go has none for it."""
    try:
        return _known_type(annotation)
    except TypeError:  # not hashable, so not a type
        return ANY


@functools.lru_cache(maxsize=512)
def _known_type(annotation: object) -> GoType:
    if annotation in _TYPES:
        return _TYPES[annotation]
    origin = typing.get_origin(annotation)
    if origin is Slice:
        (elem,) = typing.get_args(annotation)
        return _slice_type(_known_type(elem).name)
    if origin in _TYPES:
        return _TYPES[origin]
    if isinstance(annotation, type) and annotation is not object and annotation is not Slice:
        name = TYPE_NAMES.get(annotation) or class_name(annotation)
        nil = (lambda: None) if name.startswith("*") else None
        named = annotation if issubclass(annotation, _BASIC) else None
        return GoType(name, _kind_of(annotation), nil, named=named)
    return ANY


class Signature(NamedTuple):
    """The parameters of a function.

    Attributes:
        params: the types of the positional parameters.
        required: how many of these have no default.
        variadic: the type of further arguments, or None.
        result: the type of the result.
        results: the names of the types of several results, which no template can take: what the
            function gives itself by `__go_results__`.
    """

    params: tuple[GoType, ...]
    required: int
    variadic: GoType | None
    result: GoType
    results: tuple[str, ...] = ()

    @property
    def boxed(self) -> bool:
        """Whether the result is declared as `interface {}`."""
        return self.result.is_interface

    def __str__(self) -> str:
        takes = [go_type.name for go_type in self.params]
        if self.variadic is not None:
            takes.append(f"...{self.variadic.name}")
        return f"func({', '.join(takes)}) {self.result.name}".rstrip()

    @classmethod
    def of(cls, function: Callable[..., object]) -> Signature:
        """Return the signature of a callable.

        >>> def getv(key: str, *default: str) -> str: ...
        >>> [param.name for param in Signature.of(getv).params], Signature.of(getv).required
        (['string'], 1)
        """
        if isinstance(function, types.MethodType):
            return cls.of_bound(function.__func__)
        try:
            found = _signatures.get(function)
            if found is None:
                found = _signatures[function] = _of_function(function)
        except TypeError:  # not hashable
            found = _of_function(function)
        return found

    @classmethod
    def of_bound(cls, function: Callable[..., object]) -> Signature:
        """Return the signature of a function as a bound method."""
        try:
            found = _bound.get(function)
            if found is None:
                found = _bound[function] = cls.of(function).without_receiver()
        except TypeError:  # not hashable
            found = cls.of(function).without_receiver()
        return found

    def without_receiver(self) -> Signature:
        """Return the signature of the method when bound."""
        return self._replace(params=self.params[1:], required=max(self.required - 1, 0))

    def type_at(self, index: int) -> GoType:
        """Return the type of the argument at an index."""
        if index < len(self.params):
            return self.params[index]
        return self.variadic or ANY

    def check_count(self, name: str, explicit: int, *, piped: bool) -> None:
        """Refuse a wrong number of arguments (Go: evalCall).

        Args:
            name: the function's name.
            explicit: how many arguments stand behind the name.
            piped: whether one more comes from the pipeline.

        Raises:
            Refused: it takes more, or fewer.
        """
        given = explicit + piped
        if given < self.required and (self.variadic or self.required < len(self.params)):
            raise Refused(
                f"wrong number of args for {name}: want at least {self.required} got {explicit}"
            )
        if given < self.required or (self.variadic is None and given > len(self.params)):
            raise Refused(f"wrong number of args for {name}: want {len(self.params)} got {given}")
        self._check_results(name)

    def _check_results(self, name: str) -> None:
        """Refuse several results (Go: goodFunc)."""
        count = len(self.results)
        if count == 2:
            raise Refused(
                f"invalid function signature for {name}: second return value should be error; "
                f"is {self.results[1]}"
            )
        if count:
            raise Refused(f"function {name} has {count} return values; should be 1 or 2")


_ANYTHING: Final = Signature((), 0, ANY, ANY)
# Weak: a function may hold a store, which must not be kept alive.
_signatures: Final = weakref.WeakKeyDictionary[Callable[..., object], Signature]()
_bound: Final = weakref.WeakKeyDictionary[Callable[..., object], Signature]()


def _of_function(function: Callable[..., object]) -> Signature:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some builtins have no signature
        return _ANYTHING
    declared = hints(_annotated(function))
    params, required, variadic = [], 0, None
    for parameter in signature.parameters.values():
        go_type = _go_type(declared.get(parameter.name, object))
        if parameter.kind is parameter.VAR_POSITIONAL:
            variadic = go_type
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            params.append(go_type)
            required += parameter.default is parameter.empty
    # `inspect` gives a class the annotation of `__init__`.
    returns = declared.get("return", type(None) if signature.return_annotation is None else object)
    results = getattr(function, "__go_results__", ())
    return Signature(tuple(params), required, variadic, _go_type(returns), results)


def _annotated(function: Callable[..., object]) -> object:
    """Return what holds the annotations of a callable."""
    target = getattr(function, "func", function)  # of a partial
    # A callable object has them on its `__call__`.
    return target if hasattr(target, "__annotations__") else type(target).__call__


def hints(annotated: object) -> Mapping[str, object]:
    """Return the annotations of a function or class; strings are evaluated if possible."""
    try:
        return typing.get_type_hints(annotated)
    except Exception:  # noqa: BLE001 - a name that exists for type checkers only
        raw = getattr(annotated, "__annotations__", {})
        named = {cls.__name__: cls for cls in _TYPES if isinstance(cls, type)}
        return {
            name: named.get(hint, object) if isinstance(hint, str) else hint
            for name, hint in raw.items()
        }


def is_boxed_field(value: object, name: str) -> bool:
    """Return whether the class of a value declares no type for a field, or `interface {}`."""
    return _field_type(type(value), name).is_interface  # type: ignore[arg-type]  # classes hash


@functools.lru_cache(maxsize=4096)
def _field_type(cls: type, name: str) -> GoType:
    return _go_type(hints(cls).get(name, object))
