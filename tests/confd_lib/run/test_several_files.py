"""Several files in one pass: staged together, synced together, swapped one after the other."""

from __future__ import annotations

import errno
import os
import stat
import threading

import pytest

from confd_lib.destination.update import Status
from confd_lib.run import batch
from tests.confd_lib.outcomes import names, statuses


def watch_syncs(monkeypatch, see) -> None:
    """Let something see each file, by its descriptor, before it is synced; folders do not count."""
    fsync = os.fsync

    def watched(fd):
        if stat.S_ISREG(os.fstat(fd).st_mode):
            see(fd)
        fsync(fd)

    monkeypatch.setattr(os, "fsync", watched)


def test_the_files_of_a_pass_are_synced_at_the_same_time(folder, monkeypatch):
    all_there = threading.Barrier(3)
    watch_syncs(monkeypatch, lambda _: all_there.wait(timeout=10))
    for name in ("a", "b", "c"):
        folder.both(name, name)
    assert statuses(folder.confd().run_once()) == dict.fromkeys("abc", "updated")
    assert names(folder.out) == ["a.conf", "b.conf", "c.conf"]


def no_threads(started, thread):
    started.append(thread.name)
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("changed", [1, 3])
def test_one_file_needs_no_thread_and_several_do_without_where_none_can_be_had(
    folder, monkeypatch, changed
):
    started = []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: no_threads(started, thread))
    for name in ("a", "b", "c"):
        folder.both("x", name)
    for name in ("a", "b", "c")[changed:]:
        folder.dest(name).write_text("x")
    results = folder.confd().run_once()
    assert sum(result.status is Status.UPDATED for result in results) == changed
    assert len([name for name in started if "sync" in name]) == (changed > 1)
    assert names(folder.out) == ["a.conf", "b.conf", "c.conf"]


def test_each_file_is_whole_and_synced_before_it_is_seen(folder, monkeypatch):
    synced, swapped = set(), []
    watch_syncs(monkeypatch, lambda fd: synced.add(os.fstat(fd).st_ino))
    rename = os.rename

    def watched(name, dest, **folders):
        assert (folder.out / name).stat().st_ino in synced
        swapped.append(dest)
        rename(name, dest, **folders)

    monkeypatch.setattr(os, "rename", watched)
    for name in ("c", "a", "b"):
        folder.both(name, name)
    assert statuses(folder.confd().run_once()) == dict.fromkeys("abc", "updated")
    assert swapped == ["a.conf", "b.conf", "c.conf"]


@pytest.mark.parametrize(
    ("error", "reported"),
    [
        (
            OSError(errno.EIO, os.strerror(errno.EIO)),
            "Cannot write {out}/b.conf: input/output error",
        ),
        (ZeroDivisionError("odd"), "{path}/conf.d/b.toml: ZeroDivisionError: odd"),
    ],
)
def test_a_file_that_cannot_be_synced_fails_alone_and_leaves_the_old_one(
    folder, monkeypatch, error, reported
):
    def refuse(fd):
        if os.pread(fd, 1, 0) == b"b":
            raise error

    watch_syncs(monkeypatch, refuse)
    for name in ("a", "b", "c"):
        folder.both(name, name, check_cmd="test -s {{.src}}")
        folder.dest(name).write_text("old")
    results = folder.confd().run_once()
    assert statuses(results) == {"a": "updated", "b": "failed", "c": "updated"}
    assert str(results[1].error) == reported.format(out=folder.out, path=folder.path)
    assert [folder.dest(name).read_text() for name in "abc"] == ["a", "old", "c"]
    assert names(folder.out) == ["a.conf", "b.conf", "c.conf"]


def test_only_so_many_stages_are_open_at_once(folder, monkeypatch):
    monkeypatch.setattr(batch, "_MOST_STAGED", 2)
    staged = []
    watch_syncs(monkeypatch, lambda _: staged.append(len(list(folder.out.glob(".*.confd")))))
    for name in "abcde":
        folder.both(name, name)
    assert statuses(folder.confd().run_once()) == dict.fromkeys("abcde", "updated")
    assert staged == [2, 2, 2, 2, 1]


def test_a_stop_sweeps_what_is_staged_behind_the_resource_in_hand(folder, monkeypatch):
    stop = threading.Event()
    watch_syncs(monkeypatch, lambda _: stop.set())
    for name in ("a", "b", "c"):
        folder.both(name, name)
    results = folder.confd().run_once(stop=stop)
    assert statuses(results) == {"a": "updated", "b": "skipped", "c": "skipped"}
    assert names(folder.out) == ["a.conf"]


def test_of_two_resources_with_one_destination_the_last_has_its_way(folder):
    (folder.out / "link").symlink_to(folder.out)
    folder.both("first", "a")
    folder.both("last", "b", dest=str(folder.out / "link/a.conf"))
    folder.dest().write_text("last")
    assert statuses(folder.confd().run_once()) == {"a": "updated", "b": "updated"}
    assert folder.dest().read_text() == "last"


def test_a_template_sees_the_files_of_the_resources_before_its_own(folder):
    folder.both("{{`{{.}}`}} x", "a", dest=str(folder.path / "templates/b.tmpl"), mode="0600")
    folder.both("old", "b", left_delim="<<", right_delim=">>")
    folder.both(f'{{{{fileExists "{folder.dest("b")}"}}}}', "c")
    assert statuses(folder.confd().run_once()) == dict.fromkeys("abc", "updated")
    assert [folder.dest(name).read_text() for name in "bc"] == ["{{.}} x", "true"]
