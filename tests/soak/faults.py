"""What goes wrong with destinations: real mounts, full disks and missing rights, one a name.

Each fault is on for the length of a `with` block; it skips where the system does not allow it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.soak.busy import NOBODY

PAGES: Final = 32  # of a small disk, 4 KB each


def run(*command: str | Path) -> None:
    """Run what only root may; skip where root may not either."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"not allowed here: {done.stderr.strip()}")


@contextmanager
def mounted(place: Path, *options: str | Path) -> Iterator[None]:
    """Mount something on a file or a folder."""
    if os.geteuid():
        pytest.skip("only root may mount")
    run("mount", *options, place)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Let a folder be a disk of its own, in memory, with little room."""
    with mounted(folder, "-t", "tmpfs", "-o", f"size={PAGES * 4}k,mode=0755", "tmpfs"):
        yield


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be a user without rights, for the system; a root that already is none stays."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


# -- What happens to a destination


@contextmanager
def disk_full(dest: Path) -> Iterator[None]:
    filler = dest.with_name("filler.conf")
    with ExitStack() as stack:
        stack.callback(filler.unlink)
        with filler.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                yield


@contextmanager
def permission_denied(dest: Path) -> Iterator[None]:
    dest.parent.chmod(0o555)
    with as_nobody():
        yield
    dest.parent.chmod(0o755)


@contextmanager
def read_only(dest: Path) -> Iterator[None]:
    run("mount", "-o", "remount,ro", dest.parent)
    yield
    run("mount", "-o", "remount,rw", dest.parent)


@contextmanager
def gone(dest: Path) -> Iterator[None]:
    """The folder is moved away; what it holds is looked at where it is then."""
    away = dest.parent.with_name("away")
    dest.parent.rename(away)
    yield
    away.rename(dest.parent)


@contextmanager
def in_the_way(dest: Path) -> Iterator[None]:
    """Somebody has put a folder where the file was."""
    aside = dest.with_name("aside.conf")
    dest.rename(aside)
    dest.mkdir()
    yield
    dest.rmdir()
    aside.rename(dest)


@contextmanager
def bind_mounted(dest: Path) -> Iterator[None]:
    """The file is a mount of itself, as container engines mount single files."""
    with mounted(dest, "--bind", dest):
        yield


@contextmanager
def on_other_device(dest: Path) -> Iterator[None]:
    """The file is a mount of one that lies on another disk, which is nearly full."""
    disk = dest.parent.with_name("disk")
    disk.mkdir(exist_ok=True)
    with small_disk(disk):
        other = disk / dest.name
        other.write_bytes(dest.read_bytes())
        other.chmod(dest.stat().st_mode)
        with mounted(dest, "--bind", other), disk_full(other):
            yield


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach; those of pytest are its own user's alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
