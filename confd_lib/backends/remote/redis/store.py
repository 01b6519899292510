"""Redis and Valkey as a store.

Knows nothing of templates or resources, nor of the commands of Redis. Without redis-py the module
can be imported, and its class cannot be used.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib.backends.remote.addresses import given, host_and_port
from confd_lib.backends.remote.credentials import check_utf8
from confd_lib.backends.remote.following import Doubt
from confd_lib.backends.remote.tls import TLS
from confd_lib.errors import ConfigError, MissingLibrary
from gotmpl.arguments import checked
from metadata_client import shown

from .keys import Answers, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from confd_lib.backends.protocol import Snapshot
    from confd_lib.errors import BackendError

PORT: Final = 6379
NODE: Final = f"127.0.0.1:{PORT}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is.

    Attributes:
        address: the host and the port, or the path of a Unix socket.
        database: its number.
    """

    address: tuple[str, int] | str
    database: int

    @classmethod
    def of(cls, node: str) -> Place:
        """Return the place that an address of a person means.

        Raises:
            ConfigError: it is no address.

        >>> Place.of("db/3"), Place.of("/run/redis.sock")
        (Place(address=('db', 6379), database=3), Place(address='/run/redis.sock', database=0))
        """
        if node.startswith("/"):
            return cls(node, 0)
        server, slash, number = node.partition("/")
        if "://" in node or (slash and not (number.isascii() and number.isdigit())):
            raise ConfigError(
                f"not the address of a Redis: {shown(node)} (write host:port, "
                "host:port/database or the path of a socket)"
            )
        return cls(host_and_port(server, PORT), int(number or 0))


class Redis:
    """Redis, or Valkey, as a store.

    Nothing is asked before a method is called. A user with the names `~/app/*` needs the rights
    `+@read` to read; `+multi +exec` to read all of one moment; and to watch
    `&__redis__:invalidate +client|id +client|tracking +subscribe +ping`.

    Args:
        nodes: hosts with or without a port, as `10.0.0.7:6379`, with or without the number of a
            database, as `10.0.0.7:6379/3`; or paths of Unix sockets. The first that answers is
            asked.
        username: logs in as this user; empty for the default user.
        password: of the user; empty for no login.
        ca: a file of the certificates that the servers are checked against; with it, or with
            `cert`, TLS is spoken.
        cert: a file of the certificate that is shown to the servers.
        key: a file of its key.
        separator: stands for `/` in the names of the keys.
        stop: ends the waits of `get_values`, which has no such argument, as soon as it is set.

    Raises:
        ConfigError: a node is no address, or a certificate cannot be used.
        MissingLibrary: redis-py is not installed.

    >>> snapshot = Redis("10.0.0.1:6379/3").get_values(["/app"])  # doctest: +SKIP
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
        separator: str = "/",
        stop: Event | None = None,
    ) -> None:
        try:
            from . import client, link  # noqa: PLC0415 - needs an extra
        except ImportError:
            raise MissingLibrary("Backend redis", "redis") from None
        nodes = given(nodes, NODE)
        places = {node: Place.of(node) for node in nodes}
        check_utf8("the user and the password of backend redis", username, password)
        login = link.Login(username, password)
        tls = TLS(ca, cert, key)
        self._client = client.Client(
            [
                link.Server(node, place.address, place.database, login, tls)
                for node, place in places.items()
            ]
        )
        self._doubt = Doubt(f"redis {', '.join(nodes)}")
        self._separator = separator or "/"
        self._stop = stop or threading.Event()
        self.report: Callable[[BackendError | None], None] = lambda _: None

    def get_values(self, keys: Sequence[str]) -> Snapshot:
        """Read the keys, and all keys below those that have no value of their own.

        All values are of one moment, if the user may use `MULTI` and there are at most 10 000.

        Raises:
            Refused: the user may not read some of the keys, which the error names, or may not log
                in.
            BackendError: no node answers; with the reason of each.
        """
        questions = self._questions(keys)
        return self._doubt.read(lambda: self._client.read(questions, self._stop), self._stop)

    def changes(
        self, keys: Sequence[str], since: Snapshot | None, stop: Event
    ) -> Iterator[Snapshot]:
        """Yield each state in which the keys, or those below them, have other values than before.

        Raises:
            CannotWatch: the user or the server lacks both ways of watching.
            Refused: as `get_values`.
        """
        with self._client.watch(self._questions(keys), stop) as watch:
            yield from self._doubt.follow(
                watch.read,
                watch.wait,
                since if isinstance(since, Answers) else None,
                stop,
                self.report,
            )

    def _questions(self, keys: Sequence[str]) -> list[Question]:
        return [Question.of(key, self._separator) for key in dict.fromkeys(keys)]
