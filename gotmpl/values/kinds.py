"""The Go kind of a Python value, whether it is true, and the types that Python lacks.

Knows no signatures, fields or keys.
"""

from __future__ import annotations

import enum
import functools
import numbers
import types
from collections import OrderedDict, defaultdict
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    MappingView,
    Sequence,
)
from collections.abc import (
    Set as AbstractSet,
)
from typing import Any, Final, Generic, SupportsIndex, TypeGuard, TypeVar, overload

from gotmpl.errors import FuncError

T = TypeVar("T")
K = TypeVar("K")


class Kind(enum.Enum):
    """The kinds of Go's `reflect` that a Python value can have."""

    INVALID = "invalid"  # None, Go's nil
    BOOL = "bool"
    INT = "int"
    UINT8 = "uint8"
    FLOAT64 = "float64"
    COMPLEX128 = "complex128"
    STRING = "string"
    SLICE = "slice"
    MAP = "map"
    STRUCT = "struct"
    POINTER = "ptr"
    FUNC = "func"
    CHAN = "chan"


# -- Types that Python lacks


class Slice(list[T], Generic[T]):
    """A list that knows the Go type of its elements: `Slice("string", …)` is `[]string`.

    Args:
        elem: the name of the element type as Go prints it.
        items: the elements.

    >>> names = Slice("string", ["a", "b"])
    >>> names[1:].elem, names[1:]
    ('string', Slice('string', ['b']))
    """

    __slots__ = ("_elem",)

    def __init__(self, elem: str, items: Iterable[T] = ()) -> None:
        super().__init__(items)
        self._elem = elem

    @property
    def elem(self) -> str:
        """The name of the element type as Go prints it."""
        return self._elem

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> T: ...
    @overload
    def __getitem__(self, index: slice, /) -> Slice[T]: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> T | Slice[T]:
        found = super().__getitem__(index)
        return Slice(self._elem, found) if isinstance(index, slice) else found  # type: ignore[arg-type, return-value]  # the overloads of list tie the two

    def __repr__(self) -> str:
        return f"Slice({self._elem!r}, {super().__repr__()})"

    def __reduce__(self) -> tuple[type[Slice[T]], tuple[str, list[T]]]:
        return Slice, (self._elem, list(self))


class Map(dict[str, T], Generic[T]):
    """A map that knows the Go type of its values: `Map("string", …)` is `map[string]string`.

    Args:
        elem: the name of the type of the values as Go prints it.
        items: the pairs.

    >>> Map("string", {"tag": "10.1"})
    Map('string', {'tag': '10.1'})
    """

    __slots__ = ("_elem",)

    def __init__(self, elem: str, items: Mapping[str, T] | Iterable[tuple[str, T]] = ()) -> None:
        super().__init__(items)
        self._elem = elem

    @property
    def elem(self) -> str:
        """The name of the type of the values as Go prints it."""
        return self._elem

    @property
    def zero(self) -> object:
        """The value that Go gives for a key that the map lacks."""
        return _ZEROS.get(self._elem)

    def __repr__(self) -> str:
        return f"Map({self._elem!r}, {super().__repr__()})"

    def __reduce__(self) -> tuple[type[Map[T]], tuple[str, dict[str, T]]]:
        return Map, (self._elem, dict(self))


class NilMap(dict[str, Any]):
    """A map that is nil: it reads as an empty one, and nothing can be added.

    >>> NilMap()["a"] = 1
    Traceback (most recent call last):
    ...
    gotmpl.errors.FuncError: assignment to entry in nil map
    """

    __slots__ = ()
    __go_type__ = "map[string]interface {}"

    def __init__(self) -> None:
        super().__init__()

    def __setitem__(self, key: str, value: object) -> None:
        raise FuncError("assignment to entry in nil map")

    def __reduce__(self) -> tuple[type[NilMap], tuple[()]]:
        return NilMap, ()


class NilSlice(Slice[Any]):
    """A slice that is nil: it reads as an empty one, and JSON tells the two apart."""

    __slots__ = ()

    def __init__(self, elem: str = "interface {}") -> None:
        super().__init__(elem)

    def __reduce__(self) -> tuple[type[Slice[Any]], tuple[str, list[Any]]]:  # a list pickles so
        return NilSlice, (self.elem,)  # type: ignore[return-value]  # it takes no elements


