"""A port that listens or refuses, and that no other process gets while it refuses.

Sockets only; knows nothing of HTTP.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import logging
import select
import socket
import threading
from typing import Final

_log: Final = logging.getLogger(__name__)

_PAUSE_MS: Final = 100
_SHORTAGES: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Port:
    """A port that listens or refuses connections.

    Attributes:
        address: host and port.
        is_loopback: whether only this machine can connect.

    Raises:
        OSError: the port is taken, or the host has no such address.
    """

    def __init__(self, host: str, port: int) -> None:
        self._family: int
        self._family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Probe without SO_REUSEPORT first: fail if another process already uses the port.
        with socket.socket(self._family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
        # Bound but never listening: it keeps the port while there is no listener.
        self._holder = self._bind(address)
        self._bound = self._holder.getsockname()
        self.address: tuple[str, int] = self._bound[:2]
        self.is_loopback = ipaddress.ip_address(self._bound[0].partition("%")[0]).is_loopback
        self._wake_out, self._wake_in = socket.socketpair()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._is_short = False
        self.set_open(is_open=True)

    def _bind(self, address: object) -> socket.socket:
        bound = socket.socket(self._family, socket.SOCK_STREAM)
        try:
            for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
                bound.setsockopt(socket.SOL_SOCKET, option, 1)
            bound.bind(address)  # type: ignore[arg-type]  # getaddrinfo's own address
        except OSError:
            bound.close()
            raise
        return bound

    def set_open(self, *, is_open: bool) -> None:
        """Listen for connections, or refuse them from now on."""
        with self._lock:
            if is_open and self._listener is None:
                self._listener = self._bind(self._bound)
                self._listener.settimeout(0)
                self._listener.listen(128)
            elif not is_open and self._listener is not None:
                # A socket that is only closed would listen on while `accept` polls it.
                with contextlib.suppress(OSError):
                    self._listener.shutdown(socket.SHUT_RDWR)
                self._listener.close()
                self._listener = None
        self.wake()

    def wake(self) -> None:
        """Make `accept` return None."""
        self._wake_in.send(b"x")

    def accept(self) -> tuple[socket.socket, str] | None:
        """Return the next connection and its address; None if woken or out of descriptors."""
        with self._lock:
            listener = self._listener
        try:
            if self._is_woken(listener):
                self._wake_out.recv(1024)
            elif listener is not None:
                connection, address = listener.accept()
                connection.settimeout(None)
                self._is_short = False
                return connection, str(address[0])
        except ValueError:
            pass  # the listener was closed meanwhile
        except OSError as error:
            if error.errno in _SHORTAGES:
                self._pause(error)
        return None

    def _is_woken(self, listener: socket.socket | None) -> bool:
        poll = select.poll()
        for each in (self._wake_out, listener):
            if each is not None:
                poll.register(each, select.POLLIN)
        return self._wake_out.fileno() in dict(poll.poll())

    def _pause(self, error: OSError) -> None:
        """Wait a moment or until woken: an immediate retry would keep a processor busy."""
        if not self._is_short:
            _log.warning("no connection is accepted for now: %s", error.strerror)
        self._is_short = True
        poll = select.poll()
        poll.register(self._wake_out, select.POLLIN)
        poll.poll(_PAUSE_MS)

    def close(self) -> None:
        """Close all sockets, so that other processes can use the port."""
        self.set_open(is_open=False)
        for each in (self._holder, self._wake_out, self._wake_in):
            each.close()
