"""Finds the files that tests name, and hints at those that do not exist.

Knows neither pytest nor what files hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from confd_lib import files
from confd_lib.errors import ConfdError
from gotmpl import did_you_mean, near
from metadata_client import MetadataError

_MOST_NEAR: Final = 3
_MOST_NAMED: Final = 8

AnyPath: TypeAlias = "str | os.PathLike[str]"


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds a path beside the test's file, or in the nearest folder above.

    Attributes:
        folder: the folder of the test's file.
        root: the last folder above that is searched.
    """

    folder: Path = Path()
    root: Path = Path()

    @property
    def folders(self) -> list[Path]:
        """The folders that are searched, in their order."""
        above = (one for one in self.folder.parents if one.is_relative_to(self.root))
        return [self.folder, *above]

    def __call__(self, path: AnyPath) -> Path:
        """Return the path in the first folder that has it; beside the test if no folder has it."""
        return self.first(path, Path.exists) or self.folder / path

    def first(self, path: AnyPath, is_meant: Callable[[Path], bool]) -> Path | None:
        """Return the path in the first folder where it is one that is meant; None without any."""
        return next(filter(is_meant, (folder / path for folder in self.folders)), None)

    def is_below(self, folder: Path) -> bool:
        """Return whether a folder holds the test's file: a clone of it may have any name."""
        return self.folder.resolve().is_relative_to(folder.resolve())


@contextmanager
def located(find: Finder, path: AnyPath, found: Path | None = None) -> Iterator[Path]:
    """Find a path; an error about a file that does not exist gets a note with the nearest files.

    Args:
        find: finds the path.
        path: the path, as the test has it.
        found: the path that is found already; None to find it.
    """
    found = found or find(path)
    try:
        yield found
    except (ConfdError, MetadataError) as error:
        missing = Path(getattr(error, "path", "") or found)
        if missing.is_relative_to(found):  # a file that a folder does not hold, or the path itself
            path = Path(path, missing.relative_to(found))
        if not missing.exists():
            looked = missing.is_relative_to(found)
            error.add_note(hint(path, find.folders if looked else [], missing))
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
    above = _above(path, folders[-1]) if folders else ""
    said = above or did_you_mean([*nearest][:_MOST_NEAR]) or _beside(missing)
    where = " and ".join(shown(folder) for folder in folders)
    return f"looked for {path} in {where}; {said}" if where else said


def _above(path: AnyPath, root: Path) -> str:
    """Return what to do if a path lies above the folders that are searched; empty if it does not.

    Without a file of settings, pytest's rootdir depends on where it is started.
    """
    there = next((one for one in root.parents if (one / path).exists()), None)
    if there is None:
        return ""
    where = f"it is in {there}, above pytest's rootdir"
    return f"{where}: an empty pytest.ini there makes that the rootdir"


def shown(path: Path) -> str:
    """Return a path as messages name it: relative to the current folder if it lies below it."""
    here = Path.cwd()
    return os.path.relpath(path, here) if path.is_relative_to(here) else str(path)


def instead(name: str, names: Collection[str]) -> str:
    """Return what a message says after a name that does not exist.

    >>> instead("galra", ["web", "galera"]), instead("db", ["web", "galera"])
    ('did you mean galera?', 'there are web, galera')
    """
    return did_you_mean(near(name, names)) or f"there are {listed(names)}"


def listed(names: Collection[str]) -> str:
    """Return names for a message: the first few, and the number of the others.

    >>> listed("abc"), listed([]), listed([*map(str, range(1000))])
    ('a, b, c', 'nothing', '0, 1, 2, 3, 4, 5, 6, 7 and 992 more')
    """
    more = len(names) - _MOST_NAMED
    shown = ", ".join([*names][:_MOST_NAMED]) or "nothing"
    return f"{shown} and {more} more" if more > 0 else shown


def _beside(file: Path) -> str:
    missing = files.first_missing(file)
    folder, names = missing.parent, files.names(missing.parent)
    if missing != file:
        names = [name for name in names if (folder / name).is_dir()]
    only = f", only {listed(names)}" if names else ""
    return f"there is no {missing.name} in {shown(folder)}{only}"
