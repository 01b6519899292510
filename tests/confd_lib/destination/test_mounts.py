"""Destinations that are mounts, and disks that take no more: a fault leaves the old file."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from confd_lib.destination import staging, wanted
from confd_lib.destination.wanted import Wanted
from confd_lib.errors import DestinationError
from tests.confd_lib.outcomes import names
from tests.confd_lib.swaps import busy, failing, limited, put, state, state_of

ROOT = os.geteuid() == 0


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV])
def test_a_mounted_file_is_written_in_place_with_its_mode(dest, monkeypatch, number):
    dest.write_bytes(b"much longer than the new one\n")
    inode = dest.stat().st_ino
    monkeypatch.setattr(os, "rename", busy(number))
    assert put(dest, state_of(mode=0o600)) is False
    assert state(dest) == (b"new\n", 0o600)
    assert dest.stat().st_ino == inode
    assert names(dest.parent) == ["app.conf"]
    current = wanted.read(dest)
    assert wanted.differences(dest, current, state_of(mode=0o600)) == []


def test_a_mounted_file_gets_back_what_it_held_when_the_new_does_not_fit(dest, monkeypatch):
    dest.write_bytes(b"old\n")
    want = state_of(b"x" * 1000)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(os, "rename", busy(errno.EBUSY))
    try:
        with staging.staged(dest, want) as stage:
            synced = staging.sync(stage)
            limited(100)
            with pytest.raises(DestinationError):
                staging.swap(synced)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert dest.read_bytes() == b"old\n"


IN_PLACE_FAULTS = [
    pytest.param("read", 1, "input/output error", id="read"),
    pytest.param("fchmod", 1, "input/output error", id="narrow"),
    pytest.param("fchown", 1, "input/output error", id="chown"),
    pytest.param("write", 1, "input/output error", id="write"),
    pytest.param("ftruncate", 1, "input/output error", id="truncate"),
    pytest.param("fchmod", 2, "input/output error", id="widen"),
    pytest.param("fsync", 1, "input/output error", id="sync"),
]


@pytest.mark.parametrize(("name", "first", "why"), IN_PLACE_FAULTS)
def test_a_mounted_file_is_as_it_was_whatever_failed(dest, monkeypatch, name, first, why):
    dest.write_bytes(b"old and secret\n")
    dest.chmod(0o600)
    ids = {"uid": os.geteuid(), "gid": os.getegid()}
    if name == "fchown":
        ids["gid"] += 1
    monkeypatch.setattr(os, "rename", busy(errno.EBUSY))
    given_away = Wanted(b"new\n", 0o644, **ids)
    monkeypatch.setattr(os, "fchown", lambda fd, uid, gid: None)
    with staging.staged(dest, given_away) as stage:
        synced = staging.sync(stage)
        failing(monkeypatch, name, errno.EIO, first)
        with pytest.raises(DestinationError) as caught:
            staging.swap(synced)
    assert str(caught.value) == f"Cannot write {dest}: {why}"
    assert state(dest) == (b"old and secret\n", 0o600)


@pytest.mark.skipif(not ROOT, reason="only root can give files away")
def test_a_mounted_file_gets_back_its_owner_too(dest, monkeypatch):
    dest.write_bytes(b"old\n")
    os.chown(dest, 65534, 65534)
    dest.chmod(0o6711)
    monkeypatch.setattr(os, "rename", busy(errno.EBUSY))
    with staging.staged(dest, state_of(mode=0o644)) as stage:
        synced = staging.sync(stage)
        failing(monkeypatch, "fsync", errno.EIO)
        with pytest.raises(DestinationError):
            staging.swap(synced)
    info = dest.stat()
    assert (info.st_uid, info.st_gid) == (65534, 65534)
    assert state(dest) == (b"old\n", 0o6711)


@pytest.mark.parametrize("fails", [False, True])
def test_no_content_of_a_mounted_file_is_seen_under_the_other_mode(dest, monkeypatch, fails):
    dest.write_bytes(b"old\n")
    dest.chmod(0o640)
    monkeypatch.setattr(os, "rename", busy(errno.EBUSY))
    modes = []
    with staging.staged(dest, state_of(mode=0o604)) as stage:
        synced = staging.sync(stage)
        write = os.write
        monkeypatch.setattr(os, "write", lambda *args: modes.append(state(dest)[1]) or write(*args))
        if fails:
            failing(monkeypatch, "fsync", errno.EIO)
        with contextlib.suppress(DestinationError):
            staging.swap(synced)
    assert modes == [0o600] * (1 + fails)
    assert state(dest) == ((b"old\n", 0o640) if fails else (b"new\n", 0o604))


def test_a_mounted_file_that_cannot_be_put_back_is_said_to_be_torn(dest, monkeypatch):
    dest.write_bytes(b"old\n")
    monkeypatch.setattr(os, "rename", busy(errno.EBUSY))
    with staging.staged(dest, state_of()) as stage:
        synced = staging.sync(stage)
        monkeypatch.setattr(os, "fsync", busy(errno.EIO))
        with pytest.raises(DestinationError) as caught:
            staging.swap(synced)
    reason = "input/output error; its old content could not be put back: input/output error"
    assert str(caught.value) == f"Cannot write {dest}: {reason}"


def test_another_error_of_the_swap_is_raised(dest, monkeypatch):
    monkeypatch.setattr(os, "rename", busy(errno.EROFS))
    with pytest.raises(DestinationError, match="read-only file system"):
        put(dest, state_of())
    assert names(dest.parent) == []


MOUNTED = """
import sys, os
from pathlib import Path
from confd_lib.destination import staging, wanted
dest = Path(sys.argv[1])
target = wanted.Wanted(b"new\\n", 0o600, os.geteuid(), os.getegid())
for _ in range(2):
    print(len(wanted.differences(dest, wanted.read(dest), target)))
    with staging.staged(dest, target) as stage:
        print(staging.swap(staging.sync(stage)))
