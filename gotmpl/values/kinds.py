"""How a Python value looks to Go: its kind and type name, its truth, fields, methods and keys.

Everything that asks what a value *is* asks here, so that one rule answers. Knows nothing of
templates or of output. Whatever is found through here is safe to show to a template: no name that
begins with an underscore, no attribute of a function, a class, a module or a type of Python's own.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import inspect
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Generic, SupportsIndex, TypeVar, overload

from gotmpl.strconv.quoting import utf8

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

    >>> type_name(Slice("string", ["a", "b"])[1:])
    '[]string'
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


class Interface:
    """A value that Go still holds in an `interface {}`, shown to the few builtins that notice."""

    __slots__ = ("value",)
    __go_type__ = "interface {}"

    def __init__(self, value: object) -> None:
        self.value = value


class Uint8(int):
    """A byte, as `index` takes it out of a string or bytes."""

    __slots__ = ()
    __go_type__ = "uint8"


# -- Kinds

_CACHED_FUNCTION: Final = type(functools.lru_cache(len))
_FUNCTION_TYPES: Final = (
    type,
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    functools.partial,
    _CACHED_FUNCTION,
)
# In order: bool is an int, and a named tuple a tuple.
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
    (_FUNCTION_TYPES, Kind.FUNC),
    (BaseException, Kind.POINTER),
    (Iterator, Kind.CHAN),
)


def _go_type(cls: type) -> str | None:
    name = getattr(cls, "__go_type__", None)
    return name if isinstance(name, str) else None


def once_per_class(rule: Callable[[type], T]) -> Callable[[type], T]:
    """Remember what a rule says of each class."""
    return functools.lru_cache(maxsize=1024)(rule)


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
def _kind_of_type(cls: type) -> Kind:
    go_type = _go_type(cls)
    if go_type and issubclass(cls, BaseException):
        return Kind.POINTER if go_type.startswith("*") else Kind.STRUCT
    if go_type and go_type.startswith("*"):
        return Kind.POINTER
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return Kind.STRUCT
    return next((kind for bases, kind in _KINDS if issubclass(cls, bases)), Kind.STRUCT)


def kind(value: object) -> Kind:
    """The kind of a value.

    >>> kind(True), kind([1]), kind(None)
    (<Kind.BOOL: 'bool'>, <Kind.SLICE: 'slice'>, <Kind.INVALID: 'invalid'>)
    """
    cls = type(value)
    return _PLAIN_KINDS.get(cls) or _kind_of_type(cls)


def is_struct(value: object) -> bool:
    """Whether the value has fields: a struct, or a pointer to one."""
    return kind(value) in (Kind.STRUCT, Kind.POINTER)


def is_func(value: object) -> bool:
    """Whether the value is a function, which `call` may call."""
    return kind(value) is Kind.FUNC


# -- Type names

_TYPE_NAMES: Final[dict[type, str]] = {
    type(None): "<nil>",
    bool: "bool",
    int: "int",
    float: "float64",
    complex: "complex128",
    str: "string",
    bytes: "[]uint8",
    bytearray: "[]uint8",
    list: "[]interface {}",
    tuple: "[]interface {}",
    range: "[]int",
    types.MappingProxyType: "map[string]interface {}",
}
_INTERFACE: Final = "interface {}"
_ERROR_TYPE: Final = "*errors.errorString"
# How annotations name what a function takes and gives; a string annotation is its own name.
_ANNOTATIONS: Final = {
    **{cls.__name__: name for cls, name in _TYPE_NAMES.items()},
    "dict": "map[string]interface {}",
    "None": "",
    "NoneType": "",
    "Slice[str]": "[]string",
    "Slice[int]": "[]int",
    "range": "[]int",
}


def key_type_name(mapping: Mapping[object, object]) -> str:
    """The name of the type of a map's keys: theirs where all have one, else `interface {}`."""
    if set(map(type, mapping)) <= {str}:
        return "string"
    names = {type_name(key) for key in mapping}
    return names.pop() if len(names) == 1 and None not in mapping else _INTERFACE


def _annotation_name(annotation: object) -> str:
    if isinstance(annotation, type):
        name = annotation.__name__
    else:
        name = str(annotation).removeprefix("gotmpl.values.kinds.")
    return _ANNOTATIONS.get(name, _ANNOTATIONS.get(name.partition("[")[0], _INTERFACE))


def _parameter_name(parameter: inspect.Parameter) -> str:
    dots = "..." if parameter.kind is parameter.VAR_POSITIONAL else ""
    return dots + _annotation_name(parameter.annotation)