_ZEROS: Final[Mapping[str, object]] = {"string": "", "int": 0, "float64": 0.0, "bool": False}


class Interface:
    """Marks a value as still inside an `interface {}`; only `len` and `slice` receive it."""

    __slots__ = ("value",)
    __go_type__ = "interface {}"

    def __init__(self, value: object) -> None:
        self.value = value


class Uint8(int):
    """A byte, as `index` takes it out of a string or bytes."""

    __slots__ = ()
    __go_type__ = "uint8"


# -- Kinds

CACHED_FUNCTION: Final = type(functools.lru_cache(len))
FUNCTION_TYPES: Final = (
    type,
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    functools.partial,
    CACHED_FUNCTION,
)
# The table of docs/values.md. In order: bool is an int, a fraction a real number, an iterator of a
# file no slice. What is not in it is a struct.
_KINDS: Final[tuple[tuple[type | tuple[type, ...], Kind], ...]] = (
    (type(None), Kind.INVALID),
    (bool, Kind.BOOL),
    (Uint8, Kind.UINT8),
    (int, Kind.INT),
    (float, Kind.FLOAT64),
    (complex, Kind.COMPLEX128),
    (str, Kind.STRING),
    ((list, tuple, bytes, bytearray, range), Kind.SLICE),
    (Mapping, Kind.MAP),
    (FUNCTION_TYPES, Kind.FUNC),
    (BaseException, Kind.POINTER),
    (Iterator, Kind.CHAN),
    ((Sequence, AbstractSet, MappingView), Kind.SLICE),
    (numbers.Integral, Kind.INT),
    (numbers.Rational, Kind.STRUCT),
    (numbers.Real, Kind.FLOAT64),
    (numbers.Complex, Kind.COMPLEX128),
)
NUMPY: Final = "numpy"
# Classes of numpy, which is not imported here, that no abstract class describes.
_NUMPY_KINDS: Final[Mapping[str, Kind]] = {
    "bool": Kind.BOOL,
    "bool_": Kind.BOOL,
    "ndarray": Kind.SLICE,
    "timedelta64": Kind.STRUCT,  # numpy registers it as an integer
}


def go_type(cls: type) -> str | None:
    """Return the Go name that a class gives itself by `__go_type__`, if it does."""
    name = getattr(cls, "__go_type__", None)
    return name if isinstance(name, str) else None


def once_per_class(rule: Callable[[type], T]) -> Callable[[type], T]:
    """Cache the result of a function of a class."""
    return functools.lru_cache(maxsize=1024)(rule)


# Python's own dicts that keep an order or fill themselves: their keys are looked up as a dict's.
DICTS: Final = frozenset({dict, OrderedDict, defaultdict})
_PLAIN_KINDS: Final[dict[type, Kind]] = {
    type(None): Kind.INVALID,
    bool: Kind.BOOL,
    int: Kind.INT,
    float: Kind.FLOAT64,
    str: Kind.STRING,
    list: Kind.SLICE,
    dict: Kind.MAP,
}


@once_per_class
def kind_of_type(cls: type) -> Kind:
    """Return the kind of a class's values."""
    own_name = go_type(cls)
    if own_name and issubclass(cls, BaseException):
        return Kind.POINTER if own_name.startswith("*") else Kind.STRUCT
    if own_name and own_name.startswith("*"):
        return Kind.POINTER
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return Kind.STRUCT
    for base in cls.__mro__:
        if base.__module__ == NUMPY and base.__name__ in _NUMPY_KINDS:
            return _NUMPY_KINDS[base.__name__]
    return next((kind for bases, kind in _KINDS if issubclass(cls, bases)), Kind.STRUCT)


def kind(value: object) -> Kind:
    """Return the kind of a value.

    >>> kind(True), kind([1]), kind(None)
    (<Kind.BOOL: 'bool'>, <Kind.SLICE: 'slice'>, <Kind.INVALID: 'invalid'>)
    """
    cls = type(value)
    return _PLAIN_KINDS.get(cls) or kind_of_type(cls)


_BYTE_FORMAT: Final = "B"  # of a memoryview


def is_bytes(value: object) -> TypeGuard[bytes | bytearray | memoryview]:
    """Return whether the elements are bytes.

    >>> is_bytes(b"a"), is_bytes(memoryview(b"a")), is_bytes([97])
    (True, True, False)
    """
    if isinstance(value, memoryview):
        return value.format == _BYTE_FORMAT and value.ndim == 1
    return isinstance(value, bytes | bytearray)


