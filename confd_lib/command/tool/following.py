"""Files that are followed while somebody edits them, for `render --watch` and `serve`.

They are compared by `stat`, for the reasons in `confd_lib.stamps`. Knows nothing of templates and
stacks.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import regular, stamps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

POLL_S: Final = 0.15
"""The seconds between two comparisons: less than a person notices after a save."""

# A file that is written without a pause is read after so many waits.
_MOST_WAITS: Final = 20


class Followed:
    """Files whose edits are noticed, however an editor saves them.

    Args:
        paths: returns the files, which need not exist; it is called for each comparison, since
            files may come and go.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.tmpl")
    ...     followed = Followed(lambda: [file])
    ...     before = followed.have_changed()
    ...     _ = file.write_text("x")
    ...     before, followed.have_changed(), followed.have_changed()
    (False, True, False)
    """

    def __init__(self, paths: Callable[[], Iterable[Path]]) -> None:
        self._paths = paths
        self._stamps = self._stamped()
        self._contents = {path: digest(path) for path in self._stamps}

    def have_changed(self) -> bool:
        """Return whether the contents are others than when this was called last.

        After a change it waits until the files are quiet: an editor may empty or remove a file
        before it writes it.
        """
        found = self._stamped()
        if found == self._stamps and not any(map(stamps.is_young, found.values())):
            return False
        if found != self._stamps:
            found = self._quiet(found)
        before, self._stamps = self._contents, found
        self._contents = {path: digest(path) for path in found}
        return before != self._contents

    def _stamped(self) -> Mapping[Path, stamps.Stamp | None]:
        return {path: stamps.stamp(path) for path in self._paths()}

    def _quiet(
        self, found: Mapping[Path, stamps.Stamp | None]
    ) -> Mapping[Path, stamps.Stamp | None]:
        for _ in range(_MOST_WAITS):
            before = found
            time.sleep(stamps.SETTLE_S)
            found = self._stamped()
            if found == before:
                break
        return found


def digest(path: Path) -> bytes | None:
    """Return a digest of the content of a file; None if it cannot be read."""
    try:
        return hashlib.sha256(regular.read_file(path)).digest()
    except (OSError, ValueError):
        return None
