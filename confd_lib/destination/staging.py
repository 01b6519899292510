"""Replaces a destination so that every reader gets the whole old file or the whole new one.

The last steps of a resource: stage beside the destination, sync, swap. Knows nothing of templates,
stores or commands.

A stage is named `.<base>.<16 hex digits>.confd` and locked (flock) for as long as it is in use. A
killed run leaves its stage behind without the lock, so the next run recognises it and removes it. A
stage that is to be kept has a name of confd's own (`.<base><digits>`) and is never removed.

A stage is closed for writing before a command gets its path, since a script that is open for
writing cannot be run: the lock is held, and the file is synced, through a read-only descriptor.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, NewType

from confd_lib import regular
from confd_lib.destination.wanted import Wanted, opened_folder, refuse_irregular, translated
from confd_lib.errors import DestinationError, system_reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STAGE_NAME: Final = re.compile(r"\..+\.[0-9a-f]{16}\.confd", re.DOTALL)
_CREATE: Final = os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_WRITE: Final = os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
# A name may have 255 bytes; what ours adds to the destination's is less than 55.
_BASE_BYTES: Final = 200
# The errors of rename for a destination that is a mount of its own.
_MOUNTED: Final = frozenset((errno.EBUSY, errno.EXDEV))
# The errors of fsync where the file system cannot sync a folder.
_NO_FOLDER_SYNC: Final = frozenset((errno.EINVAL, errno.ENOTSUP, errno.EBADF))
# So many files are synced in hardly more time than one: the journal is written once for all.
_SYNCED_AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True)
class Stage:
    """A file beside its destination, whole and locked.

    Attributes:
        path: the file.
        lock: the read-only descriptor that holds the lock.
        dest: the destination.
        wanted: the state that the destination is to get.
        root: the folder below which the destination lies; None for any place.
    """

    path: Path
    lock: FileIO
    dest: Path
    wanted: Wanted
    root: Path | None


# A stage that is on the disk. Only `sync`, `sync_all` and `edited` make one; no other is swapped.
Synced = NewType("Synced", Stage)


@contextlib.contextmanager
def staged(
    dest: Path, wanted: Wanted, *, root: Path | None = None, keep: bool = False
) -> Iterator[Stage]:
    """Stage the new state of a destination beside it, for as long as the block lasts.

    Only its owner can read it until it is whole; then it gets the wanted owner and mode.

    Args:
        dest: the destination.
        wanted: the state that it is to get.
        root: the folder below which it lies; None for any place.
        keep: leave the file where it is, unless it is swapped.

    Yields:
        the stage.

    Raises:
        DestinationError: the destination is no file, its folder does not lie below the root, or
            the stage cannot be written; it is removed.
    """
    with translated(dest), opened_folder(dest, root) as folder:
        # A rename replaces /dev/null as well, for the whole machine.
        refuse_irregular(dest)
        stage = Stage(*_create(dest, folder, keep=keep), dest, wanted, root)
    try:
        with translated(dest):
            _fill(stage)
        yield stage
    finally:
        if not keep:
            with contextlib.suppress(OSError):
                stage.path.unlink()
        _unlock(stage.lock)


def sync(stage: Stage) -> Synced:
    """Sync a stage to the disk.

    Raises:
        DestinationError: the sync fails.
    """
    with translated(stage.dest):
        os.fsync(stage.lock.fileno())
    return Synced(stage)


def edited(stage: Synced) -> Synced | None:
    """Return a stage as a command that had its path has edited it; None if it has not.

    Raises:
        DestinationError: it cannot be read or synced.
    """
    with translated(stage.dest):
        os.lseek(stage.lock.fileno(), 0, os.SEEK_SET)
        content = regular.read_all(stage.lock.fileno(), len(stage.wanted.content))
    if content == stage.wanted.content:
        return None
    return sync(replace(stage, wanted=replace(stage.wanted, content=content)))


def sync_all(stages: Sequence[Stage]) -> list[Synced | Exception]:
    """Sync stages to the disk, many at a time; none may be unlocked meanwhile.

    Returns:
        for each, the synced stage or the error.
    """
    if len(stages) > 1:
        # A container may have no more threads. To sync a file twice does no harm.
        with (
            contextlib.suppress(RuntimeError),
            ThreadPoolExecutor(_SYNCED_AT_ONCE, "confd-sync") as pool,
        ):
            return list(pool.map(_outcome, stages))
    return [_outcome(stage) for stage in stages]


def _outcome(stage: Stage) -> Synced | Exception:
    try:
        return sync(stage)
    except Exception as error:  # noqa: BLE001 - the others are synced all the same
        return error


def swap(stage: Synced) -> bool:
    """Replace a destination by its stage, and unlock the stage.

    Until its folder is synced (`sync_folder`), a crash of the machine may bring back the old file.
    A destination that is a mount of its own cannot be replaced: it is written in place, and gets
    back its content, owner and mode if that fails.

    Args:
        stage: a stage that is on the disk.

    Returns:
        True where the destination was replaced, False where it was written in place.

    Raises:
        DestinationError: the destination cannot be written, its folder does not lie below the root
            any more, or the path of the stage leads to another file than the one that was staged.
    """
    dest = stage.dest
    with translated(dest), opened_folder(dest, stage.root) as folder:
        _check_identity(stage, folder)
        try:
            os.rename(stage.path.name, dest.name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError as error:
            if error.errno not in _MOUNTED:
                raise
            _write_in_place(dest, stage.wanted, folder)
            return False
    _unlock(stage.lock)
    return True


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that the swaps in it outlast a crash of the machine.

    One that we may not read cannot be synced: the system writes it in its own time.

    Raises:
        DestinationError: the sync fails.
    """
    with translated(folder):
        fd = _open_folder(folder)
        if fd is None:
            return
        try:
            os.fsync(fd)
        except OSError as error:
            if error.errno not in _NO_FOLDER_SYNC:
                raise
        finally:
            regular.close(fd)


