"""Consul as a store, by its HTTP API.

Knows nothing of templates or resources. The keys of a question are read by one request, so that
they are of one moment: a GET below one prefix, or a transaction of several. A watch is one blocking
query below the beginning that all keys have in common; of several keys it asks for names only.
"""

from __future__ import annotations

import json
import threading
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from os.path import commonprefix
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote, urlencode

from confd_lib.errors import BackendError, CannotWatch, ConfigError, Refused
from confd_lib.golang.strings import from_bytes, to_bytes
from gotmpl.arguments import checked

from .addresses import Nodes, given, url
from .credentials import check_header, check_utf8
from .flat import FlatSnapshot, digest
from .following import Doubt
from .tls import TLS
from .web import READ_S, Web, server

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from threading import Event

    from confd_lib.backends.protocol import Snapshot

    from .web import Reply

T = TypeVar("T")

PORT: Final = 8500
NODE: Final = f"127.0.0.1:{PORT}"
# The most operations of a transaction.
_MOST_READS: Final = 64
# A blocking query is answered after so many seconds and a sixteenth, with news or without.
_WAIT_S: Final = 20
_SILENCE_S: Final = _WAIT_S * 17 / 16 + READ_S
# The pause after an answer without news: other keys below that beginning may change all the time.
_PAUSE_S: Final = 0.5


class Consul:
    """Consul as a store.

    Nothing is asked before a method is called. Keys that a token may not read are left out by
    Consul without a word, unless it refuses to list them.

    Args:
        nodes: URLs, or hosts with or without a port; the first that answers is asked.
        username: of basic authentication; empty for none.
        password: of the user.
        token: of Consul's ACL; empty for none.
        ca: a file of the certificates that the servers are checked against.
        cert: a file of the certificate that is shown to the servers.
        key: a file of its key.
        scheme: of nodes without one, unless there are certificates: then it is https.
        namespace: of the keys (Consul Enterprise); empty for none.
        stop: ends the waits of `get_values`, which has no such argument, as soon as it is set.

    Raises:
        ConfigError: a node is no address, a certificate cannot be used, or a credential cannot be
            sent.

    >>> snapshot = Consul("10.0.0.1:8500", "10.0.0.2:8500").get_values(["/app"])  # doctest: +SKIP
    """

    joins_prefixes = False

    @checked
    def __init__(  # noqa: PLR0913 - the settings of a connection, and no more
        self,
        *nodes: str,
        username: str = "",
        password: str = "",
        token: str = "",
        ca: str = "",
        cert: str = "",
        key: str = "",
        scheme: str = "http",
        namespace: str = "",
        stop: Event | None = None,
    ) -> None:
        tls = TLS(ca, cert, key)
        own = "https" if tls else scheme
        urls = [_root(node, own) for node in given(nodes, NODE)]
        check_header("the token of backend consul", token)
        check_utf8(
            "the user, the password and the namespace of backend consul",
            username,
            password,
            namespace,
        )
        headers = _headers(username, password, token)
        self._access = _Access(Nodes(urls), tls, headers, namespace)
        self._doubt = Doubt(f"consul {', '.join(urls)}")
        self._stop = stop or threading.Event()
        self.report: Callable[[BackendError | None], None] = lambda _: None

    def get_values(self, keys: Sequence[str]) -> Snapshot:
        """Read the keys, and all keys below them, at one moment.

        Raises:
            Refused: the credentials are refused, or some of the keys, which the error names.
            BackendError: no node answers; with the reason of each.
        """
        return self._doubt.read(lambda: self._read(keys), self._stop)

    def changes(
        self, keys: Sequence[str], since: Snapshot | None, stop: Event
    ) -> Iterator[Snapshot]:
        """Yield each state in which the keys, or those below them, have other values than before.

        Raises:
            CannotWatch: the keys may be read, and what they have in common may not.
            Refused: as `get_values`.
        """
        with Web("consul", self._access.tls, stop) as web:
            watch = _Watch(_API(self._access, web), keys, stop)
            yield from self._doubt.follow(
                watch.read,
                watch.wait,
                since if isinstance(since, FlatSnapshot) else None,
                stop,
                self.report,
            )

    def _read(self, keys: Sequence[str]) -> FlatSnapshot:
        with Web("consul", self._access.tls, self._stop) as web:
            api = _API(self._access, web)
            try:
                return _snapshot(api.entries(_prefixes(keys)), keys)
            except _Forbidden:
                return _snapshot(_one_by_one(api, keys), keys)


def _root(node: str, scheme: str) -> str:
    if node.startswith("unix:"):
        raise ConfigError(f"{node}: backend consul asks no Unix sockets (write host:port or a URL)")
    return url(node, scheme=scheme, port=PORT)


