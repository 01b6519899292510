"""Files below a folder, in the order of Go's `filepath.Walk`.

Knows nothing of the files' contents. A folder that cannot be listed is yielded like a file: reading
it raises the system's error.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def files(path: str, wanted: Callable[[str], bool]) -> Iterator[str]:
    """Yield a file itself, or the files in and below a folder, each level sorted by name.

    A link to a folder is followed if `path` itself is one; below it such links are skipped.

    Args:
        path: a file or a folder; it need not exist.
        wanted: returns by the base name whether to yield a file of a folder.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("b.yml", "a/x.yml", "a/x.txt", "a-b/x.yml"):
    ...         file = pathlib.Path(folder, name)
    ...         file.parent.mkdir(exist_ok=True)
    ...         file.touch()
    ...     found = files(folder, lambda name: name.endswith("yml"))
    ...     [os.path.relpath(path, folder) for path in found]
    ['a/x.yml', 'a-b/x.yml', 'b.yml']
    """
    return _below(path, wanted) if is_folder(path) else iter((path,))


def is_folder(path: str) -> bool:
    """Return whether the path leads to a folder; False if access is denied."""
    return os.path.isdir(path)  # noqa: PTH112 - pathlib raises if access is denied


def _below(folder: str, wanted: Callable[[str], bool]) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
    except OSError:
        yield folder
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path, wanted)
        elif wanted(entry.name) and not (entry.is_symlink() and is_folder(entry.path)):
            yield entry.path
