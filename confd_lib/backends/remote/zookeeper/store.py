"""ZooKeeper as a store: nodes without children are keys.

Knows nothing of templates or resources. Reading a node leaves watches on it, so that only what has
changed is read again, and nothing that changed while the nodes were read is missed.
"""

from __future__ import annotations

import random
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib.backends.remote.addresses import given, host_and_port
from confd_lib.backends.remote.credentials import check_utf8, is_utf8
from confd_lib.backends.remote.flat import FlatSnapshot
from confd_lib.backends.remote.following import Doubt
from confd_lib.backends.remote.tls import TLS
from confd_lib.errors import BackendError, ConfigError, Interrupted, MissingLibrary, Refused
from confd_lib.golang.path import join
from gotmpl.arguments import checked
from metadata_client import shown

from .tree import NoNode, Tree, below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from threading import Event
    from typing import Self

    from confd_lib.backends.protocol import Snapshot
    from confd_lib.store.store import Store

    from .session import Ensemble, Session

PORT: Final = 2181
NODE: Final = f"127.0.0.1:{PORT}"
# A watch that is silent for so long reports that the server still answers; kazoo has asked it.
_SILENCE_S: Final = 20.0
# Nodes that change while they are read are read again so many times; then the state is taken as it
# is, and the next one follows at once.
_MOST_READINGS: Final = 10
# A message names so many nodes at most.
_NAMED: Final = 3
_INVALID: Final = "zk: invalid path"


class ZooKeeper:
    """ZooKeeper as a store.

    A node without children is a key, whatever it holds; the data of a node with children is not
    read. Nothing is asked before a method is called.

    Args:
        nodes: servers, as `host` or `host:port`; or ZooKeeper's own `host:port,host:port/chroot`.
            They are tried in random order.
        username: logs in with the scheme digest; empty for no login.
        password: of the user.
        ca: a file of the certificates that the servers are checked against; with it or a `cert`,
            connections use TLS.
        cert: a file of the certificate that is shown to the servers.
        key: a file of its key.
        stop: ends the waits of `get_values`, which has no such argument, as soon as it is set.

    Raises:
        ConfigError: a node is no address, or a login or a certificate cannot be used.
        MissingLibrary: kazoo is not installed.

    >>> snapshot = ZooKeeper("10.0.0.1", "10.0.0.2").get_values(["/app"])  # doctest: +SKIP
    """

    joins_prefixes = False

    @checked
    def __init__(
        self,
        *nodes: str,
        username: str = "",
        password: str = "",
        ca: str = "",
        cert: str = "",
        key: str = "",
        stop: Event | None = None,
    ) -> None:
        try:
            from .session import Access, Ensemble  # noqa: PLC0415 - kazoo is an extra
        except ImportError:
            raise MissingLibrary("Backend zookeeper", "zookeeper") from None
        servers, chroot = _servers(given(nodes, NODE))
        login = f"{username}:{password}" if username else ""
        check_utf8("the user and the password of backend zookeeper", login)
        access = Access(chroot, login, TLS(ca, cert, key))
        self._ensemble = Ensemble(random.sample(servers, len(servers)), access)
        self._doubt = Doubt(f"zookeeper {','.join(servers)}{chroot}")
        self._stop = stop or threading.Event()
        self.report: Callable[[BackendError | None], None] = lambda _: None

    def get_values(self, keys: Sequence[str]) -> Snapshot:
        """Read the nodes of the keys, and all nodes below them.

        A key without a node fails the view of the resource that asks for it.

        Raises:
            Refused: the user may not read some of the keys, which the error names.
            BackendError: no server answers; with the reason of each.
        """
        with _Watch(self._ensemble, keys, self._stop) as watch:
            return self._doubt.read(watch.read, self._stop)

    def changes(
        self, keys: Sequence[str], since: Snapshot | None, stop: Event
    ) -> Iterator[Snapshot]:
        """Yield each state in which the keys, or those below them, have other values than before.

        Raises:
            Refused: as `get_values`.
        """
        with _Watch(self._ensemble, keys, stop) as watch:
            yield from self._doubt.follow(
                watch.read,
                watch.wait,
                since if isinstance(since, _State) else None,
                stop,
                self.report,
            )


# -- Addresses and keys


