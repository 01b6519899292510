"""A session with one server of ZooKeeper, by kazoo: it connects, asks, and notes what has changed.

Knows nothing of keys and values. A session that has lost its connection is never taken up again,
since its watches may have missed a change, and a server that was set back would refuse it: the next
session begins at the beginning. `wire` has the sockets.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kazoo.client import KazooClient
from kazoo.exceptions import BadArgumentsError, NoAuthError, NoNodeError
from kazoo.protocol.states import KazooState, KeeperState

from confd_lib.backends.remote.addresses import Nodes
from confd_lib.errors import BackendError, Interrupted, Refused
from metadata_client import reason_of

from .tree import Node, NoNode
from .wire import Handler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from threading import Event

    from confd_lib.backends.remote.tls import TLS

# The server forgets a silent client after so many seconds; kazoo asks for a sign of life three
# times in them, and drops the connection where none comes.
_SESSION_S: Final = 10.0
_OPEN_S: Final = 5.0
_ANSWER_S: Final = 10.0
_FAREWELL_S: Final = 0.3
# The stop event does not wake a wait for answers, so it is checked this often.
_SLICE_S: Final = 0.2
# Nodes that are asked for before the first answer is awaited. A server stops reading at 1000
# requests, and each node takes two.
_AT_ONCE: Final = 100
_LOGIN_REFUSED: Final = "the login is refused"
# The answers for a path that no node has, or none can have.
_NOTHING: Final = (NoNodeError, BadArgumentsError)
# The name, below the root, of the nodes that ZooKeeper keeps for itself.
_OWN: Final = (("/", "zookeeper"),)
# kazoo logs its requests, and with them the password of a login.
_SILENT: Final = logging.Logger("kazoo", logging.CRITICAL + 1)  # noqa: LOG001 - for nobody to turn on


@dataclass(frozen=True, slots=True)
class Access:
    """How servers are reached, beside their addresses.

    Attributes:
        chroot: the node that stands for the root, as `/app`; empty for the root itself.
        login: `user:password` for ACLs of the scheme digest; empty for none.
        tls: the certificates; without any, the connection is plain.
    """

    chroot: str
    login: str
    tls: TLS


class Ensemble:
    """The servers of a ZooKeeper, any of which is asked.

    Args:
        servers: each as `host:port`; the first is tried first.
        access: how they are reached.
    """

    def __init__(self, servers: Sequence[str], access: Access) -> None:
        self._servers = Nodes(servers)
        self._access = access

    def session(self, stop: Event) -> Session:
        """Return a session with the first server that answers.

        Args:
            stop: ends every wait for the session within a second.

        Raises:
            Refused: the login is refused.
            BackendError: no server answers; with the reason of each.
            Interrupted: the stop event was set.
        """
        return self._servers.first(lambda server: _opened(Session(server, self._access, stop)))

    def leave(self, session: Session) -> None:
        """Make another server than that of a session the first that is tried."""
        self._servers.leave(session.server)


class Session:
    """A session with one server.

    Args:
        server: `host:port`.
        access: how it is reached.
        stop: ends every wait within a second; it then raises Interrupted.

    Attributes:
        server: the same.
        name: of the server, for messages.
        user: that has logged in, for messages.
    """

    def __init__(self, server: str, access: Access, stop: Event) -> None:
        self.server = server
        self.name = f"zookeeper {server}{access.chroot}"
        self.user = f" as user {access.login.partition(':')[0]}" if access.login else ""
        self._hidden = () if access.chroot else _OWN
        self._stop = stop
        self._lost = ""
        self._fired: set[str] = set()
        self._guard = threading.Lock()
        self._news = threading.Event()
        self._handler = Handler(server, access.tls, self._end_with)
        self._client = self._made(access)

    def _made(self, access: Access) -> Any:
        client = KazooClient(
            # A placeholder: the handler connects to the server, by its name.
            hosts=f"127.0.0.1{access.chroot}",
            timeout=_SESSION_S,
            handler=self._handler,
            connection_retry={"max_tries": 1},
            auth_data=[("digest", access.login)] if access.login else None,
            logger=_SILENT,
        )
        client.add_listener(self._hear_state)
        return client

    def open(self) -> None:
        """Connect, and begin the session.

        Raises:
            BackendError: the server does not answer.
            Interrupted: the stop event was set.
        """
        try:
            live = self._client.start_async()
        except (RuntimeError, OSError) as error:  # no more threads, or no more descriptors
            raise BackendError(f"{self.name}: {reason_of(error, '')}") from error
        if not self._await(live.is_set, _OPEN_S):
            raise BackendError(f"{self.name}: no answer in time")

    def close(self) -> None:
        """End the session; a server that does not answer at once is left without a farewell."""
        ending = threading.Thread(target=self._say_farewell, name="zookeeper-close", daemon=True)
        with suppress(RuntimeError):  # there may be no more threads
            ending.start()
            ending.join(_FAREWELL_S)
        self._handler.cut()

    def _say_farewell(self) -> None:
        # kazoo waits for the server here, for longer than its own limit if need be.
        with suppress(Exception):
            self._client.stop()
            self._client.close()

    # -- Questions

    def sync(self) -> None:
        """Wait until the server has all changes of its leader that were made before.

        Raises:
            BackendError: the connection is lost.
            Interrupted: the stop event was set.
        """
        answer = self._client.sync_async("/")
        self._await_answer(answer)
        self._result(answer)

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, Node | NoNode]]:
        """Yield nodes with their paths; whatever changes in them later is noted.

        Raises:
            BackendError: the connection is lost.
            Interrupted: the stop event was set.
        """
        get, get_names = self._client.get_async, self._client.get_children_async
        for some in _batches(paths):
            asked = [
                (path, get(path, self._hear), get_names(path, self._hear, include_data=True))
                for path in some
            ]
            self._await_answer(asked[-1][-1])
            for path, data, names in asked:
                yield path, self._node(path, data, names)

    def expect(self, paths: Sequence[str]) -> None:
        """Note when missing nodes are made; those that were made meanwhile are noted at once.

        Raises:
            BackendError: the connection is lost.
            Interrupted: the stop event was set.
        """
        for some in _batches(paths):
            asked = [(path, self._client.exists_async(path, self._hear)) for path in some]
            self._await_answer(asked[-1][-1])
            self._note(path for path, answer in asked if self._is_there(answer))

    def _node(self, path: str, data: Any, names: Any) -> Node | NoNode:
        try:
            value, state = self._result(data)
            found, folder = self._result(names)
            children = [name for name in found if (path, name) not in self._hidden]
            return Node(value or b"", tuple(children), max(state.mzxid, folder.pzxid))
        except _NOTHING:
            return NoNode.MISSING
        except NoAuthError:
            return NoNode.REFUSED

    def _is_there(self, answer: Any) -> bool:
        try:
            return self._result(answer) is not None
        except _NOTHING:
            return False

    def _await_answer(self, answer: Any) -> None:
        """Wait for an answer, and with it for those to earlier questions: they come in order."""
        answer.rawlink(self._hear_answer)
        if not self._await(answer.ready, _ANSWER_S):
            raise BackendError(f"{self.name}: no answer in time")

    def _result(self, answer: Any) -> Any:
        """Return what was answered.

        Raises:
            NoNodeError, BadArgumentsError, NoAuthError: the answer is this error of ZooKeeper.
            BackendError: it is another one.
        """
        try:
            return answer.get_nowait()
        except (*_NOTHING, NoAuthError):
            raise
        except Exception as error:
            # kazoo's errors have no text, but the names that ZooKeeper gives them.
            self._lost = self._lost or type(error).__name__
            raise self._error() from error

    # -- Changes

    @property
    def has_news(self) -> bool:
        """True if a node has changed since it was read."""
        return bool(self._fired)

    def take_news(self) -> set[str]:
        """Return the paths of the nodes that have changed since they were read."""
        with self._guard:
            news, self._fired = self._fired, set()
        return news

    def wait(self, seconds: float) -> bool:
        """Wait for the change of a node that was read; return False if none came in time.

        Raises:
            BackendError: the connection is lost.
            Interrupted: the stop event was set.
        """
        return self._await(lambda: self.has_news, seconds)

    def _await(self, done: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not done():
            if self._stop.is_set():
                raise Interrupted("the stop event was set")
            if self._lost:
                raise self._error()
            left = end - time.monotonic()
            if left <= 0:
                return False
            self._news.wait(min(left, _SLICE_S))
            self._news.clear()
        return True

    def _error(self) -> BackendError:
        kind = Refused if self._lost == _LOGIN_REFUSED else BackendError
        return kind(f"{self.name}: {self._lost}")

    # -- Notes, which kazoo's threads take

    def _hear(self, event: Any) -> None:
        if event.path:  # without one, it says that the connection is lost
            self._note([event.path])

    def _note(self, paths: Iterable[str]) -> None:
        with self._guard:
            self._fired.update(paths)
        self._news.set()

    def _hear_answer(self, _: object) -> None:
        self._news.set()

    def _hear_state(self, state: str) -> None:
        if state != KazooState.CONNECTED:
            refused = self._client.client_state == KeeperState.AUTH_FAILED
            self._end_with(_LOGIN_REFUSED if refused else "no answer in time")
        self._news.set()

    def _end_with(self, reason: str) -> None:
        """Note the first reason why the session has ended."""
        self._lost = self._lost or reason
        self._news.set()


def _batches(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    return (paths[at : at + _AT_ONCE] for at in range(0, len(paths), _AT_ONCE))


def _opened(session: Session) -> Session:
    try:
        session.open()
    except BackendError:
        session.close()
        raise
    return session
