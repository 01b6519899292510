"""The connections of a server: a thread for each, and how they end.

Sockets and threads only; what is said on a connection is the business of the function that serves
it.
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
        serve: serves one connection, with the address of its client, and returns at its end. It may
            raise OSError where the connection is lost.
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
            except RuntimeError as error:  # the system gives no more threads
                _log.warning("a connection is dropped: %s", error)
                del self._open[thread]
                connection.close()

    def drop(self) -> None:
        """Shut down every connection; their threads end soon after."""
        with self._condition:
            for connection in self._open.values():
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Shut down every connection, and wait for their threads."""
        self.drop()
        with self._condition:
            threads = list(self._open)
        for thread in threads:
            thread.join()

    def wait_until_none(self, timeout: float) -> bool:
        """Wait until no connection is open, for at most so many seconds; False if one still is."""
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
    """Read on until the client has closed its end, or is silent.

    The system resets a connection that is closed with bytes unread, and the client may then lose
    the reply. Go: closeWriteAndWait.
    """
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(_LINGER)
    while connection.recv(_DROPPED_AT_ONCE):
        pass


def is_gone(connection: socket.socket) -> bool:
    """Whether the client has closed its end; one that has sent more is still there."""
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
