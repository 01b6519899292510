"""A connection to one Redis, over the protocol of redis-py and sockets that can be stopped.

Knows nothing of keys. redis-py is needed to import this module. It packs commands and parses
replies; it neither connects by itself nor connects again: what happens between two connections
would be missed without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import redis
from redis.exceptions import AuthorizationError, InvalidResponse, MovedError

from confd_lib.errors import BackendError, Interrupted, Refused
from metadata_client import Stopped, bounded, open_socket, reason_of

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Iterator
    from threading import Event
    from typing import Self

READ_S: Final = 5.0
_CONNECT_S: Final = 3.0
# The whole of an answer may take so many times the wait for one part of it.
_READS: Final = 6
# A database of 10 000 keys sends two megabytes.
MAX_ANSWER: Final = 256 << 20
# The first bytes of an alert of TLS, of any version.
_TLS_ALERT: Final = b"\x15\x03"

Reply = bytes | int | list[Any] | redis.ResponseError | None
Command = Sequence[bytes | str | int]


@dataclass(frozen=True, slots=True)
class Login:
    """A user.

    Attributes:
        username: empty for the default user.
        password: empty for no login.
    """

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Server:
    """A Redis, and how to log in there.

    Attributes:
        node: its address as it was given, for messages.
        address: the host and the port, or the path of a Unix socket.
        database: the number of the database.
        login: the user.
        tls: the certificates; None for a connection without TLS.
    """

    node: str
    address: tuple[str, int] | str
    database: int
    login: Login
    tls: ssl.SSLContext | None


class Link:
    """A connection, logged in.

    Args:
        server: the Redis.
        stop: ends every wait within a second; the method that waits raises Interrupted.

    Raises:
        Refused: the credentials or the database are refused.
        BackendError: there is no connection.
        Interrupted: the stop event was set.
    """

    def __init__(self, server: Server, stop: Event) -> None:
        self._server = server
        self._stop = stop
        with self._failures(), bounded(stop, _CONNECT_S + READ_S):
            self._socket = _Counted(open_socket(server.address, _CONNECT_S, server.tls))
        self._socket.settimeout(READ_S)
        # Most methods of redis-py's connections have no types.
        self._connection = cast("Any", _Protocol(self._socket, server))
        try:
            with self._failures(), bounded(stop, READ_S):
                self._connection.connect()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._connection.disconnect()
        self._socket.close()

    @property
    def server(self) -> Server:
        """The Redis that it is connected to."""
        return self._server

    def ask(self, *commands: Command) -> list[Reply]:
        """Send commands, and return the reply to each; an error of a command is its reply.

        Raises:
            Refused: the connection is not logged in.
            BackendError: the connection is lost, or an answer is longer than `MAX_ANSWER` bytes.
            Interrupted: the stop event was set.
        """
        with self._failures(), bounded(self._stop, _READS * READ_S):
            self._socket.left = MAX_ANSWER
            self._connection.send_packed_command(self._connection.pack_commands(commands))
            return [self._reply() for _ in commands]

    def receive(self, seconds: float) -> Reply:
        """Return a message that nobody asked for; None if there is none within so many seconds.

        Raises:
            BackendError: the connection is lost.
            Interrupted: the stop event was set.
        """
        with self._failures(), bounded(self._stop, seconds + READ_S):
            self._socket.left = MAX_ANSWER
            return self._reply() if self._connection.can_read(timeout=seconds) else None

    def send(self, command: Command) -> None:
        """Send a command whose reply will be received among the messages.

        Raises:
            BackendError: the connection is lost.
            Interrupted: the stop event was set.
        """
        with self._failures(), bounded(self._stop, READ_S):
            self._connection.send_command(*command)

    def error(self, reason: object) -> BackendError:
        """Return an error that names the server.

        Args:
            reason: a text, or a reply that is an error.
        """
        if isinstance(reason, MovedError):
            reason = "a node of a cluster, where keys are spread over nodes, cannot be read"
        return BackendError(f"redis {self._server.node}: {reason}")

    def _reply(self) -> Reply:
        try:
            reply: Reply = self._connection.read_response()
        except redis.ResponseError as error:
            return error
        return reply

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Raise a BackendError for whatever redis-py or the system raises."""
        try:
            yield
        except Stopped as error:
            raise Interrupted(str(error)) from error
        except Exception as error:
            kind = Refused if isinstance(error, _REFUSALS) else BackendError
            raise kind(f"redis {self._server.node}: {_reason(error)}") from error


class _Counted:
    """A socket that gives up an answer once it is too long.

    Args:
        inner: the socket itself.

    Attributes:
        left: the number of bytes that may still come.
    """

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self.left = MAX_ANSWER

    def recv(self, size: int) -> bytes:
        data = self._inner.recv(size)
        self._count(len(data))
        return data

    def recv_into(self, buffer: bytearray) -> int:  # of the parser `hiredis`
        count = self._inner.recv_into(buffer)
        self._count(count)
        return count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _count(self, received: int) -> None:
        self.left -= received
        if self.left < 0:
            raise ValueError(f"the answer is longer than {MAX_ANSWER >> 20} MB")


class _Protocol(redis.Connection):
    """redis-py's part of a connection, over a socket that is connected already."""

    def __init__(self, connected: _Counted, server: Server) -> None:
        host, port = server.address if isinstance(server.address, tuple) else (server.node, 0)
        super().__init__(  # type: ignore[no-untyped-call]  # of redis-py
            host,
            port,
            db=server.database,
            username=server.login.username or None,
            password=server.login.password or None,
            socket_timeout=READ_S,
            protocol=2,
        )
        self._connected = connected

    def _connect(self) -> _Counted:
        return self._connected


# No pause would help. A ResponseError is raised for a login and for the choice of a database only;
# that of any other command is its reply.
_REFUSALS: Final = (redis.AuthenticationError, AuthorizationError, redis.ResponseError)


def _reason(error: Exception) -> str:
    """Return the reason of a failure as one line."""
    if isinstance(error, InvalidResponse):
        return _odd(str(error))
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        return reason_of(cause, "")
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__


def _odd(text: str) -> str:
    is_tls = repr(_TLS_ALERT)[2:-1] in text
    return "the server speaks TLS alone" if is_tls else f"not an answer of Redis: {text[:100]}"
