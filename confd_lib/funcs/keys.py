"""The seven functions that ask the store, as confd-lib, confd 0.16 and the Rancher fork have them.

Knows the store, and of templates only which lists have which type.
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
    """Functions whose lists have types of Go.

    Methods, because what is known of a function is kept for long, and what is known of a method is
    known of its class: a closure would keep its store, and so each snapshot of a watch.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def gets(self, pattern: str) -> KVPairs:
        """The keys that match the pattern, with their values, in the order of the keys."""
        return KVPairs(self._store.gets(pattern))

    def getvs(self, pattern: str) -> Slice[str]:
        """The values of the keys that match the pattern, in the order of the values."""
        return Slice("string", self._store.getvs(pattern))

    def ls(self, path: str) -> Slice[str]:
        """The names directly below the path."""
        return Slice("string", self._store.ls(path))

    def lsdir(self, path: str) -> Slice[str]:
        """The names directly below the path that have something below them."""
        return Slice("string", self._store.lsdir(path))


class _RootOf016:
    """`ls` and `lsdir` of 0.16, which find little of the root."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ls(self, path: str) -> Slice[str]:
        """The names directly below the path; of the root only those that have a value."""
        return Slice("string", listing.ls_but_root(self._store.root, path))

    def lsdir(self, path: str) -> Slice[str]:
        """The names directly below the path that have something below them; of the root none."""
        return Slice("string", listing.lsdir_but_root(self._store.root, path))


class _OverStoreOfFork:
    """What 0.11 of Rancher does in its own way."""

    def __init__(self, store: Store) -> None:
        self._root = store.root

    def getv(self, key: str) -> str:
        """The value of the key."""
        value = listing.find_leaf(self._root, key)
        if value is None:
            raise _Missing(key)
        return value

    def get(self, key: str) -> KVPair:
        """The key with its value."""
        return KVPair(key, self.getv(key))

    def ls(self, path: str) -> Slice[str]:
        """What follows the path's text in the keys, up to the next slash."""
        return Slice("string", listing.ls_by_text(self._root, path))

    def lsdir(self, path: str) -> Slice[str]:
        """What follows the path's text in the keys, where a slash follows that."""
        return Slice("string", listing.lsdir_by_text(self._root, path))


def store_functions(store: Store) -> dict[str, Function]:
    """Return the functions of confd 0.16 over a store, of which `ls` and `lsdir` list the root."""
    return _functions(_OverStore(store), store)


def confd_0_16_functions(store: Store) -> dict[str, Function]:
    """Return the functions of confd 0.16 over a store, with what it lists of the root."""
    return _functions(_RootOf016(store), _OverStore(store), store)


def rancher_fork_functions(store: Store) -> dict[str, Function]:
    """Return the functions of confd 0.11 of Rancher over a store.

    A missing key's message does not name it, `getv` has no default, and `ls` and `lsdir` compare
    the text of the path with that of the keys.
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
