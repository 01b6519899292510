"""Markers: an empty file beside a destination says that its reload is still owed.

One is made before the destination changes and removed once the reload has succeeded, so that
whatever ends the process in between, the next run knows. Knows nothing of commands.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIX: Final = ".reload.confd"
# A name may have 255 bytes, of which ours adds a dot and the suffix.
_BASE_BYTES: Final = 254 - len(_SUFFIX)
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


def path(dest: Path) -> Path:
    """Return the place of the marker of a destination.

    >>> from pathlib import Path
    >>> path(Path("/etc/app.conf")).name
    '.app.conf.reload.confd'
    """
    base = os.fsdecode(os.fsencode(dest.name)[:_BASE_BYTES])
    return dest.with_name(f".{base}{_SUFFIX}")


def make(dest: Path) -> None:
    """Mark a destination; where its folder takes no marker, go without."""
    try:
        os.close(os.open(path(dest), _CREATE, 0o600))
    except FileExistsError:
        pass  # ours, from a reload that has not succeeded yet; or another's, which means nothing
    except (OSError, ValueError) as error:  # ValueError: a path that holds NUL
        LOGGER.debug("Cannot note that a reload of %s is owed: %s", dest, error)


def is_made(dest: Path) -> bool:
    """Return whether a marker of our own is there: an empty regular file that we own."""
    try:
        info = path(dest).lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(info.st_mode) and info.st_uid == os.geteuid() and not info.st_size


def remove(dest: Path) -> None:
    """Remove our own marker of a destination, if there is one."""
    if is_made(dest):
        try:
            path(dest).unlink(missing_ok=True)
        except OSError as error:
            LOGGER.debug("Cannot note that a reload of %s is done: %s", dest, error)
