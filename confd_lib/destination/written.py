"""The list of the files that a resource with `each` has written, so that it may remove them again.

A file is known by its path and by the digests of what it may hold: of what was written last and,
around a swap, of what is about to be written. So a kill at any moment leaves a list that forgets no
file of ours, and takes no file of anybody else for ours. Knows nothing of keys and passes.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib import regular
from confd_lib.destination import staging
from confd_lib.destination.wanted import Wanted, translated
from confd_lib.errors import DestinationError

if TYPE_CHECKING:
    from collections.abc import Mapping

Digests = tuple[str, ...]


def digest(content: bytes) -> str:
    """Return the digest of the content of a file.

    >>> digest(b"")[:16]
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(content).hexdigest()


def _is_ours(info: os.stat_result) -> bool:
    """Return whether only our user may have written a file, or a group that we are in."""
    is_in_group = info.st_gid in (os.getegid(), *os.getgroups())
    may_others = info.st_mode & stat.S_IWOTH or (info.st_mode & stat.S_IWGRP and not is_in_group)
    return info.st_uid == os.geteuid() and not may_others


@dataclass(frozen=True, slots=True)
class FileList:
    """A list on the disk, which belongs to one resource below one root.

    Attributes:
        path: the file of the list.
        owner: names the resource and the root; a list of another owner is not read.
    """

    path: Path
    owner: str

    @classmethod
    def of(cls, folder: Path, resource: str, root: str = "") -> FileList:
        """Return the list of a resource.

        Args:
            folder: the folder of the list.
            resource: the file of the resource.
            root: the folder below which its files are written; empty for none.

        >>> from pathlib import Path
        >>> FileList.of(Path("/run"), "/etc/confd/conf.d/web.toml").path.name
        '.web.toml.c9c7a53411cf0281.each.confd'
        """
        file = Path(resource).absolute()
        owner = f"{file} below {Path(root).absolute()}" if root else str(file)
        stem = os.fsdecode(os.fsencode(file.name)[:200])
        short = digest(os.fsencode(owner))[:16]
        return cls(folder / f".{stem}.{short}.each.confd", owner)

    def read(self) -> dict[str, Digests]:
        """Return the digests of each file by its path; nothing where there is no list.

        A list decides which files are removed, so one that somebody else can have written is
        refused.

        Raises:
            DestinationError: the list cannot be read, or is not ours.
        """
        with translated(self.path):
            try:
                with regular.opened(self.path, os.O_NOFOLLOW) as (fd, info):
                    data = regular.read_all(fd, info.st_size)
            except FileNotFoundError:
                return {}
        if not _is_ours(info):
            raise self._refused("somebody else may have written it")
        return self._parsed(data)

    def write(self, files: Mapping[str, Digests], root: Path | None = None) -> None:
        """Replace the list, and sync it to the disk; a list of no files is removed.

        Args:
            files: the digests of each file by its path.
            root: the folder below which the list lies; None for any place.

        Raises:
            DestinationError: the list cannot be written.
        """
        if not files:
            with translated(self.path):
                self.path.unlink(missing_ok=True)
            return
        data = {"resource": self.owner, "files": {name: files[name] for name in sorted(files)}}
        content = json.dumps(data, indent=1).encode() + b"\n"
        wanted = Wanted(content, 0o600, os.geteuid(), os.getegid())
        with staging.staged(self.path, wanted, root=root) as stage:
            staging.swap(staging.sync(stage))
        staging.sync_folder(self.path.parent)

    def _parsed(self, data: bytes) -> dict[str, Digests]:
        try:
            match json.loads(data):
                case {"resource": self.owner, "files": dict(files)}:
                    return {str(name): tuple(map(str, files[name])) for name in files}
        except (ValueError, TypeError, RecursionError):
            pass
        raise self._refused("it is not the list of this resource")

    def _refused(self, reason: str) -> DestinationError:
        advice = "remove it, and the files of keys that are gone by hand"
        return DestinationError(str(self.path), f"{reason}; {advice}")
