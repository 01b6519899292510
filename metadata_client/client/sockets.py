"""Sockets under `requests` on which one can stop waiting.

A long poll blocks for minutes, and a thread in `recv` hears of nothing; so these sockets wait in
slices, and look at a stop event in between. No helper thread, one connection. Knows nothing of
metadata, nor of what is sent.
"""

from __future__ import annotations

import os
import select
import socket
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from metadata_client.errors import Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests
    from _typeshed import WriteableBuffer

_SLICE: Final = 0.25  # seconds between two looks at the stop event


class Stop(Protocol):
    """What a stop event must have; `threading.Event` has it."""

    def is_set(self) -> bool: ...  # noqa: D102 - as in threading.Event
    def wait(self, timeout: float | None = None) -> bool: ...  # noqa: D102


class _Patience(NamedTuple):
    stop: Stop | None = None
    deadline: float = float("inf")  # on the monotonic clock

    def check(self, end: float) -> None:
        """Raise what ends the waiting, if anything does."""
        if self.stop is not None and self.stop.is_set():
            raise Stopped
        if time.monotonic() >= end:
            raise TimeoutError("timed out")


_patience: Final = ContextVar("_patience", default=_Patience())  # noqa: B039 - it is frozen


@contextmanager
def patience(stop: Stop | None, seconds: float) -> Iterator[None]:
    """Bound what is done over our sockets inside the block: by an event, and by the clock.

    Args:
        stop: whoever waits gets `Stopped` soon after it is set.
        seconds: whoever still waits after so long gets a timeout.
    """
    token = _patience.set(_Patience(stop, time.monotonic() + seconds))
    try:
        yield
    finally:
        _patience.reset(token)


class _Socket(socket.socket):
    """A socket that waits in slices."""

    def __init__(self, family: int, kind: int, protocol: int) -> None:
        super().__init__(family, kind, protocol)
        self._readable = select.poll()
        self._readable.register(self, select.POLLIN)

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        self._await(self._readable, self.gettimeout())
        return super().recv_into(buffer, nbytes, flags)

    def await_connection(self, timeout: float | None) -> None:
        """Wait until a connection is made, or has failed."""
        writable = select.poll()
        writable.register(self, select.POLLOUT)
        self._await(writable, timeout)

    @staticmethod
    def _await(ready: select.poll, timeout: float | None) -> None:
        """Wait for the socket; `TimeoutError` or `Stopped` if something else comes first."""
        patient = _patience.get()
        now = time.monotonic()
        end = patient.deadline if timeout is None else min(patient.deadline, now + timeout)
        patient.check(end)  # first, for a body that never ends is always ready
        while not ready.poll(1000 * _clamp(end - time.monotonic())):
            patient.check(end)


def _clamp(seconds: float) -> float:
    return max(0.0, min(seconds, _SLICE))


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        timeout = self.timeout if isinstance(self.timeout, int | float) else None
        try:
            return _connect(self.host, self.port or 80, timeout)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"no connection within {timeout} s") from error
        except OSError as error:
            raise NewConnectionError(self, error.strerror or str(error)) from error


def _connect(host: str, port: int, timeout: float | None) -> socket.socket:
    failed: OSError = OSError("the name has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host.strip("[]"), port, type=socket.SOCK_STREAM
    ):
        connection = _Socket(family, kind, protocol)
        try:
            _open(connection, address, timeout)
        except OSError as error:
            connection.close()
            failed = error
        except Stopped:
            connection.close()
            raise
        else:
            return connection
    raise failed


def _open(connection: _Socket, address: object, timeout: float | None) -> None:
    connection.settimeout(0)
    try:
        connection.connect(address)  # type: ignore[arg-type]  # getaddrinfo's own address
    except BlockingIOError:
        connection.await_connection(timeout)
    code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(timeout)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: object, **options: object) -> None:
        super().init_poolmanager(*args, **options)  # type: ignore[arg-type]  # passed through
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool}


def mount(session: requests.Session) -> None:
    """Let the session use sockets that can stop waiting, and keep one connection."""
    session.mount("http://", _Adapter(pool_connections=1, pool_maxsize=1))
