"""The client of a metadata service: one request, one consistent snapshot, one wait for news.

Each method asks once and says plainly what came of it; only what has `wait` in its name is patient.
Knows nothing of what the trees mean beyond `version` and `self`.
"""

from __future__ import annotations

import json
import math
import re
import threading
import time
from typing import TYPE_CHECKING, Final, Self

from metadata_client import gojson, paths
from metadata_client.client import names, records
from metadata_client.client.backoff import delays
from metadata_client.client.snapshot import Keys, Snapshot, plan
from metadata_client.client.transport import MAX_BODY, Transport
from metadata_client.errors import (
    DecodeError,
    EmptyReply,
    InvalidVersion,
    MetadataError,
    NotFound,
    Stopped,
    TimedOut,
)
from metadata_client.paths import MISSING, Path
from metadata_client.urls import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    import requests

    from metadata_client.client.records import (
        ContainerInfo,
        HostInfo,
        NetworkInfo,
        ServiceInfo,
        StackInfo,
    )
    from metadata_client.client.sockets import Stop

JSON: Final = "application/json"  # exactly: any parameter turns the answer into text
TEXT: Final = "text/plain"

_KINDS: Final[dict[Keys, tuple[type, ...]]] = {
    (): (dict,),
    ("self",): (dict,),
    ("self", "container"): (dict,),
    ("self", "service"): (dict, type(None)),  # null for a container that belongs to none
    ("self", "stack"): (dict, type(None)),
}
"""What documents of the service are, wherever there is such a document."""

_TRIES: Final = 3  # reads of a snapshot in parts, before the whole tree is read at once
_TICK: Final = 5.0  # waiters are looked after so often: a wait may last that much longer
_SLACK: Final = 5.0
_NO_WAIT: Final = 1.0  # an unchanged value that comes back sooner: this service does not wait
_POLL: Final = 1.0  # then we ask so often


