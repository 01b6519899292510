"""How a slice is read: its elements, one of them, a part of them.

A slice is any sequence, set or view of a map. The elements of sets are in the order in which Go
sorts the keys of a map. Nothing is copied where an index or an iterator will do. Knows no trees or
text.
"""

from __future__ import annotations

from collections.abc import Iterable, MappingView, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Any, Final

from gotmpl.values.keys import sorted_keys
from gotmpl.values.kinds import Kind, Uint8, is_bytes, kind, plain, stands_for

# Python's own sequences: their iteration and their slices do what Go's do.
_OWN: Final = (list, tuple, range)


def elements(value: Any) -> Iterable[object]:
    """Return the elements in order. The result is false if the slice is empty, else true.

    >>> elements({"b", "a"}), list(elements({"b": 1}.items())), elements(b"a")
    (['a', 'b'], [('b', 1)], [97])
    """
    if isinstance(value, _OWN):
        return value if type(value) in _OWN else _unless_empty(value)
    if is_bytes(value):
        return list(map(Uint8, value))
    if isinstance(value, AbstractSet) and not isinstance(value, MappingView):
        return sorted_keys(value)
    return _unless_empty(value)


def _unless_empty(value: Any) -> Iterable[object]:
    """Return as many elements as the length says: a sequence may not notice its end itself."""
    length = len(value)
    return islice(value, length) if length else ()


def element(value: Any, position: int) -> object:
    """Return an element.

    >>> element({"b", "a"}, 1), element(range(5, 9), 2)
    ('b', 7)
    """
    found = _indexed(value)[position]
    return Uint8(found) if is_bytes(value) else found


def part(value: Any, start: int, stop: int) -> object:
    """Return the elements from `start` up to `stop`, which is not among them.

    >>> import collections
    >>> part(collections.deque("abcd"), 1, 3), part((1, 2, 3), 0, 2)
    (['b', 'c'], (1, 2))
    """
    items = value if type(value) is list else _indexed(value)
    if isinstance(items, _OWN) or is_bytes(items):
        return items[start:stop]
    return [items[position] for position in range(start, stop)]


def _indexed(value: Any) -> Any:
    """Return what has the elements by their index."""
    unordered = isinstance(value, (AbstractSet, MappingView)) and not isinstance(value, Sequence)
    return list(elements(value)) if unordered else value


def as_list(value: object) -> list[object]:
    """Return the elements as a list, for a function that takes one."""
    return list(elements(value))


def pythons(value: object) -> object:
    """Return Python's own value for one of another library: a number, or a slice as a list.

    Values of Python's own types, and of classes that users derive from these, stay as they are.

    >>> pythons({2, 1}), pythons((1, 2)), pythons(True)
    ([1, 2], (1, 2), True)
    """
    if stands_for(type(value)):
        return plain(value)
    if kind(value) is Kind.SLICE and not (isinstance(value, _OWN) or is_bytes(value)):
        return as_list(value)
    return value
