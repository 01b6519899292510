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

from confd_lib.destination import staging
from confd_lib.errors import DestinationError, out_of_descriptors
from tests.confd_lib.outcomes import names
from tests.confd_lib.swaps import busy, failing, limited, put, state, state_of

ROOT = os.geteuid() == 0
OURS = re.compile(r"\.app\.conf\.[0-9a-f]{16}\.confd")


def test_a_new_file_is_whole_and_nothing_else_is_left(dest):
    assert put(dest, state_of(mode=0o640))
    assert state(dest) == (b"new\n", 0o640)
    assert names(dest.parent) == ["app.conf"]


def test_a_stage_is_private_until_it_is_whole_then_as_wanted(dest, monkeypatch):
    modes = []
    write = staging._write

    def watched(fd, content):
        modes.append(stat.S_IMODE(os.fstat(fd).st_mode))
        write(fd, content)

    monkeypatch.setattr(staging, "_write", watched)
    with staging.staged(dest, state_of(mode=0o666)) as stage:
        modes.append(stat.S_IMODE(stage.path.stat().st_mode))
        assert OURS.fullmatch(stage.path.name)
        assert stage.path.parent == dest.parent
    assert modes == [0o600, 0o666]
    assert names(dest.parent) == []


def test_a_kept_stage_has_confds_own_name_and_is_never_swept(dest):
    with staging.staged(dest, state_of(), keep=True) as stage:
        pass
    assert re.fullmatch(r"\.app\.conf\d+", stage.path.name)
    assert staging.sweep(dest.parent) == []
    assert stage.path.read_bytes() == b"new\n"


def test_a_long_name_is_cut_in_the_name_of_its_stage(tmp_path):
    dest = tmp_path / ("ü" * 120)
    assert put(dest, state_of())
    assert staging.sweep(tmp_path) == []


# -- Destinations of every kind


def test_a_link_is_replaced_by_a_file_and_its_target_is_not_touched(dest, tmp_path):
    target = tmp_path / "elsewhere"
    target.write_bytes(b"old\n")
    dest.symlink_to(target)
    put(dest, state_of())
    assert not dest.is_symlink()
    assert (dest.read_bytes(), target.read_bytes()) == (b"new\n", b"old\n")


def test_a_link_to_nothing_is_replaced(dest):
    dest.symlink_to("nowhere")
    put(dest, state_of())
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
    with pytest.raises(DestinationError) as caught, staging.staged(dest, state_of()):
        pass
    assert str(caught.value) == f"Cannot write {dest}: {why.format(tmp_path)}"


