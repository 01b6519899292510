"""etcd as a store, by the JSON gateway of its v3 API.

Knows nothing of templates or resources. All keys of a question are read at one revision, and the
watch begins at the next one, so that no change is missed. The v2 API is not spoken.
"""

from __future__ import annotations

import threading
from base64 import b64decode
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from confd_lib.backends.remote.addresses import Nodes, given, url
from confd_lib.backends.remote.credentials import check_utf8
from confd_lib.backends.remote.flat import FlatSnapshot
from confd_lib.backends.remote.following import Doubt
from confd_lib.backends.remote.tls import TLS
from confd_lib.errors import BackendError, Refused
from confd_lib.golang.strings import from_bytes
from gotmpl.arguments import checked

from .gateway import Access, Compacted, Forbidden, Gateway, Login
from .ranges import ranges_of
from .watching import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from confd_lib.backends.protocol import Snapshot

    from .gateway import Answer
    from .ranges import Range

PORT: Final = 2379
NODE: Final = f"127.0.0.1:{PORT}"
# The default of etcd's flag --max-txn-ops.
_MOST_RANGES: Final = 128
# Readings of a store that is compacted between two transactions.
_READINGS: Final = 5


class Etcd:
    """etcd as a store.

    Nothing is asked before a method is called.

    Args:
        nodes: URLs, or hosts with or without a port; the first that answers is asked.
        username: logs in as this user; empty for no login.
        password: of the user.
        ca: a file of the certificates that the servers are checked against.
        cert: a file of the certificate that is shown to the servers.
        key: a file of its key.
        scheme: of nodes without one, unless there are certificates: then it is https.
        stop: ends the waits of `get_values`, which has no such argument, as soon as it is set.

    Raises:
        ConfigError: a node is no address, or a login or a certificate cannot be used.

    >>> snapshot = Etcd("10.0.0.1:2379", "10.0.0.2:2379").get_values(["/app"])  # doctest: +SKIP
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
        scheme: str = "http",
        stop: Event | None = None,
    ) -> None:
        tls = TLS(ca, cert, key)
        own = "https" if tls else scheme
        urls = [url(node, scheme=own, port=PORT) for node in given(nodes, NODE)]
        check_utf8("the user and the password of backend etcd", username, password)
        self._access = Access(Nodes(urls), tls, Login(username, password))
        self._doubt = Doubt(f"etcd {', '.join(urls)}")
        self._stop = stop or threading.Event()
        self.report: Callable[[BackendError | None], None] = lambda _: None

    def get_values(self, keys: Sequence[str]) -> Snapshot:
        """Read the keys, and all keys below them, at one revision.

        Raises:
            Refused: the user may not read some of the keys, which the error names, or may not log
                in.
            BackendError: no node answers; with what each of them said.
        """
        return self._doubt.read(lambda: self._read(keys, self._stop), self._stop)

    def changes(
        self, keys: Sequence[str], since: Snapshot | None, stop: Event
    ) -> Iterator[Snapshot]:
        """Yield each state in which the keys, or those below them, have other values than before.

        Raises:
            Refused: as `get_values`.
        """
        with Watch(self._access, keys, stop) as watch:
            yield from self._doubt.follow(
                lambda: self._read(keys, stop),
                watch.wait,
                since if isinstance(since, FlatSnapshot) else None,
                stop,
                self.report,
            )

    def _read(self, keys: Sequence[str], stop: Event) -> FlatSnapshot:
        with Gateway(self._access, stop) as gateway:
            try:
                return _read(gateway, keys)
            except Forbidden as error:
                refused = [key for key in keys if _is_forbidden(gateway, key)] or keys
                raise Refused(f"{error} ({', '.join(refused)})", refused) from error


# -- Reading


def _read(gateway: Gateway, keys: Sequence[str]) -> FlatSnapshot:
    """Read keys at one revision, in as many transactions as etcd's limit asks for.

    Raises:
        Compacted: each time the revision of the first part was gone before the others were read.
    """
    ranges = ranges_of(keys)
    for _ in range(_READINGS - 1):
        with suppress(Compacted):
            return _read_once(gateway, ranges)
    return _read_once(gateway, ranges)


def _read_once(gateway: Gateway, ranges: Sequence[Range]) -> FlatSnapshot:
    values: dict[str, str] = {}
    revision = ""
    for at in range(0, len(ranges), _MOST_RANGES):
        question = _transaction(ranges[at:][:_MOST_RANGES], revision)
        at_revision, part = gateway.ask("kv/txn", question, _part)
        revision = revision or at_revision
        values |= part
    return FlatSnapshot(revision, values)


def _transaction(ranges: Sequence[Range], revision: str) -> Answer:
    at = {"revision": revision} if revision else {}
    return {"success": [{"request_range": {**one.as_json(), **at}} for one in ranges]}


def _part(answer: Answer) -> tuple[str, dict[str, str]]:
    """Return the revision of a transaction, and the values by key."""
    pairs = [
        pair
        for response in answer.get("responses", ())
        for pair in response["response_range"].get("kvs", ())
    ]
    values = {_text(pair["key"]): _text(pair.get("value", "")) for pair in pairs}
    return str(int(answer["header"]["revision"])), values


def _text(encoded: str) -> str:
    return from_bytes(b64decode(encoded))


def _is_forbidden(gateway: Gateway, key: str) -> bool:
    try:
        gateway.ask("kv/txn", _transaction(ranges_of([key]), ""), _part)
    except Forbidden:
        return True
    return False
