"""Several compose files as one, by the rules of the Compose Specification.

Maps are merged key by key, lists are joined, scalars of later files win. Knows the names of the
options whose rule is another, not what they mean.
"""

from __future__ import annotations

from typing import Final

# Options that a later file replaces as a whole.
_REPLACED: Final = frozenset(("command", "entrypoint", "test"))
# Options that are a map, or a list of `NAME=VALUE`.
_PAIRS: Final = frozenset(
    ("annotations", "args", "environment", "extra_hosts", "labels", "sysctls", "options")
)
# Options that are a list of names, or a map with the names as keys.
_NAMED: Final = frozenset(("depends_on", "networks"))


def merged(first: object, second: object, name: str = "") -> object:
    """Return what a value and one of a later file are together.

    Args:
        first: the value of the earlier file.
        second: that of the later file.
        name: the name of the option.

    >>> merged({"ports": ["80:80"], "labels": ["a=1"]}, {"ports": ["443:443"], "labels": {"a": 2}})
    {'ports': ['80:80', '443:443'], 'labels': {'a': 2}}
    """
    if second is None or name in _REPLACED:
        return first if second is None else second
    if name in _PAIRS:
        first, second = pairs(first), pairs(second)
    elif name in _NAMED and (isinstance(first, dict) or isinstance(second, dict)):
        first, second = _by_name(first), _by_name(second)
    if isinstance(first, dict) and isinstance(second, dict):
        added = {key: merged(first.get(key), value, str(key)) for key, value in second.items()}
        return {**first, **added}
    if isinstance(first, list) and isinstance(second, list):
        return [*first, *(item for item in second if item not in first)]
    return second


def pairs(value: object) -> object:
    """Return a list of `NAME=VALUE` as a map; anything else as it is."""
    if not isinstance(value, list):
        return value
    split = (str(item).partition("=") for item in value)
    return {name: given if equals else None for name, equals, given in split}


def _by_name(value: object) -> object:
    return {str(name): None for name in value} if isinstance(value, list) else value
