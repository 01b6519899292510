"""The keys of maps: their order, and whether they are strings. Knows no trees or text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from gotmpl.strconv.quoting import utf8
from gotmpl.values.kinds import INTERFACE, Kind, kind
from gotmpl.values.names import key_type_name, type_name

K = TypeVar("K")


def has_string_keys(mapping: Mapping[object, object]) -> bool:
    """Return whether a string may be a key of a map: its keys are strings, or of any type.

    >>> has_string_keys({"a": 1}), has_string_keys({}), has_string_keys({1: 2})
    (True, True, False)
    """
    first = next(iter(mapping), "")  # one string among the keys is enough
    return type(first) is str or key_type_name(mapping) in ("string", INTERFACE)


_KIND_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


def _sort_key(key: object) -> tuple[object, ...]:
    """Return the key that sorts as Go's fmtsort does; keys of different types by kind."""
    place = _KIND_ORDER[kind(key)]
    match key:
        case str():
            return (place, utf8(key))
        case float():
            return (place, key == key, key)  # noqa: PLR0124 - NaN, unlike itself, comes first
        case complex():
            return (place, *_sort_key(key.real), *_sort_key(key.imag))
        case int():
            return (place, key)
        case bytes():
            return (place, "bytes", key)
        case tuple():
            return (place, "tuple", tuple(map(_sort_key, key)))
    return (place, type_name(key), id(key))


def sorted_keys(mapping: Mapping[K, object]) -> list[K]:
    """Return the keys in the order in which Go prints and ranges over them.

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
