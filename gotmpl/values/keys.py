"""The keys of maps: their order, and whether they are strings. Knows no trees or text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, TypeVar

from gotmpl.strconv.quoting import utf8
from gotmpl.values.fields import has_own_text, struct_items
from gotmpl.values.kinds import DICTS, Kind, kind, plain
from gotmpl.values.names import type_name

K = TypeVar("K")
V = TypeVar("V")


def has_string_keys(mapping: Mapping[object, object]) -> bool:
    """Return whether a string may be a key of a map: its keys are strings, or of any type.

    >>> has_string_keys({"a": 1}), has_string_keys({}), has_string_keys({1: 2})
    (True, True, False)
    """
    for first in mapping:
        if type(first) is str:  # one string among the keys is enough
            return True
        break
    else:
        return True
    name = type_name(first)
    if first is None or name == "string":
        return True
    # Keys of two types are of type `interface {}`.
    return any(type(key) is not type(first) and type_name(key) != name for key in mapping)


class _Probe:
    """Equals a key of a dict, and remembers that key."""

    __slots__ = ("_key", "found")

    def __init__(self, key: object) -> None:
        self._key = key
        self.found: object = None

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        if self._key != other:
            return False
        self.found = other
        return True


def stored_key(mapping: dict[object, object], key: object) -> object:
    """Return the key of a dict that equals a number; None if it has no such key.

    >>> stored_key({2: "two", True: "one"}, 1)
    True
    """
    probe = _Probe(key)
    return probe.found if probe in mapping else None


_KIND_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


def _sort_key(key: object) -> tuple[object, ...]:
    """Return the key that sorts as Go's fmtsort does; keys of different types by kind.

    Keys that Go does not have sort by their own order, if they have one, or by their text.
    """
    place = _KIND_ORDER[kind(key)]
    match plain(key):
        case str(text):
            return (place, utf8(text))
        case float(number):
            return (place, number == number, number)  # noqa: PLR0124 - NaN comes first
        case complex() as number:
            return (place, *_sort_key(number.real), *_sort_key(number.imag))
        case int(number):
            return (place, number)
        case bytes():
            return (place, "bytes", key)
        case tuple(items):
            return (place, "tuple", tuple(map(_sort_key, items)))
        case frozenset(items):
            return (place, "set", tuple(sorted(map(_sort_key, items))))
    return (place, type_name(key), *_own_order(key))


def _own_order(key: object) -> tuple[object, ...]:
    """Return what orders keys of one class: fields, as in Go; else the class's own order."""
    if items := struct_items(key):
        return tuple(_sort_key(item) for _, item in items)
    if type(key).__lt__ is not object.__lt__:  # type: ignore[operator]  # object has it
        return (key,)
    return (str(key) if has_own_text(type(key)) else id(key),)


def sorted_keys(keys: Collection[K]) -> list[K]:
    """Return keys of a map, or elements of a set, in the order in which Go prints a map's.

    >>> sorted_keys({"b": 1, "a": 2, "é": 3})
    ['a', 'b', 'é']
    """
    ordered: list[K] = []
    try:
        ordered = sorted(keys)  # type: ignore[type-var]  # unlike types say so themselves
        # In ASCII the order of strings is that of their bytes.
        if "".join(ordered).isascii():  # type: ignore[arg-type]  # what is no string says so too
            return ordered
    except TypeError:
        pass
    if {*map(type, ordered)} == {int}:
        return ordered
    return sorted(keys, key=_sort_key)


def sorted_items(mapping: Mapping[K, V]) -> list[tuple[K, V]]:
    """Return the keys of a map with their elements, in the order of `sorted_keys`.

    >>> sorted_items({"b": 1, "a": 2})
    [('a', 2), ('b', 1)]
    """
    if type(mapping) in DICTS:
        try:
            # As in `sorted_keys`. No two keys are equal, so that elements are not compared.
            if "".join(mapping).isascii():  # type: ignore[arg-type]  # what is no string says so
                # A dict's own items are faster than those that an OrderedDict has in its order.
                return sorted(dict.items(mapping))  # type: ignore[arg-type]  # the type says so
        except TypeError:
            pass
    keys = sorted_keys(mapping)
    return list(zip(keys, map(mapping.__getitem__, keys), strict=True))
