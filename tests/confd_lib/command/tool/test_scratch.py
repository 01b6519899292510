"""Temporary folders of processes that were killed: the next process removes them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from confd_lib.command.tool import scratch

HOLDS = """
import subprocess, sys
from confd_lib.command.tool import scratch

with scratch.folder("scratch-") as (path, lock):
    (path / "a").mkdir()
    (path / "a/b").write_text("x")
    shares = sys.argv[1:] and subprocess.Popen(["sleep", "60"], pass_fds=(lock,))
    print(path, shares and shares.pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def holder(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """Start a process that uses a folder, which another one may share."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, *getattr(request, "param", ())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_a_folder_is_removed_with_all_that_is_in_it(temporary: Path) -> None:
    with scratch.folder("scratch-") as (path, _):
        (path / "a").mkdir()
        (path / "a/b").write_text("x")
        assert names(temporary) == [path.name]
    assert names(temporary) == []


def test_the_folder_of_a_process_that_was_killed_is_removed(
    holder: subprocess.Popen[str], temporary: Path
) -> None:
    assert holder.stdout is not None
    left = Path(holder.stdout.readline().split()[0])
    with scratch.folder("scratch-") as (path, _):
        assert names(temporary) == sorted([left.name, path.name])
    holder.kill()
    holder.wait()
    assert (left / "a/b").exists()
    with scratch.folder("scratch-") as (path, _):
        assert names(temporary) == [path.name]


@pytest.mark.parametrize("holder", [["shares"]], indirect=True)
def test_a_process_that_shares_the_folder_keeps_it(
    holder: subprocess.Popen[str], temporary: Path
) -> None:
    assert holder.stdout is not None
    left, sharer = holder.stdout.readline().split()
    holder.kill()
    holder.wait()
    try:
        with scratch.folder("scratch-"):
            assert Path(left).exists()
    finally:
        os.kill(int(sharer), 9)


def test_what_is_no_folder_of_this_user_stays(temporary: Path) -> None:
    (temporary / "precious").mkdir()
    (temporary / "scratch-link").symlink_to("precious")
    (temporary / "scratch-file").write_text("x")
    (temporary / "other").mkdir()
    with scratch.folder("scratch-"):
        pass
    assert names(temporary) == ["other", "precious", "scratch-file", "scratch-link"]
