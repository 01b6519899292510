"""Removes the file of a key that is gone, if it is a file that was written here.

Knows nothing of keys, nor of where the list of written files comes from.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confd_lib.destination import wanted
from confd_lib.destination.update import Result, Status
from confd_lib.destination.written import digest
from confd_lib.diffs import unified_diff
from confd_lib.golang.strings import from_bytes
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from pathlib import Path

    from confd_lib.confdir.resource import Key, TemplateResource
    from confd_lib.destination.update import Options
    from confd_lib.destination.wanted import Current
    from confd_lib.destination.written import Digests


@dataclass(frozen=True, slots=True)
class Removal:
    """A file whose key is gone.

    Attributes:
        resource: the resource, with this file as its `dest`.
        dest: the file, below the root of the run.
        digests: of what was written there.
    """

    resource: TemplateResource
    dest: Path
    digests: Digests

    @property
    def path(self) -> str:
        """The file of the resource."""
        return self.resource.path

    @property
    def key(self) -> Key:
        """The key of the file among those of all resources."""
        return self.resource.key


def remove(item: Removal, options: Options) -> Result:
    """Remove a file, unless it holds something else than what was written there.

    Args:
        item: the file.
        options: with `noop` it is left, and what would go is shown.

    Returns:
        `removed`; `differs` with `noop`; `in sync` where there is nothing to remove.

    Raises:
        DestinationError: the file cannot be read or removed, or does not lie below the root any
            more.
    """
    current = _current(item)
    if current is None:
        return Result(item.path, Status.IN_SYNC, item.resource)
    if options.noop:
        LOGGER.warning("Noop mode enabled. %s will not be removed", item.dest)
        return Result(item.path, Status.DIFFERS, item.resource, diff=_diff(item.dest, current))
    with wanted.translated(item.dest), wanted.opened_folder(item.dest, options.root) as folder:
        os.unlink(item.dest.name, dir_fd=folder)
    LOGGER.info("Target config %s has been removed: its key is gone", item.dest)
    return Result(item.path, Status.REMOVED, item.resource, changed=True)


def _current(item: Removal) -> Current | None:
    """Return the state of a file that is ours to remove; None where there is no such."""
    if not item.dest.parent.exists():
        return None
    current = wanted.read(item.dest)
    if current is None or (not current.is_link and digest(current.content) in item.digests):
        return current
    message = "%s is left, though its key is gone: it was changed since it was written"
    LOGGER.warning(message, item.dest)
    return None


def _diff(dest: Path, current: Current) -> str:
    return "".join(unified_diff(from_bytes(current.content), "", str(dest), "/dev/null"))
