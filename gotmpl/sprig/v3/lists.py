"""Functions of lists as sprig v3 has them. Each makes a new list; equality is Go's DeepEqual.

Knows no other functions.
"""

from __future__ import annotations

import math

from gotmpl.errors import FuncError
from gotmpl.limits import check_limits
from gotmpl.sprig.defaults import empty
from gotmpl.sprig.v3.numbers import int_
from gotmpl.sprig.v3.values import deep_equal, items_of
from gotmpl.values.kinds import NilSlice, Slice
from gotmpl.values.slices import part


def first(items: object) -> object:
    """Return the first element; nil of an empty list."""
    return next(iter(items_of(items, "Cannot find first on type")), None)


def last(items: object) -> object:
    """Return the last element; nil of an empty list."""
    found = items_of(items, "Cannot find last on type")
    return found[-1] if found else None


def rest(items: object) -> list[object]:
    """Return the list without its first element; nil of an empty list."""
    found = items_of(items, "Cannot find rest on type")
    return found[1:] if found else NilSlice()


def initial(items: object) -> list[object]:
    """Return the list without its last element; nil of an empty list."""
    found = items_of(items, "Cannot find initial on type")
    return found[:-1] if found else NilSlice()


def append(items: object, item: object) -> list[object]:
    """Return the list with an element behind its last."""
    return [*items_of(items, "Cannot push on type"), item]


def prepend(items: object, item: object) -> list[object]:
    """Return the list with an element before its first."""
    return [item, *items_of(items, "Cannot prepend on type")]


def concat(*lists: object) -> list[object]:
    """Return the elements of all the lists as one list; nil without any."""
    joined = [item for items in lists for item in _concatenated(items)]
    return joined or NilSlice()


def _concatenated(items: object) -> list[object]:
    try:
        return items_of(items, "Cannot concat type")
    except FuncError as error:
        is_kind = str(error).startswith("Cannot")
        raise FuncError(f"{error} as list" if is_kind else str(error)) from None


def reverse(items: object) -> list[object]:
    """Return the elements in the opposite order."""
    return items_of(items, "Cannot find reverse on type")[::-1]


def uniq(items: object) -> list[object]:
    """Return the list with only the first of equal elements."""
    found = list[object]()
    for item in items_of(items, "Cannot find uniq on type"):
        check_limits()
        if not _is_in(item, found):
            found.append(item)
    return found


def without(items: object, *omitted: object) -> list[object]:
    """Return the list without the elements that equal one of the others."""
    listed = items_of(items, "Cannot find without on type")
    return [item for item in listed if not _is_in(item, omitted)]


def has(item: object, items: object) -> bool:
    """Return whether the list has an equal element; nil has none."""
    return items is not None and _is_in(item, items_of(items, "Cannot find has on type"))


def _is_in(item: object, items: list[object] | tuple[object, ...]) -> bool:
    return any(deep_equal(item, other) for other in items)


def compact(items: object) -> list[object]:
    """Return the list without its empty elements."""
    return [item for item in items_of(items, "Cannot compact on type") if not empty(item)]


def slice_(items: object, *bounds: object) -> object:
    """Return the part of the list from a place up to another; nil of an empty list.

    Its type is that of the list. It replaces Go's own function of the name.
    """
    listed = items_of(items, "list should be type of slice or array but")
    if not listed:
        return None
    start = int_(bounds[0]) if bounds else 0
    stop = int_(bounds[1]) if len(bounds) > 1 else len(listed)
    if not 0 <= start <= stop <= len(listed):
        raise FuncError("reflect.Value.Slice: slice index out of bounds")
    return part(items, start, stop)


def chunk(size: int, items: object) -> Slice[list[object]]:
    """Return the list as lists of a size; the last one may be shorter."""
    listed = items_of(items, "Cannot chunk type")
    count = math.floor((len(listed) - 1) / size) + 1 if size else -1
    if count < 0 or (count and size < 0):
        raise FuncError("runtime error: makeslice: len out of range")
    chunks = [listed[size * i : size * (i + 1)] for i in range(count)]
    return Slice("[]interface {}", chunks)
