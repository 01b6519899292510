"""YAML and JSON files as a store.

Knows nothing of templates or resources. Files are read by go-yaml's rules, folders with all folders
in them; of the same key in two files the value of the later one, as Go walks them, counts.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import gomatch, gowalk, regular
from confd_lib.errors import BackendError, CannotWatch, system_reason
from confd_lib.flatten import FILE, flatten, key_text
from confd_lib.logs import LOGGER
from confd_lib.store import Store
from metadata_client import YAMLError, yaml11

from . import StoreSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from . import Snapshot

    _Watch = Callable[..., Iterator[object]]

# Files are looked at this often (milliseconds) even when nothing is heard of them: some file
# systems tell nobody, and a change may come between the reading and the listening.
_LOOK_AGAIN: Final = 1000
# What comes within so many milliseconds of each other is one change.
_DEBOUNCE: Final = 50


class File:
    """YAML and JSON files as a store.

    Args:
        paths: files, and folders of files.
        pattern: which files of a folder are read, by their base names; a file that is named itself
            is read whatever its name.
    """

    joins_prefixes = False

    def __init__(self, *paths: str | os.PathLike[str], pattern: str = "*") -> None:
        self._paths = tuple(Path(path) for path in paths)
        self._pattern = gomatch.read(pattern)
        self._warned: set[tuple[Path, str]] = set()

    def get_values(self, keys: Sequence[str]) -> Snapshot:  # noqa: ARG002 - the Protocol's
        """Read all files.

        Raises:
            BackendError: one is missing, or holds no mapping; with the path and the line.
        """
        digest = hashlib.sha256()
        values: dict[str, str] = {}
        for path in self._files():
            data = _read(path)
            digest.update(b"%d:%b" % (len(data), data))
            values.update(flatten("", self._parse(path, data), FILE))
        return StoreSnapshot(
            digest.hexdigest()[:16], Store.from_documents({"/": values}, rules=FILE)
        )

    def _parse(self, path: Path, data: bytes) -> object:
        notices: list[yaml11.KeyNotice] = []
        tree = _parse(path, data, notices)
        for notice in notices:
            message = (path, str(notice))
            if not notice.is_repeated and message not in self._warned:
                LOGGER.warning("%s: yaml: line %d: %s", path, notice.line, notice)
                self._warned.add(message)
        return tree

    def changes(
        self,
        keys: Sequence[str],  # noqa: ARG002 - the Protocol's
        since: Snapshot | None,
        stop: Event,
    ) -> Iterator[Snapshot]:
        """Wait until files change, again and again.

        Raises:
            BackendError: a file is missing, or holds no mapping any more.
            CannotWatch: the library that listens is not installed; at once.
        """
        try:
            from watchfiles import watch  # noqa: PLC0415 - an extra, and only to watch
        except ImportError as error:
            raise CannotWatch(
                "Watch needs watchfiles for backend file: pip install 'confd-lib[file]'"
            ) from error
        return self._changes(watch, since.version if since else None, stop)

    def _changes(self, watch: _Watch, known: str | None, stop: Event) -> Iterator[Snapshot]:
        while not stop.is_set():
            for _ in self._rounds(watch, stop):
                snapshot = self.get_values(())
                if snapshot.version != known:
                    known = snapshot.version
                    yield snapshot

    def _rounds(self, watch: _Watch, stop: Event) -> Iterator[object]:
        """Yield whenever files may have changed, until folders come or go."""
        folders = self._folders()
        for news in watch(
            *folders,
            watch_filter=None,
            stop_event=stop,
            rust_timeout=_LOOK_AGAIN,
            yield_on_timeout=True,
            debounce=_DEBOUNCE,
            recursive=False,
        ):
            yield news
            if self._folders() != folders:
                return

    def _files(self) -> Iterator[Path]:
        for path in self._paths:
            yield from map(Path, gowalk.files(str(path), self._pattern.matches))

    def _folders(self) -> list[str]:
        """List the folders to listen to: a file that is replaced is heard of in its folder only."""
        return sorted(
            {
                folder
                for path in self._paths
                for folder in (
                    [entry[0] for entry in os.walk(path)]
                    if gowalk.is_folder(str(path))
                    else [str(path.parent)]
                )
            }
        )


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
