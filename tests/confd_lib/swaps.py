"""Shared by tests of stages: a swap, the state of a file after it, and faults of the system."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

from confd_lib.destination import staging
from confd_lib.destination.wanted import Wanted


def state_of(content: bytes = b"new\n", mode: int = 0o644, **ids: int) -> Wanted:
    return Wanted(content, mode, ids.get("uid", os.geteuid()), ids.get("gid", os.getegid()))


def put(dest: Path, want: Wanted) -> bool:
    with staging.staged(dest, want) as stage:
        return staging.swap(staging.sync(stage))


def state(path: Path) -> tuple[bytes, int]:
    return path.read_bytes(), stat.S_IMODE(path.stat().st_mode)


def limited(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def busy(number):
    def rename(*_, **__):
        raise OSError(number, os.strerror(number))

    return rename


def failing(monkeypatch, name, number, first=1):
    """Let a call of the system fail, the first time or a later one, and then work again."""
    real, calls = getattr(os, name), []

    def call(*args):
        calls.append(args)
        if len(calls) == first:
            raise OSError(number, os.strerror(number))
        return real(*args)

    monkeypatch.setattr(os, name, call)
