"""What a function or method takes, in Go's types, and whether a value may be passed.

Signatures come from annotations; a function that has none takes and returns `interface {}`. Knows
values, but no trees, text or generated code.
"""

from __future__ import annotations

import functools
import inspect
import types
import typing
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, cast

from gotmpl.values.kinds import Kind, Slice, class_name, kind, type_name

_INTERFACE_NAME: Final = "interface {}"


class Refused(Exception):
    """A value or a constant cannot be used here; `str()` is Go's reason.

    An internal signal: whoever knows the place makes an error of it.
    """


@dataclass(frozen=True, slots=True)
class GoType:
    """The type of a parameter.

    Attributes:
        name: the type as Go prints it.
        accepts: whether a value that is not nil may be passed as it is.
        zero: what nil becomes; absent where the type has no nil.
        exact: a Python type whose values need no further look, for generated code to test.
    """

    name: str
    accepts: Callable[[object], bool] = field(compare=False, repr=False)
    zero: Callable[[], object] | None = field(default=None, compare=False, repr=False)
    exact: type | None = None

    @property
    def is_interface(self) -> bool:
        """Whether anything may be passed."""
        return self.name == _INTERFACE_NAME


def _is(cls: type) -> Callable[[object], bool]:
    return lambda value: type(value) is cls


def _kind_of(*classes: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, classes)


INTERFACE: Final = GoType(_INTERFACE_NAME, lambda _: True, lambda: None)
_TYPES: Final[Mapping[object, GoType]] = {
    str: GoType("string", _is(str), exact=str),
    int: GoType("int", _is(int), exact=int),
    float: GoType("float64", _is(float), exact=float),
    bool: GoType("bool", _is(bool), exact=bool),
    complex: GoType("complex128", _is(complex), exact=complex),
    bytes: GoType("[]uint8", _kind_of(bytes, bytearray), bytes),
    list: GoType("[]interface {}", _kind_of(list, tuple, range), list, exact=list),
    dict: GoType("map[string]interface {}", _kind_of(dict, Mapping), dict, exact=dict),
}
_ELEMENTS: Final = {
    str: "string",
    int: "int",
    float: "float64",
    bool: "bool",
    object: _INTERFACE_NAME,
}


def _slice_type(elem: str) -> GoType:
    def accepts(value: object) -> bool:
        if isinstance(value, range):
            return elem == "int"
        return isinstance(value, Slice) and value.elem == elem

    return GoType(f"[]{elem}", accepts, lambda: Slice(elem))


def _go_type(annotation: object) -> GoType:
    """Return the type that an annotation stands for; what Go could not say is `interface {}`."""
    try:
        return _known_type(annotation)
    except TypeError:  # it cannot be hashed, and so is no type
        return INTERFACE


@functools.lru_cache(maxsize=512)
def _known_type(annotation: object) -> GoType:
    if annotation in _TYPES:
        return _TYPES[annotation]
    origin = typing.get_origin(annotation)
    if origin is Slice:
        (elem,) = typing.get_args(annotation)
        return _slice_type(_ELEMENTS.get(elem) or class_name(elem))
    if origin in _TYPES:
        return _TYPES[origin]
    if isinstance(annotation, type) and annotation is not object and annotation is not Slice:
        name = class_name(annotation)
        nil = (lambda: None) if name.startswith("*") else None
        return GoType(name, _kind_of(annotation), nil)
    return INTERFACE


