"""The methods of every store of the tests: keys are put without the code under test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol, TypeVar

from tests.servers.loopback.process import Server

Value = str | bytes
T = TypeVar("T")


class Store(Protocol):
    """A running store and its keys.

    Keys are confd's, with a slash in front. A text stands for its UTF-8; bytes that are no UTF-8
    may stand in a text as `surrogateescape` decodes them.
    """

    server: Server

    @property
    def address(self) -> str:
        """The argument of confd's `-node`."""

    @property
    def root(self) -> str:
        """The key below which keys can be put: empty, but for stores with mounts."""

    def get(self, key: str) -> bytes | None:
        """Return the value of a key, or None if there is no such key."""

    def put(self, key: str, value: Value) -> None:
        """Set a key to a value."""

    def put_all(self, values: Mapping[str, Value]) -> None:
        """Set many keys, in few requests."""

    def delete(self, key: str) -> None:
        """Remove a key."""

    def clear(self) -> None:
        """Remove all keys."""

    def close(self) -> None:
        """End the store's program and remove its data."""


def encoded(text: Value) -> bytes:
    r"""Return the bytes that a key or a value stands for.

    >>> encoded("ü"), encoded(b"\xff"), encoded("\udcff")
    (b'\xc3\xbc', b'\xff', b'\xff')
    """
    return text if isinstance(text, bytes) else text.encode(errors="surrogateescape")


def batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size`.

    >>> list(batches("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
