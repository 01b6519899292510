"""Functions over lists and maps; those that sort or reverse a list do it in place, as confd's.

Knows keys with values, and neither the store nor the system.

`gets` returns a `memkv.KVPairs`. Sorting it returns a `[]memkv.KVPair`, another type over the same
array: reordering one reorders the other. `reverse` reorders a `[]string` or a `[]memkv.KVPair` and
returns any other value unchanged, so that `reverse (gets …)` has no effect and no error.
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
    """Keys with their values, the result of `gets`."""

    __go_type__: ClassVar[str] = "memkv.KVPairs"
    __slots__ = ("unnamed",)

    def __init__(self, pairs: Iterable[KVPair] = ()) -> None:
        super().__init__(_PAIR, pairs)
        # The []memkv.KVPair over the same array, if it has been made.
        self.unnamed: _SharedPairs | None = None

    def __reduce__(self) -> tuple[type[KVPairs], tuple[list[KVPair]]]:  # type: ignore[override]  # it takes no type of elements
        return KVPairs, (list(self),)

    def Len(self) -> int:  # noqa: N802 - the name in templates
        """Return the number of pairs. Go: package sort asks for it."""
        return len(self)


class _SharedPairs(Slice[KVPair]):
    """A `[]memkv.KVPair` over the array of a `memkv.KVPairs`."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: KVPairs) -> None:
        super().__init__(_PAIR, pairs)
        self.pairs = pairs


def reverse(values: object) -> object:
    """Return the list reversed, in place; unchanged unless of strings or of sorted pairs."""
    if isinstance(values, KVPairs) or not isinstance(values, Slice):
        return values
    if values.elem in ("string", _PAIR):
        values.reverse()
        _share(values)
    return values


def sort_by_length(texts: Slice[str]) -> Slice[str]:
    """Return the list sorted by length in bytes, in place."""
    sort(texts, byte_length)
    return texts


def sort_kv_by_length(pairs: Slice[KVPair]) -> Slice[KVPair]:
    """Return the pairs sorted by the length of their keys, in place."""
    unnamed = _unnamed(pairs)
    sort(unnamed, _key_length)
    _share(unnamed)
    return unnamed


def create_map(*values: object) -> dict[str, object]:
    """Return a map of names and values, given in turn."""
    if len(values) % 2:
        raise ValueError("invalid map call")
    result: dict[str, object] = {}
    for name, value in zip(values[::2], values[1::2], strict=True):
        if not isinstance(name, str):
            raise TypeError("map keys must be strings")
        result[name] = value
    return result


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
