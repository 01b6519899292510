"""A connection to one Redis, over the protocol of redis-py and sockets that can be stopped.

Knows nothing of keys. redis-py is needed to import this module. It packs commands and parses
replies; it neither connects by itself nor connects again: what happens between two connections
would be missed without a word.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import redis
from redis.exceptions import AuthorizationError, InvalidResponse, MovedError

from confd_lib.errors import BackendError, Interrupted, Refused
from confd_lib.escapes import quotation
from metadata_client import Stopped, bounded, open_socket, reason_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from threading import Event
    from typing import Self

    from confd_lib.backends.remote.tls import TLS

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
        tls: the certificates; without any, the connection is plain.
    """

    node: str
    address: tuple[str, int] | str
    database: int
    login: Login
    tls: TLS


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
            hint = "it may ask for a certificate" if server.tls else "it may speak TLS"
            self._socket = _Socket(_open(server), hint)
        self._socket.settimeout(READ_S)
        # Most methods of redis-py's connections have no types.
        self._connection = cast("Any", _Protocol(self._socket, server))
        try:
            with self._failures(), bounded(stop, READ_S):
                self._connection.connect()
                self._socket.has_answered = True
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
        """Return a message that nobody asked for; None where no message comes in time.

        Args:
            seconds: to wait.

        Raises:
            BackendError: the connection is lost.
            Interrupted: the stop event was set.
        """
        with self._failures(), bounded(self._stop, seconds):
            self._socket.left = MAX_ANSWER
            self._socket.settimeout(seconds)
            try:
                return self._reply(disconnect_on_error=False)
            except redis.TimeoutError:  # what has come of a message is kept
                return None
            finally:
                self._socket.settimeout(READ_S)

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
            reason: a text, or a reply that is an error or that Redis would never send.
        """
        # Before version 7 redis-py gave it no type of its own.
        if isinstance(reason, MovedError) or str(reason).startswith("MOVED "):
            reason = "a node of a cluster, where keys are spread over nodes, cannot be read"
        elif isinstance(reason, redis.ResponseError):
            reason = quotation(reason)
        elif not isinstance(reason, str):
            reason = f"not an answer of Redis: {str(reason)[:100]}"
        return BackendError(f"redis {self._server.node}: {reason}")

    def _reply(self, **options: bool) -> Reply:
        try:
            reply: Reply = self._connection.read_response(**options)
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


def _open(server: Server) -> socket.socket:
    # For each connection, since files of certificates are replaced before they expire.
    context = server.tls.context()
    try:
        return open_socket(server.address, _CONNECT_S, context)
    except TimeoutError:
        if context is None:
            raise
        raise OSError(errno.EPROTO, "no answer in time; it may not speak TLS") from None


class _Socket:
    """A socket that gives up an answer that is too long, and explains its end.

    Args:
        inner: the socket itself.
        hint: what an end without an answer may mean.

    Attributes:
        left: the number of bytes that may still come.
        has_answered: whether the server is known to be a Redis.
    """

    def __init__(self, inner: socket.socket, hint: str) -> None:
        self._inner = inner
        self._hint = hint
        self.left = MAX_ANSWER
        self.has_answered = False

    def sendall(self, data: bytes) -> None:
        with self._explained():
            self._inner.sendall(data)

    def recv(self, size: int) -> bytes:
        with self._explained():
            data = self._inner.recv(size)
        self._check(data)
        return data

    def recv_into(self, buffer: bytearray) -> int:  # as redis-py reads for `hiredis`
        data = self.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ConnectionError:
            if self.has_answered:
                raise
            raise self._no_answer() from None

    def _check(self, data: bytes) -> None:
        self.left -= len(data)
        if self.left < 0:
            raise OSError(errno.EMSGSIZE, f"the answer is longer than {MAX_ANSWER >> 20} MB")
        if not self.has_answered and (not data or data.startswith(_TLS_ALERT)):
            raise self._no_answer()
        if not data:
            raise OSError(errno.ECONNRESET, "the server closed the connection")

    def _no_answer(self) -> OSError:
        return OSError(errno.EPROTO, f"no answer of Redis; {self._hint}")


class _Protocol(redis.Connection):
    """redis-py's part of a connection, over a socket that is connected already."""

    def __init__(self, connected: _Socket, server: Server) -> None:
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

    def _connect(self) -> _Socket:
        return self._connected


# No pause would help. A ResponseError is raised for a login and for the choice of a database only;
# that of any other command is its reply.
_REFUSALS: Final = (redis.AuthenticationError, AuthorizationError, redis.ResponseError)


def _reason(error: Exception) -> str:
    """Return the reason of a failure as one line."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        return reason_of(cause, "")
    if isinstance(error, redis.RedisError) and not isinstance(error, InvalidResponse):
        return quotation(error).rstrip(".")
    return f"not an answer of Redis: {str(error)[:100]}"
