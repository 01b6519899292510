"""ZooKeeper: one server of the system's package; filled through kazoo."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

import kazoo.protocol.connection
import kazoo.retry
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from kazoo.client import KazooClient
from kazoo.exceptions import NodeExistsError, NoNodeError

from tests.servers.loopback.certificates import Certificates
from tests.servers.loopback.process import Server
from tests.servers.loopback.programs import system_file, system_program
from tests.servers.stores import Value, encoded
from tests.servers.words import four_letters

# kazoo's threads outlive a test, and draw numbers; Hypothesis watches the module's own generator.
for _module in (kazoo.protocol.connection, kazoo.retry):
    _module.random = random.Random()

# The first jar names the others that it needs, but for two of TLS; the folder has log4j's settings.
_NAMES: Final = ("zookeeper", "netty-codec", "netty-resolver")
_JARS: Final = ":".join(
    ("/etc/zookeeper/conf", *(f"/usr/share/java/{name}.jar" for name in _NAMES))
)
_MAIN: Final = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
_SETTINGS: Final = """\
tickTime={tick}
dataDir={data}
clientPort={port}
clientPortAddress=127.0.0.1
maxClientCnxns=0
admin.enableServer=false
4lw.commands.whitelist=*
"""
_TLS: Final = """\
serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory
secureClientPort={port}
ssl.keyStore.location={own}
ssl.keyStore.type=PEM
ssl.trustStore.location={ca}
ssl.trustStore.type=PEM
ssl.clientAuth=need
"""
_RETRY: Final = {"max_tries": -1, "max_delay": 0.5}
_ENSEMBLE: Final = "initLimit=40\nsyncLimit=8\n"


class ZooKeeper:
    """A ZooKeeper of one server.

    Every key of the path is a node, so a key may have an empty value, and stays when the keys below
    it are deleted.
    """

    root = ""

    def __init__(
        self,
        folder: Path,
        *,
        tick: int = 500,
        tls: Certificates | None = None,
        member: int = 0,
        members: Sequence[str] = (),
    ) -> None:
        """Describe a server, which `server` starts.

        Args:
            folder: an existing folder for its data.
            tick: its tick in milliseconds; a session lasts from two to twenty of them.
            tls: the certificates for a second port, on all addresses of loopback, which asks for
                those of clients; `client` uses the first one.
            member: the number of the server in its ensemble, from 1 on.
            members: the addresses of all members for each other, in their order.
        """
        self._java = system_program("java")
        self._tick = tick
        self._tls = tls
        self._member = member
        self._members = members
        system_file("/usr/share/java/zookeeper.jar")
        # The client and the process that it speaks with. A client that finds another one may wait
        # for long, and a server that lost its data never takes back a client that has seen them.
        self._client: tuple[int, KazooClient] | None = None
        ports = 2 if tls else 1
        self.server = Server(folder, self._command, _serves, ports=ports, leave=self._forget_client)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.ports[-1]}"

    def _command(self, server: Server) -> list[str]:
        settings = server.data / "zoo.cfg"
        data = server.data / "nodes"
        text = _SETTINGS.format(tick=self._tick, data=data, port=server.port)
        if self._tls is not None:
            own = server.data / "own.pem"
            own.write_bytes(_keystore(self._tls))
            text += _TLS.format(port=server.ports[1], own=own, ca=self._tls.ca)
        if self._members:
            data.mkdir(exist_ok=True)
            (data / "myid").write_text(str(self._member))
            text += _ENSEMBLE
        for number, member in enumerate(self._members, 1):
            text += f"server.{number}={member}\n"
        settings.write_text(text)
        # Small, quick to start, and quick to write: what was written outlives the process, if not
        # the machine.
        small = ["-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        small += ["-Dzookeeper.forceSync=no"]
        return [self._java, *small, "-cp", _JARS, _MAIN, str(settings)]

    def client(self) -> KazooClient:
        """Return a client of `kazoo` that is connected, and that `close` closes."""
        if self._client is None or self._client[0] != self.server.pid:
            self._forget_client()
            client = KazooClient(
                f"127.0.0.1:{self.server.port}", timeout=10, connection_retry=_RETRY
            )
            client.start(timeout=30)
            self._client = (self.server.pid, client)
        return self._client[1]

    def _forget_client(self) -> None:
        if self._client is not None:
            self._client[1].stop()
            self._client[1].close()
            self._client = None

    def get(self, key: str) -> bytes | None:
        client = self.client()
        try:
            value: bytes = client.retry(client.get, key)[0]
        except NoNodeError:
            return None
        return value

    def put(self, key: str, value: Value) -> None:
        client = self.client()
        try:
            client.retry(client.set, key, encoded(value))
        except NoNodeError:
            client.retry(client.create, key, encoded(value), makepath=True)

    def put_all(self, values: Mapping[str, Value]) -> None:
        client = self.client()
        folders = {str(folder) for key in values for folder in PurePosixPath(key).parents}
        _at_once(client.create_async, ((one, b"") for one in sorted(folders - {"/"})))
        wanted = sorted((key, encoded(value)) for key, value in values.items())
        existed = _at_once(client.create_async, wanted)
        _at_once(client.set_async, (pair for pair, was in zip(wanted, existed, strict=True) if was))

    def delete(self, key: str) -> None:
        client = self.client()
        client.retry(client.delete, key)

    def clear(self) -> None:
        """Remove all nodes but ZooKeeper's own."""
        client = self.client()
        nodes = [*_below(client, "/")]
        _at_once(client.delete_async, ((node,) for node in reversed(nodes)))

    def close(self) -> None:
        self._forget_client()
        self.server.close()


def _keystore(tls: Certificates) -> bytes:
    """Return a certificate with its key, in the only format that ZooKeeper reads keys of."""
    key = load_pem_private_key(Path(tls.server_key).read_bytes(), None)
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return plain + Path(tls.server).read_bytes()


def _serves(server: Server) -> bool:
    """Tell if a server answers clients; a member of an ensemble does not without a leader."""
    return "Mode: " in four_letters(server.port, "srvr")


def _at_once(send: Callable[..., Any], calls: Iterable[tuple[Any, ...]]) -> list[bool]:
    """Send requests without waiting between them; return which failed since a node was there."""
    sent = [send(*arguments) for arguments in calls]
    for one in sent:
        one.wait()
    failures = [one.exception for one in sent]
    for failure in failures:
        if failure is not None and not isinstance(failure, NodeExistsError):
            raise failure
    return [failure is not None for failure in failures]


def _below(client: KazooClient, node: str) -> Iterable[str]:
    """Yield the nodes below a node, level by level."""
    level = [node]
    while level:
        asked = [(one, client.get_children_async(one)) for one in level]
        level = [f"{one.rstrip('/')}/{name}" for one, names in asked for name in names.get()]
        level = [one for one in level if one != "/zookeeper"]
        yield from level
