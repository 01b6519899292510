"""A batch: jobs that are staged together, so that many files are synced in the time of one.

The outcome is the same as if each file had been swapped before the next one was rendered; a job for
which it might not be ends the batch. Knows nothing of rendering or swapping.
"""

from __future__ import annotations

import functools
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from confd_lib.confdir.sources import Sources
from confd_lib.run.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from confd_lib.confdir.templates import Templates
    from confd_lib.destination.removal import Removal
    from confd_lib.destination.update import Result

# Each stage has a descriptor, of which some systems give a process no more than 256.
_MOST_STAGED: Final = 128


class Batch:
    """The destinations that are staged and not swapped yet.

    Args:
        templates: the templates of the pass; file contents stay cached until the next batch.
    """

    def __init__(self, templates: Templates) -> None:
        templates.forget_contents()
        self._templates = templates
        self._staged: set[str] = set()
        self._real = _finder()

    def __len__(self) -> int:
        return len(self._staged)

    def add(self, dest: Path) -> None:
        """Note that a destination is staged."""
        self._staged.add(self._real(str(dest)))

    def admits(self, item: Job | Removal | Result) -> bool:
        """Return whether an item has the same outcome before and after the swap of the batch.

        A job may not if its destination or its template is staged, or if its template asks which
        files exist.
        """
        if not self._staged or not isinstance(item, Job):
            return True
        if len(self._staged) >= _MOST_STAGED:
            return False
        with suppress(ValueError):  # a path with a NUL byte; reported when the job is processed
            sources = Sources.of(item.resource)
            files = {self._real(str(path)) for path in (item.dest, *self._templates.paths(sources))}
            return files.isdisjoint(self._staged) and not self._templates.looks_at_files(sources)
        return True


def _finder() -> Callable[[str], str]:
    """Return a function that resolves the path of a file, and each folder only once."""
    real_folder = functools.cache(os.path.realpath)

    @functools.cache
    def real(path: str) -> str:
        folder, name = os.path.split(path)
        place = f"{real_folder(folder).rstrip('/')}/{name}"
        is_link = os.path.islink(place)  # noqa: PTH114 - a path object costs more than the call
        return os.path.realpath(place) if is_link or name == ".." else place

    return real