print(dest.read_text(), oct(dest.stat().st_mode & 0o777))
"""


def in_namespace(script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script where it may mount; skip where even that is not allowed."""
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-e", "-c", script],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=False,
        text=True,
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no mounts here: {done.stderr.strip()}")
    return done


def test_a_real_bind_mount_on_another_device_is_written_in_place(dest, tmp_path):
    (tmp_path / "run.py").write_text(MOUNTED)
    script = f"""
        mkdir {tmp_path}/other && mount -t tmpfs tmpfs {tmp_path}/other
        echo old > {tmp_path}/other/file; : > {dest}
        mount --bind {tmp_path}/other/file {dest}
        PYTHONPATH=. {sys.executable} {tmp_path}/run.py {dest}
    """
    assert in_namespace(script).stdout.split() == ["2", "False", "0", "False", "new", "0o600"]


FULL = """
import sys, os
from pathlib import Path
from confd_lib.destination import staging, wanted
dest = Path(sys.argv[1])
target = wanted.Wanted(b"x" * 1000000, 0o644, os.geteuid(), os.getegid())
try:
    with staging.staged(dest, target): pass
except staging.DestinationError as error: print(error)
print(dest.read_text(), sorted(os.listdir(dest.parent)))
"""


@pytest.mark.parametrize(
    ("options", "then", "why"),
    [
        pytest.param("size=64k", "", "no space left on device", id="full"),
        pytest.param("size=64m", "mount -o remount,ro {}", "read-only file system", id="ro"),
    ],
)
def test_a_disk_that_takes_no_more_leaves_the_old_file(tmp_path, options, then, why):
    disk = tmp_path / "disk"
    (tmp_path / "run.py").write_text(FULL)
    script = f"""
        mkdir {disk} && mount -t tmpfs -o {options} tmpfs {disk}
        echo old > {disk}/app.conf
        {then.format(disk)}
        PYTHONPATH=. {sys.executable} {tmp_path}/run.py {disk}/app.conf
    """
    assert in_namespace(script).stdout.splitlines() == [
        f"Cannot write {disk}/app.conf: {why}",
        "old",
        " ['app.conf']",
    ]
