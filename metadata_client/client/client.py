"""The client of a metadata service: one request, one consistent snapshot, one wait for news.

Each method asks once, and returns or raises; only the methods with `wait` in their names try again.
Knows nothing of what the trees mean beyond `version` and `self`.
"""

from __future__ import annotations

import math
import re
import threading
import time
from typing import TYPE_CHECKING, Final, Self

from gotmpl.arguments import checked
from metadata_client import gojson, paths
from metadata_client.client import names, records
from metadata_client.client.backoff import delays
from metadata_client.client.reading import read_snapshot, version_text
from metadata_client.client.transport import MAX_BODY, Transport
from metadata_client.errors import (
    DecodeError,
    MetadataError,
    NotFound,
    Stopped,
    TimedOut,
)
from metadata_client.urls import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    import requests

    from metadata_client.client.records import (
        ContainerInfo,
        HostInfo,
        NetworkInfo,
        ServiceInfo,
        StackInfo,
    )
    from metadata_client.client.snapshot import Snapshot
    from metadata_client.client.sockets import Stop
    from metadata_client.paths import Path

JSON: Final = "application/json"  # exactly: any parameter turns the answer into text
TEXT: Final = "text/plain"

_TICK: Final = 5.0  # seconds between two checks of its waiters by the service
_SLACK: Final = 5.0  # seconds
_NO_WAIT: Final = 1.0  # a service that returns the known version in fewer seconds does not wait
_QUERY_MARK: Final = re.compile("[?&]")
_POLL: Final = 1.0  # seconds between two requests to such a service


