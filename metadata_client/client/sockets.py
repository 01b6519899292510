"""Connections that stop waiting when a stop event is set: HTTP(S) of `requests`, and plain sockets.

A long poll blocks for minutes, and a thread that is blocked in a read cannot be interrupted. The
sockets of this file therefore wait in slices of a quarter of a second, and check the event and a
deadline before each slice: while they connect, during the TLS handshake, while they read or write.
Knows nothing of metadata, nor of the requests that are sent.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context, resolve_cert_reqs

from metadata_client.errors import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import ReadableBuffer, WriteableBuffer

T = TypeVar("T")

_SLICE: Final = 0.25  # seconds from one check of the stop event to the next


class Stop(Protocol):
    """The methods of `threading.Event` that a stop event must have."""

    def is_set(self) -> bool: ...  # noqa: D102 - as in threading.Event
    def wait(self, timeout: float | None = None) -> bool: ...  # noqa: D102


# -- The bounds of a wait


@dataclass(frozen=True, slots=True)
class _Bounds:
    stop: Stop | None = None
    deadline: float = float("inf")  # on the monotonic clock

    def end(self, timeout: float | None) -> float:
        """Return when a wait ends that starts now and may last `timeout` seconds."""
        return min(self.deadline, time.monotonic() + (float("inf") if timeout is None else timeout))

    def slice(self, end: float) -> float:
        """Return the seconds to wait before the next check.

        Raises:
            Stopped: the stop event is set.
            TimeoutError: it is `end` or later.
        """
        if self.stop is not None and self.stop.is_set():
            raise Stopped
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return min(left, _SLICE)


_bounds: Final = ContextVar("_bounds", default=_Bounds())  # noqa: B039 - it is frozen


@contextmanager
def bounded(stop: Stop | None, seconds: float) -> Iterator[None]:
    """Bound all requests of this thread that go through a `StoppableAdapter` inside the block.

    The body of a response with `stream=True` has to be read inside the block too. A generator must
    not yield inside it, since its consumer would then be bounded as well.

    Args:
        stop: a request that waits raises `Stopped` within a second after this event is set.
        seconds: a request that still waits after so many seconds fails with a timeout, even if
            each part of its answer came in time.

    >>> import requests
    >>> from metadata_client import Answers, MetadataServer
    >>> with MetadataServer(Answers({"latest": {"default": {"name": "x"}}})) as server:
    ...     with requests.Session() as session, bounded(None, 10):
    ...         session.mount("http://", StoppableAdapter())
    ...         session.get(f"{server.url}/latest/name", headers={"Accept": "text/plain"}).text
    'x'
    """
    token = _bounds.set(_Bounds(stop, time.monotonic() + seconds))
    try:
        yield
    finally:
        _bounds.reset(token)


# -- Sockets that wait in slices


def _in_slices(connection: socket.socket, call: Callable[[], T]) -> T:
    """Call a method of a socket until it returns, each time with a timeout of one slice.

    A call that timed out has consumed nothing; TLS keeps what it has of a record.
    """
    bounds = _bounds.get()
    timeout = connection.gettimeout()
    end = bounds.end(timeout)
    try:
        while True:
            connection.settimeout(bounds.slice(end))
            with suppress(TimeoutError):
                return call()
    finally:
        connection.settimeout(timeout)


class _Socket(socket.socket):
    """A socket that connects, reads and writes in slices."""

    def open(self, address: object, timeout: float | None) -> None:
        """Connect to `address`.

        Raises:
            Stopped: the stop event was set first.
            OSError: the connection failed, or took longer than `timeout` seconds.
        """
        self.settimeout(0)
        try:
            self.connect(address)  # type: ignore[arg-type]  # getaddrinfo's own address
        except BlockingIOError:
            self._await_connection(timeout)
        code = self.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        self.settimeout(timeout)

    def _await_connection(self, timeout: float | None) -> None:
        bounds = _bounds.get()
        end = bounds.end(timeout)
        writable = select.poll()
        writable.register(self, select.POLLOUT)
        while not writable.poll(1000 * bounds.slice(end)):
            pass

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        return _in_slices(self, lambda: super(_Socket, self).recv(bufsize, flags))

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        return _in_slices(self, lambda: super(_Socket, self).recv_into(buffer, nbytes, flags))

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        left = memoryview(data).cast("B")
        while left:
            left = left[_in_slices(self, partial(super().send, left, flags)) :]


class _TLSSocket(ssl.SSLSocket):
    """A TLS socket that shakes hands, reads and writes in slices."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            _in_slices(self, lambda: super(_TLSSocket, self).do_handshake(block))
        except Stopped:
            self.close()  # before Python 3.12, ssl closes it only after an OSError
            raise

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        return _in_slices(self, lambda: super(_TLSSocket, self).recv(buflen, flags))

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        return _in_slices(self, lambda: super(_TLSSocket, self).recv_into(buffer, nbytes, flags))

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        return _in_slices(self, lambda: super(_TLSSocket, self).send(data, flags))


