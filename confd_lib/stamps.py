"""Notices by `stat` that a file has changed, whichever way it was saved.

The standard library has no inotify, and an inotify watch would follow the inode: one for the file
misses an editor that renames a new file over it, one for its folder misses a folder that is swapped
as a whole. `stat` follows the path by its name, so it notices both, on every kind of mount, and it
costs some microseconds a file. Knows nothing of the files' contents.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

SETTLE_S: Final = 0.05
"""Writes less than so many seconds apart are one change."""

# The clocks of some file systems are so coarse that a file may change again within the same tick.
_COARSEST_CLOCK_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """The fields of `stat` of which at least one differs once a file has changed."""

    device: int
    inode: int
    size: int
    written_ns: int
    changed_ns: int


def stamp(path: Path) -> Stamp | None:
    """Return the stamp of a file; None where `stat` fails, whose reason a read reports.

    >>> from pathlib import Path
    >>> stamp(Path("README.md")) == stamp(Path("README.md")), stamp(Path("nonexistent"))
    (True, None)
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - runs several times a second for each file
    except (OSError, ValueError):  # ValueError: a path with a NUL byte
        return None
    return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def is_young(found: Stamp | None) -> bool:
    """Return whether the file may have changed again without a change of its stamp.

    >>> is_young(Stamp(1, 1, 4, 0, time.time_ns())), is_young(Stamp(1, 1, 4, 0, 0)), is_young(None)
    (True, False, False)
    """
    return found is not None and time.time() - found.changed_ns / 1e9 < _COARSEST_CLOCK_S
