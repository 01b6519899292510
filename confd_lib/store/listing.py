"""`ls` and `lsdir`: the names below a path, by the rules of confd 0.16, of 0.11, and by ours.

Knows levels of keys, not functions of templates. confd compares the path with every key. These
functions give the same names from the level at the path. They walk over keys only for a path that
is not clean, because its names depend on where the texts of the path and of a key differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confd_lib.golang.path import base, clean
from confd_lib.golang.strings import in_byte_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confd_lib.store.levels import Directory


def find(root: Directory, path: str) -> Directory | None:
    """Return the level of the keys that begin with the path and a slash; None without one.

    Args:
        root: the level of all keys.
        path: empty for `root`, else a path like `/a/b`, which is not cleaned.
    """
    names = path.split("/")
    return None if names[0] else root.descend(names[1:])


def find_leaf(root: Directory, key: str) -> str | None:
    """Return the value of a key, which is not cleaned; None without one."""
    if key == "/":
        return root.own
    names = key.split("/")
    name = names.pop()
    if not names or names[0]:
        return None
    level = root.descend(names[1:])
    return None if level is None else level.leaf(name)


# -- confd 0.16, which compares the segments of the path with those of each key


def ls(root: Directory, path: str) -> list[str]:
    """Return the names below a path, and the path's own last name if it has a value.

    `/` and paths that clean to it list the root, for which confd lists nothing useful.

    >>> from confd_lib.store.levels import Directory; from confd_lib.store.rules import RANCHER
    >>> root = Directory(({"a": {"b": 1, "c/d": 2}, "ab": 3},), RANCHER)
    >>> ls(root, "/a"), ls(root, "/a/b"), ls(root, "/"), ls(root, "a")
    (['b', 'c'], ['b'], ['a', 'ab'], [])
    """
    cleaned = clean(path)
    level = find(root, cleaned.rstrip("/"))
    names = {base(path)} if find_leaf(root, path) is not None else set()
    if level is None:
        return list(names)
    if _names_level(path, cleaned):
        names.update(level.names())
    else:
        below = (key for key, _ in level.leaves(cleaned) if key != cleaned)
        names.update(key.removeprefix(path).removeprefix("/").partition("/")[0] for key in below)
    return in_byte_order(names)


def lsdir(root: Directory, path: str) -> list[str]:
    """Return the names below a path that have keys below them.

    >>> from confd_lib.store.levels import Directory; from confd_lib.store.rules import RANCHER
    >>> lsdir(Directory(({"a": {"b": 1, "c/d": 2}},), RANCHER), "/a")
    ['c']
    """
    cleaned = clean(path)
    level = find(root, cleaned.rstrip("/"))
    if level is None:
        return []
    if _names_level(path, cleaned):
        return level.subdirectories()
    keys = (key for key, _ in level.leaves(cleaned) if key.startswith(path))
    cut = (key.removeprefix(cleaned)[1:].partition("/") for key in keys)
    return in_byte_order({name for name, slash, _ in cut if slash})


def ls_but_root(root: Directory, path: str) -> list[str]:
    """Return the names of `ls`, but for the root only the names that have a value.

    confd 0.16 compares `/` with the parent of each key, which it equals for these keys only.

    >>> from confd_lib.store.levels import Directory; from confd_lib.store.rules import RANCHER
    >>> root = Directory(({"a": {"b": 1}, "ab": 3},), RANCHER)
    >>> ls_but_root(root, "/"), ls_but_root(root, "/a")
    (['ab'], ['b'])
    """
    if clean(path) != "/":
        return ls(root, path)
    keys = [f"/{name}" for name in root.names() if root.leaf(name) is not None]
    names = {key.removeprefix(path).removeprefix("/").partition("/")[0] for key in keys}
    if root.own is not None:
        names.add("/" if path == "/" else "")
    return in_byte_order(names)


def lsdir_but_root(root: Directory, path: str) -> list[str]:
    """Return the names of `lsdir`, but none for the root, as confd 0.16.

    >>> from confd_lib.store.levels import Directory; from confd_lib.store.rules import RANCHER
    >>> lsdir_but_root(Directory(({"a": {"b": 1}},), RANCHER), "/")
    []
    """
    return [] if clean(path) == "/" else lsdir(root, path)


def _names_level(path: str, cleaned: str) -> bool:
    return cleaned == "/" or path.removesuffix("/") == cleaned


# -- confd 0.11 of Rancher, which compares the text of the path with that of each key


def ls_by_text(root: Directory, path: str) -> list[str]:
    """Return the text between the path and the next `/`, for each key that begins with the path.

    >>> from confd_lib.store.levels import Directory; from confd_lib.store.rules import RANCHER
    >>> root = Directory(({"app": {"b": 1}, "apple": 3},), RANCHER)
    >>> ls_by_text(root, "/app"), ls_by_text(root, "")
    (['b', 'le'], ['app', 'apple'])
    """
    names = {base(path)} if find_leaf(root, path) is not None else set()
    for level, cut in _levels_begun(root, path):
        names.update(name.removeprefix(cut) for name in level.names() if _begins(name, cut))
    if not path and root.own is not None:
        names.add("")
    return in_byte_order(names)


def lsdir_by_text(root: Directory, path: str) -> list[str]:
    """Return the names of `ls_by_text` that have keys below them.

    >>> from confd_lib.store.levels import Directory; from confd_lib.store.rules import RANCHER
    >>> lsdir_by_text(Directory(({"app": {"b": 1}, "apple": 3},), RANCHER), "/a")
    ['pp']
    """
    names: set[str] = set()
    for level, cut in _levels_begun(root, path):
        names.update(
            name.removeprefix(cut) for name in level.subdirectories() if _begins(name, cut)
        )
    return in_byte_order(names)


def _levels_begun(root: Directory, path: str) -> Iterator[tuple[Directory, str]]:
    """Yield the levels whose keys begin with the path, and the text before each listed name."""
    if not path:
        yield root, ""
        return
    above, slash, begun = path.rpartition("/")
    level = find(root, above) if slash else None
    if level is None:
        return
    yield level, begun
    below = level.child(begun)
    if below is not None:
        yield below, ""


def _begins(name: str, cut: str) -> bool:
    # A name that equals the cut ends where the path does: its own level gives the names below.
    return name.startswith(cut) and name != cut
