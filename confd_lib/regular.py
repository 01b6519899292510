"""The one reader of files: it opens without waiting, and reads regular files alone.

A named pipe or a device in the place of a file would otherwise hold up whoever reads it, for ever.
Knows nothing of what the files hold.
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
# The size that `stat` gives for files of /proc is 0.
_CHUNK: Final = 1 << 16
_KINDS: Final = (
    (stat.S_ISDIR, errno.EISDIR, "is a directory"),
    (stat.S_ISFIFO, errno.EINVAL, "is a named pipe"),
    (stat.S_ISSOCK, errno.EINVAL, "is a socket"),
    (lambda _: True, errno.EINVAL, "is a device"),
)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Read a regular file whole; the null device counts as an empty one.

    Args:
        path: the file; symbolic links are followed.

    Raises:
        OSError: the file cannot be read, is not a regular one, or no file can have such a path.

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
def opened(path: str | os.PathLike[str], flags: int = 0) -> Iterator[tuple[int, os.stat_result]]:
    """Open a regular file for as long as the block lasts.

    Args:
        path: the file.
        flags: for `os.open`, beside those that this reader always sets.

    Yields:
        the descriptor, and what `fstat` says of it.

    Raises:
        OSError: the file cannot be opened, or is not a regular one.
        ValueError: no file can have such a path.
    """
    try:
        fd = os.open(path, _OPEN | flags)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket, or a device without a driver
            refuse_irregular(os.stat(path), path)  # noqa: PTH116 - the path may be a text
        raise
    try:
        info = os.fstat(fd)
        refuse_irregular(info, path)
        yield fd, info
    finally:
        close(fd)


def refuse_irregular(info: os.stat_result, path: str | os.PathLike[str]) -> None:
    """Raise the OSError that says what a file is, unless it is a regular one.

    Args:
        info: what `stat` says of the file.
        path: its path, for the error.
    """
    if stat.S_ISREG(info.st_mode):
        return
    number, reason = next(row[1:] for row in _KINDS if row[0](info.st_mode))
    raise OSError(number, reason, os.fspath(path))


def read_all(fd: int, size: int) -> bytes:
    """Read a descriptor up to its end.

    Args:
        fd: the descriptor.
        size: how many bytes to expect; there may be more or fewer.

    Raises:
        OSError: it cannot be read.
    """
    parts = []
    while part := os.read(fd, max(size + 1, _CHUNK)):
        parts.append(part)
    return b"".join(parts)


def close(fd: int) -> None:
    """Close a descriptor through which nothing was written, or nothing that is not yet synced."""
    with contextlib.suppress(OSError):
        os.close(fd)


def _is_null_device(path: str | os.PathLike[str]) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(os.stat(path), os.stat(os.devnull))  # noqa: PTH116 - as above
    return False
