"""The latest requests of a server, so that a test can check who asked for what.

Bounded in number and in bytes. Knows nothing of sockets or replies.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, overload

if TYPE_CHECKING:
    from .wire import Request

_MOST: Final = 10_000
_MOST_BYTES: Final = 16 << 20
_HEADER: Final = 100  # bytes of memory for a header beside its text


class History(Sequence["Request"]):
    """The latest requests, the oldest first: at most 10 000, and at most 16 MiB."""

    def __init__(self) -> None:
        self._requests: deque[Request] = deque()
        self._bytes = 0
        self._lock = threading.Lock()

    def append(self, request: Request) -> None:
        """Add a request, and remove the oldest ones that exceed a limit."""
        with self._lock:
            self._requests.append(request)
            self._bytes += _size(request)
            while len(self._requests) > _MOST or self._bytes > _MOST_BYTES:
                self._bytes -= _size(self._requests.popleft())

    def clear(self) -> None:
        """Remove all requests."""
        with self._lock:
            self._requests.clear()
            self._bytes = 0

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[Request]:
        with self._lock:
            return iter(list(self._requests))

    @overload
    def __getitem__(self, index: int) -> Request: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Request]: ...
    def __getitem__(self, index: int | slice) -> Request | Sequence[Request]:
        with self._lock:
            return (
                list(self._requests)[index] if isinstance(index, slice) else self._requests[index]
            )


def _size(request: Request) -> int:
    return len(request.target) + sum(
        len(name) + len(value) + _HEADER for name, value in request.headers
    )
