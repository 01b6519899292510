"""Functions of maps; `set_` and `unset` change the map itself. Knows nothing of versions."""

from __future__ import annotations

from itertools import zip_longest

from gotmpl.fmt.printf import sprintf


def dict_(*pairs: object) -> dict[str, object]:
    """Return a map of the keys and values, in turn; a last key alone gets an empty text."""
    keys = (sprintf("%v", (key,)) for key in pairs[::2])
    return dict(zip_longest(keys, pairs[1::2], fillvalue=""))


def set_(items: dict[str, object], key: str, value: object) -> dict[str, object]:
    """Set a value of the map, and return the map."""
    items[key] = value
    return items


def unset(items: dict[str, object], key: str) -> dict[str, object]:
    """Remove a key of the map, and return the map."""
    items.pop(key, None)
    return items


def has_key(items: dict[str, object], key: str) -> bool:
    """Return whether the map has the key."""
    return key in items