# -- Connections


def open_socket(
    address: tuple[str, int] | str, timeout: float, tls: ssl.SSLContext | None = None
) -> socket.socket:
    """Connect to a server that speaks another protocol than HTTP.

    The socket waits like the connections of a `StoppableAdapter`: while it connects, reads and
    writes, `bounded` says which event and which deadline ends its waits. Its timeout has to be
    positive.

    Args:
        address: a host and a port, or the path of a Unix socket.
        timeout: seconds for the connection, for the TLS handshake, and for each read and write.
        tls: the certificates; None for a connection without TLS.

    Raises:
        Stopped: the stop event of `bounded` was set first.
        OSError: there is no connection; an `ssl.SSLError` where TLS failed.

    >>> import socket
    >>> with socket.create_server(("127.0.0.1", 0)) as server:
    ...     with open_socket(server.getsockname(), timeout=5) as client:
    ...         client.sendall(b"hello")
    ...         with server.accept()[0] as accepted:
    ...             accepted.recv(5)
    b'hello'
    """
    if isinstance(address, str):
        return _opened(_Socket(socket.AF_UNIX), address, timeout)
    connection = _connect_to(*address, timeout)
    if tls is None:
        return connection
    tls.sslsocket_class = _TLSSocket
    try:
        return tls.wrap_socket(connection, server_hostname=address[0])
    except BaseException:
        connection.close()
        raise


def _connect_to(host: str, port: int, timeout: float | None) -> _Socket:
    failed: OSError = OSError("the name has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host.strip("[]"), port, type=socket.SOCK_STREAM
    ):
        try:
            connection = _opened(_Socket(family, kind, protocol), address, timeout)
        except OSError as error:
            failed = error
        else:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
    raise failed


def _opened(connection: _Socket, address: object, timeout: float | None) -> _Socket:
    """Connect a socket, which is closed if that fails."""
    try:
        connection.open(address, timeout)
    except BaseException:
        connection.close()
        raise
    return connection


# -- Connections, as urllib3 makes them


def _connect(connection: HTTPConnection) -> socket.socket:
    timeout = connection.timeout if isinstance(connection.timeout, int | float) else None
    try:
        return _connect_to(connection.host, connection.port or connection.default_port, timeout)
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, f"no connection within {timeout} s") from error
    except OSError as error:
        raise NewConnectionError(connection, error.strerror or str(error)) from error


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _TLSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)

    def connect(self) -> None:
        # Each connection has a context of its own: urllib3 adds certificates to the one it uses.
        context = create_urllib3_context(cert_reqs=resolve_cert_reqs(self.cert_reqs))
        context.sslsocket_class = _TLSSocket
        self.ssl_context = context
        super().connect()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class StoppableAdapter(HTTPAdapter):
    """An adapter for `http://` and `https://` whose requests end when a stop event is set.

    It takes the arguments of `requests.adapters.HTTPAdapter`, and connects to servers directly, not
    through a proxy. `bounded` says which event and which deadline a request has. The certificates
    are those of the session: its `verify` and its `cert`.

    >>> import requests, threading
    >>> from metadata_client import MetadataServer, Stopped, StoppableAdapter, bounded
    >>> stop = threading.Event()
    >>> with MetadataServer({"latest": {"default": {"version": "7"}}}) as server:
    ...     with requests.Session() as session:
    ...         session.mount("http://", StoppableAdapter())
    ...         session.trust_env = False
    ...         with bounded(stop, seconds=60):
    ...             session.get(f"{server.url}/latest/version", timeout=5).text
    ...             threading.Timer(0.1, stop.set).start()
    ...             try:
    ...                 session.get(f"{server.url}/latest/version?wait=true&value=7", timeout=90)
    ...             except Stopped as stopped:
    ...                 print(stopped)
    '7'
    the stop event was set
    """

    def init_poolmanager(self, *args: object, **options: object) -> None:
        """Make the pool of connections, as in `requests`."""
        super().init_poolmanager(*args, **options)  # type: ignore[arg-type]  # passed through
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}


class _Session(requests.Session):
    """A session that leaves redirects alone; requests would read all of the body of each."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - as in requests
        return None


def direct_session() -> requests.Session:
    """Return a session of `StoppableAdapter` that asks servers directly and follows no redirect.

    It asks for no encoding either; `encoding_fault` refuses an answer that has one.

    >>> from metadata_client import MetadataServer
    >>> with MetadataServer({"latest": {"default": {"version": "7"}}}) as server:
    ...     with direct_session() as session:
    ...         session.get(f"{server.url}/latest/version", timeout=5).text
    '7'
    """
    session = _Session()
    # A proxy variable of the container must not send requests out of the host.
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"
    adapter = StoppableAdapter(pool_connections=1, pool_maxsize=1)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
