"""The metadata service of Rancher 1.x as a store.

Knows nothing of templates or resources, and of HTTP only what `metadata_client` tells. A key begins
with the version of the metadata (`/2015-07-25/self`); the key `/` is the list of versions.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib.errors import BackendError, CannotWatch
from confd_lib.store import Store
from metadata_client import MetadataClient, MetadataError, NotFound, Stopped, Unavailable, watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from metadata_client import Snapshot as Part

    from . import Snapshot

URL: Final = "http://rancher-metadata"
# A service that starts answers 404 for a while; confd tries for as long before it gives up.
READY_WITHIN: Final = 31.0
# Services reload their answers up to once a second.
SETTLE: Final = 1.0
# Seconds between two tries, at first and at most.
_FIRST_PAUSE: Final = 0.25
_LAST_PAUSE: Final = 5.0


@dataclass(frozen=True, slots=True)
class RancherSnapshot:
    """What the service said at one moment.

    Attributes:
        store: all of it, under absolute keys.
        parts: what it said, by version of the metadata.
    """

    store: Store
    parts: Mapping[str, Part]

    @property
    def version(self) -> str:
        """The number of the state that the service was in."""
        return ", ".join(dict.fromkeys(part.version for part in self.parts.values()))

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """The keys that one resource asks for, with its prefix cut off."""
        return self.store.view(prefix, keys)


class Rancher:
    """The metadata service of Rancher 1.x as a store.

    Nothing is asked before a method is called.

    Args:
        url: the service; without a scheme it is taken as HTTP.
        ip: ask as the container with this address (the service must run with `--xff`).
        ready_within: seconds to keep trying while the service has no data for this container yet,
            or cannot be reached.
        settle: seconds in which what follows a change is put together, so that a burst of changes
            costs few passes; the first one is told at once.
        stop: ends the trying.

    >>> from metadata_client import MetadataServer
    >>> tree = {"version": "7", "self": {"container": {"name": "web_1"}}}
    >>> with MetadataServer({"latest": {"default": tree}}) as server:
    ...     with Rancher(server.url) as rancher:
    ...         snapshot = rancher.get_values(["/latest/self"])
    >>> snapshot.version, snapshot.view("/latest", ["/self"]).getv("/self/container/name")
    ('7', 'web_1')
    """

    joins_prefixes = True

    def __init__(
        self,
        url: str = URL,
        *,
        ip: str | None = None,
        ready_within: float = READY_WITHIN,
        settle: float = SETTLE,
        stop: threading.Event | None = None,
    ) -> None:
        self._url = url
        self._ip = ip
        self._ready_within = ready_within
        self._settle = settle
        self._stop = stop or threading.Event()
        self._clients: dict[str, MetadataClient] = {}

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
        """Close the connections; the next request opens others."""
        for client in self._clients.values():
            client.close()

    def get_values(self, keys: Sequence[str]) -> Snapshot:
        """Ask for the narrowest documents that cover the keys, all at one state of the service.

        Raises:
            BackendError: the service cannot be reached, has no data for this container, or does
                not answer in JSON; with the URL.
        """
        parts: dict[str, Part] = {}
        listed: dict[str, object] = {}
        for version, paths in _by_version(keys).items():
            try:
                if version:
                    parts[version] = self._read(version, paths)
                else:
                    listed = dict(self._client("").versions())
            except MetadataError as error:
                lost = [key for key in keys if _version(key) == version]
                raise BackendError(str(error), lost) from error
        return _snapshot(parts, listed)

    def changes(
        self, keys: Sequence[str], since: Snapshot | None, stop: threading.Event
    ) -> Iterator[Snapshot]:
        """Wait for another state of what the keys lead to, again and again; for ever if need be.

        Raises:
            CannotWatch: no key begins with a version of the metadata; at once.
        """
        versions = [version for version in _by_version(keys) if version]
        if keys and not versions:
            raise CannotWatch(
                "Watch needs a version in the prefix for backend rancher, such as /2015-07-25"
            )
        return self._changes(versions, keys, since, stop)

    def _changes(
        self,
        versions: Sequence[str],
        keys: Sequence[str],
        since: Snapshot | None,
        stop: threading.Event,
    ) -> Iterator[Snapshot]:
        watched, *others = versions
        paths = _by_version(keys)
        # All versions change in step: where there are several, one is watched for all.
        watched_paths = [*paths[watched], *(["/version"] if others else [])]
        known = since.parts.get(watched) if isinstance(since, RancherSnapshot) else None
        client, settle = self._client(watched), self._settle
        for part in watch(client, *watched_paths, stop=stop, since=known, settle=settle):
            rest = self.get_values([key for key in keys if _version(key) != watched])
            parts = rest.parts if isinstance(rest, RancherSnapshot) else {}
            yield _snapshot({watched: part, **parts}, {})

    def _client(self, version: str) -> MetadataClient:
        if version not in self._clients:
            self._clients[version] = MetadataClient(self._url, version, ip=self._ip)
        return self._clients[version]

    def _read(self, version: str, paths: Sequence[str]) -> Part:
        """Ask, and ask again while the service is not there or has no data yet."""
        end = time.monotonic() + self._ready_within
        pause = _FIRST_PAUSE
        while True:
            try:
                return self._client(version).snapshot(*paths, stop=self._stop)
            except (NotFound, Unavailable) as error:
                answered = isinstance(error, Unavailable) and error.status
                if answered or time.monotonic() + pause > end:
                    raise
            if self._stop.wait(pause):
                raise Stopped
            pause = min(2 * pause, _LAST_PAUSE)


def _version(key: str) -> str:
    """The version of the metadata that a key begins with; empty for the list of versions."""
    return key.split("/", 2)[1]


def _by_version(keys: Sequence[str]) -> dict[str, list[str]]:
    """Sort keys by the version they begin with, which is cut off.

    >>> _by_version(["/latest/self", "/latest", "/"])
    {'latest': ['/self', '/'], '': ['/']}
    """
    paths: dict[str, list[str]] = {}
    for key in keys:
        version = _version(key)
        paths.setdefault(version, []).append(key.removeprefix(f"/{version}") or "/")
    return paths


def _snapshot(parts: Mapping[str, Part], listed: Mapping[str, object]) -> RancherSnapshot:
    documents = {
        f"/{version}{'' if path == '/' else path}": tree
        for version, part in parts.items()
        for path, tree in part.documents.items()
    }
    if listed:
        documents["/"] = listed
    return RancherSnapshot(Store.from_documents(documents), parts)
