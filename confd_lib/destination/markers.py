"""Markers: empty files beside destinations, which outlast the process that made them.

A marker is made before something begins and removed once it is over, so that after a kill the next
run knows where to go on. Knows nothing of what is marked.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from pathlib import Path

_NAME_BYTES: Final = 255
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Marker:
    """A kind of marker.

    Attributes:
        suffix: ends the names of such markers; begins with a dot and ends in `.confd`.
    """

    suffix: str

    def path(self, dest: Path) -> Path:
        """Return the path of the marker of a destination.

        >>> from pathlib import Path
        >>> Marker(".reload.confd").path(Path("/etc/app.conf")).name
        '.app.conf.reload.confd'
        """
        base = os.fsencode(dest.name)[: _NAME_BYTES - len(f".{self.suffix}")]
        return dest.with_name(f".{os.fsdecode(base)}{self.suffix}")

    def make(self, dest: Path) -> bool:
        """Mark a destination.

        Returns:
            whether it is marked now; False where its folder takes no marker, or where something
            else has the marker's name.
        """
        path = dest
        try:
            path = self.path(dest)
            os.close(os.open(path, _CREATE, 0o600))
        except FileExistsError:
            return self.is_made(dest)
        except (OSError, ValueError) as error:  # ValueError: no path can have such a name
            LOGGER.debug("Cannot make the marker %s: %s", path, error)
            return False
        return True

    def is_made(self, dest: Path) -> bool:
        """Return whether a destination is marked: by an empty regular file that we own."""
        try:
            info = self.path(dest).lstat()
        except (OSError, ValueError):
            return False
        return stat.S_ISREG(info.st_mode) and info.st_uid == os.geteuid() and not info.st_size

    def remove(self, dest: Path) -> None:
        """Remove the marker of a destination, if it is marked."""
        if self.is_made(dest):
            path = self.path(dest)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                LOGGER.debug("Cannot remove the marker %s: %s", path, error)


# The reload of the destination has not succeeded yet.
RELOAD: Final = Marker(".reload.confd")
# The template of the destination is being rendered, and takes a while.
IN_HAND: Final = Marker(".inhand.confd")