def test_a_file_that_does_not_fit_leaves_the_old_one_and_no_stage(dest):
    dest.write_bytes(b"old\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    limited(100)
    try:
        with pytest.raises(DestinationError, match="file too large"):
            put(dest, state_of(b"x" * 1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert state(dest)[0] == b"old\n"
    assert names(dest.parent) == ["app.conf"]


GIVEN_AWAY = """
import os, sys
from pathlib import Path
from confd_lib.destination import staging, wanted
os.setgid(65534)
os.setuid(65534)
try:
    with staging.staged(Path(sys.argv[1]), wanted.Wanted(b"new", 0o644, 0, 0)): pass
except staging.DestinationError as error: print(error)
"""


@pytest.mark.skipif(not ROOT, reason="only root can lose the right to give files away")
def test_an_owner_that_may_not_be_given_fails_before_the_swap():
    with tempfile.TemporaryDirectory() as folder:  # one that others may enter
        dest = Path(folder, "app.conf")
        os.chown(folder, 65534, 65534)
        done = subprocess.run(
            [sys.executable, "-c", GIVEN_AWAY, dest],
            cwd=Path(__file__).parents[3],
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
    for fault, reason in [(errno.EIO, "input/output error"), (errno.EACCES, "permission denied")]:
        monkeypatch.setattr(os, "fsync", busy(fault))
        with pytest.raises(DestinationError, match=reason):
            staging.sync_folder(tmp_path)


def test_a_folder_that_is_gone_cannot_be_synced(tmp_path):
    with pytest.raises(DestinationError) as caught:
        staging.sync_folder(tmp_path / "gone")
    assert str(caught.value) == f"Cannot write {tmp_path}/gone: no such file or directory"


UNREADABLE = """
import os, sys
from pathlib import Path
from confd_lib.destination import staging, wanted
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
dest = Path(sys.argv[1])
with staging.staged(dest, wanted.Wanted(b"new", 0o644, os.geteuid(), os.getegid())) as stage:
    staging.swap(staging.sync(stage))
staging.sync_folder(dest.parent)
"""


@pytest.mark.parametrize("mode", [0o311, 0o700])
def test_a_folder_that_we_may_write_and_not_read_takes_files(mode):
    with tempfile.TemporaryDirectory() as folder:  # one that others may enter
        if ROOT:
            os.chown(folder, 65534, 65534)
        os.chmod(folder, mode)  # noqa: PTH101
        dest = Path(folder, "app.conf")
        done = subprocess.run(
            [sys.executable, "-c", UNREADABLE, dest],
            cwd=Path(__file__).parents[3],
            capture_output=True,
            check=False,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
        os.chmod(folder, 0o700)  # noqa: PTH101
        assert dest.read_bytes() == b"new"


# -- What commands find


def test_a_script_can_be_run_while_it_is_staged_and_once_it_is_swapped(dest):
    with staging.staged(dest, state_of(b"#!/bin/sh\necho run\n", 0o755)) as stage:
        synced = staging.sync(stage)
        assert subprocess.check_output([stage.path]) == b"run\n"
        staging.swap(synced)
        assert subprocess.check_output([dest]) == b"run\n"


def test_a_destination_can_be_locked_as_soon_as_it_is_swapped(dest):
    with staging.staged(dest, state_of()) as stage:
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
    ("break_it", "why"),
    [
        pytest.param(remove, "its staged file {} was removed before the swap", id="removed"),
        pytest.param(exchange, "another file is in the place of its staged file {}", id="file"),
        pytest.param(
            exchange_for_a_link, "another file is in the place of its staged file {}", id="link"
        ),
    ],
)
def test_only_the_file_that_was_staged_is_swapped(dest, break_it, why):
    dest.write_bytes(b"old\n")
    with staging.staged(dest, state_of()) as stage:
        synced = staging.sync(stage)
        break_it(stage)
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
        staging.staged(dest, state_of()),
    ):
        pass
    assert other.read_bytes() == b"theirs\n"
    assert (tmp_path / "moved").read_bytes() == b""
    assert names(tmp_path) == ["moved", "other"]


# -- Faults


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
        put(dest, state_of())
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
        put(dest, state_of())
    assert str(caught.value) == f"Cannot write {dest}: {os.strerror(errno.EDQUOT).lower()}"
    assert state(dest)[0] == b"old\n"
    assert names(dest.parent) == ["app.conf"]


def test_once_a_stage_is_synced_no_close_matters(dest, monkeypatch):
    def locked(fd, mode="r"):
        return FailsToClose(fd, mode) if mode == "r" else FileIO(fd, mode)

    monkeypatch.setattr(staging, "FileIO", locked)
    assert put(dest, state_of())
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
    with staging.staged(dest, state_of(mode=0o4711, uid=1, gid=2)):
        assert calls == [(1, 2), "0o4711"]


@pytest.mark.skipif(not ROOT, reason="only root can give files away")
def test_a_file_that_is_given_away_keeps_its_set_id_bits(dest):
    put(dest, state_of(mode=0o6711, uid=65534, gid=65534))
    info = dest.stat()
    assert (info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)) == (65534, 65534, 0o6711)


def test_where_there_are_no_threads_stages_are_synced_one_by_one(tmp_path, monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    dests = [tmp_path / name for name in "abc"]
    with contextlib.ExitStack() as held:
        stages = [held.enter_context(staging.staged(dest, state_of())) for dest in dests]
        for synced in staging.sync_all(stages):
            staging.swap(synced)
    assert names(tmp_path) == ["a", "b", "c"]


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
    with staging.staged(dest, state_of()) as stage:
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
    with staging.staged(dest, state_of()) as stage:
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
    put(dest, state_of())
    left = stale(dest.parent)
    assert staging.sweep(dest.parent) == []
    assert left.exists()
