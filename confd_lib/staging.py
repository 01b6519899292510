"""Put rendered bytes where they belong, so that whoever looks sees the old file or the new, whole.

The last steps of a resource: compare, stage beside the destination, sync, swap. Knows nothing of
templates, stores or commands.

A stage is named `.<base>.<16 hex digits>.confd` and locked (flock) for as long as it is in use. A
killed run leaves its stage behind without the lock, so the next run can tell it and sweeps it. A
stage that is to be kept has a name of confd's own (`.<base><digits>`) and is never swept.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import grp
import os
import pwd
import re
import stat
import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, NewType

from confd_lib import gopath
from confd_lib.errors import DestinationError, system_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_STAGE_NAME: Final = re.compile(r"\..+\.[0-9a-f]{16}\.confd", re.DOTALL)
_CREATE: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
# A name may have 255 bytes; what ours adds to the destination's is less than 55.
_BASE_BYTES: Final = 200
# What rename says of a destination that is a mount of its own.
_MOUNTED: Final = frozenset((errno.EBUSY, errno.EXDEV))
# A file system that cannot sync a folder says so in one of these ways.
_NO_FOLDER_SYNC: Final = frozenset((errno.EINVAL, errno.ENOTSUP, errno.EBADF))
# A disk takes so many files in hardly more time than one: it writes its journal once for all.
_SYNCED_AT_ONCE: Final = 16
# Go: chown(-2) reaches the system as an unsigned number of 32 bits.
_ID_SPAN: Final = 1 << 32


class Wanted(NamedTuple):
    """What a destination shall be.

    Attributes:
        content: every byte of it.
        mode: its permissions.
        uid: the id of its owner.
        gid: the id of its group.
    """

    content: bytes
    mode: int
    uid: int
    gid: int


def below(root: str | os.PathLike[str], dest: str, *, make: bool = True) -> Path:
    """Find the place of a destination below a root folder, and make the folders up to it.

    Args:
        root: the folder that stands for `/`.
        dest: the destination as a resource names it; `..` does not lead above the root.
        make: whether to make the folders.

    Raises:
        DestinationError: a symbolic link leads out of the root, or a folder cannot be made.
    """
    path = Path(root, gopath.join("/", dest).lstrip("/"))
    with _Telling(path):
        if not path.parent.resolve().is_relative_to(Path(root).resolve()):
            raise DestinationError(str(path), f"a symbolic link leads out of {root}")
        if make:
            path.parent.mkdir(parents=True, exist_ok=True)
    return path


def plan(dest: Path, content: bytes, *, mode: int | None, uid: int | str, gid: int | str) -> Wanted:
    """Say what a destination shall be, given what is there now.

    Args:
        dest: the destination.
        content: what it shall hold.
        mode: its permissions; None for those it has, and 0644 for a new file.
        uid: its owner, by id or name; -1 for that of this process.
        gid: its group, likewise.

    Raises:
        DestinationError: what is there is not a file, or an owner is not known.
    """
    with _Telling(dest):
        current = _stat(dest)
        if mode is None:
            mode = 0o644 if current is None else stat.S_IMODE(current.st_mode)
        return Wanted(
            content,
            mode,
            os.geteuid() if uid == -1 else _id(dest, "user", uid),
            os.getegid() if gid == -1 else _id(dest, "group", gid),
        )


def differences(dest: Path, wanted: Wanted) -> list[str]:
    """Say in what a destination is not yet as wanted, in confd's words; empty where it is.

    Args:
        dest: the destination.
        wanted: what it shall be.

    Raises:
        DestinationError: it cannot be read.
    """
    with _Telling(dest):
        current = _stat(dest)
        if current is None:
            return [f"{dest} does not exist"]
        lines = [
            f"{dest} has {name} {has} should be {should}"
            for name, has, should in (
                ("UID", current.st_uid, wanted.uid),
                ("GID", current.st_gid, wanted.gid),
                ("mode", stat.filemode(current.st_mode), _filemode(wanted.mode)),
            )
            if has != should
        ]
        content = dest.read_bytes()
        if content != wanted.content:
            sums = _md5(content), _md5(wanted.content)
            lines.append(f"{dest} has md5sum {sums[0]} should be {sums[1]}")
        return lines


def diff(dest: Path, content: bytes) -> str:
    """Show what a swap would change, as a unified diff; empty where it changes no line.

    Args:
        dest: the destination; it need not be there.
        content: what it shall hold.

    Raises:
        DestinationError: it cannot be read.
    """
    import difflib  # noqa: PLC0415 - only a run that changes nothing shows what it would change

    with _Telling(dest):
        old = b"" if _stat(dest) is None else dest.read_bytes()
    lines = difflib.unified_diff(_lines(old), _lines(content), str(dest), f"{dest} (rendered)")
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}" for line in lines)


_NO_NEWLINE: Final = "\\ No newline at end of file\n"


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "surrogateescape").splitlines(keepends=True)


class Stage(NamedTuple):
    """A file beside its destination, open and locked.

    Attributes:
        path: where it is.
        fd: its descriptor.
        dest: the destination.
        wanted: what the destination shall be.
    """

    path: Path
    fd: int
    dest: Path
    wanted: Wanted


# A stage that is on the disk. Only `sync` and `sync_all` make one, and only one can be swapped.
Synced = NewType("Synced", Stage)


@contextlib.contextmanager
def staged(dest: Path, wanted: Wanted, *, keep: bool = False) -> Iterator[Stage]:
    """Write what is wanted into a file beside the destination, for as long as the block lasts.

    It is readable by its writer alone until it is whole; then it gets its owner and its mode.

    Args:
        dest: the destination.
        wanted: what it shall be.
        keep: leave the file where it is, unless it is swapped.

    Yields:
        the stage.

    Raises:
        DestinationError: it cannot be written; nothing of it is left.
    """
    with _Telling(dest):
        stage = _create(dest, wanted, keep=keep)
    try:
        with _Telling(dest):
            _write(stage.fd, wanted.content)
            _own(stage.fd, wanted)
        yield stage
    finally:
        if not keep:
            with contextlib.suppress(OSError):
                stage.path.unlink()
        os.close(stage.fd)


def sync(stage: Stage) -> Synced:
    """Get a stage onto the disk.

    Raises:
        DestinationError: the disk does not take it.
    """
    with _Telling(stage.dest):
        os.fsync(stage.fd)
    return Synced(stage)


def sync_all(stages: Sequence[Stage]) -> list[Synced | Exception]:
    """Get stages onto the disk, many at a time; they must not be closed meanwhile.

    Returns:
        for each, what `sync` gave or raised.
    """
    left = deque(stages)
    outcomes: dict[Path, Synced | Exception] = {}

    def work() -> None:
        with contextlib.suppress(IndexError):
            while True:
                stage = left.popleft()
                outcomes[stage.path] = _outcome(stage)

    threads = _threads(work, min(len(stages), _SYNCED_AT_ONCE) - 1)
    try:
        work()
    finally:
        for thread in threads:
            thread.join()
    return [outcomes[stage.path] for stage in stages]


def _outcome(stage: Stage) -> Synced | Exception:
    try:
        return sync(stage)
    except Exception as error:  # noqa: BLE001 - in a thread nobody else would hear of it
        return error


def _threads(work: Callable[[], None], count: int) -> list[threading.Thread]:
    """Start threads that help with some work: as many as can be had."""
    started: list[threading.Thread] = []
    # Unlike a pool, which fails with what it was given where a container may have no more threads.
    with contextlib.suppress(RuntimeError):
        for number in range(count):
            thread = threading.Thread(target=work, name=f"confd-sync-{number}")
            thread.start()
            started.append(thread)
    return started


def swap(stage: Synced) -> bool:
    """Put a stage in the place of its destination.

    Until its folder is synced (`sync_folder`), a crash of the machine may bring back the old file.
    A destination that is a mount of its own cannot be replaced: it is written in place, and gets
    back what it held if that fails.

    Args:
        stage: what `sync` gave.

    Returns:
        whether it was replaced; if not, it was written in place.

    Raises:
        DestinationError: it cannot be; the destination is as it was.
    """
    with _Telling(stage.dest):
        try:
            stage.path.rename(stage.dest)
        except OSError as error:
            if error.errno not in _MOUNTED:
                raise
            _write_in_place(stage.dest, stage.wanted)
            return False
        return True


def sync_folder(folder: Path) -> None:
    """Make what was swapped in a folder outlast a crash of the machine.

    Raises:
        DestinationError: the disk does not take it.
    """
    with _Telling(folder):
        fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        except OSError as error:
            if error.errno not in _NO_FOLDER_SYNC:
                raise
        finally:
            os.close(fd)


def sweep(folder: Path) -> list[Path]:
    """Remove the stages in a folder that nobody uses any more.

    Args:
        folder: where destinations lie; it need not be there.

    Returns:
        the paths that were removed.
    """
    try:
        with os.scandir(folder) as entries:
            paths = [Path(entry) for entry in entries if _STAGE_NAME.fullmatch(entry.name)]
    except (OSError, ValueError):  # a path that holds NUL; writing there will tell
        return []
    return [path for path in paths if _remove_stale(path)]


def _remove_stale(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # A lock that is not given, for whatever reason, means: perhaps in use.
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def _create(dest: Path, wanted: Wanted, *, keep: bool) -> Stage:
    """Make and lock an empty stage; its name is not one that can be foreseen."""
    stem = os.fsdecode(os.fsencode(dest.name)[:_BASE_BYTES])
    while True:
        random = os.urandom(8)
        name = f".{stem}{int.from_bytes(random[:4])}" if keep else f".{stem}.{random.hex()}.confd"
        path = dest.with_name(name)
        try:
            fd = os.open(path, _CREATE, 0o600)
        except FileExistsError:
            continue
        # Without locks (some network file systems) nobody gets one, and nothing is swept.
        with contextlib.suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX)
        if os.fstat(fd).st_nlink:
            return Stage(path, fd, dest, wanted)
        os.close(fd)  # swept between its making and its locking


def _write(fd: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def _own(fd: int, wanted: Wanted) -> None:
    """Give a file its owner, then its mode: a new owner takes away some of the mode."""
    current = os.fstat(fd)
    if (current.st_uid, current.st_gid) != (wanted.uid, wanted.gid):
        os.fchown(fd, wanted.uid, wanted.gid)
    os.fchmod(fd, wanted.mode)


def _write_in_place(dest: Path, wanted: Wanted) -> None:
    """Overwrite a file without giving up its blocks, so that there is room to put it back."""
    fd = os.open(dest, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        old = dest.read_bytes()
        _own(fd, wanted)
        try:
            _overwrite(fd, wanted.content)
        except OSError:
            _overwrite(fd, old)
            raise
    finally:
        os.close(fd)


def _overwrite(fd: int, content: bytes) -> None:
    os.lseek(fd, 0, os.SEEK_SET)
    _write(fd, content)
    os.ftruncate(fd, len(content))
    os.fsync(fd)


def _stat(dest: Path) -> os.stat_result | None:
    """Look at a destination, through a link as confd does; None where there is nothing."""
    try:
        info = dest.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(info.st_mode):
        kind = "a directory" if stat.S_ISDIR(info.st_mode) else "not a regular file"
        raise DestinationError(str(dest), f"it is {kind}")
    return info


def _md5(content: bytes) -> str:
    """The sum that confd shows; whether files differ is not decided by it."""
    import hashlib  # noqa: PLC0415 - only a file that differs needs it

    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _filemode(mode: int) -> str:
    return stat.filemode(stat.S_IFREG | mode)


def _id(dest: Path, kind: str, owner: int | str) -> int:
    """Find the id of an owner that is given by id or name."""
    if isinstance(owner, str):
        owner = _id_of_name(dest, kind, owner)
    number = owner + _ID_SPAN if owner < 0 else owner
    if not 0 <= number < _ID_SPAN - 1:
        raise DestinationError(str(dest), f"{kind} id {owner} is out of range")
    return number


def _id_of_name(dest: Path, kind: str, name: str) -> int:
    if name.isascii() and name.isdigit():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid if kind == "user" else grp.getgrnam(name).gr_gid
    except (KeyError, ValueError) as error:
        raise DestinationError(str(dest), f"unknown {kind} {name}") from error


class _Telling:
    """Turn what the system says within the block into an error of the destination."""

    __slots__ = ("_dest",)

    def __init__(self, dest: Path) -> None:
        self._dest = dest

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, OSError):
            reason = system_reason(error)
            if error.errno == errno.ENOENT:
                reason = f"no such directory: {self._dest.parent}"
            raise DestinationError(str(self._dest), reason) from error
        if isinstance(error, ValueError):  # a path that holds NUL
            raise DestinationError(str(self._dest), str(error)) from error
