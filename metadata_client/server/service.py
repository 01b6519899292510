"""A metadata service in this process: real HTTP on a real port, for tests and for `serve`.

Owns the answers, the threads and the waiting; `replies` decides the replies, and `faults` changes
them. Knows nothing of the meaning of the trees.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from gotmpl.arguments import checked
from metadata_client.answers import Answers
from metadata_client.errors import AnswersError
from metadata_client.nearest import instead_of_path
from metadata_client.paths import Panic

from . import wire
from .access import private, refused
from .connections import Connections, is_gone
from .faults import WAKES, Fault, FaultName, Faults, apply_to_answers, apply_to_reply
from .history import History
from .listening import Port
from .reading import RequestReader, require_h11
from .replies import Query, begun, must_wait, reply_to, route
from .scaling import Scaling, scaled
from .wire import BadRequest, Reply, Request

if TYPE_CHECKING:
    from os import stat_result
    from types import TracebackType

_log: Final = logging.getLogger(__name__)

_FILE_POLL: Final = 0.25  # seconds between two checks of the file
_CACHED_REPLIES: Final = 64
_SLOW_PIECES: Final = 8


class MetadataServer:
    """A metadata service that answers as rancher-metadata v0.7.4 does.

    A context manager: it listens from the beginning of the block; at the end it closes every socket
    and ends every thread.

    Args:
        answers: `Answers`, a mapping of that shape, or the path of a file. A file is read again
            when it changes; while it is broken, the old answers are served.
        host: the address to listen on.
        port: the port; 0 for a free one.
        xff: whether a client can ask as another container by the header `X-Forwarded-For`; None
            for yes if the service listens on loopback.
        cors: whether every web page can read the answers, as with the real service. If not, the
            service refuses requests with the `Origin` of another site and, on loopback, with a
            `Host` that is neither an address nor a name of this machine.
        tick: waiters check the time every `tick` seconds, so a wait can last that much longer.
        scaling: answers requests to change the scales of services, which the real service does not
            know; None to treat them as it does.

    Attributes:
        faults: the faults that are on; `faults.add` turns one on.
        requests: the latest requests, the oldest first.

    Raises:
        MetadataError: h11 is not installed, which the extra `testing` brings.
        AnswersError: the answers cannot be served.
        OSError: the service cannot listen on this host and port.

    >>> import urllib.request
    >>> with MetadataServer({"latest": {"default": {"version": "7"}}}) as server:
    ...     with urllib.request.urlopen(server.url + "/latest/version") as reply:
    ...         reply.read()
    b'7'
    """

    @checked
    def __init__(
        self,
        answers: Answers | Mapping[str, object] | str | Path,
        host: str = "127.0.0.1",
        port: int = 0,
        xff: bool | None = False,
        *,
        cors: bool = False,
        tick: float = 5.0,
        scaling: Scaling | None = None,
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
        self._scaling = scaling
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
        """Read the file, if the answers are in one, and listen."""
        self._stopping.clear()
        read = self._load(self._file) if self._file else None
        self._port = Port(*self._address)
        self._spawn(self._accept, self._port)
        if self._file:
            self._spawn(self._follow, self._file, read)

    def stop(self) -> None:
        """Close every connection, end every thread and free the port."""
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
        """The base URL, without a final slash."""
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
        """Serve other answers from now on, and wake all waiters."""
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
        # The real service also runs without a file.
        if status is None:
            near = instead_of_path(file)
            _log.warning("no file %s%s: nothing is served until it exists", file, near)
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
                _log.warning("still serving the old answers: %s", error)

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
        """Answer one request; return False if the connection ends."""
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
            raise  # the client is gone
        except Exception as error:  # noqa: BLE001 - a fault of ours must not leave the client waiting
            _log.error("%s %s: %s: %s", request.method, request.path, type(error).__name__, error)
            connection.sendall(wire.refusal(500))
            return False

    def _answer(self, connection: socket.socket, request: Request) -> bool:
        routed = self._route(request)
        if isinstance(routed, Query):
            routed = begun(self._served, routed)
            self._wait(request, routed, connection)
        faults = self.faults.consume(request)
        if "close" in faults or self._stopping.is_set():
            return False
        try:
            reply = routed if isinstance(routed, Reply) else self._reply(routed, faults)
        except Panic:
            return False
        if not self._cors:
            reply = private(reply)
        return self._send(connection, request, apply_to_reply(reply, faults), faults.get("slow"))

    def _route(self, request: Request) -> Query | Reply:
        loopback = self._port is not None and self._port.is_loopback
        if self._scaling and (reply := scaled(request, self._scaling, loopback=loopback)):
            return reply
        if not self._cors and (refusal := refused(request, loopback=loopback)):
            return refusal
        return route(request, xff=loopback if self._xff is None else self._xff)

    def _reply(self, query: Query, faults: dict[FaultName, Fault]) -> Reply:
        with self._condition:
            answers, generation = self._served, self._generation
            reply = None if faults else self._cache.get(query)
        if reply is None:
            reply = reply_to(apply_to_answers(answers, faults, generation), query)
            self._remember(query, reply, generation, faults)
        return reply

    def _remember(
        self, query: Query, reply: Reply, generation: int, faults: dict[FaultName, Fault]
    ) -> None:
        with self._condition:
            if not faults and query.old is None and generation == self._generation:
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

    @checked
    def wait_for_waiters(self, count: int = 1, timeout: float = 10.0) -> bool:
        """Wait until at least `count` requests are waiting; False after `timeout` seconds."""
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
        faults = self.faults.matching(request)
        if "ignore_wait" in faults:
            return True
        if time.monotonic() >= deadline or not WAKES.isdisjoint(faults):
            return False
        return _must_wait(self._served, query)

    def _until_tick(self) -> float:
        return self._tick - (time.monotonic() - self._started) % self._tick


def _must_wait(answers: Answers, query: Query) -> bool:
    try:
        return must_wait(answers, query)
    except Panic:
        return False  # the reply panics too, and closes the connection


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
