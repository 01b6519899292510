"""The metadata service of Rancher 1.x as a store.

Knows nothing of templates or resources, and leaves HTTP to `metadata_client`. A key begins
with the version of the metadata (`/2015-07-25/self`); the key `/` is the list of versions.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from confd_lib.backends.remote.addresses import check_base
from confd_lib.errors import BackendError, CannotWatch, ConfigError, Interrupted
from confd_lib.golang.path import join
from confd_lib.logs import LOGGER
from confd_lib.store.store import Store
from gotmpl.arguments import checked
from metadata_client import (
    InvalidVersion,
    MetadataClient,
    MetadataError,
    NotFound,
    RequestError,
    Stopped,
    Unavailable,
    delays,
    watch,
)
from metadata_client import Snapshot as Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from .protocol import Snapshot

URL: Final = "http://rancher-metadata"
# A service that starts answers 404 for a while; confd tries for as long before it gives up.
READY_WITHIN: Final = 31.0
# Services reload their answers up to once a second.
SETTLE: Final = 1.0


@dataclass(frozen=True, slots=True)
class RancherSnapshot:
    """The state of the service at one moment.

    Attributes:
        store: everything that was answered, under absolute keys.
        parts: the answers by version of the metadata; the list of versions under `""`.
    """

    store: Store
    parts: Mapping[str, Part]

    @property
    def version(self) -> str:
        """The number that the service gives its state."""
        named = [part.version for part in self.parts.values() if part.version]
        return ", ".join(dict.fromkeys(named))

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """Return the keys that one resource asks for, with its prefix cut off.

        The key `/` is the list of versions, without what other resources ask for below it.
        """
        asked = {join("/", prefix, key) for key in keys}
        if "/" not in asked:
            return self.store.view(prefix, keys)
        documents = _documents(self.parts).items()
        own = {path: tree for path, tree in documents if path in asked}
        return Store.from_documents(own).view(prefix, keys)


class Rancher:
    """The metadata service of Rancher 1.x as a store.

    Nothing is asked before a method is called.

    Args:
        url: the service; without a scheme it is taken as HTTP.
        ip: ask as the container with this address, for a service that runs with `--xff`.
        ready_within: seconds to keep trying while the service has no data for this container yet,
            or cannot be reached; once in each outage.
        settle: seconds for which changes after the first are collected, so that a burst of changes
            costs few passes; the first is yielded at once.
        stop: ends the waits of `get_values`, which has no such argument, as soon as it is set. Give
            it the event that ends the loop (`Confd.watch`); `changes` takes an event of its own.

    Raises:
        ConfigError: `url` is no address of a server, or `ip` no address of a container.

    >>> from metadata_client import MetadataServer
    >>> tree = {"version": "7", "self": {"container": {"name": "web_1"}}}
    >>> with MetadataServer({"latest": {"default": tree}}) as server:
    ...     with Rancher(server.url) as rancher:
    ...         snapshot = rancher.get_values(["/latest/self"])
    >>> snapshot.version, snapshot.view("/latest", ["/self"]).getv("/self/container/name")
    ('7', 'web_1')
    """

    joins_prefixes = True

    @checked
    def __init__(
        self,
        url: str = URL,
        *,
        ip: str | None = None,
        ready_within: float = READY_WITHIN,
        settle: float = SETTLE,
        stop: threading.Event | None = None,
    ) -> None:
        check_base(url)
        self._url = url
        self._ip = None if ip is None else _address(ip)
        self._ready_within = ready_within
        self._settle = settle
        self._stop = stop or threading.Event()
        self._clients: dict[str, MetadataClient] = {}
        # The versions that have not answered within `ready_within`: no more waits until they do.
        self._given_up: set[str] = set()
        self.report: Callable[[BackendError | None], None] = lambda _: None

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
        """Ask for the narrowest documents that cover the keys, all of one state of the service.

        While the service cannot be reached or has no data, it is asked again for `ready_within`
        seconds, once in each outage. A version that it does not serve while it serves others is
        not waited for: the error names its keys alone.

        Raises:
            BackendError: the service cannot be reached, has no data for this container, or does
                not answer in JSON; with the URL, and the keys that are lost.
        """
        end, retries = time.monotonic() + self._ready_within, delays()
        waits = False
        while True:
            parts, failed = self._ask(keys, self._stop)
            self._given_up -= parts.keys()
            if not failed:
                return _snapshot(parts)
            pause = next(retries)
            if not self._may_come(failed) or time.monotonic() + pause > end:
                self._given_up |= failed.keys()
                raise _lost(failed, keys)
            if not waits:
                LOGGER.info("%s; trying again for %g s", _text(failed), self._ready_within)
                waits = True
            if self._stop.wait(pause):
                raise Interrupted(str(Stopped()))

    def changes(
        self, keys: Sequence[str], since: Snapshot | None, stop: threading.Event
    ) -> Iterator[Snapshot]:
        """Yield each state in which the documents of the keys differ from those before.

        Raises:
            CannotWatch: no key begins with a version of the metadata; raised by the call.
            BackendError: one of several versions cannot be had.
        """
        versions = list(_by_version(keys))
        if not any(versions):
            raise CannotWatch(
                "Watch needs a version in the prefix for backend rancher, such as /2015-07-25"
            )
        # All versions change in step: where there are several, one is watched for all.
        return self._changes(next(filter(None, versions)), keys, since, stop)

    def _changes(
        self, watched: str, keys: Sequence[str], since: Snapshot | None, stop: threading.Event
    ) -> Iterator[Snapshot]:
        others = [key for key in keys if _split(key)[0] != watched]
        paths = [*_by_version(keys)[watched], *(["/version"] if others else [])]
        known = since.parts.get(watched) if isinstance(since, RancherSnapshot) else None

        def heard(error: MetadataError | None) -> None:
            failed = {} if error is None else {watched: error}
            self.report(_lost(failed, keys) if failed else None)
            if others and isinstance(error, InvalidVersion) and self._serves_any():
                raise _lost(failed, keys)  # another version has to be watched

        for part in watch(
            self._client(watched),
            *paths,
            stop=stop,
            since=known,
            settle=self._settle,
            heard=heard,
        ):
            parts, failed = self._ask(others, stop)
            if failed:
                raise _lost(failed, others)
            yield _snapshot({watched: part, **parts})

    def _client(self, version: str) -> MetadataClient:
        if version not in self._clients:
            self._clients[version] = MetadataClient(self._url, version, ip=self._ip)
        return self._clients[version]

    def _ask(
        self, keys: Sequence[str], stop: threading.Event
    ) -> tuple[dict[str, Part], dict[str, MetadataError]]:
        """Ask once for all keys; return what was answered, and what failed, by version."""
        parts: dict[str, Part] = {}
        failed: dict[str, MetadataError] = {}
        for version, paths in _by_version(keys).items():
            try:
                parts[version] = self._read(version, paths, stop)
            except Stopped as error:
                raise Interrupted(str(error)) from error
            except MetadataError as error:
                failed[version] = error
        return parts, failed

    def _read(self, version: str, paths: Sequence[str], stop: threading.Event) -> Part:
        client = self._client(version)
        if version:
            return client.snapshot(*paths, stop=stop)
        return Part("", ("/",), {(): client.versions()})

    def _may_come(self, failed: Mapping[str, MetadataError]) -> bool:
        """Return whether one of the questions that failed may succeed if it is asked again."""
        return any(
            version not in self._given_up and self._may_answer(error)
            for version, error in failed.items()
        )

    def _may_answer(self, error: MetadataError) -> bool:
        if isinstance(error, Unavailable):
            return not error.status  # a bad status is an answer
        if isinstance(error, InvalidVersion):
            return not self._serves_any()
        return isinstance(error, NotFound)

    def _serves_any(self) -> bool:
        """Return whether the service serves any version; the newest is always `latest` too."""
        try:
            return bool(self._client("latest").current_version(stop=self._stop))
        except MetadataError:
            return False


def _address(ip: str) -> str:
    """Return the address of a container.

    Raises:
        ConfigError: it is no address; a name would only be a container that is never there.
    """
    try:
        return str(ip_address(ip))
    except ValueError as error:
        raise ConfigError(
            f"not the IP address of a container: {ip!r} (flag -metadata-ip, such as 10.42.0.7)"
        ) from error


def _split(key: str) -> tuple[str, str]:
    """Return the version of the metadata that a key begins with, and the path below it.

    >>> _split("/latest/self"), _split("/latest"), _split("/")
    (('latest', '/self'), ('latest', '/'), ('', '/'))
    """
    version, _, path = key.removeprefix("/").partition("/")
    return version, f"/{path}"


def _by_version(keys: Sequence[str]) -> dict[str, list[str]]:
    """Return the paths of the keys by version of the metadata; "" is the list of versions.

    >>> _by_version(["/latest/self", "/latest", "/"])
    {'latest': ['/self', '/'], '': ['/']}
    """
    paths: dict[str, list[str]] = {}
    for key in keys:
        version, path = _split(key)
        paths.setdefault(version, []).append(path)
    return paths


def _snapshot(parts: Mapping[str, Part]) -> RancherSnapshot:
    return RancherSnapshot(Store.from_documents(_documents(parts)), parts)


def _documents(parts: Mapping[str, Part]) -> dict[str, object]:
    """Return the documents that were answered, by their absolute keys."""
    return {
        f"/{version}{path}".rstrip("/") or "/": tree
        for version, part in parts.items()
        for path, tree in part.documents.items()
    }


def _lost(failed: Mapping[str, MetadataError], keys: Sequence[str]) -> BackendError:
    """Return the error that names the keys of the versions that failed."""
    lost = [key for key in keys if _split(key)[0] in failed]
    error = BackendError(_text(failed), lost, frozenset(map(_kind, failed.values())))
    error.__cause__ = next(iter(failed.values()))
    return error


def _text(failed: Mapping[str, MetadataError]) -> str:
    return "; ".join(dict.fromkeys(map(str, failed.values())))


def _kind(error: MetadataError) -> tuple[type, int]:
    """Return the kind of a failure; in a log one line for each kind is enough."""
    return type(error), error.status if isinstance(error, RequestError) else 0
