"""Reading the documents of a snapshot, all of them at one version of the metadata.

Knows which keys the service answers and which it refuses. Knows nothing of HTTP.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from metadata_client import paths
from metadata_client.client.snapshot import Keys, Snapshot, plan
from metadata_client.errors import DecodeError, EmptyReply, InvalidVersion, NotFound
from metadata_client.paths import MISSING, Path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metadata_client.client.sockets import Stop

_KINDS: Final[dict[Keys, tuple[type, ...]]] = {
    (): (dict,),
    ("self",): (dict,),
    ("self", "container"): (dict,),
    ("self", "service"): (dict, type(None)),  # null for a container that belongs to none
    ("self", "stack"): (dict, type(None)),
}
"""The types that these documents of the service have, wherever it has such a document."""

_TRIES: Final = 3  # reads of a snapshot in parts, before the whole tree is read at once


class Source(Protocol):
    """The methods of a client that a reading needs."""

    def url_of(self, path: Path, /) -> str: ...  # noqa: D102 - as in MetadataClient
    def get(self, path: Path, *, stop: Stop | None) -> object: ...  # noqa: D102
    def current_version(self, *, stop: Stop | None) -> str: ...  # noqa: D102


def read_snapshot(source: Source, asked: Sequence[str], stop: Stop | None) -> Snapshot:
    """Read the values at the paths `asked`, all of them at one version.

    Read in parts, the version must be the same before and after; if it is not in any of three
    tries, the whole tree is read at once.

    Raises:
        MetadataError: as `MetadataClient.snapshot`.
    """
    wanted = {path: paths.keys(path) for path in asked}
    reads = plan(wanted.values())
    for _ in range(_TRIES if () not in reads else 0):
        reading = _Reading(source, stop)
        version = reading.version_of_all(reads)
        if version is not None:
            return Snapshot(version, tuple(wanted), reading.done)
    tree = _Reading(source, stop).document(())
    assert isinstance(tree, dict)
    if "self" not in tree and any(keys[:1] == ("self",) for keys in wanted.values()):
        raise NotFound(source.url_of(("self",)), 404, "Not found")
    return Snapshot(version_text(tree.get("version", "")), tuple(wanted), {(): tree})


def version_text(value: object) -> str:
    """Return the version of the metadata as text: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One try to read several documents.

    Attributes:
        source: the client that is asked.
        stop: ends the reading soon after it is set.
        done: the documents that were read, by their keys; `MISSING` where there is nothing.
    """

    source: Source
    stop: Stop | None
    done: dict[Keys, object] = field(default_factory=dict)

    def version_of_all(self, reads: Sequence[Keys]) -> str | None:
        """Read documents; return their version, or None if they are not all of one version."""
        try:
            before = self.source.current_version(stop=self.stop)
        except InvalidVersion:
            raise
        except NotFound:
            return None  # a tree without a version, or no tree: reading it whole will show
        for keys in reads:
            self.document(keys)
        after = self.source.current_version(stop=self.stop)
        absent = (keys for keys in reads if self.done[keys] is MISSING)
        return after if before == after and all(map(self._is_absent, absent)) else None

    def document(self, keys: Keys) -> object:
        """Return the document at `keys`, which is read unless that was done already."""
        if keys not in self.done:
            self.done[keys] = self._read(keys)
        return self.done[keys]

    def _read(self, keys: Keys) -> object:
        if not paths.reachable(keys):
            return self._cut(keys, -1)
        try:
            return self._checked(keys, self.source.get(keys, stop=self.stop))
        except EmptyReply:
            if not keys:
                raise
            return self._cut(keys, -1)
        except InvalidVersion:
            raise
        except NotFound:
            if keys in ((), ("self",)):
                raise
            return self._cut(keys, 1) if keys[0] == "self" else MISSING

    def _cut(self, keys: Keys, at: int) -> object:
        """Return the value at `keys`, cut out of the document at the first `at` of them."""
        return paths.cut(self.document(keys[:at]), keys[at:])

    def _checked(self, at: Keys, document: object) -> object:
        """Return the document that was served for the keys `at`.

        Raises:
            DecodeError: it is, or holds, a scalar where the service always has a map. If it were
                believed, nothing would be left of the files that are rendered from it.
        """
        for keys, kinds in _KINDS.items():
            if keys[: len(at)] == at:
                found = paths.cut(document, keys[len(at) :])
                if found is not MISSING and not isinstance(found, kinds):
                    reason = f"{_kind(found)} is not a map, which the service has here"
                    raise DecodeError(self.source.url_of(keys), 200, reason)
        return document

    def _is_absent(self, keys: Keys) -> bool:
        """Return whether a document is still absent, now that the service is known to have data.

        A service that restarts answers 404 to everything for a moment, and may come back at the
        same version. What was cut out of a document that was served is not asked for again.
        """
        if keys[0] == "self" or not paths.reachable(keys):
            return True
        try:
            self.source.get(keys, stop=self.stop)
        except (EmptyReply, NotFound):
            return True
        return False


def _kind(value: object) -> str:
    kinds = ((bool, "a boolean"), (str, "a text"), (int | float, "a number"), (list, "a list"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")
