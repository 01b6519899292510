"""Staging and swapping: every state a destination may be in, and what is left behind."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import resource
import stat
import subprocess
import sys
import tempfile
import threading
from io import FileIO
from pathlib import Path

import pytest

from confd_lib import destination, staging
from confd_lib.destination import Wanted
from confd_lib.errors import DestinationError, out_of_descriptors
from tests.confd_lib.outcomes import names

ROOT = os.geteuid() == 0
OURS = re.compile(r"\.app\.conf\.[0-9a-f]{16}\.confd")


def wanted(content: bytes = b"new\n", mode: int = 0o644, **ids: int) -> Wanted:
    return Wanted(content, mode, ids.get("uid", os.geteuid()), ids.get("gid", os.getegid()))


def put(dest: Path, want: Wanted) -> bool:
    with staging.staged(dest, want) as stage:
        return staging.swap(staging.sync(stage))


def state(path: Path) -> tuple[bytes, int]:
    return path.read_bytes(), stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "app.conf"


def test_a_new_file_is_whole_and_nothing_else_is_left(dest):
    assert put(dest, wanted(mode=0o640))
    assert state(dest) == (b"new\n", 0o640)
    assert names(dest.parent) == ["app.conf"]


def test_a_stage_is_private_until_it_is_whole_then_as_wanted(dest, monkeypatch):
    modes = []
    write = staging._write

    def watched(fd, content):
        modes.append(stat.S_IMODE(os.fstat(fd).st_mode))
        write(fd, content)

    monkeypatch.setattr(staging, "_write", watched)
    with staging.staged(dest, wanted(mode=0o666)) as stage:
        modes.append(stat.S_IMODE(stage.path.stat().st_mode))
        assert OURS.fullmatch(stage.path.name)
        assert stage.path.parent == dest.parent
    assert modes == [0o600, 0o666]
    assert names(dest.parent) == []


def test_a_kept_stage_has_confds_own_name_and_is_never_swept(dest):
    with staging.staged(dest, wanted(), keep=True) as stage:
        pass
    assert re.fullmatch(r"\.app\.conf\d+", stage.path.name)
    assert staging.sweep(dest.parent) == []
    assert stage.path.read_bytes() == b"new\n"


def test_a_long_name_still_has_room_for_its_stage(tmp_path):
    dest = tmp_path / ("ü" * 120)
    assert put(dest, wanted())
    assert staging.sweep(tmp_path) == []


# -- Destinations of every kind


def test_a_link_is_replaced_by_a_file_and_its_target_is_not_touched(dest, tmp_path):
    target = tmp_path / "elsewhere"
    target.write_bytes(b"old\n")
    dest.symlink_to(target)
    put(dest, wanted())
    assert not dest.is_symlink()
    assert (dest.read_bytes(), target.read_bytes()) == (b"new\n", b"old\n")


def test_a_link_to_nothing_is_replaced(dest):
    dest.symlink_to("nowhere")
    put(dest, wanted())
    assert dest.read_bytes() == b"new\n"


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("no/such/app.conf", "no such directory: {}/no/such"),
        ("file/app.conf", "not a directory"),
        ("nul\0l", "the path holds a null byte"),
    ],
)
def test_a_place_that_cannot_be_written_is_named(tmp_path, place, why):
    (tmp_path / "file").touch()
    dest = tmp_path / place
    with pytest.raises(DestinationError) as caught, staging.staged(dest, wanted()):
        pass
    assert str(caught.value) == f"Cannot write {dest}: {why.format(tmp_path)}"


def limited(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_file_that_does_not_fit_leaves_the_old_one_and_no_stage(dest):
    dest.write_bytes(b"old\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    limited(100)
    try:
        with pytest.raises(DestinationError, match="file too large"):
            put(dest, wanted(b"x" * 1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert state(dest)[0] == b"old\n"
    assert names(dest.parent) == ["app.conf"]


GIVEN_AWAY = """
import os, sys
from pathlib import Path
from confd_lib import destination, staging
os.setgid(65534)
os.setuid(65534)
try:
    with staging.staged(Path(sys.argv[1]), destination.Wanted(b"new", 0o644, 0, 0)): pass