def _open_folder(folder: Path) -> int | None:
    """Open a folder; return None for one that we may not read."""
    try:
        return os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        # Rights to write and to enter are enough for a swap, as in a drop box of mode 0311, and
        # only a folder that is open for reading can be synced.
        if error.errno != errno.EACCES:
            raise
        return None


def sweep(folder: Path) -> list[Path]:
    """Remove the stages in a folder that no process uses any more.

    Args:
        folder: a folder of destinations; it may be missing.

    Returns:
        the paths that were removed.
    """
    try:
        with os.scandir(folder) as entries:
            paths = [Path(entry) for entry in entries if _STAGE_NAME.fullmatch(entry.name)]
    except (OSError, ValueError):  # a path that holds NUL; a write there reports it
        return []
    return [path for path in paths if _remove_stale(path)]


def _remove_stale(path: Path) -> bool:
    try:
        with regular.opened(path, os.O_NOFOLLOW) as (fd, _):
            # Without the lock, for whatever reason, the stage may be in use.
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except OSError:
        return False
    return True


def _create(dest: Path, folder: int, *, keep: bool) -> tuple[Path, FileIO]:
    """Make and lock an empty stage, under a name that cannot be foreseen."""
    stem = os.fsdecode(os.fsencode(dest.name)[:_BASE_BYTES])
    while True:
        random = os.urandom(8)
        name = f".{stem}{int.from_bytes(random[:4])}" if keep else f".{stem}.{random.hex()}.confd"
        try:
            lock = FileIO(os.open(name, _CREATE, 0o600, dir_fd=folder))
        except FileExistsError:
            continue
        # Some network file systems have no locks; nothing is swept there.
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock.fileno()).st_nlink:
            return dest.with_name(name), lock
        _unlock(lock)  # swept before it was locked


def _fill(stage: Stage) -> None:
    """Write a stage, and close it: some file systems report a full disk only then."""
    with FileIO(os.open(stage.path, _WRITE), "w") as writer:
        fd = writer.fileno()
        if not os.path.samestat(os.fstat(fd), os.fstat(stage.lock.fileno())):
            raise _exchanged(stage)
        _write(fd, stage.wanted.content)
        _own(fd, stage.wanted)


def _check_identity(stage: Stage, folder: int) -> None:
    """Raise DestinationError if another file is at the path of the stage, or none."""
    try:
        found = os.stat(stage.path.name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError as error:
        reason = f"its staged file {stage.path} was removed before the swap"
        raise DestinationError(str(stage.dest), reason) from error
    if not os.path.samestat(found, os.fstat(stage.lock.fileno())):
        raise _exchanged(stage)


def _exchanged(stage: Stage) -> DestinationError:
    reason = f"another file is in the place of its staged file {stage.path}"
    return DestinationError(str(stage.dest), reason)


def _unlock(lock: FileIO) -> None:
    with contextlib.suppress(OSError):
        lock.close()


def _write(fd: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def _own(fd: int, wanted: Wanted) -> None:
    """Set the owner of a file, then its mode, of which a change of owner drops set-id bits."""
    _chown(fd, wanted)
    os.fchmod(fd, wanted.mode)


def _chown(fd: int, wanted: Wanted) -> None:
    current = os.fstat(fd)
    if (current.st_uid, current.st_gid) != (wanted.uid, wanted.gid):
        os.fchown(fd, wanted.uid, wanted.gid)


def _write_in_place(dest: Path, wanted: Wanted, folder: int) -> None:
    """Overwrite a file; if that fails, put back its content, owner and mode."""
    with regular.opened(dest.name, os.O_RDWR | os.O_NOFOLLOW, folder=folder) as (fd, info):
        content = regular.read_all(fd, info.st_size)
        before = Wanted(content, stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid)
        both = before.mode & wanted.mode
        os.fchmod(fd, both)
        try:
            _overwrite(fd, wanted)
        except OSError as error:
            try:
                os.fchmod(fd, both)
                _overwrite(fd, before)
            except OSError as second:
                raise _torn(dest, error, second) from error
            raise


def _overwrite(fd: int, wanted: Wanted) -> None:
    """Overwrite a file without giving up its blocks, so that the old content still fits.

    The mode is set last, since it may let others read what the file held before.
    """
    _chown(fd, wanted)
    os.lseek(fd, 0, os.SEEK_SET)
    _write(fd, wanted.content)
    os.ftruncate(fd, len(wanted.content))
    os.fchmod(fd, wanted.mode)
    os.fsync(fd)


def _torn(dest: Path, error: OSError, second: OSError) -> DestinationError:
    reason = f"{system_reason(error)}; its old content could not be put back: "
    return DestinationError(str(dest), reason + system_reason(second), error.errno)
