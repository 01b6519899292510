"""Staging and swapping: every state a destination may be in, and what is left behind."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import resource
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from confd_lib import staging
from confd_lib.errors import DestinationError
from confd_lib.staging import Wanted

ROOT = os.geteuid() == 0
OURS = re.compile(r"\.app\.conf\.[0-9a-f]{16}\.confd")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def wanted(content: bytes = b"new\n", mode: int = 0o644, **ids: int) -> Wanted:
    return Wanted(content, mode, ids.get("uid", os.geteuid()), ids.get("gid", os.getegid()))


def md5(word: bytes) -> str:
    return hashlib.md5(word + b"\n").hexdigest()


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


# -- What is wanted, and what differs


def test_without_a_mode_a_file_keeps_its_own_setuid_included(dest):
    plan = staging.plan(dest, b"", mode=None, uid=-1, gid=-1)
    assert (plan.mode, plan.uid, plan.gid) == (0o644, os.geteuid(), os.getegid())
    dest.touch()
    dest.chmod(0o4710)
    assert staging.plan(dest, b"", mode=None, uid=-1, gid=-1).mode == 0o4710


def test_owners_may_be_names(dest):
    plan = staging.plan(dest, b"", mode=0, uid="root", gid="0")
    assert (plan.uid, plan.gid) == (0, 0)


def test_a_negative_id_is_what_go_makes_of_it(dest):
    assert staging.plan(dest, b"", mode=0, uid=-2, gid=-1).uid == 4294967294


@pytest.mark.parametrize(
    ("owner", "why"),
    [
        ("nobody-has-this-name", "unknown user nobody-has-this-name"),
        ("a\0b", "unknown user a\0b"),
        (1 << 32, "user id 4294967296 is out of range"),
        (-(1 << 40), "user id -1099511627776 is out of range"),
    ],
)
def test_an_owner_that_is_none_is_named(dest, owner, why):
    with pytest.raises(DestinationError) as caught:
        staging.plan(dest, b"", mode=0, uid=owner, gid=-1)
    assert str(caught.value) == f"Cannot write {dest}: {why}"


def test_differences_are_told_in_confds_words(dest):
    assert staging.differences(dest, wanted()) == [f"{dest} does not exist"]
    dest.write_bytes(b"old\n")
    dest.chmod(0o640)
    gid = os.getegid()
    assert staging.differences(dest, wanted(gid=gid + 1)) == [
        f"{dest} has GID {gid} should be {gid + 1}",
        f"{dest} has mode -rw-r----- should be -rw-r--r--",
        f"{dest} has md5sum {md5(b'old')} should be {md5(b'new')}",
    ]
    put(dest, wanted())
    assert staging.differences(dest, wanted()) == []


def test_a_diff_shows_lines_and_a_missing_last_newline(dest):
    assert staging.diff(dest, b"a\n") == (f"--- {dest}\n+++ {dest} (rendered)\n@@ -0,0 +1 @@\n+a\n")
    dest.write_bytes(b"a\nb")
    assert staging.diff(dest, b"a\nc\n").splitlines()[2:] == [
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "\\ No newline at end of file",
        "+c",
    ]
    assert staging.diff(dest, b"a\nb") == ""


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
    assert staging.differences(dest, wanted()) == [f"{dest} does not exist"]
    put(dest, wanted())
    assert dest.read_bytes() == b"new\n"


def make_directory(dest):
    dest.mkdir()


def make_fifo(dest):
    os.mkfifo(dest)


def make_loop(dest):
    dest.symlink_to(dest)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(make_directory, "it is a directory", id="directory"),
        pytest.param(make_fifo, "it is not a regular file", id="fifo"),
        pytest.param(make_loop, "too many levels of symbolic links", id="loop"),
    ],
)
def test_what_is_no_file_is_refused_before_anything_is_written(dest, make, why):
    make(dest)
    for act in (
        lambda: staging.plan(dest, b"", mode=None, uid=-1, gid=-1),
        lambda: staging.differences(dest, wanted()),
        lambda: staging.diff(dest, b""),
    ):
        with pytest.raises(DestinationError) as caught:
            act()
        assert str(caught.value) == f"Cannot write {dest}: {why}"
    assert names(dest.parent) == ["app.conf"]


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("no/such/app.conf", "no such directory: {}/no/such"),
        ("file/app.conf", "not a directory"),
        ("nul\0l", "embedded null byte"),
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
from confd_lib import staging
os.setgid(65534)
os.setuid(65534)
try:
    with staging.staged(Path(sys.argv[1]), staging.Wanted(b"new", 0o644, 0, 0)): pass
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
    assert staging.differences(dest, wanted(mode=0o600)) == []


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


def test_another_error_of_the_swap_is_told(dest, monkeypatch):
    monkeypatch.setattr(Path, "rename", busy(errno.EROFS))
    with pytest.raises(DestinationError, match="read-only file system"):
        put(dest, wanted())
    assert names(dest.parent) == []


MOUNTED = """
import sys, os
from pathlib import Path
from confd_lib import staging
dest = Path(sys.argv[1])
wanted = staging.Wanted(b"new\\n", 0o600, os.geteuid(), os.getegid())
for _ in range(2):
    print(len(staging.differences(dest, wanted)))
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
from confd_lib import staging
dest = Path(sys.argv[1])
wanted = staging.Wanted(b"x" * 1000000, 0o644, os.geteuid(), os.getegid())
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


# -- Below a root


def test_destinations_lie_below_the_root_however_they_are_written(tmp_path):
    for dest in ("/etc/app.conf", "etc/app.conf", "/../../etc/app.conf"):
        assert staging.below(tmp_path, dest) == tmp_path / "etc/app.conf"
    assert (tmp_path / "etc").is_dir()


def test_a_link_that_leads_out_of_the_root_is_refused(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "etc").symlink_to(tmp_path)
    with pytest.raises(DestinationError) as caught:
        staging.below(root, "/etc/new/app.conf")
    assert str(caught.value).endswith(f"a symbolic link leads out of {root}")
    assert not (tmp_path / "new").exists()