class Signature(NamedTuple):
    """The parameters of a function.

    Attributes:
        params: the types of the parameters that have a place of their own.
        required: how many of these have no default.
        variadic: the type of what may follow, or None.
        boxed: whether the result is declared as `interface {}`.
    """

    params: tuple[GoType, ...]
    required: int
    variadic: GoType | None
    boxed: bool

    @classmethod
    def of(cls, function: Callable[..., object]) -> Signature:
        """Return the signature of a callable.

        >>> def getv(key: str, *default: str) -> str: ...
        >>> [param.name for param in Signature.of(getv).params], Signature.of(getv).required
        (['string'], 1)
        """
        if isinstance(function, types.MethodType):
            return cls.of(function.__func__).without_receiver()
        try:
            found = _signatures.get(function)
            if found is None:
                found = _signatures[function] = _of_function(function)
        except TypeError:  # not hashable: look each time
            found = _of_function(function)
        return found

    def without_receiver(self) -> Signature:
        """Return the signature of the method when bound."""
        return Signature(self.params[1:], max(self.required - 1, 0), self.variadic, self.boxed)

    def type_at(self, index: int) -> GoType:
        """Return the type of the argument at an index."""
        if index < len(self.params):
            return self.params[index]
        return self.variadic or INTERFACE

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


_ANYTHING: Final = Signature((), 0, INTERFACE, boxed=True)
# As long as the functions live: those that hold a store must not be held for this.
_signatures: Final = weakref.WeakKeyDictionary[Callable[..., object], Signature]()


def _of_function(function: Callable[..., object]) -> Signature:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some of Python's own tell nothing
        return _ANYTHING
    declared = hints(_annotated(function))
    params, required, variadic = [], 0, None
    for parameter in parameters:
        go_type = _go_type(declared.get(parameter.name, object))
        if parameter.kind is parameter.VAR_POSITIONAL:
            variadic = go_type
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            params.append(go_type)
            required += parameter.default is parameter.empty
    return Signature(
        tuple(params), required, variadic, _go_type(declared.get("return", object)).is_interface
    )


def _annotated(function: Callable[..., object]) -> object:
    """Return what holds the annotations of a callable."""
    target = getattr(function, "func", function)  # of a partial
    # An object that can be called has them on its method.
    return target if hasattr(target, "__annotations__") else type(target).__call__


def hints(annotated: object) -> Mapping[str, object]:
    """Return the annotations of a function or a class, strings evaluated where that is possible."""
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
    """Whether the class of a value declares a field as `interface {}`, or does not declare it."""
    return _field_type(type(value), name).is_interface


_field_types: Final[dict[tuple[type, str], GoType]] = {}


def _field_type(cls: type, name: str) -> GoType:
    found = _field_types.get((cls, name))
    if found is None:
        found = _field_types[cls, name] = _go_type(hints(cls).get(name, object))
    return found


# -- Values as arguments


def assign(value: object, go_type: GoType, *, valid: bool, boxed: bool) -> object:
    """Return the value as an argument of the type (Go: validateType).

    Args:
        value: the value; None is nil.
        go_type: the type of the parameter.
        valid: whether there is a value at all; a key that is not there gives none.
        boxed: whether it came out of an `interface {}`.

    Raises:
        Refused: it is of another type.
    """
    if value is not None:
        if go_type.accepts(value):
            return value
        got = type_name(value)
    elif valid and boxed and not go_type.is_interface:
        got = _INTERFACE_NAME
    elif go_type.zero is not None:
        return go_type.zero()
    else:
        raise Refused(f"invalid value; expected {go_type.name}")
    raise Refused(f"wrong type for value; expected {go_type.name}; got {got}")


def arguments(signature: Signature, values: Sequence[object]) -> list[object]:
    """Return values as the arguments of a call (Go: prepareArg), for `call`.

    Raises:
        Refused: one is of another type; the text begins with which.
    """
    return [_argument(i, value, signature.type_at(i)) for i, value in enumerate(values)]


def _argument(index: int, value: object, go_type: GoType) -> object:
    if value is None:
        if go_type.zero is None:
            raise Refused(f"arg {index}: value is nil; should be of type {go_type.name}")
        return go_type.zero()
    if go_type.accepts(value):
        return value
    if go_type.exact is int and kind(value) in (Kind.INT, Kind.UINT8):
        return int(cast("int", value))  # Go: intLike kinds convert
    raise Refused(f"arg {index}: value has type {type_name(value)}; should be {go_type.name}")
