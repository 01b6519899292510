"""YAML and JSON files as a store.

Knows nothing of templates or resources. Files are read by go-yaml's rules, and folders
with the folders in them. Where two files have the same key, the later one in the order of Go's
`filepath.Walk` wins.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import regular, stamps
from confd_lib.errors import BackendError, system_reason
from confd_lib.golang import match as gomatch
from confd_lib.golang import walk as gowalk
from confd_lib.logs import LOGGER
from confd_lib.store.levels import climbs
from confd_lib.store.rules import FILE, climbing, flatten, key_text
from confd_lib.store.store import Store
from gotmpl.arguments import checked
from metadata_client import YAMLError, yaml11

from .protocol import StoreSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from threading import Event

    from confd_lib.stamps import Stamp

    from .protocol import Snapshot

# The files are compared by `stat` this often.
_POLL_S: Final = 0.5
# The keys of a file as they are written.
_WRITTEN: Final = replace(FILE, cleaned=False)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """The digest and the values of a file when it was last read, and its keys with `..`."""

    digest: bytes
    values: Mapping[str, str]
    climbers: Sequence[str]


class File:
    """YAML and JSON files as a store.

    Args:
        paths: files, and folders of files.
        pattern: of the files in folders, only those whose base names match are read; `paths` need
            not match.
    """

    joins_prefixes = False

    @checked
    def __init__(self, *paths: str | os.PathLike[str], pattern: str = "*") -> None:
        self._paths = tuple(Path(path) for path in paths)
        self._pattern = gomatch.read(pattern)
        self._parsed: Mapping[Path, _Parsed] = {}
        self._warned: set[tuple[Path, str]] = set()
        self.report: Callable[[BackendError | None], None] = lambda _: None

    def get_values(self, keys: Sequence[str]) -> Snapshot:  # noqa: ARG002 - the Protocol's
        """Read all files, and parse those that have changed since they were last read.

        Raises:
            BackendError: a file is missing, or is not a mapping; with the path and the line.
        """
        found = [(path, self._parse(path)) for path in self._files()]
        self._parsed = dict(found)
        digests = b"".join(parsed.digest for _, parsed in found)
        values: dict[str, str] = {}
        for _, parsed in found:
            values.update(parsed.values)
        climbers = [key for _, parsed in found for key in parsed.climbers]
        return StoreSnapshot(
            hashlib.sha256(digests).hexdigest()[:16],
            Store.from_documents({"/": values}, rules=FILE, climbers=climbers),
        )

    def changes(
        self,
        keys: Sequence[str],  # noqa: ARG002 - the Protocol's
        since: Snapshot | None,
        stop: Event,
    ) -> Iterator[Snapshot]:
        """Yield the state after each change of the files; wait for files that cannot be read."""
        known = since.version if since else None
        for _ in self._alterations(stop):
            try:
                snapshot = self.get_values(())
            except BackendError as error:
                self.report(error)
                continue
            self.report(None)
            if snapshot.version != known:
                known = snapshot.version
                yield snapshot

    def _alterations(self, stop: Event) -> Iterator[None]:
        """Yield at once, and then whenever the files may hold something else."""
        before: Mapping[Path, Stamp | None] | None = None
        while not stop.is_set():
            now = {path: stamps.stamp(path) for path in self._files()}
            if now != before or any(map(stamps.is_young, now.values())):
                if before is not None:
                    stop.wait(stamps.SETTLE_S)
                before = now
                yield
            stop.wait(_POLL_S)

    def _parse(self, path: Path) -> _Parsed:
        data = _read(path)
        digest = hashlib.sha256(data).digest()
        known = self._parsed.get(path)
        if known is not None and known.digest == digest:
            return known
        tree = self._tree(path, data)
        written = climbing("", tree, _WRITTEN) if climbs(tree) else ()
        return _Parsed(digest, dict(flatten("", tree, FILE)), written)

    def _tree(self, path: Path, data: bytes) -> object:
        """Read a file, and warn once of each key that becomes another one."""
        notices: list[yaml11.KeyNotice] = []
        tree = _parse(path, data, notices)
        for notice in notices:
            message = (path, str(notice))
            if not notice.is_repeated and message not in self._warned:
                LOGGER.warning("%s: yaml: line %d: %s", path, notice.line, notice)
                self._warned.add(message)
        return tree

    def _files(self) -> Iterator[Path]:
        for path in self._paths:
            yield from map(Path, gowalk.files(str(path), self._pattern.matches))


def _read(path: Path) -> bytes:
    try:
        return regular.read_file(path)
    except OSError as error:
        doing = "stat" if isinstance(error, FileNotFoundError) else "open"
        raise BackendError(f"{doing} {path}: {system_reason(error)}") from error


def _parse(path: Path, data: bytes, notices: list[yaml11.KeyNotice]) -> object:
    try:
        # Keys are texts before a dict could take 1 and true for one key.
        tree = yaml11.load(data, key=key_text, notices=notices)
    except YAMLError as error:
        raise BackendError(f"{path}: yaml: {error}") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise BackendError(
            f"{path}: yaml: line 1: a mapping of keys is wanted, not a {_kind(tree)}"
        )
    return tree


def _kind(tree: object) -> str:
    return "list" if isinstance(tree, list) else "scalar"
