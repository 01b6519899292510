"""`ls` and `lsdir`: which names stand below a path, by the rules of 0.16, of 0.11, and by ours.

Knows one level of keys and the levels below it, nothing of functions. Both families compare the
path with every key; what follows answers the same from the level that the path names, and walks
keys only for a path that is not clean, since what is listed then depends on where the keys and the
path's text part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confd_lib.golang.path import base, clean
from confd_lib.golang.strings import in_byte_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confd_lib.store.levels import Directory


def find(root: Directory, path: str) -> Directory | None:
    """Return the level of the keys that begin with the path and a slash; None where there is none.

    Args:
        root: the level of the keys that have no other above them.
        path: empty for `root`, else `/a/b`; it is looked up as it is written.
    """
    names = path.split("/")
    return None if names[0] else root.descend(names[1:])


def find_leaf(root: Directory, key: str) -> str | None:
    """Return the value of exactly this key; None where it has none."""
    if key == "/":
        return root.own
    names = key.split("/")
    name = names.pop()
    if not names or names[0]:
        return None
    level = root.descend(names[1:])
    return None if level is None else level.leaf(name)


# -- The path's names against those of each key: confd 0.16, and what it misses of the root


def ls(root: Directory, path: str) -> list[str]:
    """Return the names below the path, and its own last name if it is a key itself.

    `/` and what cleans to it list the root, where confd lists nothing useful.

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
    """Return the names below the path that have something below them.

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
    """Return what `ls` does, but of the root only the keys that hold a value themselves.

    confd 0.16 compares `/` with the parent of each key and finds it above no other.

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
    """Return what `lsdir` does, and of the root nothing, as confd 0.16 has it.

    >>> from confd_lib.store.levels import Directory; from confd_lib.store.rules import RANCHER
    >>> lsdir_but_root(Directory(({"a": {"b": 1}},), RANCHER), "/")
    []
    """
    return [] if clean(path) == "/" else lsdir(root, path)


def _names_level(path: str, cleaned: str) -> bool:
    return cleaned == "/" or path.removesuffix("/") == cleaned


# -- confd 0.11 of Rancher: the path's text against that of each key


def ls_by_text(root: Directory, path: str) -> list[str]:
    """Return what follows the path's text in each key that begins with it, up to the next `/`.

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
    """Return those names of `ls_by_text` that have something below them.

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
    """Yield the levels whose names follow the path's text, and what these names begin with."""
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
    # The name itself is no more than the path: what is below it comes from its own level.
    return name.startswith(cut) and name != cut