def _servers(nodes: Sequence[str]) -> tuple[list[str], str]:
    """Return the servers that nodes name, each once, and the chroot that all of them have.

    Raises:
        ConfigError: a node is no address, or the nodes have different chroots.

    >>> _servers(["a,b:2182/app", "[::1]:2181/app/"])
    (['a:2181', 'b:2182', '[::1]:2181'], '/app')
    """
    split = [node.partition("/") for node in nodes]
    servers = [_server(one) for hosts, _, _ in split for one in hosts.split(",")]
    chroots = {f"/{chroot}".rstrip("/") for _, _, chroot in split}
    if len(chroots) > 1:
        raise ConfigError(f"the nodes have different roots: {', '.join(map(shown, nodes))}")
    chroot = chroots.pop()
    if "//" in chroot:
        raise ConfigError(f"not the address of a server: {shown(nodes[0])} (write host:port)")
    return list(dict.fromkeys(servers)), chroot


def _server(node: str) -> str:
    host, port = host_and_port(node, PORT)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _path(key: str) -> str:
    """Return the path of the node of a key: as in confd, `/*` is cut out; empty if nothing is left.

    >>> _path("/app/*/host"), _path("/app/*"), _path("/*")
    ('/app/host', '/app', '')
    """
    return key.replace("/*", "")


def _is_valid(path: str) -> bool:
    return path.startswith("/") and is_utf8(path)


def _holds(path: str, other: str) -> bool:
    """Return whether a node is another one, or lies above it."""
    return path == other or other.startswith(below(path, ""))


# -- The state of the nodes


@dataclass(frozen=True, slots=True)
class _State:
    """The nodes that were asked for, at one moment.

    Attributes:
        flat: the keys.
        faults: why a node that was asked for is not there, by its path.
        server: where they were read, for messages.
    """

    flat: FlatSnapshot
    faults: Mapping[str, str]
    server: str

    @property
    def version(self) -> str:
        return self.flat.version

    @property
    def values(self) -> Mapping[str, str]:
        return self.flat.values

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """Return the keys that one resource asks for, with its prefix cut off.

        Raises:
            BackendError: one of the keys has no node.
        """
        for key in keys:
            path = _path(join("/", prefix, key))
            if path in self.faults:
                raise BackendError(f"{self.server}: {self.faults[path]} ({path or key})", [key])
        return self.flat.view(prefix, [_path(f"/{key}") if "*" in key else key for key in keys])


# -- Reading and watching


class _Watch:
    """Reads the nodes of keys, and all below them, and waits until they change.

    Args:
        ensemble: the servers.
        keys: the absolute keys.
        stop: ends every wait within a second.
    """

    def __init__(self, ensemble: Ensemble, keys: Sequence[str], stop: Event) -> None:
        self._ensemble = ensemble
        self._keys = {key: _path(key) for key in keys}
        self._tree = Tree(path for path in self._keys.values() if _is_valid(path))
        self._stop = stop
        self._session: Session | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def read(self) -> _State:
        """Read what has changed since the last call, or everything where that may have been missed.

        Raises:
            Refused: the user may not read some of the keys.
            BackendError: the connection is lost, or no server answers.
        """
        with self._closed_on_failure():
            session = self._session or self._begin()
            for _ in range(_MOST_READINGS):
                if not session.has_news:
                    break
                self._tree.read_again(session, session.take_news())
            return self._state(session)

    def wait(self, _: object) -> bool:
        """Return True once the nodes may have changed; False where they have not for a while.

        Raises:
            BackendError: the connection is lost.
        """
        if self._session is None:
            return True
        with self._closed_on_failure():
            return self._session.wait(_SILENCE_S)

    def _begin(self) -> Session:
        """Open a session, and read all nodes."""
        session = self._session = self._ensemble.session(self._stop)
        session.sync()
        self._tree.read_all(session)
        return session

    def _state(self, session: Session) -> _State:
        if self._tree.refused:
            raise self._refusal(session)
        faults = dict.fromkeys(self._tree.missing, NoNode.MISSING.value)
        faults |= {path: _INVALID for path in self._keys.values() if not _is_valid(path)}
        return _State(FlatSnapshot(self._tree.version, self._tree.values()), faults, session.name)

    def _refusal(self, session: Session) -> Refused:
        refused = sorted(self._tree.refused)
        keys = [key for key, path in self._keys.items() if any(_holds(path, r) for r in refused)]
        more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
        reason = f"{session.name}: {NoNode.REFUSED.value}{session.user}"
        return Refused(f"{reason} ({', '.join(refused[:_NAMED])}{more})", keys)

    @contextmanager
    def _closed_on_failure(self) -> Iterator[None]:
        """Give up a session that has failed; the next one is opened with another server."""
        try:
            yield
        except BackendError as error:
            if self._session is not None and not isinstance(error, Refused | Interrupted):
                self._ensemble.leave(self._session)
            self._close()
            raise

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
