"""Reads regular files, and refuses others without waiting for them.

Reading a named pipe or a device could else block for ever. All files of confd are read here. Knows
nothing of the files' contents.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING, Final

from confd_lib.errors import system_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPEN: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
# The size in bytes of a read; `stat` gives 0 for files of /proc.
_CHUNK: Final = 1 << 16
_KINDS: Final = (
    (stat.S_ISDIR, errno.EISDIR, "is a directory"),
    (stat.S_ISFIFO, errno.EINVAL, "is a named pipe"),
    (stat.S_ISSOCK, errno.EINVAL, "is a socket"),
    (lambda _: True, errno.EINVAL, "is a device"),
)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Return the content of a regular file; the null device counts as an empty one.

    Args:
        path: the file; symbolic links are followed.

    Raises:
        OSError: the file cannot be read, is not a regular one, or its path is impossible.

    >>> read_file("/dev")
    Traceback (most recent call last):
    IsADirectoryError: [Errno 21] is a directory: '/dev'
    """
    try:
        with opened(path) as (fd, info):
            return read_all(fd, info.st_size)
    except ValueError as error:
        raise OSError(errno.EINVAL, system_reason(error), path) from error
    except OSError:
        if _is_null_device(path):
            return b""
        raise


@contextlib.contextmanager
def opened(
    path: str | os.PathLike[str], flags: int = 0, *, folder: int | None = None
) -> Iterator[tuple[int, os.stat_result]]:
    """Open a regular file for the duration of a `with` block.

    Args:
        path: the file.
        flags: for `os.open`, in addition to those that are always set.
        folder: a descriptor of the folder from which a relative path leads; None for our own.

    Yields:
        the descriptor, and its `fstat`.

    Raises:
        OSError: the file cannot be opened, or is not a regular one.
        ValueError: the path is impossible: it has a null byte or a lone surrogate.
    """
    try:
        fd = os.open(path, _OPEN | flags, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket, or a device without a driver
            refuse_irregular(os.stat(path, dir_fd=folder), path)
        raise
    try:
        info = os.fstat(fd)
        refuse_irregular(info, path)
        yield fd, info
    finally:
        close(fd)


def refuse_irregular(info: os.stat_result, path: str | os.PathLike[str]) -> None:
    """Raise an error for a file that is not a regular one.

    Args:
        info: the file's `stat`.
        path: its path, for the error.

    Raises:
        OSError: the file is not a regular one; the reason names its type.
    """
    if stat.S_ISREG(info.st_mode):
        return
    number, reason = next(row[1:] for row in _KINDS if row[0](info.st_mode))
    raise OSError(number, reason, os.fspath(path))


def read_all(fd: int, size: int) -> bytes:
    """Return the bytes of a descriptor up to its end.

    Args:
        fd: the descriptor.
        size: the expected number of bytes; there may be more or fewer.

    Raises:
        OSError: the descriptor cannot be read.
    """
    parts = []
    while part := os.read(fd, max(size + 1, _CHUNK)):
        parts.append(part)
    return b"".join(parts)


def close(fd: int) -> None:
    """Close a descriptor and ignore errors: only for one without writes that are not synced."""
    with contextlib.suppress(OSError):
        os.close(fd)


def _is_null_device(path: str | os.PathLike[str]) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(os.stat(path), os.stat(os.devnull))  # noqa: PTH116 - as above
    return False
