"""The ranges of etcd's keys that hold keys of confd and all that lies below them."""

from __future__ import annotations

from base64 import b64encode
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from confd_lib.golang.strings import to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Range(NamedTuple):
    """The keys from `first` up to, and without, `end`, in the order of their bytes."""

    first: bytes
    end: bytes

    def as_json(self) -> dict[str, str]:
        """Return the range as a question to etcd names it."""
        return {"key": b64encode(self.first).decode(), "range_end": b64encode(self.end).decode()}


def ranges_of(keys: Iterable[str]) -> list[Range]:
    r"""Return the ranges that hold keys and all that lies below them, each once, in order.

    >>> [tuple(one) for one in ranges_of(["/app/", "/app/db"])]
    [(b'/app', b'/app\x00'), (b'/app/', b'/app0')]
    >>> [tuple(one) for one in ranges_of(["/app", "/"])]
    [(b'/', b'0')]
    """
    outermost: list[Range] = []
    for one in sorted(one for key in keys for one in _of_key(key)):
        if not outermost or one.end > outermost[-1].end:
            outermost.append(one)
    return outermost


def hold(ranges: Sequence[Range], key: bytes) -> bool:
    """Return whether one of some ranges, which are in order and apart, holds a key.

    >>> [hold(ranges_of(["/app", "/b"]), key) for key in (b"/app/x", b"/apple", b"/b", b"/a")]
    [True, False, True, False]
    """
    at = bisect_right(ranges, key, key=lambda one: one.first)
    return at > 0 and key < ranges[at - 1].end


def _of_key(key: str) -> Iterator[Range]:
    name = to_bytes(key).rstrip(b"/")
    if name:
        yield Range(name, name + b"\0")
    yield Range(name + b"/", name + b"0")