def _func_type_name(func: Callable[..., object]) -> str:
    if inspect.isgeneratorfunction(func):
        return f"iter.Seq[{_INTERFACE}]"
    try:
        signature = inspect.signature(func)
    except (TypeError, ValueError):  # some of Python's own have none
        return f"func(...{_INTERFACE}) {_INTERFACE}"
    takes = ", ".join(map(_parameter_name, signature.parameters.values()))
    return f"func({takes}) {_annotation_name(signature.return_annotation)}".rstrip()


def class_name(cls: type) -> str:
    """The name that a class has in Go: its own, or its package and name.

    What `__main__` holds is in Go's package main.
    """
    if name := _go_type(cls):
        return name
    module = cls.__module__.rpartition(".")[2]
    return f"{'main' if module == '__main__' else module}.{cls.__name__}"


def _name_type(value: object) -> str:
    """The name of a type that depends on what the value holds, or on its class."""
    if isinstance(value, Slice):
        return f"[]{value.elem}"
    match kind(value):
        case Kind.MAP if type(value) is dict:
            return f"map[{key_type_name(value)}]{_INTERFACE}"
        case Kind.FUNC if callable(value):
            return _func_type_name(value)
        case Kind.CHAN:
            return f"chan {_INTERFACE}"
    if isinstance(value, BaseException) and type(value).__module__ == "builtins":
        return _ERROR_TYPE
    return class_name(type(value))


def type_name(value: object) -> str:
    """The name of the value's type, as `%T` prints it.

    >>> type_name({"a": 1}), type_name({1: 2}), type_name(1.5)
    ('map[string]interface {}', 'map[int]interface {}', 'float64')
    """
    cls = type(value)
    return _TYPE_NAMES.get(cls) or _go_type(cls) or _name_type(value)


def elem_type_name(value: object) -> str:
    """The name of the type of what a slice or a map holds."""
    if isinstance(value, Slice):
        return value.elem
    if isinstance(value, range):
        return "int"
    return "uint8" if isinstance(value, (str, bytes, bytearray)) else _INTERFACE


# -- Truth

_TRUTH_IS_PYTHONS: Final = frozenset({bool, str, int, float, list, dict, tuple, bytes, type(None)})
# `Any` because the kind, which a type checker cannot see, ties the value's type.
_TESTS: Final[dict[Kind, Callable[[Any], object]]] = {
    Kind.INT: int.__bool__,
    Kind.UINT8: int.__bool__,
    Kind.FLOAT64: float.__bool__,
    Kind.COMPLEX128: complex.__bool__,
    Kind.STRING: str.__len__,
    Kind.SLICE: len,
    Kind.MAP: len,
}


def is_true(value: object) -> bool:
    """The truth of a value in Go's sense, whatever its `__bool__` says (Go: template.IsTrue).

    >>> is_true(float("nan")), is_true([]), is_true("0"), is_true(object())
    (True, False, True, True)
    """
    if type(value) in _TRUTH_IS_PYTHONS:
        return bool(value)
    test = _TESTS.get(kind(value))
    return bool(test(value)) if test else True


# -- Keys

_KIND_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


def _sort_key(key: object) -> tuple[object, ...]:
    """What orders keys as Go's fmtsort does; between types, which it leaves open, by kind."""
    place = _KIND_ORDER[kind(key)]
    match key:
        case str():
            return (place, utf8(key))
        case float():
            return (place, key == key, key)  # noqa: PLR0124 - NaN, unlike itself, comes first
        case complex():
            return (place, *_sort_key(key.real), *_sort_key(key.imag))
        case int() | bytes():
            return (place, key)
        case tuple():
            return (place, tuple(map(_sort_key, key)))
    return (place, type_name(key), id(key))


def sorted_keys(mapping: Mapping[K, object]) -> list[K]:
    """The keys in the order in which Go prints and ranges over them.

    >>> sorted_keys({"b": 1, "a": 2, "é": 3})
    ['a', 'b', 'é']
    """
    try:
        keys = sorted(mapping)  # type: ignore[type-var]  # unlike types say so themselves
        # If one is a string, all are; in ASCII their order is that of their bytes.
        if not keys or (type(keys[0]) is str and "".join(keys).isascii()):  # type: ignore[arg-type]  # they are strings
            return keys
    except TypeError:
        pass
    return sorted(mapping, key=_sort_key)


# -- Fields and methods


