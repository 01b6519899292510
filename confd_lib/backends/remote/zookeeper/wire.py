"""The sockets of a session with ZooKeeper, as kazoo asks for them.

Knows nothing of what is sent. kazoo's own sockets wait for ten seconds, do not say why they failed,
take an answer of any length, and may leave one unread that TLS has decrypted already.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from kazoo.handlers.threading import SequentialThreadingHandler

from confd_lib.backends.remote.addresses import host_and_port
from metadata_client import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from confd_lib.backends.remote.tls import TLS

_CONNECT_S: Final = 3.0
_CHUNK: Final = 1 << 16
# A node holds a megabyte, unless a setting of the server says more; a folder may have many names.
_MOST: Final = 64 << 20
_NOT_YET: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Handler(SequentialThreadingHandler):  # type: ignore[misc]  # kazoo has no types
    """The threads and sockets of one client of kazoo.

    Args:
        server: `host:port`.
        tls: the certificates; without any, the connection is plain.
        failed: called from kazoo's threads with the reason why the connection has ended.
    """

    def __init__(self, server: str, tls: TLS, failed: Callable[[str], None]) -> None:
        super().__init__()
        self._server = server
        self._tls = tls
        self._failed = failed
        self._wire: Wire | None = None
        self._is_cut = False

    def create_connection(self, *_: object, **__: object) -> Wire:
        """Connect to the server, whatever kazoo names.

        Raises:
            OSError: the server does not answer.
        """
        try:
            self._wire = Wire(self._connected(), self._failed)
            if self._is_cut:
                self._wire.cut()
        except (OSError, ValueError) as error:
            self._failed(reason_of(error, ""))
            raise OSError from error
        return self._wire

    def _connected(self) -> socket.socket:
        host, port = host_and_port(self._server, 0)
        plain = socket.create_connection((host, port), _CONNECT_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            context = self._tls.context()
            return context.wrap_socket(plain, server_hostname=host) if context else plain
        except BaseException:
            plain.close()
            raise

    def cut(self) -> None:
        """End the connection, and the one that is being opened; kazoo's threads end with it."""
        self._is_cut = True
        if self._wire is not None:
            self._wire.cut()

    def select(
        self, reads: Sequence[Any], writes: Sequence[Any], _: object, timeout: float | None = None
    ) -> tuple[list[Any], list[Any], list[Any]]:
        """Wait as `select.select` does; bytes that a wire holds already count as well."""
        held = [one for one in reads if isinstance(one, Wire) and one.pending()]
        if held:
            return held, [], []
        end = None if timeout is None else time.monotonic() + timeout
        poll = _poll(reads, writes)
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            ready = {number for number, _ in poll.poll(None if left is None else 1000 * left)}
            readable = [one for one in reads if one.fileno() in ready and _has_come(one)]
            writable = [one for one in writes if one.fileno() in ready]
            if readable or writable or left == 0:
                return readable, writable, []

    def dispatch_callback(self, callback: Any) -> None:
        """Call what is to hear of a change at once, so that it hears before the next answer."""
        callback.func(*callback.args)

    def spawn(self, function: Callable[..., None], *args: object, **options: object) -> Any:
        """Run a function in a thread; the connection ends with it, however that comes."""

        def run() -> None:
            # What kazoo cannot read, it raises or drops without a reason.
            with suppress(Exception):
                function(*args, **options)
            self._failed(_NOT_ZOOKEEPER)

        return super().spawn(run)


class Wire:
    """A connection that reads ahead, with the methods of a socket that kazoo calls.

    Args:
        connection: the socket, plain or with TLS.
        failed: called with the reason why the connection has ended.
    """

    def __init__(self, connection: socket.socket, failed: Callable[[str], None]) -> None:
        self._socket = connection
        self._failed = failed
        self._held = bytearray()
        self._has_ended = False
        self._has_answered = False

    def fileno(self) -> int:
        """Return the number of the socket."""
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        """Let `recv` and `send` wait, or not."""
        self._socket.setblocking(flag)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def pending(self) -> int:
        """Return how many bytes can be had without a wait; kazoo knows the method from TLS."""
        return len(self._held)

    def fill(self) -> bool:
        """Read ahead; return False if nothing has come, as where TLS has sent bytes of its own."""
        if self._held or self._has_ended:
            return True
        try:
            self._held += self._socket.recv(_CHUNK)
        except _NOT_YET:
            return False
        except OSError as error:
            self._end(reason_of(error, ""))
        if not self._held:
            self._end(_CLOSED if self._has_answered else _CLOSED_AT_ONCE)
        self._has_answered = True
        return True

    def recv(self, size: int) -> bytes:
        """Return at most `size` bytes; none if the connection has ended.

        Raises:
            OSError: `size`, which the server has sent, is no length of an answer of ZooKeeper.
        """
        if size > _MOST:
            self._end(f"{_NOT_ZOOKEEPER}: it would have {size} bytes")
            raise OSError
        self.fill()
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def send(self, data: bytes) -> int:
        """Send bytes, and return how many.

        Raises:
            OSError: the connection has ended.
        """
        try:
            return self._socket.send(data)
        except _NOT_YET:
            raise
        except OSError as error:
            self._end(reason_of(error, ""))
            raise

    def cut(self) -> None:
        """End the connection for those that wait for it."""
        self._has_ended = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _end(self, reason: str) -> None:
        self._has_ended = True
        self._failed(reason)


_CLOSED: Final = "the server has ended the connection"
_CLOSED_AT_ONCE: Final = f"{_CLOSED} without an answer: it has no quorum, or expects TLS"
_NOT_ZOOKEEPER: Final = "not an answer of ZooKeeper"


def _poll(reads: Sequence[Any], writes: Sequence[Any]) -> select.poll:
    poll = select.poll()
    for one in reads:
        poll.register(one, select.POLLIN)
    for one in writes:
        poll.register(one, select.POLLOUT)
    return poll


def _has_come(one: Any) -> bool:
    return not isinstance(one, Wire) or one.fill()