def _headers(username: str, password: str, token: str) -> dict[str, str]:
    headers = {"X-Consul-Token": token} if token else {}
    if username:
        login = b64encode(f"{username}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {login}"
    return headers


# -- Keys


def _prefixes(keys: Iterable[str]) -> list[str]:
    """Return the prefixes below which Consul's keys are read, each once.

    Consul takes a prefix as text: what it gives beside a key and the keys below it is left out
    later.

    >>> _prefixes(["/app", "/app/db", "/other/"]), _prefixes(["/app", "/"])
    (['app', 'other'], [''])
    """
    outermost: list[str] = []
    for name in sorted(key.strip("/") for key in keys):
        if not outermost or not name.startswith(outermost[-1]):
            outermost.append(name)
    return outermost


def _common(prefixes: Sequence[str]) -> str:
    """Return the text that all prefixes begin with.

    >>> _common(["app/db", "app/dc"]), _common(["app", "other"])
    ('app/d', '')
    """
    return commonprefix(prefixes)  # noqa: RUF071 - by text, as Consul takes a prefix


def _is_one_tree(prefixes: Sequence[str]) -> bool:
    """Return whether prefixes are read by one GET below what they have in common."""
    return len(prefixes) == 1 or len(prefixes) > _MOST_READS


def _snapshot(entries: Iterable[_Entry], keys: Sequence[str]) -> FlatSnapshot:
    """Return the entries that keys give; of two that become one key, the later counts."""
    asked = {key.strip("/") for key in keys}
    values = {f"/{entry.key}": entry.value for entry in entries if _is_given(entry.key, asked)}
    return FlatSnapshot(digest(values), values)


def _is_given(name: str, asked: Container[str]) -> bool:
    """Return whether a key of Consul is one of those that are asked for, or lies below one.

    >>> _is_given("app/db/host", {"app"}), _is_given("apple", {"app"}), _is_given("x", {""})
    (True, False, True)
    """
    while name and name not in asked:
        name = name.rpartition("/")[0]
    return name in asked


def _one_by_one(api: _API, keys: Sequence[str]) -> list[_Entry]:
    """Return the entries below keys of which some, or what they have in common, are forbidden.

    Raises:
        Refused: some of the keys may not be read.
    """
    entries: list[_Entry] = []
    refused: dict[str, _Forbidden] = {}
    for key in keys:
        try:
            entries += api.tree(key.strip("/"))[1]
        except _Forbidden as error:
            refused[key] = error
    if refused:
        first = next(iter(refused.values()))
        raise Refused(f"{first} ({', '.join(refused)})", list(refused)) from first
    return entries


# -- The API


@dataclass(frozen=True, slots=True)
class _Access:
    """How Consul is reached.

    Attributes:
        nodes: the roots of the URLs.
        tls: the certificates.
        headers: the credentials.
        namespace: of the keys; empty for none.
    """

    nodes: Nodes
    tls: TLS
    headers: Mapping[str, str]
    namespace: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A key of Consul, without a slash in front, and its value."""

    key: str
    value: str


class _Forbidden(Refused):
    """The token may not read the keys."""


@dataclass(frozen=True, slots=True)
class _Request:
    """A request, without the node that it is sent to.

    Attributes:
        method: of HTTP.
        path: below `/v1/`, with its signs escaped.
        query: by name.
        data: the body.
        read: seconds to wait for each part of the answer.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    data: str | None = None
    read: float = READ_S


class _API:
    """The requests, to whichever of the nodes answers.

    Args:
        access: how Consul is reached.
        web: the connections.
    """

    def __init__(self, access: _Access, web: Web) -> None:
        self._access = access
        self._web = web

    def entries(self, prefixes: Sequence[str]) -> list[_Entry]:
        """Return the entries below some prefixes at one moment.

        A transaction takes only so many prefixes; more are read below what they have in common.
        That may be forbidden though the prefixes are not.

        Raises:
            Refused: Consul refuses the credentials, or the keys.
            BackendError: no node answers; with the reason of each.
        """
        if _is_one_tree(prefixes):
            return self.tree(_common(prefixes))[1]
        found = self._together(prefixes)
        for prefix in prefixes:
            if not any(entry.key.startswith(prefix) for entry in found):
                # A transaction has nothing where a GET is refused.
                self.tree(prefix)
        return found

    def tree(self, prefix: str, index: int = 0) -> tuple[int, list[_Entry]]:
        """Return the index of a prefix, and the entries below it.

        Args:
            prefix: of keys, as text.
            index: the answer comes once there is a later one, or after some time; 0 for at once.

        Raises:
            Refused, BackendError: as `entries`.
        """
        return self._get(prefix, {"recurse": ""}, index, _tree)

    def changed(self, prefixes: Sequence[str], index: int) -> tuple[int, list[_Entry]]:
        """Return the index of what some prefixes have in common, and the entries below them.

        Other keys below it may be large and change all the time. So for several prefixes Consul is
        asked for names, up to the next slash: the index counts all keys even so. The entries are
        read after it: a change in between ends the next wait at once.

        Args:
            prefixes: of keys, as text.
            index: as `tree`.

        Raises:
            Refused, BackendError: as `entries`.
        """
        common = _common(prefixes)
        if _is_one_tree(prefixes):
            return self.tree(common, index)
        later = self._get(common, {"keys": "", "separator": "/"}, index, _index)
        return later, self._together(prefixes)

    def _together(self, prefixes: Sequence[str]) -> list[_Entry]:
        """Return the entries below some prefixes that the token may read, by one transaction."""
        if not prefixes:
            return []
        reads = [{"KV": {"Verb": "get-tree", "Key": prefix}} for prefix in prefixes]
        return self._ask(_Request("PUT", "txn", data=json.dumps(reads)), _results)

    def _get(
        self, prefix: str, query: Mapping[str, str], index: int, parse: Callable[[Reply], T]
    ) -> T:
        path = f"kv/{quote(to_bytes(prefix))}"
        if not index:
            return self._ask(_Request("GET", path, query), parse)
        blocking = {**query, "index": str(index), "wait": f"{_WAIT_S}s"}
        return self._ask(_Request("GET", path, blocking, read=_SILENCE_S), parse)

    def _ask(self, request: _Request, parse: Callable[[Reply], T]) -> T:
        """Return the answer of the first node that has one."""
        return self._access.nodes.first(
            lambda node: _parsed(node, self._send(node, request), parse)
        )

    def _send(self, node: str, request: _Request) -> Reply:
        namespace = {"ns": self._access.namespace} if self._access.namespace else {}
        query = urlencode({**request.query, **namespace})
        return self._web.ask(
            request.method,
            f"{node}/v1/{request.path}?{query}",
            data=request.data,
            headers=self._access.headers,
            read=request.read,
        )


def _parsed(node: str, reply: Reply, parse: Callable[[Reply], T]) -> T:
    """Return what `parse` makes of the answer of a node.

    Raises:
        Refused: the answer is that the credentials, or the keys, are refused.
        BackendError: it is another error, or not Consul's.
    """
    if reply.status in (200, 404):
        try:
            return parse(reply)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            reason = f"{reply.line}: not an answer of Consul"
            raise BackendError(f"consul {server(node)}: {reason}") from error
    if reply.status in (403, 409) and b"Permission denied" in reply.body:
        raise _Forbidden(f"consul {server(node)}: Permission denied")
    kind = Refused if reply.status in (401, 403) else BackendError
    raise kind(f"consul {server(node)}: {reply.line}")


def _index(reply: Reply) -> int:
    # An index of 0 would not block.
    return max(int(reply.headers["X-Consul-Index"]), 1)


def _tree(reply: Reply) -> tuple[int, list[_Entry]]:
    return _index(reply), [] if reply.status == 404 else _entries(json.loads(reply.body))


def _results(reply: Reply) -> list[_Entry]:
    return _entries([result["KV"] for result in json.loads(reply.body)["Results"] or ()])


def _entries(found: Iterable[Mapping[str, object]]) -> list[_Entry]:
    return list(map(_entry, found))


def _entry(one: Mapping[str, object]) -> _Entry:
    match one:
        case {"Key": str(key), "Value": str() | None as value}:
            return _Entry(key, from_bytes(b64decode(value or "")))
    raise TypeError(one)


# -- Watching


class _Watch:
    """A blocking query below the beginning that all keys have in common.

    One request waits for all keys, on one connection, and all values are read after each wait, even
    if no index has changed: two servers of Consul may answer, and not be of one moment. A change
    of another key below that beginning ends the wait too, and is no news.

    Args:
        api: the requests.
        keys: the absolute keys.
        stop: ends the pauses.
    """

    def __init__(self, api: _API, keys: Sequence[str], stop: Event) -> None:
        self._api = api
        self._keys = keys
        self._prefixes = _prefixes(keys)
        self._stop = stop
        self._index = 0
        self._news: FlatSnapshot | None = None

    def read(self) -> FlatSnapshot:
        """Return the news of the last wait, or the present state."""
        news, self._news = self._news, None
        if news is None:
            self._index = 0
            news = self._query()
        return news

    def wait(self, known: FlatSnapshot) -> bool:
        """Return True once there is a state with other values than `known`; False after a while.

        Raises:
            CannotWatch: the query is refused, though the keys may be read.
            BackendError: no node answers.
        """
        state = self._query()
        if state.values != known.values:
            self._news = state
            return True
        self._stop.wait(_PAUSE_S)
        return False

    def _query(self) -> FlatSnapshot:
        """Return the state after the index that is known, or after some time."""
        common = _common(self._prefixes)
        try:
            index, entries = self._api.changed(self._prefixes, self._index)
        except _Forbidden as error:
            if common in self._prefixes:
                raise Refused(f"{error} (/{common})", [f"/{common}"]) from error
            reason = f"all keys that begin with /{common}, which is what the keys have in common"
            raise CannotWatch(f"{error}: a watch lists {reason}") from error
        # Where somebody has restored older data, the index goes backwards: begin again.
        self._index = index if index >= self._index else 0
        return _snapshot(entries, self._keys)
