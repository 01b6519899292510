"""`eq`, `lt` and the other comparisons: Go's comparison of two template values, by kind.

Knows nothing of calls or arguments; what cannot be compared is a `FuncError` in Go's words.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import TYPE_CHECKING, Final

from gotmpl.errors import FuncError
from gotmpl.fmt.printf import shown
from gotmpl.strconv.quoting import utf8
from gotmpl.values.fields import struct_items
from gotmpl.values.kinds import Kind, Slice, kind, once_per_class, plain
from gotmpl.values.names import type_name
from gotmpl.values.signatures import hints

if TYPE_CHECKING:
    from collections.abc import Callable

# Go: basicKind. The other kinds are not basic.
_BASIC: Final = {
    Kind.BOOL: "bool",
    Kind.COMPLEX128: "complex",
    Kind.INT: "int",
    Kind.UINT8: "int",  # Go compares integers whatever their sign
    Kind.FLOAT64: "float",
    Kind.STRING: "string",
}
_ORDERED: Final = ("int", "float", "string")
_SAME_IN_PYTHON: Final = frozenset({bool, int, float, complex})


def _same_string(first: str, second: str) -> bool:
    """Compare two strings by bytes: one may hold a rune, the other the same bytes as escapes."""
    if first == second:
        return True
    return not (first.isascii() or second.isascii()) and utf8(first) == utf8(second)


# Kinds that Go's == does not compare.
_NOT_COMPARABLE: Final = (Kind.SLICE, Kind.MAP, Kind.FUNC)


def _fields(value: object) -> list[tuple[str, object]]:
    """Return the fields of a struct; of a dataclass, those too that templates cannot read."""
    if dataclasses.is_dataclass(value):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    return struct_items(value)


def _same_interface(first: object, second: object) -> bool:
    """Compare as Go's == of two interfaces does: both the types and the values are equal."""
    if kind(first) is not kind(second) or type_name(first) != type_name(second):
        return False
    if kind(first) in _NOT_COMPARABLE:
        raise FuncError(f"runtime error: comparing uncomparable type {type_name(first)}")
    match kind(first):
        case Kind.STRUCT:
            return _same_struct(first, second)
        case Kind.POINTER | Kind.CHAN:
            return first is second
        case Kind.STRING:
            return _same_string(str(plain(first)), str(plain(second)))
    return bool(plain(first) == plain(second))


def _same_struct(first: object, second: object) -> bool:
    """Compare the fields; what has none, a date for example, compares itself."""
    mine, others = _fields(first), _fields(second)
    if [name for name, _ in mine] != [name for name, _ in others]:
        return False
    if not mine:
        return first is second or bool(first == second)
    pairs = zip(mine, others, strict=True)
    return all(_same_interface(one[1], other[1]) for one, other in pairs)


@once_per_class
def _declares_uncomparable(cls: type) -> bool:
    """Return whether a class declares a field whose type Go's == does not compare."""
    declared = (typing.get_origin(hint) or hint for hint in hints(cls).values())
    return any(hint in (list, dict, bytes, Slice) for hint in declared)


def _same_other(first: object, second: object) -> bool:
    """Compare two values that are not of a basic kind."""
    if first is None or second is None:
        return first is second
    if kind(first) is not kind(second):
        one = f"{shown(first, '%s')}: {type_name(first)}"
        raise FuncError(f"non-comparable types {one}, {type_name(second)}: {shown(second)}")
    if kind(second) in _NOT_COMPARABLE or _declares_uncomparable(type(second)):
        raise FuncError(f"non-comparable type {shown(second, '%s')}: {type_name(second)}")
    return _same_interface(first, second)


def _incompatible(first: object, second: object) -> FuncError:
    return FuncError(
        f"incompatible types for comparison: {type_name(first)} and {type_name(second)}"
    )


def _equal(first: object, second: object) -> bool:
    if type(first) in _SAME_IN_PYTHON and type(first) is type(second):
        return first == second
    if type(first) is str and type(second) is str:
        return _same_string(first, second)
    basic, other = _BASIC.get(kind(first)), _BASIC.get(kind(second))
    if basic != other:
        if first is None or second is None:
            return False
        raise _incompatible(first, second)
    if basic is None:
        return _same_other(first, second)
    first, second = plain(first), plain(second)
    if basic == "string":
        return _same_string(first, second)  # type: ignore[arg-type]  # the kind says str
    return first == second


def eq(first: object, /, *others: object) -> bool:
    """Return whether the first value equals one of the others; those after it are not compared.

    Raises:
        FuncError: nothing to compare with, or values that Go does not compare.

    >>> eq("b", "a", "b", 1)
    True
    """
    if not others:
        raise FuncError("missing argument for comparison")
    for other in others:  # noqa: SIM110 - `any` costs more than the comparison
        if _equal(first, other):
            return True
    return False


def ne(first: object, second: object, /) -> bool:
    """Return whether the values differ."""
    return not _equal(first, second)


def _check_order(first: object, second: object) -> None:
    """Refuse two values of which Go does not say which one is less."""
    basic, other = _BASIC.get(kind(first)), _BASIC.get(kind(second))
    if basic is None or other is None:
        raise FuncError("invalid type for comparison")
    if basic != other:
        raise _incompatible(first, second)
    if basic not in _ORDERED:
        raise FuncError("invalid type for comparison")


def _less_string(first: str, second: str) -> bool:
    if first.isascii() and second.isascii():
        return first < second
    return utf8(first) < utf8(second)


def lt(first: object, second: object, /) -> bool:
    """Return whether the first value is smaller; strings are compared by their bytes.

    >>> lt(1, 2), lt("b", "a")
    (True, False)
    """
    if type(first) is not type(second) or type(first) not in _LESS:
        _check_order(first, second)
        first, second = plain(first), plain(second)
    return _LESS[type(first)](first, second)


_LESS: Final[dict[type, Callable[..., bool]]] = {
    int: int.__lt__,
    float: float.__lt__,
    str: _less_string,
}


def le(first: object, second: object, /) -> bool:
    """Return whether the first value is smaller or equal."""
    return lt(first, second) or _equal(first, second)


def gt(first: object, second: object, /) -> bool:
    """Return whether the first value is not smaller or equal; true of NaN, as in Go."""
    return not le(first, second)


def ge(first: object, second: object, /) -> bool:
    """Return whether the first value is not smaller."""
    return not lt(first, second)