class _NoField(enum.Enum):
    NO_FIELD = "no field"


NO_FIELD: Final = _NoField.NO_FIELD
# Modules whose classes give a template no methods: `.m.items` is a key, never dict.items.
_CLOSED_MODULES: Final = frozenset(
    {"builtins", "collections", "collections.abc", "enum", "types", "typing", __name__}
)
_CLOSED_TYPES: Final = (*_FUNCTION_TYPES, types.ModuleType)
_METHOD_TYPES: Final = (
    types.FunctionType,
    classmethod,
    staticmethod,
    _CACHED_FUNCTION,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
)


def _slot_names(cls: type) -> Iterator[str]:
    for base in reversed(cls.__mro__):
        slots = base.__dict__.get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots


def _class_names(cls: type) -> Iterable[str]:
    if dataclasses.is_dataclass(cls):
        return [field.name for field in dataclasses.fields(cls)]
    if issubclass(cls, tuple):
        return tuple(getattr(cls, "_fields", ()))
    return _slot_names(cls)


@once_per_class
def _declared_names(cls: type) -> tuple[str, ...]:
    """The fields that the class names; a closed class and one that is no struct have none."""
    if _kind_of_type(cls) not in (Kind.STRUCT, Kind.POINTER) or issubclass(cls, _CLOSED_TYPES):
        return ()
    return tuple(name for name in _class_names(cls) if not name.startswith("_"))


def _own_names(value: object) -> Iterable[str]:
    """The fields that only this struct has: the attributes of an object that is no dataclass."""
    cls = type(value)
    if (
        not is_struct(value)
        or hasattr(cls, "__dataclass_fields__")
        or issubclass(cls, _CLOSED_TYPES)
    ):
        return ()
    return getattr(value, "__dict__", ())


def field_names(value: object) -> tuple[str, ...]:
    """The names of the fields of a struct, in their order; none for what is no struct.

    >>> field_names(types.SimpleNamespace(name="web", _secret=1, port=80))
    ('name', 'port')
    """
    declared = [name for name in _declared_names(type(value)) if hasattr(value, name)]
    return (*declared, *(name for name in _own_names(value) if not name.startswith("_")))


def field(value: object, name: str) -> object:
    """The field of a struct, or `NO_FIELD`.

    >>> field(types.SimpleNamespace(port=80), "port")
    80
    """
    if name in _declared_names(type(value)):
        return getattr(value, name, NO_FIELD)
    if name.startswith("_") or name not in _own_names(value):
        return NO_FIELD
    return getattr(value, name, NO_FIELD)


@once_per_class
def _open_classes(cls: type) -> tuple[tuple[Mapping[str, object], bool], ...]:
    """What each class of the method resolution order defines, and whether a template may use it."""
    if issubclass(cls, _CLOSED_TYPES):
        return ()
    found = [(vars(base), base.__module__ not in _CLOSED_MODULES) for base in cls.__mro__]
    return tuple(found) if any(is_open for _, is_open in found) else ()


def _class_member(cls: type[object], name: str) -> object:
    """What the class itself, or a base that is open to templates, defines under the name."""
    for names, is_open in _open_classes(cls):
        if name in names:
            return names[name] if is_open and not name.startswith("_") else None
    return None


def method(value: object, name: str) -> Callable[..., object] | None:
    """The bound method of that name; a property counts as a method without arguments.

    >>> method([], "append") is None
    True
    """
    if name == "Error" and isinstance(value, BaseException):
        return value.__str__
    member = _class_member(type(value), name)
    if isinstance(member, property) and member.fget:
        return types.MethodType(member.fget, value)
    if isinstance(member, _METHOD_TYPES):
        bound: Callable[..., object] = getattr(value, name)
        return bound
    return None


def struct_items(value: object) -> list[tuple[str, object]]:
    """The fields with their values, as `fmt` shows them; a plain error shows its text."""
    if type_name(value) == _ERROR_TYPE:
        return [("s", str(value))]
    return [(name, getattr(value, name)) for name in field_names(value)]


def go_string(value: object) -> tuple[str, Callable[[], object]] | None:
    """The method by which a value prints itself: Go's name for it, and the method.

    An exception is an error (`Error`); an object with a method `String` is a Stringer.

    >>> name, text = go_string(ValueError("no such key"))
    >>> name, text()
    ('Error', 'no such key')
    """
    if isinstance(value, BaseException):
        return "Error", value.__str__
    stringer = method(value, "String")
    return ("String", stringer) if stringer else None
