"""The seven functions that ask the store, in the two families of confd.

Knows the store, and of templates only which lists have which type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confd_lib import listing
from confd_lib.funcs.sequences import KVPairs
from confd_lib.store import KeyNotFound, KVPair, Store
from gotmpl import Slice

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[..., object]


def store_functions(store: Store) -> dict[str, Function]:
    """Return the functions of confd 0.16 over a store."""

    def gets(pattern: str) -> KVPairs:
        """The keys that match the pattern, with their values, in the order of the keys."""
        return KVPairs(store.gets(pattern))

    def getvs(pattern: str) -> Slice[str]:
        """The values of the keys that match the pattern, in the order of the values."""
        return Slice("string", store.getvs(pattern))

    def ls(path: str) -> Slice[str]:
        """The names directly below the path."""
        return Slice("string", store.ls(path))

    def lsdir(path: str) -> Slice[str]:
        """The names directly below the path that have something below them."""
        return Slice("string", store.lsdir(path))

    return {
        "exists": store.exists,
        "get": store.get,
        "gets": gets,
        "getv": store.getv,
        "getvs": getvs,
        "ls": ls,
        "lsdir": lsdir,
    }


def rancher_fork_functions(store: Store) -> dict[str, Function]:
    """Return the functions of confd 0.11 of Rancher over a store.

    A missing key's message does not name it, `getv` has no default, and `ls` and `lsdir` compare
    the text of the path with that of the keys.
    """

    def getv(key: str) -> str:
        """The value of the key."""
        value = listing.find_leaf(store.root, key)
        if value is None:
            raise _Missing(key)
        return value

    def get(key: str) -> KVPair:
        """The key with its value."""
        return KVPair(key, getv(key))

    def ls(path: str) -> Slice[str]:
        """What follows the path's text in the keys, up to the next slash."""
        return Slice("string", listing.ls_by_text(store.root, path))

    def lsdir(path: str) -> Slice[str]:
        """What follows the path's text in the keys, where a slash follows that."""
        return Slice("string", listing.lsdir_by_text(store.root, path))

    return {**store_functions(store), "get": get, "getv": getv, "ls": ls, "lsdir": lsdir}


class _Missing(KeyNotFound):
    def __str__(self) -> str:
        return "key does not exist"