class MetadataClient:
    """Asks a metadata service, as this container or as another one.

    It keeps one connection, and ignores the proxy variables of the environment. Nothing is asked
    before a method is called. Safe to use from several threads.

    Args:
        url: the service, such as `http://rancher-metadata`; without a scheme it is taken as HTTP.
        version: the version of the metadata: a dated one, or `latest`.
        timeout: seconds to wait for a connection, and for each part of an answer.
        ip: ask as the container with this address (the service must run with `--xff`).
        session: a `requests.Session` of your own. A stop event ends its requests only if it uses
            a `StoppableAdapter`; otherwise it is checked before each request. Of a redirect,
            `requests` then reads the whole body.
        max_body: the most bytes of one reply that are read; a longer one is a `DecodeError`.

    >>> from metadata_client import MetadataServer
    >>> with MetadataServer({"latest": {"default": {"version": "7", "self": {}}}}) as server:
    ...     with MetadataClient(server.url) as client:
    ...         client.get("/version"), client.snapshot("/self").documents
    ('7', {'/self': {}})
    """

    @checked
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

    @checked
    def get(self, path: str | Sequence[str] = "/", *, stop: Stop | None = None) -> object:
        """Return the JSON value at a path of this version.

        Args:
            path: a text, in which `%2F` is a slash inside a key, or the bare keys.
            stop: ends the request soon after it is set.

        Raises:
            NotFound: 404, as `InvalidVersion` if this version is not served. Its status is 0, and
                no request is made, for keys that no URL leads to (`..`, two slashes); read their
                parent instead.
            Unavailable: no answer, one with another bad status, or a redirect to another service.
            DecodeError: the body is cut, encoded, longer than `max_body` or not JSON.
            Stopped: `stop` was set.
        """
        return self._json(self._reached(path), stop)

    @checked
    def get_text(self, path: str | Sequence[str] = "/", *, stop: Stop | None = None) -> str:
        """Return the text that `curl` shows: a scalar as it is, a listing of anything else.

        Raises:
            MetadataError: as `get`.
        """
        body = self._transport.fetch(self._reached(path), TEXT, stop=stop)
        return body.decode("utf-8", "surrogateescape")

    def versions(self) -> dict[str, str]:
        """Return the versions that are served, and the path of each.

        Raises:
            MetadataError: as `get`.
        """
        listed = self._json(f"{self.url}/", None)
        if not isinstance(listed, dict):
            raise DecodeError(f"{self.url}/", 200, "the list of versions is not a map")
        return {str(name): str(path) for name, path in listed.items()}

    @checked
    def current_version(self, *, stop: Stop | None = None) -> str:
        """Return the version of the metadata, which changes whenever anything in it does.

        Raises:
            MetadataError: as `get`.
        """
        return version_text(self.get("/version", stop=stop))

    # -- A snapshot

    @checked
    def snapshot(self, *asked: str, stop: Stop | None = None) -> Snapshot:
        """Return the values at the paths, all of them at one version; without paths, the tree.

        Reads the narrowest documents that cover the paths (their parents, if there are many), and
        the version before and after. If it has changed, they are read again, and in the end the
        whole tree at once. Some paths cannot be asked for: those below a null, for which the
        service drops the connection, and those through a key with two slashes. Their values are
        cut out of the nearest parent that can be read. A path that leads nowhere is absent from
        the snapshot; a service without data, and one that does not know this container (`/self`
        is 404), is an error.

        Raises:
            NotFound: the service has no data yet, or does not know this container yet.
            MetadataError: as `get`.
        """
        return read_snapshot(self, asked or ("/",), stop)

    # -- Waiting

    @checked
    def wait(self, known: str, max_wait: float = 60.0, *, stop: Stop | None = None) -> str:
        """Wait until the version is another one than `known`; a long poll where the service can.

        Args:
            known: the version that is known; for any other text, the present version is returned
                at once.
            max_wait: the most seconds to wait, up to 120. The wait may last five seconds more: the
                service checks its waiters that often.
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
        if not known or _QUERY_MARK.search(known):
            return self.current_version(stop=stop)  # the service would not wait for such a value
        seconds = max(1, math.ceil(min(max_wait, 120)))
        query = f"?wait=true&value={paths.encode([known])[1:]}&maxWait={seconds}"
        url = self.url_of(("version",)) + query
        try:
            return version_text(self._json(url, stop, seconds + _TICK + _SLACK))
        except TimedOut:
            # Some services never answer a waiter; a plain request shows whether there was news.
            return self.current_version(stop=stop)

    def _poll(self, known: str, deadline: float, stop: Stop | None) -> str:
        event = stop or threading.Event()
        version = known
        while version == known and time.monotonic() < deadline:
            if event.wait(min(_POLL, max(0.0, deadline - time.monotonic()))):
                raise Stopped
            version = self.current_version(stop=stop)
        return version

    @checked
    def wait_until_ready(
        self, deadline: float = 31.0, *asked: str, stop: Stop | None = None
    ) -> Snapshot:
        """Return the first snapshot that can be had: a service that starts has no data at first.

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
        """Return the container that asks."""
        return records.container(self.get("/self/container"))

    def self_service(self) -> ServiceInfo:
        """Return the service of the container that asks."""
        return records.service(self.get("/self/service"))

    def self_stack(self) -> StackInfo:
        """Return the stack of the container that asks."""
        return records.stack(self.get("/self/stack"))

    def self_host(self) -> HostInfo:
        """Return the host of the container that asks."""
        return records.host(self.get("/self/host"))

    @checked
    def self_service_by_name(self, name: str) -> ServiceInfo:
        """Return a service of the stack of the container that asks."""
        return records.service(self.get(("self", "stack", "services", name)))

    def containers(self) -> list[ContainerInfo]:
        """Return all containers by `create_index`, which counts per service, then by name."""
        return records.ordered(records.container, self.get("/containers"))

    def services(self) -> list[ServiceInfo]:
        """Return all services by `create_index`, then by name."""
        return records.ordered(records.service, self.get("/services"))

    def stacks(self) -> list[StackInfo]:
        """Return all stacks, by name."""
        return records.ordered(records.stack, self.get("/stacks"))

    @checked
    def stack_by_name(self, name: str) -> StackInfo:
        """Return the stack with a name."""
        return records.stack(self.get(("stacks", name)))

    def hosts(self) -> list[HostInfo]:
        """Return all hosts, by name."""
        return records.ordered(records.host, self.get("/hosts"))

    @checked
    def host(self, uuid: str) -> HostInfo:
        """Return the host with a uuid.

        Raises:
            NotFound: no host has this uuid.
        """
        for host in self.hosts():
            if host["uuid"] == uuid:
                return host
        raise NotFound(self.url_of(("hosts", uuid)), 404, "Not found")

    def networks(self) -> list[NetworkInfo]:
        """Return all networks, by name."""
        return records.ordered(records.network, self.get("/networks"))

    @checked
    def service_containers(self, service: str, stack: str) -> list[ContainerInfo]:
        """Return the containers of a service of a stack, the oldest first."""
        of = (stack.lower(), service.lower())
        return [
            container
            for container in self.containers()
            if (str(container["stack_name"]).lower(), str(container["service_name"]).lower()) == of
        ]

    @checked
    def resolve(self, name: str) -> list[str]:
        """Return the addresses that rancher-dns would give this container for a name.

        Raises:
            NameNotFound: it would give no address.
            MetadataError: as `get`.
        """
        return names.resolve(self.snapshot(), name)

    # -- HTTP

    def url_of(self, path: Path) -> str:
        """Return the URL of a path in this version.

        >>> MetadataClient("rancher-metadata").url_of("/self/service")
        'http://rancher-metadata/latest/self/service'
        """
        keys = paths.keys(path)
        return f"{self.url}{paths.encode([self.version, *keys])}{'' if keys else '/'}"

    def _reached(self, path: Path) -> str:
        if not paths.reachable(paths.keys(path)):
            # The service cleans such a path, and would answer for another one.
            reason = "no URL leads to such a key; read its parent"
            raise NotFound(self.url_of(path), 0, reason)
        return self.url_of(path)

    def _json(self, url: str, stop: Stop | None, read: float | None = None) -> object:
        body = self._transport.fetch(url, JSON, stop=stop, read=read)
        try:
            return gojson.loads(body)
        except ValueError as error:
            raise DecodeError(url, 200, f"the body is not JSON: {error}") from error
