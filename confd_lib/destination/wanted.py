"""The present state of a destination, its wanted state, and the differences between the two.

The one place that reads a destination: through one descriptor, and through no symbolic link, which
another user may have put there. Changes nothing except that it makes the folders below a root.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import itertools
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import regular
from confd_lib.diffs import unified_diff
from confd_lib.errors import DestinationError, system_reason
from confd_lib.golang import path as gopath
from confd_lib.golang.strings import from_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEFAULT_MODE: Final = 0o644
# The bits that are kept of a mode that another owner chose: no set-id, no writing by others.
_HARMLESS: Final = 0o755
# A folder that is open thus may be one that we may enter and not read; without O_PATH it may not.
_FOLDER: Final = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
# Go: chown(-2) reaches the system as an unsigned number of 32 bits.
_ID_SPAN: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Current:
    """The present state of a destination.

    Attributes:
        content: its bytes; empty for a symbolic link, whose target is not read.
        mode: its type and its permissions, as in `st_mode`.
        uid: the id of its owner.
        gid: the id of its group.
    """

    content: bytes
    mode: int
    uid: int
    gid: int

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.mode)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The wanted state of a destination.

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
    """Return the path of a destination below a root folder, and make the folders up to it.

    Args:
        root: the folder that stands for `/`.
        dest: the destination as a resource names it; `..` does not lead above the root.
        make: whether to make the folders, with mode 0755 at most.

    Raises:
        DestinationError: a symbolic link leads out of the root, or a folder cannot be made.
    """
    path = Path(root, gopath.join("/", dest).lstrip("/"))
    with translated(path):
        # Path.resolve raises RuntimeError for a loop of links up to Python 3.12.
        real = Path(os.path.realpath(path.parent))
        if not real.is_relative_to(os.path.realpath(root)):
            raise _out_of(root, path)
        if make:
            _make_folders(path.parent)
    return path


@contextlib.contextmanager
def opened_folder(dest: Path, root: Path | None) -> Iterator[int]:
    """Open the folder of a destination, for calls of the system that take names in it.

    A path may lead elsewhere by the time it is used than when `below` saw it. The descriptor leads
    to the one folder that was checked.

    Args:
        dest: the destination.
        root: the folder below which it lies; None for any place.

    Raises:
        OSError: the folder cannot be entered.
        DestinationError: a symbolic link that was made meanwhile leads out of the root.
    """
    fd = os.open(dest.parent, _FOLDER)
    try:
        if root is not None and not _is_below(fd, root):
            raise _out_of(root, dest)
        yield fd
    finally:
        regular.close(fd)


def _is_below(folder: int, root: Path) -> bool:
    """Return whether the way up from a folder leads through the root: it has no symbolic links."""
    top, here, way = root.stat(), os.fstat(folder), ".."
    while not os.path.samestat(here, top):
        above = os.stat(way, dir_fd=folder)
        if os.path.samestat(above, here):
            return False
        here, way = above, f"{way}/.."
    return True


def _out_of(root: str | os.PathLike[str], dest: Path) -> DestinationError:
    return DestinationError(str(dest), f"a symbolic link leads out of {root}")


def _make_folders(folder: Path) -> None:
    """Make a folder and its parents; `mkdir(parents=True)` would give these the mode 0777."""
    missing = itertools.takewhile(lambda each: not each.exists(), (folder, *folder.parents))
    for each in reversed(list(missing)):
        each.mkdir(0o755, exist_ok=True)


def check_folder(dest: Path) -> None:
    """Check that the folder of a destination exists.

    Raises:
        DestinationError: it is missing, or cannot be entered.
    """
    with translated(dest):
        dest.parent.stat()


def folder_fault(folder: Path, *, makes: bool) -> str:
    """Return why no file can be made in a folder; empty if one can.

    Args:
        folder: the folder.
        makes: whether it is made if it is missing, below one that is there.
    """
    nearest = folder
    while makes and not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    try:
        mode = nearest.stat().st_mode
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        return f"no such directory: {folder}" if missing else f"{folder}: {system_reason(error)}"
    if not stat.S_ISDIR(mode):
        return f"{nearest} is not a directory"
    if not os.access(
        nearest, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids
    ):
        return f"{nearest} cannot be written in"
    return ""


def read(dest: Path) -> Current | None:
    """Return the present state of a destination; None where it is missing.

    Raises:
        DestinationError: it cannot be read, or is neither a regular file nor a symbolic link to
            one or to nothing.
    """
    with translated(dest):
        try:
            with regular.opened(dest, os.O_NOFOLLOW) as (fd, info):
                content = regular.read_all(fd, info.st_size)
        except FileNotFoundError:
            return None
        except OSError:
            info = dest.lstat()
            if not stat.S_ISLNK(info.st_mode):
                raise
            refuse_irregular(dest)
            content = b""
        return Current(content, info.st_mode, info.st_uid, info.st_gid)


def refuse_irregular(path: Path) -> None:
    """Refuse a folder or a device, or a link to one, which nobody means to replace by a file.

    Raises:
        OSError: there is one at this path.
    """
    with contextlib.suppress(FileNotFoundError):
        regular.refuse_irregular(path.stat(), path)


def plan(
    dest: Path,
    current: Current | None,
    content: bytes,
    *,
    mode: int | None,
    uid: int | str,
    gid: int | str,
) -> Wanted:
    """Return the wanted state of a destination.

    Args:
        dest: the destination.
        current: its present state.
        content: every byte that it is to hold.
        mode: its permissions; None to keep the present ones. A new file gets 0644, and so does one
            that replaces a symbolic link. Of the permissions that another owner gave, set-id bits
            and the right of others to write are dropped.
        uid: its owner, by id or name; -1 for the user of this process.
        gid: its group, likewise.

    Raises:
        DestinationError: an owner is unknown.
    """
    with translated(dest):
        owner = os.geteuid() if uid == -1 else _id(dest, "user", uid)
        group = os.getegid() if gid == -1 else _id(dest, "group", gid)
    if mode is None:
        mode = _kept_mode(current, owner, group)
    return Wanted(content, mode, owner, group)


def _kept_mode(current: Current | None, uid: int, gid: int) -> int:
    if current is None or current.is_link:
        return _DEFAULT_MODE
    mode = stat.S_IMODE(current.mode)
    if current.uid != uid:
        return mode & _HARMLESS
    return mode if current.gid == gid else mode & ~stat.S_ISGID


def differences(dest: Path, current: Current | None, wanted: Wanted) -> list[str]:
    """Return the differences between two states of a destination, as confd logs them.

    Args:
        dest: the destination.
        current: its present state.
        wanted: its wanted state.

    Returns:
        a line for each difference.
    """
    if current is None:
        return [f"{dest} does not exist"]
    if current.is_link:
        return [f"{dest} is a symbolic link, should be a regular file"]
    lines = [
        f"{dest} has {name} {has} should be {should}"
        for name, has, should in (
            ("UID", current.uid, wanted.uid),
            ("GID", current.gid, wanted.gid),
            ("mode", stat.filemode(current.mode), stat.filemode(stat.S_IFREG | wanted.mode)),
        )
        if has != should
    ]
    if current.content != wanted.content:
        sums = _md5(current.content), _md5(wanted.content)
        lines.append(f"{dest} has md5sum {sums[0]} should be {sums[1]}")
    return lines


def diff(dest: Path, current: Current | None, content: bytes) -> str:
    """Return the changes of a swap as a unified diff; empty where no line changes.

    Args:
        dest: the destination.
        current: its present state; a symbolic link is named as one, and its target is not shown.
        content: every byte that it is to hold.
    """
    old = b"" if current is None else current.content
    lines = "".join(
        unified_diff(from_bytes(old), from_bytes(content), str(dest), f"{dest} (rendered)")
    )
    is_link = current is not None and current.is_link
    return f"{dest} is a symbolic link: a file would replace it\n{lines}" if is_link else lines


@contextlib.contextmanager
def translated(dest: Path) -> Iterator[None]:
    """Raise OSError and ValueError of the block as DestinationError."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason, number = system_reason(error), getattr(error, "errno", None)
        if number == errno.ENOENT and not dest.parent.is_dir():
            reason = f"no such directory: {dest.parent}"
        raise DestinationError(str(dest), reason, number) from error


def _md5(content: bytes) -> str:
    """Return the MD5 sum for the log; files are compared by their bytes."""
    import hashlib  # noqa: PLC0415 - only a file that differs needs it

    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _id(dest: Path, kind: str, owner: int | str) -> int:
    """Return the id of a user or group that is given by id or name."""
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
