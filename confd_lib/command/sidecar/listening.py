"""A small HTTP server: one thread, GET and HEAD, a few connections, a few seconds for each.

A client that sends nothing, or reads nothing, holds up no other one. Knows nothing of the pages.
"""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Self

from confd_lib.errors import ConfdError, ConfigError, system_reason
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Pages = Mapping[str, Callable[[], "Page"]]

PLAIN: Final = "text/plain; charset=utf-8"
_LOOPBACK: Final = "127.0.0.1"
_ADDRESS: Final = re.compile(
    r"(?:(?:\[(?P<ip6>[^\]]*)\]|(?P<host>[^:\[\]]*)):)?(?P<port>[0-9]{1,5})"
)
_LAST_PORT: Final = 65535
# The connections at a time, of which the oldest gives way to a new one.
_MOST: Final = 32
_MOST_BYTES: Final = 8192
# The seconds for a request and its reply, and for what a client sends after that.
_SECONDS: Final = 5.0
_LINGER_S: Final = 1.0
# Where no connection can be accepted, as without descriptors, the next try comes after this.
_REST_S: Final = 0.2
_REQUEST_LINE: Final = re.compile(rb"([A-Z]{1,20}) (\S{1,2000}) HTTP/1\.[01]")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer.

    Attributes:
        text: its text.
        good: whether its status is 200, and not 503.
        content_type: the type of its text.
    """

    text: str
    good: bool = True
    content_type: str = PLAIN


def bind(address: str) -> socket.socket:
    """Return a socket that listens.

    Args:
        address: `HOST:PORT`, or `:PORT` or `PORT` for loopback; an IPv6 address in brackets. With
            port 0 the system chooses one.

    Raises:
        ConfigError: the address is not one, or cannot be had.
    """
    found = _ADDRESS.fullmatch(address)
    if not found or int(found["port"]) > _LAST_PORT:
        raise ConfigError(f"-listen {address!r}: write HOST:PORT, or :PORT for the own machine")
    host = found["ip6"] or found["host"] or _LOOPBACK
    try:
        return listen(host, int(found["port"]))
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"-listen {address}: {_reason(error)}") from error


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, and does not block.

    Raises:
        OSError: the host is not known, or the address cannot be had.
        UnicodeError: the host is no name.
    """
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, _, _, _, where = infos[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(_MOST)
        listener.settimeout(0)
    except OSError:
        listener.close()
        raise
    return listener


def _reason(error: OSError | UnicodeError) -> str:
    return system_reason(error) if isinstance(error, OSError) else "that is no name of a host"


def name_of(listener: socket.socket) -> str:
    """Return the address of a socket that listens, as it stands in a URL."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass(slots=True)
class _Exchange:
    """A connection: its request, then its reply, then the rest that the client sends."""

    connection: socket.socket
    deadline: float
    request: bytearray = field(default_factory=bytearray)
    reply: memoryview | None = None


class Server:
    """Serves pages, in a thread of its own, while the block lasts.

    Args:
        listener: a socket that listens; it is closed at the end.
        pages: by path, the function that makes the answer.
    """

    def __init__(self, listener: socket.socket, pages: Pages) -> None:
        self._listener = listener
        self._pages = pages
        self._exchanges: dict[socket.socket, _Exchange] = {}
        self._selector = selectors.DefaultSelector()
        self._waker, self._wake_end = socket.socketpair()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="confd-http", daemon=True)

    def __enter__(self) -> Self:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake_end, selectors.EVENT_READ)
        try:
            self._thread.start()
        except RuntimeError as error:
            raise ConfdError(f"-listen: no thread can be started: {error}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._waker.close()
        self._thread.join()
        for exchange in list(self._exchanges.values()):
            self._drop(exchange)
        self._selector.close()
        self._listener.close()
        self._wake_end.close()

    def _serve(self) -> None:
        while not self._closed.is_set():
            for key, _ in self._selector.select(self._pause()):
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.data, _Exchange):
                    self._advance(key.data)
            now = time.monotonic()
            for exchange in [one for one in self._exchanges.values() if one.deadline <= now]:
                self._drop(exchange)

    def _pause(self) -> float | None:
        deadlines = [exchange.deadline for exchange in self._exchanges.values()]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # it is gone already, or there are no descriptors
            self._closed.wait(_REST_S)
            return
        if len(self._exchanges) >= _MOST:
            self._drop(next(iter(self._exchanges.values())))
        connection.settimeout(0)
        exchange = _Exchange(connection, time.monotonic() + _SECONDS)
        self._exchanges[connection] = exchange
        self._selector.register(connection, selectors.EVENT_READ, exchange)

    def _advance(self, exchange: _Exchange) -> None:
        """Read or write as much as goes at once."""
        if exchange.connection not in self._exchanges:  # it has given way in this turn
            return
        try:
            if exchange.reply:
                self._write(exchange, exchange.reply)
            else:
                self._read(exchange)
        except BlockingIOError:
            return
        except OSError:
            self._drop(exchange)

    def _read(self, exchange: _Exchange) -> None:
        data = exchange.connection.recv(_MOST_BYTES)
        if not data:
            self._drop(exchange)
        elif exchange.reply is None:
            exchange.request += data
            reply = _reply(bytes(exchange.request), self._pages)
            if reply:
                exchange.reply = memoryview(reply)
                self._selector.modify(exchange.connection, selectors.EVENT_WRITE, exchange)

    def _write(self, exchange: _Exchange, reply: memoryview) -> None:
        exchange.reply = reply[exchange.connection.send(reply) :]
        if not exchange.reply:
            # Data that were not read when a connection is closed would take the reply with them.
            exchange.connection.shutdown(socket.SHUT_WR)
            exchange.deadline = min(exchange.deadline, time.monotonic() + _LINGER_S)
            self._selector.modify(exchange.connection, selectors.EVENT_READ, exchange)

    def _drop(self, exchange: _Exchange) -> None:
        del self._exchanges[exchange.connection]
        self._selector.unregister(exchange.connection)
        with contextlib.suppress(OSError):
            exchange.connection.close()


def _reply(request: bytes, pages: Pages) -> bytes:
    """Return the reply to a request; empty while its head is not whole."""
    head, end, _ = request.partition(b"\r\n\r\n")
    if not end:
        too_long = len(request) > _MOST_BYTES
        return _message(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) if too_long else b""
    line = _REQUEST_LINE.fullmatch(head.partition(b"\r\n")[0])
    if line is None:
        return _message(HTTPStatus.BAD_REQUEST)
    method, path = line[1].decode(), line[2].decode("latin-1").partition("?")[0]
    if method not in ("GET", "HEAD"):
        return _message(HTTPStatus.METHOD_NOT_ALLOWED, "Allow: GET, HEAD\r\n")
    if path not in pages:
        return _message(HTTPStatus.NOT_FOUND, has_body=method == "GET")
    return _answer(pages[path], has_body=method == "GET")


def _answer(make: Callable[[], Page], *, has_body: bool) -> bytes:
    try:
        page = make()
    except Exception:  # noqa: BLE001 - the border of the thread, which has to serve on
        LOGGER.exception("A page cannot be made")
        return _message(HTTPStatus.INTERNAL_SERVER_ERROR, has_body=has_body)
    status = HTTPStatus.OK if page.good else HTTPStatus.SERVICE_UNAVAILABLE
    return _message(status, text=page.text, content_type=page.content_type, has_body=has_body)


def _message(
    status: HTTPStatus,
    extra: str = "",
    *,
    text: str = "",
    content_type: str = PLAIN,
    has_body: bool = True,
) -> bytes:
    body = (text or f"{status.phrase}\n").encode("utf-8", "backslashreplace")
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        f"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n{extra}"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + (body if has_body else b"")