def is_func(value: object) -> bool:
    """Return whether the value is a function, which `call` may call."""
    return kind(value) is Kind.FUNC


# -- Values of a basic kind as Python's own

# How a value becomes Python's own, if it is of a subclass of that type and if it is not.
_PYTHONS: Final[Mapping[Kind, tuple[type, Callable[[Any], object]]]] = {
    Kind.BOOL: (bool, bool),
    Kind.INT: (int, int.__index__),
    Kind.UINT8: (int, int.__index__),
    Kind.FLOAT64: (float, float.__float__),
    Kind.COMPLEX128: (complex, complex.__complex__),
    Kind.STRING: (str, str.__str__),
}


def plain(value: T) -> T:
    """Return a value of a basic kind as Python's own type, whatever its class overrides.

    >>> class Port(int):
    ...     def __add__(self, other): raise ValueError
    >>> plain(Port(80)) + 1
    81
    """
    if type(value) in _PLAIN_KINDS:
        return value
    of_kind = kind(value)
    if of_kind not in _PYTHONS:
        return value
    python, convert = _PYTHONS[of_kind]
    return convert(value) if isinstance(value, python) else python(value)  # type: ignore[return-value]  # the kind says so


@once_per_class
def stands_for(cls: type) -> type | None:
    """Return the Python type whose values a class has, if the class is another library's number.

    Its values have that type's name and are passed as values of it. A subclass that users write is
    a named type of its own.

    >>> import fractions, decimal
    >>> stands_for(decimal.Decimal), stands_for(int), stands_for(type("Port", (int,), {}))
    (None, None, None)
    """
    python, _ = _PYTHONS.get(kind_of_type(cls), (None, None))
    if python is None or cls is python:
        return None
    return None if issubclass(cls, python) and cls.__module__ != NUMPY else python


# -- Names of types

INTERFACE: Final = "interface {}"
TYPE_NAMES: Final[dict[type, str]] = {
    type(None): "<nil>",
    bool: "bool",
    int: "int",
    float: "float64",
    complex: "complex128",
    str: "string",
    bytes: "[]uint8",
    bytearray: "[]uint8",
    list: f"[]{INTERFACE}",
    tuple: f"[]{INTERFACE}",
    range: "[]int",
    types.MappingProxyType: f"map[string]{INTERFACE}",
}


def class_name(cls: type) -> str:
    """Return the Go name of a class: its `__go_type__`, or its package and name.

    Classes of `__main__` are in Go's package main. The last part of a module's name that is not
    private names the package.

    >>> class_name(type("PurePath", (), {"__module__": "pathlib._local"}))
    'pathlib.PurePath'
    """
    if name := go_type(cls):
        return name
    parts = str(cls.__module__).split(".")
    module = next((part for part in reversed(parts) if not part.startswith("_")), parts[-1])
    return f"{'main' if module == '__main__' else module}.{cls.__name__}"


# -- True and false

# Types whose values are true to Go if they are to Python.
TESTED_ALIKE: Final = frozenset({bool, str, int, float, list, tuple, bytes, type(None), *DICTS})
# Classes whose values are all true to Go: `is_true` adds them as it sees them.
TRUE: Final[set[type]] = set()
_MOST_TRUE: Final = 256  # classes may be made for each execution
# `Any` because the kind, which a type checker cannot see, ties the value's type.
_TESTS: Final[dict[Kind, Callable[[Any], object]]] = {
    **dict.fromkeys(_PYTHONS, plain),
    Kind.SLICE: len,
    Kind.MAP: len,
}


def is_true(value: object) -> bool:
    """Return whether Go takes a value for true, whatever its `__bool__` (Go: template.IsTrue).

    >>> is_true(float("nan")), is_true([]), is_true("0"), is_true(object())
    (True, False, True, True)
    """
    cls = type(value)
    return bool(value if cls in TESTED_ALIKE else _test(cls)(value))


@once_per_class
def _test(cls: type) -> Callable[[Any], object]:
    """Return what decides whether Go takes a value of the class for true."""
    test = _TESTS.get(kind_of_type(cls))
    if test is not None:
        return test
    if len(TRUE) < _MOST_TRUE:
        TRUE.add(cls)
    return lambda _: True
