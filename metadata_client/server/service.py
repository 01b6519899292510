"""A metadata service in this process: real HTTP on a real port, for tests and for `serve`.

Sockets, threads and waiting; what is answered is decided by `replies`, what goes wrong by
`faults`. Knows nothing of what the trees mean.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from metadata_client.answers import Answers
from metadata_client.errors import AnswersError
from metadata_client.paths import Panic

from . import wire
from .access import private, refused
from .connections import Connections, is_gone
from .faults import WAKES, Fault, FaultName, Faults, seen, spoilt
from .history import History
from .listening import Port
from .reading import RequestReader, require_h11
from .replies import Query, begun, must_wait, reply_to, route
from .wire import BadRequest, Reply, Request

if TYPE_CHECKING:
    from os import stat_result
    from types import TracebackType

_log: Final = logging.getLogger(__name__)

_FILE_POLL: Final = 0.25  # seconds between two looks at the file of the answers
_CACHED_REPLIES: Final = 64
_SLOW_PIECES: Final = 8


class MetadataServer:
    """Answers as rancher-metadata v0.7.4 does, over HTTP/1.1, to any number of clients.

    A context manager: it listens when the block begins, and has closed every socket and ended
    every thread when it ends.

    Args:
        answers: what to say: `Answers`, a mapping of that shape, or the path of a file. A file is
            read again when it changes; a broken one leaves the old answers in place.
        host: the address to listen on.
        port: the port; 0 for any that is free.
        xff: believe `X-Forwarded-For`, so that a client can ask as another container; None to do
            so where only this machine can ask.
        cors: let every web page read, as the real service does. Otherwise a request with the
            `Origin` of another site is refused and, where only this machine can ask, one for a
            `Host` that is no name or address of it.
        tick: every so many seconds waiters look at their clocks: a wait may last that much longer
            than it asked for.

    Attributes:
        faults: what goes wrong, on demand.
        requests: the latest requests, in the order in which they came.

    Raises:
        MetadataError: h11 is not installed, which the extra `testing` brings.
        AnswersError: the answers cannot be served.
        OSError: the port cannot be had.

    >>> import urllib.request
    >>> with MetadataServer({"latest": {"default": {"version": "7"}}}) as server:
    ...     with urllib.request.urlopen(server.url + "/latest/version") as reply:
    ...         reply.read()
    b'7'
    """

    def __init__(
        self,
        answers: Answers | Mapping[str, object] | str | Path,
        host: str = "127.0.0.1",
        port: int = 0,
        xff: bool | None = False,
        *,
        cors: bool = False,
        tick: float = 5.0,
    ) -> None:
        require_h11()
        self._file = Path(answers) if isinstance(answers, str | Path) else None
        self._latest = Answers({}) if isinstance(answers, str | Path) else _given(answers)
        self._served = self._latest
        self._generation = 0
        self._address = (host, port)
        self._xff = xff
        self._cors = cors
        self._tick = tick
        self._started = time.monotonic()
        self.faults = Faults(self._faults_changed)
        self.requests = History()
        self._cache: dict[Query, Reply] = {}
        self._condition = threading.Condition()
        self._waiting = 0
        self._stopping = threading.Event()
        self._port: Port | None = None
        self._threads: list[threading.Thread] = []
        self._connections = Connections(self._serve)

    # -- Life

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Read the file, if there is one, and listen."""
        self._stopping.clear()
        read = self._load(self._file) if self._file else None
        self._port = Port(*self._address)
        self._spawn(self._accept, self._port)
        if self._file:
            self._spawn(self._follow, self._file, read)

    def stop(self) -> None:
        """Drop every client and end every thread; the port is free afterwards."""
        self._stopping.set()
        with self._condition:
            self._condition.notify_all()
        if self._port:
            self._port.wake()
        for thread in self._threads:
            thread.join()
        self._connections.end()
        self._threads.clear()
        if self._port:
            self._port.close()
            self._port = None

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        if self._port is None:
            raise RuntimeError("the server is not running; use it in a `with` block")
        host, port = self._port.address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def _spawn(self, run: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=run, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    # -- Answers

    @property
    def answers(self) -> Answers:
        """The answers that are served now."""
        return self._served

    def replace(self, answers: Answers | Mapping[str, object]) -> None:
        """Serve other answers from now on, and wake every waiter."""
        given = _given(answers)
        with self._condition:
            self._latest = given
            self._publish()

    def _publish(self) -> None:
        if self._served is not self._latest and "stale" not in self.faults:
            self._served = self._latest
            self._generation += 1
            self._cache.clear()
        self._condition.notify_all()

    def _faults_changed(self) -> None:
        with self._condition:
            self._publish()
        if self._port:
            refuse = "refuse" in self.faults
            self._port.set_open(is_open=not refuse)
            if refuse:
                self._connections.drop()

    def _load(self, file: Path) -> stat_result | None:
        status = _status(file)
        # As the real service: without a file it runs, and has nothing to say.
        if status is None:
            _log.warning("no file %s: nothing is served until there is one", file)
        else:
            self._latest = self._served = Answers.load(file)
        return status

    def _follow(self, file: Path, known: stat_result | None) -> None:
        while not self._stopping.wait(_FILE_POLL):
            status = _status(file)
            if status is None or _same(status, known):
                continue
            known = status
            try:
                self.replace(Answers.load(file))
            except AnswersError as error:
                _log.warning("the old answers stay: %s", error)

    # -- Connections

    def _accept(self, port: Port) -> None:
        while not self._stopping.is_set():
            accepted = port.accept()
            if accepted is None:
                continue
            self._connections.begin(*accepted)
            if self._stopping.is_set() or "refuse" in self.faults:
                self._connections.drop()

    def _serve(self, connection: socket.socket, address: str) -> None:
        reader = RequestReader(connection.recv, address)
        while not self._stopping.is_set() and self._serve_one(connection, reader):
            pass

    def _serve_one(self, connection: socket.socket, reader: RequestReader) -> bool:
        """Answer one request; False when the connection is over."""
        try:
            request = reader.read()
        except BadRequest as error:
            connection.sendall(wire.refusal(error.status, error.detail))
            return False
        if request is None:
            return False
        self.requests.append(request)
        try:
            return self._answer(connection, request)
        except OSError:
            raise  # the connection is lost
        except Exception as error:  # noqa: BLE001 - whatever it was, the client hears of it
            _log.error("%s %s: %s: %s", request.method, request.path, type(error).__name__, error)
            connection.sendall(wire.refusal(500))
            return False

    def _answer(self, connection: socket.socket, request: Request) -> bool:
        routed = self._route(request)
        if isinstance(routed, Query):
            routed = begun(self._served, routed)
            self._wait(request, routed, connection)
        met = self.faults.take(request)
        if "close" in met or self._stopping.is_set():
            return False
        try:
            reply = routed if isinstance(routed, Reply) else self._reply(routed, met)
        except Panic:
            return False
        if not self._cors:
            reply = private(reply)
        return self._send(connection, request, spoilt(reply, met), met.get("slow"))

    def _route(self, request: Request) -> Query | Reply:
        loopback = self._port is not None and self._port.is_loopback
        if not self._cors and (refusal := refused(request, loopback=loopback)):
            return refusal
        return route(request, xff=loopback if self._xff is None else self._xff)

    def _reply(self, query: Query, met: dict[FaultName, Fault]) -> Reply:
        with self._condition:
            answers, generation = self._served, self._generation
            reply = None if met else self._cache.get(query)
        if reply is None:
            reply = reply_to(seen(answers, met, generation), query)
            self._remember(query, reply, generation, met)
        return reply

    def _remember(
        self, query: Query, reply: Reply, generation: int, met: dict[FaultName, Fault]
    ) -> None:
        with self._condition:
            if not met and query.old is None and generation == self._generation:
                if len(self._cache) >= _CACHED_REPLIES:
                    self._cache.clear()
                self._cache[query] = reply

    def _send(
        self, connection: socket.socket, request: Request, reply: Reply, slow: Fault | None
    ) -> bool:
        data = wire.head(request, reply) + wire.body(request, reply)
        if slow is None:
            connection.sendall(data)
        else:
            self._drip(connection, data, slow.delay)
        return wire.keeps_open(request, reply)

    def _drip(self, connection: socket.socket, data: bytes, delay: float) -> None:
        size = len(data) // _SLOW_PIECES + 1
        for start in range(0, len(data), size):
            if self._stopping.wait(delay):
                return
            connection.sendall(data[start : start + size])

    # -- Waiting

    def wait_for_waiters(self, count: int = 1, timeout: float = 10.0) -> bool:
        """Wait until at least this many requests are waiting for a change."""
        with self._condition:
            return self._condition.wait_for(lambda: self._waiting >= count, timeout)

    def _wait(self, request: Request, query: Query, connection: socket.socket) -> None:
        deadline = time.monotonic() + query.max_wait
        with self._condition:
            if not self._is_held(request, query, deadline):
                return
            self._waiting += 1
            self._condition.notify_all()
            try:
                while self._is_held(request, query, deadline) and not is_gone(connection):
                    self._condition.wait(self._until_tick())
            finally:
                self._waiting -= 1

    def _is_held(self, request: Request, query: Query, deadline: float) -> bool:
        if query.old is None or self._stopping.is_set():
            return False
        met = self.faults.meeting(request)
        if "ignore_wait" in met:
            return True
        if time.monotonic() >= deadline or not WAKES.isdisjoint(met):
            return False
        return _must_wait(self._served, query)

    def _until_tick(self) -> float:
        return self._tick - (time.monotonic() - self._started) % self._tick


def _must_wait(answers: Answers, query: Query) -> bool:
    try:
        return must_wait(answers, query)
    except Panic:
        return False  # the reply will panic again, and drop the connection


def _given(answers: Answers | Mapping[str, object]) -> Answers:
    return answers if isinstance(answers, Answers) else Answers(answers)


def _status(file: Path) -> stat_result | None:
    try:
        return file.stat()
    except OSError:
        return None


def _same(status: stat_result, known: stat_result | None) -> bool:
    return known is not None and (status.st_mtime_ns, status.st_size, status.st_ino) == (
        known.st_mtime_ns,
        known.st_size,
        known.st_ino,
    )
