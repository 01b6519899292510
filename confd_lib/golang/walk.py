"""Files below a folder, in the order in which Go's `filepath.Walk` comes to them.

Knows nothing of what the files hold. A folder that cannot be listed stands for what is in it: who
reads it, as if it were a file, is told by the system what is wrong.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def files(path: str, wanted: Callable[[str], bool]) -> Iterator[str]:
    """Yield a file itself; of a folder the files in it and below, each level in the order of names.

    A link to a folder is followed at the top alone, and else is left out.

    Args:
        path: a file or a folder; it need not be there.
        wanted: says by the base name which files of a folder to yield.

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
    """Whether the path leads to a folder; one that may not be looked at does not."""
    return os.path.isdir(path)  # noqa: PTH112 - that of pathlib raises where access is denied


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
