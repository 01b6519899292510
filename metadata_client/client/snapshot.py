"""A snapshot: the values of the metadata at some paths, all of them at one version.

Also the plan of which documents to read for many paths. Knows nothing of HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from metadata_client import paths
from metadata_client.paths import MISSING, Path

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Keys = tuple[str, ...]

_MOST_READS: Final = 16  # one large document is cheaper than more small ones


@dataclass(frozen=True)  # without slots: documents are cached
class Snapshot:
    """One consistent view of the metadata.

    Values are as the JSON came: null is None, numbers are int or float, lists keep their order.
    They are shared; do not change them.

    Attributes:
        version: the version of the metadata at which all of it was read; empty where the service
            names none.
        paths: the paths that were asked for, as they were written; `("/",)` for the whole tree.
        roots: the documents that were read, by their keys; `MISSING` where there is nothing. They
            cover all paths.

    >>> snapshot = Snapshot("7", ("/self", "/self/name", "/self/x"), {("self",): {"name": "web"}})
    >>> snapshot.documents
    {'/self': {'name': 'web'}, '/self/name': 'web'}
    >>> snapshot.get("/self/name"), snapshot.get("/self/nope")
    ('web', None)
    """

    version: str
    paths: tuple[str, ...]
    roots: Mapping[tuple[str, ...], object]

    @cached_property
    def documents(self) -> dict[str, object]:
        """The value at each path that was asked for, save paths that lead nowhere."""
        found = {path: self._find(path) for path in self.paths}
        return {path: value for path, value in found.items() if value is not MISSING}

    @property
    def tree(self) -> object:
        """The whole tree.

        Raises:
            LookupError: the whole tree was not asked for.
        """
        return self.get("/")

    def get(self, path: Path, default: object = None) -> object:
        """Return the value at a path, or `default` if the path leads nowhere.

        Raises:
            LookupError: no path that was asked for leads there.
        """
        value = self._find(path)
        return default if value is MISSING else value

    def has_values_of(self, other: Snapshot) -> bool:
        """Return whether the values at the paths are those of `other`, whatever the versions.

        >>> one, two = (Snapshot(v, ("/a",), {("a",): [1]}) for v in "12")
        >>> one.has_values_of(two)
        True
        """
        if "/" in self.paths and self.version != other.version:
            return False  # the tree names its version
        return self.documents == other.documents

    def __contains__(self, path: Path) -> bool:
        return self._find(path) is not MISSING

    def _find(self, path: Path) -> object:
        wanted = paths.keys(path)
        for depth in range(len(wanted), -1, -1):
            if wanted[:depth] in self.roots:
                return paths.cut(self.roots[wanted[:depth]], wanted[depth:])
        raise LookupError(f"{path} is not part of this snapshot of {' '.join(self.paths)}")


def plan(wanted: Collection[Keys]) -> list[Keys]:
    """Return the keys of few documents that cover the paths and hold little else.

    >>> plan([("self", "service"), ("self",), ("hosts",)])
    [('hosts',), ('self',)]
    >>> plan([("self", "service", "metadata", str(i)) for i in range(100)])
    [('self', 'service', 'metadata')]
    """
    depth = max(map(len, wanted), default=0)
    reads = _cover(wanted)
    while len(reads) > _MOST_READS:
        depth -= 1
        reads = _cover({read[:depth] for read in reads})
    return reads


def _cover(wanted: Collection[Keys]) -> list[Keys]:
    kept: list[Keys] = []
    for path in sorted(set(wanted)):
        # They are sorted, so only the last one kept can cover a path.
        if not kept or path[: len(kept[-1])] != kept[-1]:
            kept.append(path)
    return kept
