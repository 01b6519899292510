"""Destinations: their state, the state that they are to get, and how the two differ."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from confd_lib.destination import wanted
from confd_lib.destination.wanted import Current, Wanted
from confd_lib.errors import DestinationError
from tests.confd_lib.outcomes import names
from tests.confd_lib.swaps import state_of

UID, GID = os.geteuid(), os.getegid()


def planned(dest: Path, mode: int | None = 0, uid: int | str = -1, gid: int | str = -1) -> Wanted:
    current = wanted.read(dest)
    return wanted.plan(dest, current, b"", mode=mode, uid=uid, gid=gid)


def differences(dest: Path, want: Wanted) -> list[str]:
    return wanted.differences(dest, wanted.read(dest), want)


def diff(dest: Path, content: bytes) -> str:
    return wanted.diff(dest, wanted.read(dest), content)


def md5(word: bytes) -> str:
    return hashlib.md5(word + b"\n").hexdigest()


# -- What is wanted


def test_without_a_mode_a_file_keeps_its_own_setuid_included(dest):
    plan = planned(dest, None)
    assert (plan.mode, plan.uid, plan.gid) == (0o644, UID, GID)
    dest.touch()
    dest.chmod(0o4710)
    assert planned(dest, None).mode == 0o4710


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "kept"),
    [
        pytest.param(0o6775, 0, 0, 0o6775, id="its own owner and group"),
        pytest.param(0o6775, 0, 1, 0o4775, id="another group"),
        pytest.param(0o6777, 1, 0, 0o755, id="another owner"),
        pytest.param(0o666, 1, 0, 0o644, id="writable by all, of another owner"),
        pytest.param(0o640, 1, 1, 0o640, id="a secret of another owner"),
        pytest.param(0o1600, 1, 1, 0o600, id="sticky, of another owner"),
    ],
)
def test_of_another_owner_no_dangerous_permission_is_taken_over(dest, mode, uid, gid, kept):
    current = Current(b"", stat.S_IFREG | mode, uid, gid)
    assert wanted.plan(dest, current, b"", mode=None, uid=0, gid=0).mode == kept


def test_owners_may_be_names(dest):
    plan = planned(dest, uid="root", gid="0")
    assert (plan.uid, plan.gid) == (0, 0)


def test_a_negative_id_is_what_go_makes_of_it(dest):
    assert planned(dest, uid=-2).uid == 4294967294


@pytest.mark.parametrize(
    ("owner", "why"),
    [
        ("nobody-has-this-name", "unknown user nobody-has-this-name"),
        ("a\0b", "unknown user a\0b"),
        (1 << 32, "user id 4294967296 is out of range"),
        (-(1 << 40), "user id -1099511627776 is out of range"),
    ],
)
def test_the_error_names_an_unknown_owner(dest, owner, why):
    with pytest.raises(DestinationError) as caught:
        planned(dest, uid=owner)
    assert str(caught.value) == f"Cannot write {dest}: {why}"


# -- How a destination differs from it


def test_differences_are_reported_in_confds_words(dest):
    assert differences(dest, state_of()) == [f"{dest} does not exist"]
    dest.write_bytes(b"old\n")
    dest.chmod(0o640)
    assert differences(dest, state_of(gid=GID + 1)) == [
        f"{dest} has GID {GID} should be {GID + 1}",
        f"{dest} has mode -rw-r----- should be -rw-r--r--",
        f"{dest} has md5sum {md5(b'old')} should be {md5(b'new')}",
    ]
    dest.write_bytes(b"new\n")
    dest.chmod(0o644)
    assert differences(dest, state_of()) == []


def test_a_diff_shows_lines_and_a_missing_last_newline(dest):
    assert diff(dest, b"a\n") == (f"--- {dest}\n+++ {dest} (rendered)\n@@ -0,0 +1 @@\n+a\n")
    dest.write_bytes(b"a\nb")
    assert diff(dest, b"a\nc\n").splitlines()[2:] == [
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "\\ No newline at end of file",
        "+c",
    ]
    assert diff(dest, b"a\nb") == ""


@pytest.mark.skipif(not shutil.which("patch"), reason="patch is not installed")
def test_patch_makes_of_the_file_what_the_diff_says(dest):
    dest.write_bytes(b"one\x0c1\nsame\r\ntwo\xe2\x80\xa82\xff")
    content = b"one\x0c2\nsame\r\n\x85three\rand four\x1c\n"
    difference = diff(dest, content).encode("utf-8", "surrogateescape")
    subprocess.run(
        ["patch", "--binary", dest], input=difference, check=True, stdout=subprocess.PIPE
    )
    assert dest.read_bytes() == content


# -- Symbolic links


@pytest.fixture
def target(dest: Path, tmp_path: Path) -> Path:
    """A file of somebody else, to which the destination is a link."""
    path = tmp_path / "secret"
    path.write_bytes(b"secret\n")
    path.chmod(0o4666)
    dest.symlink_to(path)
    return path


def test_nothing_of_a_file_comes_through_a_link_to_it(dest, target):
    assert planned(dest, None).mode == 0o644
    link = f"{dest} is a symbolic link"
    assert differences(dest, state_of(b"secret\n", 0o4666)) == [f"{link}, should be a regular file"]
    assert diff(dest, b"new\n").splitlines() == [
        f"{link}: a file would replace it",
        f"--- {dest}",
        f"+++ {dest} (rendered)",
        "@@ -0,0 +1 @@",
        "+new",
    ]


def test_the_target_of_a_link_is_not_even_opened(dest, target, monkeypatch):
    opened = []
    monkeypatch.setattr(os, "read", lambda fd, size: opened.append(fd))
    assert wanted.read(dest).is_link
    assert opened == []


def test_a_link_to_nothing_is_one_too(dest):
    dest.symlink_to("nowhere")
    assert differences(dest, state_of()) == [f"{dest} is a symbolic link, should be a regular file"]


# -- What is no file


def make_directory(dest):
    dest.mkdir()


def make_fifo(dest):
    os.mkfifo(dest)


def make_loop(dest):
    dest.symlink_to(dest)


def make_link_to_directory(dest):
    dest.symlink_to(dest.parent)


def make_link_to_device(dest):
    dest.symlink_to(os.devnull)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(make_directory, "is a directory", id="directory"),
        pytest.param(make_fifo, "is a named pipe", id="fifo"),
        pytest.param(make_loop, "too many levels of symbolic links", id="loop"),
        pytest.param(make_link_to_directory, "is a directory", id="link to a directory"),
        pytest.param(make_link_to_device, "is a device", id="link to a device"),
    ],
)
def test_what_is_no_file_is_refused_before_anything_is_written(dest, make, why):
    make(dest)
    with pytest.raises(DestinationError) as caught:
        wanted.read(dest)
    assert str(caught.value) == f"Cannot write {dest}: {why}"
    assert names(dest.parent) == ["app.conf"]


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("nul\0l", "the path holds a null byte"),
        ("half\ud800", "the path holds a lone surrogate"),
        ("file/app.conf", "not a directory"),
    ],
)
def test_a_place_that_cannot_be_read_is_named(tmp_path, place, why):
    (tmp_path / "file").touch()
    dest = tmp_path / place
    with pytest.raises(DestinationError) as caught:
        wanted.read(dest)
    assert str(caught.value) == f"Cannot write {dest}: {why}"


# -- Below a root


def test_destinations_lie_below_the_root_however_they_are_written(tmp_path):
    for dest in ("/etc/app.conf", "etc/app.conf", "/../../etc/app.conf"):
        assert wanted.below(tmp_path, dest) == tmp_path / "etc/app.conf"
    assert (tmp_path / "etc").is_dir()


def test_a_link_that_leads_out_of_the_root_is_refused(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "etc").symlink_to(tmp_path)
    with pytest.raises(DestinationError) as caught:
        wanted.below(root, "/etc/new/app.conf")
    assert str(caught.value).endswith(f"a symbolic link leads out of {root}")
    assert not (tmp_path / "new").exists()


def test_nobody_else_may_write_to_the_folders_that_are_made(tmp_path):
    before = os.umask(0)
    try:
        wanted.below(tmp_path / "root", "/etc/app/a.conf")
    finally:
        os.umask(before)
    made = tmp_path / "root/etc/app"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (made, *made.parents[:2])]
    assert modes == [0o755] * 3