except staging.DestinationError as error: print(error)
"""


@pytest.mark.skipif(not ROOT, reason="only root can lose the right to give files away")
def test_an_owner_that_may_not_be_given_fails_before_the_swap():
    with tempfile.TemporaryDirectory() as folder:  # one that others may enter
        dest = Path(folder, "app.conf")
        os.chown(folder, 65534, 65534)
        done = subprocess.run(
            [sys.executable, "-c", GIVEN_AWAY, dest],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
            text=True,
        )
        assert done.stdout == f"Cannot write {dest}: operation not permitted\n"
        assert names(dest.parent) == []


def test_a_folder_is_synced_where_the_file_system_can(tmp_path, monkeypatch):
    staging.sync_folder(tmp_path)
    monkeypatch.setattr(os, "fsync", busy(errno.EINVAL))
    staging.sync_folder(tmp_path)
    monkeypatch.setattr(os, "fsync", busy(errno.EIO))
    with pytest.raises(DestinationError, match="input/output error"):
        staging.sync_folder(tmp_path)


def test_a_folder_that_is_gone_cannot_be_synced(tmp_path):
    with pytest.raises(DestinationError) as caught:
        staging.sync_folder(tmp_path / "gone")
    assert str(caught.value) == f"Cannot write {tmp_path}/gone: no such file or directory"


# -- What commands find


def test_a_script_can_be_run_while_it_is_staged_and_once_it_is_swapped(dest):
    with staging.staged(dest, wanted(b"#!/bin/sh\necho run\n", 0o755)) as stage:
        synced = staging.sync(stage)
        assert subprocess.check_output([stage.path]) == b"run\n"
        staging.swap(synced)
        assert subprocess.check_output([dest]) == b"run\n"


def test_a_destination_can_be_locked_as_soon_as_it_is_swapped(dest):
    with staging.staged(dest, wanted()) as stage:
        staging.swap(staging.sync(stage))
        with dest.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove(stage):
    stage.path.unlink()


def exchange(stage):
    stage.path.unlink()
    stage.path.write_bytes(stage.wanted.content)


def exchange_for_a_link(stage):
    stage.path.rename(stage.path.with_name("moved"))
    stage.path.symlink_to("moved")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(remove, "its staged file {} was removed before the swap", id="removed"),
        pytest.param(exchange, "another file is in the place of its staged file {}", id="file"),
        pytest.param(
            exchange_for_a_link, "another file is in the place of its staged file {}", id="link"
        ),
    ],
)
def test_only_the_file_that_was_staged_is_swapped(dest, spoil, why):
    dest.write_bytes(b"old\n")
    with staging.staged(dest, wanted()) as stage:
        synced = staging.sync(stage)
        spoil(stage)
        with pytest.raises(DestinationError) as caught:
            staging.swap(synced)
    assert str(caught.value) == f"Cannot write {dest}: {why.format(stage.path)}"
    assert dest.read_bytes() == b"old\n"
    assert not stage.path.exists()


def test_nothing_is_written_to_a_file_that_took_the_place_of_the_stage(dest, tmp_path, monkeypatch):
    lock = fcntl.flock
    other = tmp_path / "other"
    other.write_bytes(b"theirs\n")

    def exchanging(fd, operation):
        lock(fd, operation)
        (path,) = tmp_path.glob(".app.conf.*")
        path.rename(tmp_path / "moved")
        os.link(other, path)

    monkeypatch.setattr(fcntl, "flock", exchanging)
    with (
        pytest.raises(DestinationError, match="another file is in the place of its staged file"),
        staging.staged(dest, wanted()),
    ):
        pass
    assert other.read_bytes() == b"theirs\n"
    assert (tmp_path / "moved").read_bytes() == b""
    assert names(tmp_path) == ["moved", "other"]


# -- Faults


def failing(monkeypatch, name, number, first=1):
    """Let a call of the system fail, the first time or a later one, and then work again."""
    real, calls = getattr(os, name), []

    def call(*args):
        calls.append(args)
        if len(calls) == first:
            raise OSError(number, os.strerror(number))
        return real(*args)

    monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("open", errno.EMFILE),
        ("write", errno.ENOSPC),
        ("fchmod", errno.EPERM),
        ("fsync", errno.EIO),
    ],
)
def test_a_fault_of_the_system_has_its_number_and_leaves_nothing(dest, monkeypatch, name, number):
    failing(monkeypatch, name, number)
    with pytest.raises(DestinationError) as caught:
        put(dest, wanted())
    assert caught.value.errno == number
    assert out_of_descriptors(caught.value) == (number == errno.EMFILE)
    assert names(dest.parent) == []


class FailsToClose(FileIO):
    """A file whose close reports what was not written, as network file systems do."""

    def close(self):
        was_open = not self.closed
        super().close()
        if was_open:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))


def test_what_only_the_close_reports_is_an_error_of_the_destination(dest, monkeypatch):
    monkeypatch.setattr(staging, "FileIO", FailsToClose)
    dest.write_bytes(b"old\n")
    with pytest.raises(DestinationError) as caught:
        put(dest, wanted())
    assert str(caught.value) == f"Cannot write {dest}: {os.strerror(errno.EDQUOT).lower()}"
    assert state(dest)[0] == b"old\n"
    assert names(dest.parent) == ["app.conf"]


def test_once_a_stage_is_synced_no_close_matters(dest, monkeypatch):
    def locked(fd, mode="r"):
        return FailsToClose(fd, mode) if mode == "r" else FileIO(fd, mode)

    monkeypatch.setattr(staging, "FileIO", locked)
    assert put(dest, wanted())
    assert dest.read_bytes() == b"new\n"


def test_a_close_that_fails_stops_no_sweep_and_no_sync_of_a_folder(tmp_path, monkeypatch):
    left = stale(tmp_path)
    close = os.close

    def failing_close(fd):
        close(fd)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "close", failing_close)
    assert staging.sweep(tmp_path) == [left]
    staging.sync_folder(tmp_path)


def test_a_file_gets_its_owner_before_its_mode(dest, monkeypatch):
    calls = []
    monkeypatch.setattr(os, "fchown", lambda fd, *ids: calls.append(ids))
    monkeypatch.setattr(os, "fchmod", lambda fd, mode: calls.append(oct(mode)))
    with staging.staged(dest, wanted(mode=0o4711, uid=1, gid=2)):
        assert calls == [(1, 2), "0o4711"]


@pytest.mark.skipif(not ROOT, reason="only root can give files away")
def test_a_file_that_is_given_away_keeps_its_set_id_bits(dest):
    put(dest, wanted(mode=0o6711, uid=65534, gid=65534))
    info = dest.stat()
    assert (info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)) == (65534, 65534, 0o6711)


def test_where_there_are_no_threads_stages_are_synced_one_by_one(tmp_path, monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    dests = [tmp_path / name for name in "abc"]
    with contextlib.ExitStack() as held:
        stages = [held.enter_context(staging.staged(dest, wanted())) for dest in dests]
        for synced in staging.sync_all(stages):
            staging.swap(synced)
    assert names(tmp_path) == ["a", "b", "c"]


# -- Mounts


def busy(number):
    def rename(*_):
        raise OSError(number, os.strerror(number))

    return rename


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV])
def test_a_mounted_file_is_written_in_place_with_its_mode(dest, monkeypatch, number):
    dest.write_bytes(b"much longer than the new one\n")
    inode = dest.stat().st_ino
    monkeypatch.setattr(Path, "rename", busy(number))
    assert put(dest, wanted(mode=0o600)) is False
    assert state(dest) == (b"new\n", 0o600)
    assert dest.stat().st_ino == inode
    assert names(dest.parent) == ["app.conf"]
    current = destination.read(dest)
    assert destination.differences(dest, current, wanted(mode=0o600)) == []


def test_a_mounted_file_gets_back_what_it_held_when_the_new_does_not_fit(dest, monkeypatch):
    dest.write_bytes(b"old\n")
    want = wanted(b"x" * 1000)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(Path, "rename", busy(errno.EBUSY))
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
    monkeypatch.setattr(Path, "rename", busy(errno.EBUSY))
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
    monkeypatch.setattr(Path, "rename", busy(errno.EBUSY))
    with staging.staged(dest, wanted(mode=0o644)) as stage:
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
    monkeypatch.setattr(Path, "rename", busy(errno.EBUSY))
    modes = []
    with staging.staged(dest, wanted(mode=0o604)) as stage:
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
    monkeypatch.setattr(Path, "rename", busy(errno.EBUSY))
    with staging.staged(dest, wanted()) as stage:
        synced = staging.sync(stage)
        monkeypatch.setattr(os, "fsync", busy(errno.EIO))
        with pytest.raises(DestinationError) as caught:
            staging.swap(synced)
    reason = "input/output error; its old content could not be put back: input/output error"
    assert str(caught.value) == f"Cannot write {dest}: {reason}"


def test_another_error_of_the_swap_is_told(dest, monkeypatch):
    monkeypatch.setattr(Path, "rename", busy(errno.EROFS))
    with pytest.raises(DestinationError, match="read-only file system"):
        put(dest, wanted())
    assert names(dest.parent) == []


MOUNTED = """
import sys, os
from pathlib import Path
from confd_lib import destination, staging
dest = Path(sys.argv[1])
wanted = destination.Wanted(b"new\\n", 0o600, os.geteuid(), os.getegid())
for _ in range(2):
    print(len(destination.differences(dest, destination.read(dest), wanted)))
    with staging.staged(dest, wanted) as stage:
        print(staging.swap(staging.sync(stage)))
