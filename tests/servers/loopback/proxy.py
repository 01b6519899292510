"""A TCP proxy on loopback that passes bytes on, and disturbs what passes through it.

Knows nothing of what the bytes say.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Final, Self

from tests.servers.loopback.ports import Port

_CHUNK: Final = 64 * 1024
# Seconds that `wait_for` waits.
_LIMIT: Final = 60


class Proxy:
    """A port of loopback that stands before another one.

    Attributes:
        port: the port that clients connect to.
        connections: the number of connections that were passed on so far.
        sent: the number of bytes that were passed from clients to the server.
        received: the number of bytes that were passed from the server to clients.

    >>> server = socket.create_server(("127.0.0.1", 0))
    >>> with server, Proxy(server.getsockname()[1]) as proxy:
    ...     with socket.create_connection(("127.0.0.1", proxy.port)) as client:
    ...         client.sendall(b"hello")
    ...         with server.accept()[0] as accepted:
    ...             accepted.recv(5)
    b'hello'
    """

    def __init__(self, target: int) -> None:
        """Listen on a free port.

        Args:
            target: the port of loopback that connections are passed on to.
        """
        self.connections = self.sent = self.received = 0
        self._target = target
        self._claim = Port()
        self.port = self._claim.number
        # Guards all that changes, and wakes what waits when it changes.
        self._changed = threading.Condition()
        self._passes = True
        self._rate: float | None = None
        self._links: list[_Link] = []
        self._listener: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        self.resume()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Close all connections at both ends; new ones are taken."""
        with self._changed:
            for link in self._links:
                link.cut()
            self._changed.notify_all()

    def refuse(self) -> None:
        """Close all connections, and refuse new ones as a port without a server does."""
        if self._listener is not None and self._accepting is not None:
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            self._accepting.join()
            self._listener.close()
            self._listener = None
        self.cut()

    def turn(self, target: int) -> None:
        """Pass new connections on to another port of loopback; keep those that there are."""
        with self._changed:
            self._target = target

    def stall(self) -> None:
        """Keep all connections, take new ones, and pass nothing."""
        with self._changed:
            self._passes = False

    def slow(self, bytes_per_second: float) -> None:
        """Pass at most so many bytes a second, for each connection and direction."""
        with self._changed:
            self._rate = bytes_per_second

    def resume(self) -> None:
        """End what `refuse`, `stall` and `slow` began."""
        with self._changed:
            self._passes, self._rate = True, None
            self._changed.notify_all()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._accepting = threading.Thread(target=self._accept, args=(self._listener,))
            self._accepting.start()

    def wait_for(self, condition: Callable[[Self], bool]) -> None:
        """Return once a condition holds, such as `lambda proxy: proxy.sent > 0`.

        Raises:
            TimeoutError: it did not hold for a minute.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: condition(self), _LIMIT):
                raise TimeoutError

    def close(self) -> None:
        """End all connections and threads."""
        self.refuse()
        for link in self._links:
            link.join()
        self._claim.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self, listener: socket.socket) -> None:
        """Pass on each connection, until the listener is shut down."""
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            # With the lock, so that no `cut` comes between the connection and its link.
            with self._changed:
                self._pass_on(client)

    def _pass_on(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        self.connections += 1
        self._links = [link for link in self._links if link.runs]
        self._links.append(_Link(self, client, server))
        self._changed.notify_all()

    def may_pass(self, link: _Link) -> int:
        """Wait while the proxy stalls; return how many bytes may pass at once, 0 after a cut."""
        with self._changed:
            self._changed.wait_for(lambda: self._passes or link.is_cut)
            if link.is_cut:
                return 0
            return _CHUNK if self._rate is None else max(1, min(_CHUNK, int(self._rate / 10)))

    def passed(self, link: _Link, sent: int = 0, received: int = 0) -> None:
        """Count bytes, and wait for as long as they take at the rate of `slow`."""
        with self._changed:
            self.sent += sent
            self.received += received
            self._changed.notify_all()
            rate = self._rate
            if rate is not None:
                pause = (sent + received) / rate
                self._changed.wait_for(lambda: link.is_cut or self._rate != rate, pause)


class _Link:
    """A client's connection and the one to the server, with a thread for each direction."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self.is_cut = False
        self._proxy, self._client, self._server = proxy, client, server
        self._threads = [threading.Thread(target=self._send), threading.Thread(target=self._serve)]
        self._threads[1].start()

    @property
    def runs(self) -> bool:
        return self._threads[1].is_alive()

    def _serve(self) -> None:
        """Pass what the server says; the end of both directions closes both connections."""
        with self._client, self._server:
            self._threads[0].start()
            self._pass(self._server, self._client, "received")
            self._threads[0].join()

    def _send(self) -> None:
        self._pass(self._client, self._server, "sent")

    def _pass(self, source: socket.socket, target: socket.socket, counted: str) -> None:
        """Pass bytes until the source ends, and the end then; after a fault both are cut."""
        try:
            while data := source.recv(_CHUNK):
                while data:
                    size = self._proxy.may_pass(self)
                    if not size:
                        return
                    target.sendall(data[:size])
                    self._proxy.passed(self, **{counted: len(data[:size])})
                    data = data[size:]
            target.shutdown(socket.SHUT_WR)
        except OSError:
            self.cut()

    def cut(self) -> None:
        self.is_cut = True
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def join(self) -> None:
        self._threads[1].join()
