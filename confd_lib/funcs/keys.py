"""The seven functions that use the store, by the rules of confd-lib, confd 0.16 and Rancher's fork.

Knows the store, and of templates only the Go types of lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confd_lib.funcs.readers import READERS
from confd_lib.funcs.sequences import KVPairs
from confd_lib.store import listing
from confd_lib.store.store import KeyNotFound, KVPair, Store
from gotmpl import Slice

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[..., object]


class _OverStore:
    """The functions that return lists, with their Go types.

    They are methods, because gotmpl caches the signature of each function, and that of a method by
    its class. The cache would keep a closure and with it the store of each snapshot of a watch.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def gets(self, pattern: str) -> KVPairs:
        """Return the keys that match the pattern with their values, sorted by key."""
        return KVPairs(self._store.gets(pattern))

    def getvs(self, pattern: str) -> Slice[str]:
        """Return the values of the keys that match the pattern, sorted."""
        return Slice("string", self._store.getvs(pattern))

    def ls(self, path: str) -> Slice[str]:
        """Return the names directly below the path."""
        return Slice("string", self._store.ls(path))

    def lsdir(self, path: str) -> Slice[str]:
        """Return the names directly below the path that have keys below them."""
        return Slice("string", self._store.lsdir(path))


class _RootOf016:
    """`ls` and `lsdir` of 0.16, which do not list the whole root."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ls(self, path: str) -> Slice[str]:
        """Return the names directly below the path; for the root only those that have a value."""
        return Slice("string", listing.ls_but_root(self._store.root, path))

    def lsdir(self, path: str) -> Slice[str]:
        """Return the names directly below the path that have keys below them; none for the root."""
        return Slice("string", listing.lsdir_but_root(self._store.root, path))


class _OverStoreOfFork:
    """The functions of Rancher's 0.11 that differ from those of 0.16."""

    def __init__(self, store: Store) -> None:
        self._root = store.root

    def getv(self, key: str) -> str:
        """Return the value of the key."""
        value = listing.find_leaf(self._root, key)
        if value is None:
            raise _Missing(key)
        return value

    def get(self, key: str) -> KVPair:
        """Return the key with its value."""
        return KVPair(key, self.getv(key))

    def ls(self, path: str) -> Slice[str]:
        """Return the text from the path to the next slash, for each key that begins with it."""
        return Slice("string", listing.ls_by_text(self._root, path))

    def lsdir(self, path: str) -> Slice[str]:
        """Return the text from the path to the next slash, for each key that has both."""
        return Slice("string", listing.lsdir_by_text(self._root, path))


def store_functions(store: Store) -> dict[str, Function]:
    """Return the functions of confd 0.16 over a store, with `ls` and `lsdir` that list the root."""
    return _functions(_OverStore(store), store)


def confd_0_16_functions(store: Store) -> dict[str, Function]:
    """Return the functions of confd 0.16 over a store, with what it lists of the root."""
    return _functions(_RootOf016(store), _OverStore(store), store)


def rancher_fork_functions(store: Store) -> dict[str, Function]:
    """Return the functions of Rancher's confd 0.11 over a store.

    The error for a missing key does not name it, `getv` takes no default, and `ls` and `lsdir`
    compare the text of the path with that of each key.
    """
    return _functions(_OverStoreOfFork(store), _OverStore(store), store)


def _functions(*owners: object) -> dict[str, Function]:
    """Return each function that asks the store: the method of the first owner that has it."""
    return {
        name: next(getattr(owner, name) for owner in owners if hasattr(owner, name))
        for name in READERS
    }


class _Missing(KeyNotFound):
    def __str__(self) -> str:
        return "key does not exist"
