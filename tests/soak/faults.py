"""Faults of destinations: real mounts, full disks and missing rights, each by a name.

A fault is on during a `with` block. It skips the test if the system does not allow it.
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

PAGES: Final = 32  # the size of a small disk, in pages of 4 KB


def run(*command: str | Path) -> None:
    """Run a command that needs root; skip the test if the command fails."""
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
    """Mount a small disk on a folder, in memory."""
    with mounted(folder, "-t", "tmpfs", "-o", f"size={PAGES * 4}k,mode=0755", "tmpfs"):
        yield


@contextmanager
def as_nobody() -> Iterator[None]:
    """Run as a user without rights, if the tests run as root; else as their own user."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


# -- Faults of a destination


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
    """Move the folder of the destination away."""
    away = dest.parent.with_name("away")
    dest.parent.rename(away)
    yield
    away.rename(dest.parent)


@contextmanager
def in_the_way(dest: Path) -> Iterator[None]:
    """Put a folder in the place of the file."""
    aside = dest.with_name("aside.conf")
    dest.rename(aside)
    dest.mkdir()
    yield
    dest.rmdir()
    aside.rename(dest)


@contextmanager
def bind_mounted(dest: Path) -> Iterator[None]:
    """Mount the file on itself, as container engines mount single files."""
    with mounted(dest, "--bind", dest):
        yield


@contextmanager
def on_other_device(dest: Path) -> Iterator[None]:
    """Mount a file from another disk, which is full, on the destination."""
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
    """Yield a folder that every user can access; those of pytest are private to its user."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
