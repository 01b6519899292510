"""Functions over lists and maps; those that order a list do it in place, as confd's do.

Knows keys with values, and neither the store nor the system.

`gets` gives a `memkv.KVPairs`. Sorting it gives a `[]memkv.KVPair`, which is another type over the
same array: what reorders one reorders the other. `reverse` knows `[]string` and `[]memkv.KVPair`
alone and returns all else unchanged, so that `reverse (gets …)` does nothing, without a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from confd_lib.golang.sort import sort
from confd_lib.golang.strings import byte_length
from confd_lib.store.store import KVPair
from gotmpl import Slice

if TYPE_CHECKING:
    from collections.abc import Iterable

_PAIR: Final = KVPair.__go_type__


class KVPairs(Slice[KVPair]):
    """Keys with their values, as `gets` gives them."""

    __go_type__: ClassVar[str] = "memkv.KVPairs"
    __slots__ = ("unnamed",)

    def __init__(self, pairs: Iterable[KVPair] = ()) -> None:
        super().__init__(_PAIR, pairs)
        # The []memkv.KVPair over the same array, once there is one.
        self.unnamed: _SharedPairs | None = None


class _SharedPairs(Slice[KVPair]):
    """A `[]memkv.KVPair` over the array of a `memkv.KVPairs`."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: KVPairs) -> None:
        super().__init__(_PAIR, pairs)
        self.pairs = pairs


def reverse(values: object) -> object:
    """The list with its order reversed, in place; anything but strings and sorted pairs as is."""
    if isinstance(values, KVPairs) or not isinstance(values, Slice):
        return values
    if values.elem in ("string", _PAIR):
        values.reverse()
        _share(values)
    return values


def sort_by_length(texts: Slice[str]) -> Slice[str]:
    """The list in the order of the lengths in bytes, in place."""
    sort(texts, byte_length)
    return texts


def sort_kv_by_length(pairs: Slice[KVPair]) -> Slice[KVPair]:
    """The pairs in the order of the lengths of their keys, in place."""
    unnamed = _unnamed(pairs)
    sort(unnamed, _key_length)
    _share(unnamed)
    return unnamed


def create_map(*values: object) -> dict[str, object]:
    """A map of the values, each second one under the name before it."""
    if len(values) % 2:
        raise ValueError("invalid map call")
    made: dict[str, object] = {}
    for name, value in zip(values[::2], values[1::2], strict=True):
        if not isinstance(name, str):
            raise TypeError("map keys must be strings")
        made[name] = value
    return made


def _key_length(pair: KVPair) -> int:
    return byte_length(pair.Key)


def _unnamed(pairs: Slice[KVPair]) -> Slice[KVPair]:
    if not isinstance(pairs, KVPairs):
        return pairs
    if pairs.unnamed is None:
        pairs.unnamed = _SharedPairs(pairs)
    return pairs.unnamed


def _share(values: Slice[KVPair]) -> None:
    if isinstance(values, _SharedPairs):
        values.pairs[:] = values
