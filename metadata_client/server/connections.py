"""The connections of a server: one thread for each.

Sockets and threads only; a function given by the server reads requests and writes replies.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_log: Final = logging.getLogger(__name__)

_LINGER: Final = 0.5  # seconds. Go: rstAvoidanceDelay
_DROPPED_AT_ONCE: Final = 1 << 16  # bytes


class Connections:
    """The open connections.

    Args:
        serve: serves one connection until it ends, given the address of its client. It may raise
            OSError if the connection is lost.
    """

    def __init__(self, serve: Callable[[socket.socket, str], None]) -> None:
        self._serve = serve
        self._open: dict[threading.Thread, socket.socket] = {}
        self._condition = threading.Condition()

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, connection: socket.socket, address: str) -> None:
        """Serve a connection in a thread of its own."""
        thread = threading.Thread(target=self._run, args=(connection, address), daemon=True)
        with self._condition:
            self._open[thread] = connection
            try:
                thread.start()
            except RuntimeError as error:  # no more threads
                _log.warning("a connection is dropped: %s", error)
                del self._open[thread]
                connection.close()

    def drop(self) -> None:
        """Shut down all connections; their threads end soon after."""
        with self._condition:
            for connection in self._open.values():
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Shut down all connections, and wait for their threads."""
        self.drop()
        with self._condition:
            threads = list(self._open)
        for thread in threads:
            thread.join()

    def wait_until_none(self, timeout: float) -> bool:
        """Wait until no connection is open; False if one still is after `timeout` seconds."""
        with self._condition:
            return self._condition.wait_for(lambda: not self._open, timeout)

    def _run(self, connection: socket.socket, address: str) -> None:
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serve(connection, address)
            _linger(connection)
        with self._condition:
            del self._open[threading.current_thread()]
            self._condition.notify_all()


def _linger(connection: socket.socket) -> None:
    """Read until the client closes its end or sends nothing for a moment.

    Closing with unread bytes resets the connection, and the client could lose the reply. Go:
    closeWriteAndWait.
    """
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(_LINGER)
    while connection.recv(_DROPPED_AT_ONCE):
        pass


def is_gone(connection: socket.socket) -> bool:
    """Return whether the client has closed its end."""
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
