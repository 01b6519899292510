"""Explains in log lines why a template did not find a key, and which listed keys match nothing.

An error keeps confd's own text; the explanation follows it on the same line. Knows a store and the
keys of a resource, nothing of passes or of how lines are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from confd_lib.golang.path import clean, join
from confd_lib.store.store import KeyNotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.store.store import Store

# Names are compared with one another only on levels that hold no more of them.
_MOST_COMPARED: Final = 1000
_MOST_NAMED: Final = 5


def explain(error: BaseException, store: Store, resource: TemplateResource) -> str:
    """Return a hint about the key that a render did not find.

    Args:
        error: the error of the render.
        store: everything that the backend answered, without the resource's prefix; not only the
            keys that the resource lists.
        resource: the resource that was rendered.

    Returns:
        a clause that follows the error and a semicolon; empty where there is nothing to add.

    >>> from confd_lib.confdir.resource import TemplateResource
    >>> from confd_lib.store.store import Store
    >>> resource = TemplateResource("a.toml", "a.tmpl", keys=("/app",))
    >>> explain(KeyNotFound("/app/prot"), Store({"/app/port": 80}), resource)
    'did you mean /app/port?'
    """
    missing = error if isinstance(error, KeyNotFound) else error.__cause__
    if not isinstance(missing, KeyNotFound):
        return ""
    key = missing.key
    if store.exists(key):
        return f"the store has it, but {_covering(resource)}"
    cleaned = clean(f"/{key}")
    if key != cleaned and store.exists(cleaned):
        return f"write it as {cleaned}"
    below = store.ls(key)
    if below:
        return f"it has no value, only keys below it: {_some(below)}"
    near = _near(store, cleaned)
    return f"did you mean {' or '.join(near)}?" if near else ""


def unmatched(keys: Iterable[str], store: Store) -> list[str]:
    """Return the keys of a resource that match nothing in the store.

    Args:
        keys: as the resource lists them.
        store: everything that the backend answered, without the resource's prefix.

    Raises:
        ConfdError: the store holds values that cannot be read.

    >>> from confd_lib.store.store import Store
    >>> unmatched(["/app", "db", "/app/port"], Store({"/app/port": 80}))
    ['db']
    """
    return [key for key in keys if store.view("/", [key]).root.is_empty()]


def _covering(resource: TemplateResource) -> str:
    if not resource.keys:
        return "the resource lists no keys"
    return f"it is not below any of the resource's keys: {_some(resource.keys)}"


def _near(store: Store, key: str) -> list[str]:
    """Return the keys that differ from a key in the spelling of its first unknown name."""
    from difflib import get_close_matches  # noqa: PLC0415 - needed only once a key is missing

    level, above = store.root, ""
    names = key.split("/")[1:]
    while len(names) > 1 and (below := level.child(names[0])) is not None:
        level, above = below, f"{above}/{names.pop(0)}"
    if len(level.entries) > _MOST_COMPARED:
        return []
    name, *rest = names
    paths = [f"{above}/{close}" for close in get_close_matches(name, level.names())]
    whole = [join(path, *rest) for path in paths]
    return [path for path in whole if store.exists(path)] or paths


def _some(names: Iterable[str]) -> str:
    first, *others = [*names]
    shown = [first, *others[: _MOST_NAMED - 1]]
    more = len(others) + 1 - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
