"""The rules by which sprig v3 takes any value: as a text, as a list, as an equal of another.

Knows no functions of templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gotmpl.errors import FuncError
from gotmpl.fmt.printf import sprintf
from gotmpl.golang.strings import from_bytes
from gotmpl.sprig.reflection import kind_of
from gotmpl.values.fields import field_names
from gotmpl.values.kinds import Kind, NilMap, NilSlice, Slice, is_bytes, kind
from gotmpl.values.names import type_name
from gotmpl.values.slices import elements

NIL_POINTER: Final = "runtime error: invalid memory address or nil pointer dereference"
MAP: Final = "map[string]interface {}"


def text_of(value: object) -> str:
    """Return any value as a text: bytes as what they spell, all else as `%v` prints it.

    >>> text_of(b"hi"), text_of(None), text_of(1.0)
    ('hi', '<nil>', '1')
    """
    if type(value) is str:
        return value
    return from_bytes(bytes(value)) if is_bytes(value) else sprintf("%v", (value,))


def texts_of(value: object) -> Slice[str]:
    """Return the elements of a list as texts, without nil; any other value is the only element.

    A `[]string` is returned itself.

    >>> texts_of([1, None, "a"]), texts_of(5), texts_of(None)
    (Slice('string', ['1', 'a']), Slice('string', ['5']), Slice('string', []))
    """
    if isinstance(value, Slice) and value.elem == "string":
        return value
    if kind(value) is not Kind.SLICE:
        value = [value]
    return Slice("string", [text_of(item) for item in elements(value) if item is not None])


def items_of(value: object, complaint: str) -> list[object]:
    """Return the elements of a list.

    Args:
        value: the list.
        complaint: the beginning of the error's text, before the kind of the value.

    Raises:
        FuncError: the value is no list.
    """
    if value is None:
        raise FuncError(NIL_POINTER)
    if kind(value) is not Kind.SLICE:
        raise FuncError(f"{complaint} {kind_of(value)}")
    return list(elements(value))


def is_map(value: object) -> bool:
    """Return whether the value is a map, typed or not."""
    return kind(value) is Kind.MAP


def as_map(value: object) -> dict[str, object]:
    """Return the value if it is a `map[string]interface {}`.

    Raises:
        FuncError: it is another value; the text is that of Go's failed conversion.

    >>> as_map("a")
    Traceback (most recent call last):
    ...
    gotmpl.errors.FuncError: interface conversion: interface {} is string, not \
map[string]interface {}
    """
    if isinstance(value, dict) and type_name(value) == MAP:
        return value
    raise FuncError(f"interface conversion: interface {{}} is {_found(value)}, not {MAP}")


def as_text(value: object) -> str:
    """Return the value if it is a string.

    Raises:
        FuncError: it is another value.
    """
    if type(value) is str:
        return value
    raise FuncError(f"interface conversion: interface {{}} is {_found(value)}, not string")


def _found(value: object) -> str:
    return "nil" if value is None else type_name(value)


def is_nil(value: object) -> bool:
    """Return whether the value is nil, or a map or list that is nil."""
    return value is None or isinstance(value, NilMap | NilSlice)


def deep_equal(one: object, other: object) -> bool:
    """Return whether two values are equal, and of one type. Go: reflect.DeepEqual.

    >>> deep_equal([1, {"a": "b"}], [1, {"a": "b"}]), deep_equal(1, 1.0), deep_equal([], None)
    (True, False, False)
    """
    try:
        return _equal(one, other)
    except RecursionError:
        raise FuncError("the values nest too deep to be compared") from None


def _equal(one: Any, other: Any) -> bool:
    if type_name(one) != type_name(other) or is_nil(one) != is_nil(other):
        return False
    match kind(one):
        case Kind.MAP:
            return one is other or _equal_maps(one, other)
        case Kind.SLICE:
            return one is other or _equal_lists(list(elements(one)), list(elements(other)))
        case Kind.FUNC:
            return False  # Go: functions are equal if both are nil
        case Kind.STRUCT | Kind.POINTER if names := field_names(one):
            return all(_equal(getattr(one, name), getattr(other, name)) for name in names)
    return bool(one == other)


def _equal_maps(one: Mapping[object, object], other: Mapping[object, object]) -> bool:
    if one.keys() != other.keys():
        return False
    return all(_equal(value, other[key]) for key, value in one.items())


def _equal_lists(one: list[object], other: list[object]) -> bool:
    return len(one) == len(other) and all(map(_equal, one, other))
