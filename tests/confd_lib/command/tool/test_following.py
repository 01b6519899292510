"""Edits are noticed, however a file is saved; a file that is only touched has not changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from confd_lib import stamps
from confd_lib.command.tool.following import Followed


def put(path: Path, text: str) -> None:
    """Save a file as most editors do: on a busy machine, an empty one could be seen otherwise."""
    other = path.parents[1] / "other"
    other.write_text(text)
    other.replace(path)


def overwrite(path: Path, text: str) -> None:
    """Replace the content by as much, at once: a file that is emptied first may be seen empty."""
    with path.open("r+") as file:
        file.write(text)


def in_place(path: Path) -> None:
    overwrite(path, "new")


def of_the_same_size(path: Path) -> None:
    found = path.stat()
    overwrite(path, "OLD")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def renamed_over(path: Path) -> None:
    new = path.with_suffix(".swp")
    new.write_text("new")
    new.replace(path)


def removed(path: Path) -> None:
    path.unlink()


def folder_exchanged_by_a_link(path: Path) -> None:
    """Exchange the folder as Kubernetes does with a ConfigMap, and deployments with `current`."""
    top = path.parent.parent
    second = top / "second"
    second.mkdir()
    (second / path.name).write_text("new")
    (top / "link").symlink_to("second")
    (top / "link").replace(path.parent)


SAVES = [in_place, of_the_same_size, renamed_over, removed, folder_exchanged_by_a_link]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file below a link to a folder."""
    (tmp_path / "first").mkdir()
    (tmp_path / "current").symlink_to("first")
    path = tmp_path / "current" / "a.tmpl"
    path.write_text("old")
    return path


@pytest.mark.parametrize("save", SAVES, ids=lambda save: save.__name__)
def test_an_edit_is_noticed_once(path: Path, save: Callable[[Path], None]) -> None:
    followed = Followed(lambda: [path])
    assert not followed.have_changed()
    save(path)
    assert followed.have_changed()
    assert not followed.have_changed()


def test_a_touched_file_has_not_changed(path: Path) -> None:
    followed = Followed(lambda: [path])
    path.touch()
    assert not followed.have_changed()


def test_a_new_file_is_an_edit(path: Path) -> None:
    followed = Followed(lambda: sorted(path.parent.iterdir()))
    (path.parent / "b.tmpl").touch()
    assert followed.have_changed()


def test_a_file_that_is_emptied_before_it_is_written_is_one_edit(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = Followed(lambda: [path])
    path.write_text("")
    # The editor goes on while it is waited for.
    monkeypatch.setattr("time.sleep", lambda _: path.write_text("new"))
    assert followed.have_changed()
    assert not followed.have_changed()


def test_a_file_that_is_written_all_the_time_is_noticed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = Followed(lambda: [path])
    texts = iter(map(str, range(10_000)))
    monkeypatch.setattr("time.sleep", lambda _: path.write_text(next(texts)))
    path.write_text("")
    assert followed.have_changed()


def test_an_edit_within_one_tick_of_the_clock_is_noticed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = stamps.stamp(path)
    monkeypatch.setattr(stamps, "stamp", lambda _: stamp)
    followed = Followed(lambda: [path])
    path.write_text("new")
    assert followed.have_changed()


def test_an_old_file_is_not_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "is_young", lambda _: False)
    followed = Followed(lambda: [path])
    monkeypatch.setattr("confd_lib.regular.read_file", lambda _: pytest.fail("it is read"))
    assert not followed.have_changed()
