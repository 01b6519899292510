"""Temporary folders that outlive no process: those that a killed process left are removed.

A folder is locked (flock) for as long as its process runs, and the processes that share its lock.
Knows nothing of what lies in it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@contextmanager
def folder(prefix: str) -> Iterator[tuple[Path, int]]:
    """Make a temporary folder, and remove it in the end; also those that nobody uses any more.

    Args:
        prefix: what its name begins with.

    Yields:
        the folder, and the file descriptor that locks it, for processes that use it too.

    >>> with folder("example-") as (path, _):
    ...     path.is_dir()
    True
    >>> path.exists()
    False
    """
    _sweep(prefix)
    path, lock = _made(prefix)
    try:
        yield path, lock
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _made(prefix: str) -> tuple[Path, int]:
    """Return a new folder that is locked, and its lock."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix))
        try:
            lock = os.open(path, _OPEN)
        except FileNotFoundError:  # swept before it was locked
            continue
        with contextlib.suppress(OSError):  # where there are no locks, nothing is swept
            fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink and path.exists():
            return path, lock
        os.close(lock)


def _sweep(prefix: str) -> None:
    """Remove the folders of a prefix that belong to this user and are not locked."""
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            _remove_unused(path)


def _remove_unused(path: Path) -> None:
    lock = os.open(path, _OPEN)
    try:
        if os.fstat(lock).st_uid == os.geteuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(lock)