print(dest.read_text(), oct(dest.stat().st_mode & 0o777))
"""


def in_namespace(script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script where it may mount; skip where even that is not allowed."""
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-e", "-c", script],
        cwd=Path(__file__).parents[2],
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
from confd_lib import destination, staging
dest = Path(sys.argv[1])
wanted = destination.Wanted(b"x" * 1000000, 0o644, os.geteuid(), os.getegid())
try:
    with staging.staged(dest, wanted): pass
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


# -- Sweeping


def stale(folder: Path, name: str = ".app.conf.0123456789abcdef.confd") -> Path:
    path = folder / name
    path.write_bytes(b"half")
    return path


def test_a_stage_of_a_killed_run_is_swept_and_nothing_else(tmp_path):
    left = stale(tmp_path)
    for name in (".app.conf123456", "app.conf", ".app.conf.confd", ".x.0123.confd"):
        (tmp_path / name).touch()
    assert staging.sweep(tmp_path) == [left]
    assert len(names(tmp_path)) == 4
    assert staging.sweep(tmp_path / "missing") == []


def test_a_stage_in_use_is_not_swept(dest):
    with staging.staged(dest, wanted()) as stage:
        assert staging.sweep(dest.parent) == []
        assert stage.path.exists()


def test_a_stage_that_is_swept_before_it_is_locked_is_made_again(dest, monkeypatch):
    lock = fcntl.flock
    swept = []

    def late(fd, operation):
        if not swept:
            monkeypatch.setattr(fcntl, "flock", lock)
            swept.extend(staging.sweep(dest.parent))
        lock(fd, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with staging.staged(dest, wanted()) as stage:
        assert stage.path.read_bytes() == b"new\n"
    assert len(swept) == 1
    assert names(dest.parent) == []


def test_what_only_looks_like_a_stage_is_left(tmp_path):
    (tmp_path / ".app.conf.0123456789abcdef.confd").mkdir()
    link = tmp_path / ".app.conf.0123456789abcdee.confd"
    link.symlink_to("/etc/passwd")
    assert staging.sweep(tmp_path) == []
    assert link.is_symlink()


def test_without_locks_nothing_is_swept_and_files_are_still_written(dest, monkeypatch):
    monkeypatch.setattr(fcntl, "flock", busy(errno.ENOLCK))
    put(dest, wanted())
    left = stale(dest.parent)
    assert staging.sweep(dest.parent) == []
    assert left.exists()
