"""Finds the files that tests name, and hints at those that do not exist.

Knows neither pytest nor what files hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from confd_lib import files
from confd_lib.errors import ConfdError
from gotmpl import did_you_mean
from metadata_client import MetadataError

_MOST_NEAR: Final = 3
_MOST_NAMED: Final = 8

AnyPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds a path beside the test's file, or in the nearest folder above.

    Attributes:
        folder: the folder of the test's file.
        root: the last folder above that is searched.
    """

    folder: Path
    root: Path

    @property
    def folders(self) -> list[Path]:
        """The folders that are searched, in their order."""
        above = (one for one in self.folder.parents if one.is_relative_to(self.root))
        return [self.folder, *above]

    def __call__(self, path: AnyPath) -> Path:
        """Return the path in the first folder that has it; beside the test if no folder has it."""
        found = (folder / path for folder in self.folders if (folder / path).exists())
        return next(found, self.folder / path)


@contextmanager
def located(find: Callable[[AnyPath], Path], path: AnyPath) -> Iterator[Path]:
    """Find a path; an error about a file that does not exist gets a note with the nearest files."""
    found = find(path)
    try:
        yield found
    except (ConfdError, MetadataError) as error:
        missing = Path(getattr(error, "path", "") or found)
        if not missing.exists():
            folders = find.folders if isinstance(find, Finder) and not found.exists() else []
            error.add_note(hint(path, folders, missing))
        raise


def hint(path: AnyPath, folders: list[Path], missing: Path) -> str:
    """Return where a path was looked for, and which files are named nearly so.

    Args:
        path: the path that was looked for.
        folders: the folders that were searched; empty if there was no search.
        missing: the file that does not exist.
    """
    tried = [folder / path for folder in folders] or [missing]
    nearest = dict.fromkeys(shown(one) for file in tried for one in files.near(file))
    said = did_you_mean([*nearest][:_MOST_NEAR]) or _beside(tried[0])
    where = " and ".join(shown(folder) for folder in folders)
    return f"looked for {path} in {where}; {said}" if where else said


def shown(path: Path) -> str:
    """Return a path as messages name it: relative to the current folder if it lies below it."""
    here = Path.cwd()
    return os.path.relpath(path, here) if path.is_relative_to(here) else str(path)


def _beside(file: Path) -> str:
    missing = files.first_missing(file)
    folder, names = missing.parent, files.names(missing.parent)
    if missing != file:
        names = [name for name in names if (folder / name).is_dir()]
    more = len(names) - _MOST_NAMED
    listed = ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"there is no {missing.name} in {shown(folder)}, only {listed or 'nothing'}"