class MetadataClient:
    """Asks a metadata service, as this container or as another one.

    It keeps one connection, and ignores the proxy variables of the environment. Nothing is asked
    before a method is called. Safe to use from several threads.

    Args:
        url: the service, such as `http://rancher-metadata`; without a scheme it is taken as HTTP.
        version: the version of the metadata: a dated one, or `latest`.
        timeout: seconds to wait for a connection, and for each part of an answer.
        ip: ask as the container with this address (the service must run with `--xff`).
        session: a `requests.Session` of your own. A stop event then ends no request that is under
            way; it is checked before the next one. Of a redirect, `requests` then reads all of the
            body itself.
        max_body: the most bytes of one reply that are read; a longer one is a `DecodeError`.

    >>> from metadata_client import MetadataServer
    >>> with MetadataServer({"latest": {"default": {"version": "7", "self": {}}}}) as server:
    ...     with MetadataClient(server.url) as client:
    ...         client.get("/version"), client.snapshot("/self").documents
    ('7', {'/self': {}})
    """

    def __init__(
        self,
        url: str,
        version: str = "latest",
        timeout: tuple[float, float] = (5, 10),
        ip: str | None = None,
        session: requests.Session | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        base = url if "://" in url else f"http://{url}"
        self.url = base.rstrip("/")
        self.version = version
        headers = {"X-Forwarded-For": ip} if ip else {}
        self._transport = Transport(timeout, headers, session, max_body)

    def __repr__(self) -> str:
        return f"<MetadataClient {shown(self.url)}/{self.version}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        self._transport.close()

    # -- One request

    def get(self, path: Path = "/", *, stop: Stop | None = None) -> object:
        """The JSON value at a path of this version.

        Args:
            path: a text, in which `%2F` is a slash inside a key, or the bare keys.
            stop: ends the request soon after it is set.

        Raises:
            NotFound: 404, as `InvalidVersion` if this version is not served; not even asked for,
                with a status of 0, where no URL leads to the keys (`..`, two slashes): those of
                their parent do.
            Unavailable: no answer, one with another bad status, or a redirect to another service.
            DecodeError: the body is cut, encoded, longer than `max_body` or not JSON.
            Stopped: `stop` was set.
        """
        return self._json(self._reached(path), stop)

    def get_text(self, path: Path = "/", *, stop: Stop | None = None) -> str:
        """What `curl` shows: a scalar as it is, a listing of anything else.

        Raises:
            MetadataError: as `get`.
        """
        body = self._transport.fetch(self._reached(path), TEXT, stop=stop)
        return body.decode("utf-8", "surrogateescape")

    def versions(self) -> dict[str, str]:
        """The versions that are served, and the path of each.

        Raises:
            MetadataError: as `get`.
        """
        listed = self._json(f"{self.url}/", None)
        if not isinstance(listed, dict):
            raise DecodeError(f"{self.url}/", 200, "the list of versions is not a map")
        return {str(name): str(path) for name, path in listed.items()}

    def current_version(self, *, stop: Stop | None = None) -> str:
        """The version of the metadata, which changes whenever anything in it does.

        Raises:
            MetadataError: as `get`.
        """
        return _version_text(self.get("/version", stop=stop))

    # -- A snapshot

    def snapshot(self, *asked: str, stop: Stop | None = None) -> Snapshot:
        """What the paths lead to, all of it at one version; the whole tree, if none is named.

        Reads the narrowest documents that cover the paths (their parents, if there were many), and
        the version before and after; when it has changed, reads again, and in the end the whole
        tree at once. A path that cannot be asked for (it leads below a null, where
        the service drops the connection, or through a key with two slashes) is cut out of the
        nearest parent that can. What a document that was served does not hold is absent from the
        snapshot, and no error; a service without data, and one that does not know this container
        (`/self` is 404), is an error.

        Raises:
            NotFound: the service has no data yet, or does not know this container yet.
            MetadataError: as `get`.
        """
        wanted = {path: paths.keys(path) for path in asked or ("/",)}
        reads = plan(wanted.values())
        if () not in reads:
            for _ in range(_TRIES):
                roots, version = self._read_all(reads, stop)
                if roots is not None:
                    return Snapshot(version, tuple(wanted), roots)
        return self._whole(wanted, stop)

    def _whole(self, wanted: Mapping[str, Keys], stop: Stop | None) -> Snapshot:
        tree = self._checked((), self._json(self._url(()), stop))
        assert isinstance(tree, dict)
        if "self" not in tree and any(keys[:1] == ("self",) for keys in wanted.values()):
            raise NotFound(self._url(("self",)), 404, "Not found")
        return Snapshot(_version_text(tree.get("version", "")), tuple(wanted), {(): tree})

    def _read_all(
        self, reads: list[Keys], stop: Stop | None
    ) -> tuple[dict[Keys, object] | None, str]:
        """What was read, and at which version; None where it is not all of one version."""
        try:
            before = self.current_version(stop=stop)
        except InvalidVersion:
            raise
        except NotFound:
            return None, ""  # a tree without a version; or none, as the one who reads it will see
        done: dict[Keys, object] = {}
        for keys in reads:
            self._read(keys, done, stop)
        after = self.current_version(stop=stop)
        absent = [keys for keys in reads if done[keys] is MISSING]
        whole = before == after and all(self._is_absent(keys, stop) for keys in absent)
        return done if whole else None, after

    def _read(self, keys: Keys, done: dict[Keys, object], stop: Stop | None) -> object:
        if keys not in done:
            done[keys] = self._try(keys, done, stop)
        return done[keys]

    def _try(self, keys: Keys, done: dict[Keys, object], stop: Stop | None) -> object:
        if not paths.reachable(keys):
            return self._cut(keys, -1, done, stop)
        try:
            return self._checked(keys, self._json(self._url(keys), stop))
        except EmptyReply:
            if not keys:
                raise
            return self._cut(keys, -1, done, stop)
        except NotFound as error:
            if keys in ((), ("self",)) or isinstance(error, InvalidVersion):
                raise
            return self._cut(keys, 1, done, stop) if keys[0] == "self" else MISSING

    def _checked(self, at: Keys, document: object) -> object:
        """Return the document that was served for some keys, unless it cannot be true.

        Raises:
            DecodeError: it is, or holds, a scalar where the service always has a map. Taken for
                true, it would leave nothing of what is rendered from it.
        """
        for keys, kinds in _KINDS.items():
            if keys[: len(at)] == at:
                found = paths.cut(document, keys[len(at) :])
                if found is not MISSING and not isinstance(found, kinds):
                    reason = f"{_kind(found)} is not a map, which the service has here"
                    raise DecodeError(self._url(keys), 200, reason)
        return document

    def _cut(self, keys: Keys, at: int, done: dict[Keys, object], stop: Stop | None) -> object:
        """The value, cut out of the document that the first keys lead to."""
        return paths.cut(self._read(keys[:at], done, stop), keys[at:])

    def _is_absent(self, keys: Keys, stop: Stop | None) -> bool:
        """Whether it is still not there, now that the service is known to have data.

        A service that restarts says 404 to everything for a moment, and may come back at the same
        version. What was cut out of a document that was served is not asked for again.
        """
        if keys[0] == "self" or not paths.reachable(keys):
            return True
        try:
            self._json(self._url(keys), stop)
        except (EmptyReply, NotFound):
            return True
        return False

    # -- Waiting

    def wait(self, known: str, max_wait: float = 60.0, *, stop: Stop | None = None) -> str:
        """Wait until the version is another one than `known`; a long poll where the service can.

        Args:
            known: the version that is known; one that was never seen gives the present one at once.
            max_wait: the most seconds to wait, up to 120. It may last five more: the service looks
                at its waiters that often.
            stop: ends the wait within a second.

        Returns:
            The version now; `known`, if nothing changed in time.

        Raises:
            Stopped: `stop` was set.
            MetadataError: as `get`.
        """
        started = time.monotonic()
        version = self._long_poll(known, max_wait, stop)
        if version != known or time.monotonic() - started >= min(_NO_WAIT, max_wait):
            return version
        return self._poll(known, started + max_wait, stop)

    def _long_poll(self, known: str, max_wait: float, stop: Stop | None) -> str:
        if not known or re.search("[?&]", known):
            return self.current_version(stop=stop)  # the service would not wait for such a value
        seconds = max(1, math.ceil(min(max_wait, 120)))
        query = f"?wait=true&value={paths.encode([known])[1:]}&maxWait={seconds}"
        url = self._url(("version",)) + query
        try:
            return _version_text(self._json(url, stop, seconds + _TICK + _SLACK))
        except TimedOut:
            # Some services never answer a waiter; whether there was news, a plain request tells.
            return self.current_version(stop=stop)

    def _poll(self, known: str, deadline: float, stop: Stop | None) -> str:
        event = stop or threading.Event()
        version = known
        while version == known and time.monotonic() < deadline:
            if event.wait(min(_POLL, max(0.0, deadline - time.monotonic()))):
                raise Stopped
            version = self.current_version(stop=stop)
        return version

    def wait_until_ready(
        self, deadline: float = 31.0, *asked: str, stop: Stop | None = None
    ) -> Snapshot:
        """The first snapshot that can be had: a service that starts has no data for a while.

        Args:
            deadline: seconds to keep trying for.
            asked: the paths of the snapshot; `/self` if none is named.
            stop: ends the wait within a second.

        Raises:
            Stopped: `stop` was set.
            MetadataError: the last failure before the deadline.
        """
        end = time.monotonic() + deadline
        event = stop or threading.Event()
        retry = delays()
        while True:
            try:
                return self.snapshot(*(asked or ("/self",)), stop=stop)
            except Stopped:
                raise
            except MetadataError:
                left = end - time.monotonic()
                if left <= 0:
                    raise
            if event.wait(min(next(retry), left)):
                raise Stopped

    # -- What go-rancher-metadata has methods for

    def self_container(self) -> ContainerInfo:
        """The container that asks."""
        return records.container(self.get("/self/container"))

    def self_service(self) -> ServiceInfo:
        """The service of the container that asks."""
        return records.service(self.get("/self/service"))

    def self_stack(self) -> StackInfo:
        """The stack of the container that asks."""
        return records.stack(self.get("/self/stack"))

    def self_host(self) -> HostInfo:
        """The host of the container that asks."""
        return records.host(self.get("/self/host"))

    def self_service_by_name(self, name: str) -> ServiceInfo:
        """A service of the stack of the container that asks."""
        return records.service(self.get(("self", "stack", "services", name)))

    def containers(self) -> list[ContainerInfo]:
        """All containers, in the order in which they were created."""
        return records.ordered(records.container, self.get("/containers"))

    def services(self) -> list[ServiceInfo]:
        """All services, in the order in which they were created."""
        return records.ordered(records.service, self.get("/services"))

    def stacks(self) -> list[StackInfo]:
        """All stacks, by name."""
        return records.ordered(records.stack, self.get("/stacks"))

    def stack_by_name(self, name: str) -> StackInfo:
        """One stack."""
        return records.stack(self.get(("stacks", name)))

    def hosts(self) -> list[HostInfo]:
        """All hosts, by name."""
        return records.ordered(records.host, self.get("/hosts"))

    def host(self, uuid: str) -> HostInfo:
        """One host.

        Raises:
            NotFound: there is none with this uuid.
        """
        for host in self.hosts():
            if host["uuid"] == uuid:
                return host
        raise NotFound(self._url(("hosts", uuid)), 404, "Not found")

    def networks(self) -> list[NetworkInfo]:
        """All networks, by name."""
        return records.ordered(records.network, self.get("/networks"))

    def service_containers(self, service: str, stack: str) -> list[ContainerInfo]:
        """The containers of a service of a stack, in the order in which they were created."""
        of = (stack.lower(), service.lower())
        return [
            container
            for container in self.containers()
            if (str(container["stack_name"]).lower(), str(container["service_name"]).lower()) == of
        ]

    def resolve(self, name: str) -> list[str]:
        """The addresses that rancher-dns would give this container for a name.

        Raises:
            NameNotFound: it would give none.
            MetadataError: as `get`.
        """
        return names.resolve(self.snapshot(), name)

    # -- HTTP

    def _url(self, keys: Keys) -> str:
        return f"{self.url}{paths.encode([self.version, *keys])}{'' if keys else '/'}"

    def _reached(self, path: Path) -> str:
        keys = paths.keys(path)
        if not paths.reachable(keys):
            # The service cleans such a path, and would answer for another.
            raise NotFound(self._url(keys), 0, "no URL leads to such a key; read its parent")
        return self._url(keys)

    def _json(self, url: str, stop: Stop | None, read: float | None = None) -> object:
        body = self._transport.fetch(url, JSON, stop=stop, read=read)
        try:
            return gojson.loads(body)
        except ValueError as error:
            raise DecodeError(url, 200, f"the body is not JSON: {error}") from error


def _kind(value: object) -> str:
    kinds = ((bool, "a boolean"), (str, "a text"), (int | float, "a number"), (list, "a list"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _version_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
