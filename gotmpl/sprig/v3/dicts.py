"""Functions of maps as sprig v3 has them. Those that merge change their first map.

Knows no other functions.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from gotmpl.errors import FuncError
from gotmpl.sprig.defaults import empty
from gotmpl.sprig.v3.values import as_map, as_text, is_map, text_of
from gotmpl.values.keys import sorted_keys
from gotmpl.values.kinds import Kind, Map, NilMap, NilSlice, Slice, is_bytes, kind

_Dict = dict[str, object]


def dict_(*pairs: object) -> _Dict:
    """Return a map of the keys and values, in turn; a last key alone gets an empty text."""
    return dict(zip_longest(map(text_of, pairs[::2]), pairs[1::2], fillvalue=""))


def get(items: dict, key: str) -> object:  # type: ignore[type-arg]  # as Go's map
    """Return the value of a key; an empty text if the map lacks the key."""
    return items.get(key, "")


def pluck(key: str, *maps: dict) -> list[object]:  # type: ignore[type-arg]
    """Return the values of the key in those maps that have it."""
    return [items[key] for items in maps if key in items]


def keys(*maps: dict) -> Slice[str]:  # type: ignore[type-arg]
    """Return the keys of the maps, those of each in order."""
    return Slice("string", [key for items in maps for key in sorted_keys(items)])


def values(items: dict) -> list[object]:  # type: ignore[type-arg]
    """Return the values of the map, in the order of their keys."""
    return [items[key] for key in sorted_keys(items)]


def pick(items: dict, *names: str) -> dict:  # type: ignore[type-arg]
    """Return a map of those keys that are named."""
    return {name: items[name] for name in names if name in items}


def omit(items: dict, *names: str) -> dict:  # type: ignore[type-arg]
    """Return a map of the keys that are not named."""
    return {key: value for key, value in items.items() if key not in names}


def dig(*steps: object) -> object:
    """Return the value at the end of keys: `dig KEY… DEFAULT MAP`.

    The default is for a key that is missing; what is on the way and no map is an error.
    """
    if len(steps) < 3:
        raise FuncError("dig needs at least three arguments")
    *path, default, found = steps
    found = as_map(found)
    for name in map(as_text, path):
        items = as_map(found)
        if name not in items:
            return default
        found = items[name]
    return found


# -- Merging. Go: mergo.Merge, and with WithOverride.


def merge(into: dict, *sources: dict) -> dict:  # type: ignore[type-arg]
    """Add to the first map what it lacks, or has empty, and return it; the first source wins."""
    return _merged(into, sources, overwrite=False)


def merge_overwrite(into: dict, *sources: dict) -> dict:  # type: ignore[type-arg]
    """Set all that the other maps have in the first map, and return it; the last source wins."""
    return _merged(into, sources, overwrite=True)


def _merged(into: _Dict, sources: tuple[_Dict, ...], *, overwrite: bool) -> _Dict:
    result: _Dict = {} if isinstance(into, NilMap) else into
    try:
        for source in sources:
            _merge(result, source, overwrite=overwrite)
    except RecursionError:
        raise FuncError("the maps nest too deep to be merged") from None
    return result


def _merge(into: _Dict, source: _Dict, *, overwrite: bool) -> None:
    for key, value in [*source.items()]:
        old = into.get(key)
        if is_map(old) and is_map(value):
            if old is not value:
                _merge(old, value, overwrite=overwrite)  # type: ignore[arg-type]  # both are maps
        elif overwrite or (value is not None and empty(old)):
            _set(into, key, value)


def _set(into: _Dict, key: str, value: object) -> None:
    if isinstance(into, Map):
        raise FuncError(
            "reflect.Value.SetMapIndex: value of type interface {} is not assignable to type "
            f"{into.elem}"
        )
    into[key] = value


# -- Copies


def deep_copy(value: object) -> object:
    """Return a copy of a value, with copies of all maps and lists in it."""
    if value is None:
        raise FuncError("reflect: call of reflect.Value.Type on zero Value")
    try:
        return _copy(value)
    except RecursionError:
        raise FuncError("the value nests too deep to be copied") from None


def _copy(value: Any) -> object:
    if isinstance(value, NilMap | NilSlice):
        return value
    if kind(value) is Kind.MAP:
        copied = {key: _copy(item) for key, item in value.items()}
        return Map(value.elem, copied) if isinstance(value, Map) else copied
    if isinstance(value, list | tuple) and kind(value) is Kind.SLICE:
        items = [_copy(item) for item in value]
        return Slice(value.elem, items) if isinstance(value, Slice) else items
    return bytes(value) if is_bytes(value) else value
