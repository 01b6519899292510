"""Reloads: each command once a pass, and again in each pass until it has succeeded."""

from __future__ import annotations

import os
import signal

import pytest

from confd_lib.destination import markers, staging
from confd_lib.destination.markers import IN_HAND, RELOAD
from confd_lib.destination.update import Status
from tests.confd_lib.outcomes import lines, names, state, statuses
from tests.confd_lib.sidekick import confd


def test_equal_reloads_run_once_after_the_last_file_that_wants_them(folder, tmp_path):
    log = tmp_path / "log"
    for name, word in (("a", "shared"), ("b", "alone"), ("c", "shared"), ("d", "late")):
        folder.both(name, name, reload_cmd=f"echo {word} $(ls {folder.out}) >> {log}")
    assert {result.status for result in folder.confd().run_once()} == {Status.UPDATED}
    assert lines(log) == [
        "alone a.conf b.conf",
        "shared a.conf b.conf c.conf",
        "late a.conf b.conf c.conf d.conf",
    ]


def test_a_failed_reload_is_tried_in_each_pass_until_it_succeeds(folder, tmp_path):
    ready = tmp_path / "ready"
    folder.both("x", reload_cmd=f"test -e {ready}")
    confd = folder.confd()
    (result,) = confd.run_once()
    assert (result.status, result.changed) == (Status.FAILED, True)
    assert str(result.error) == f"Reload failed: exit status 1: test -e {ready}"
    (result,) = confd.run_once()
    assert (result.status, result.changed) == (Status.FAILED, False)
    ready.touch()
    assert statuses(confd.run_once()) == {"a": "in sync"}
    ready.unlink()
    assert statuses(confd.run_once()) == {"a": "in sync"}


def test_a_reload_is_owed_even_while_its_resource_is_broken(folder, tmp_path):
    log = tmp_path / "log"
    toml = folder.path / "conf.d/a.toml"
    folder.both("x", reload_cmd=f"echo tried >> {log}; false")
    confd = folder.confd()
    confd.run_once()
    whole = toml.read_text()
    toml.write_text("[template")
    (result,) = confd.run_once()
    assert "Cannot process template resource" in str(result.error)
    toml.write_text(whole)
    confd.run_once()
    assert lines(log) == ["tried"] * 3
    toml.unlink()
    assert confd.run_once() == []
    assert lines(log) == ["tried"] * 3


def test_of_several_files_only_those_that_changed_fail_with_the_reload(folder):
    folder.both("a", "a", reload_cmd="exit 3")
    folder.both('{{getv "/v"}}', "b", reload_cmd="exit 3")
    folder.dest("a").write_text("a")
    results = folder.confd({"/v": 1}).run_once()
    assert statuses(results) == {"a": "in sync", "b": "failed"}


def test_a_reload_that_hangs_is_ended(folder):
    folder.both("x", reload_cmd="sleep 1000", reload_timeout="100ms")
    (result,) = folder.confd().run_once()
    assert "Reload failed: timed out after 0.1s" in str(result.error)


def test_a_resource_is_owed_the_reload_that_it_has_now(folder, tmp_path):
    log = tmp_path / "log"
    folder.both("x", reload_cmd=f"echo old >> {log}; false")
    folder.both("y", "b", reload_cmd="false")
    confd = folder.confd()
    confd.run_once()
    folder.resource(reload_cmd=f"echo new >> {log}")
    folder.resource("b")
    assert statuses(confd.run_once()) == {"a": "in sync", "b": "in sync"}
    assert lines(log) == ["old", "new"]
    assert names(folder.out) == ["a.conf", "b.conf"]


# -- From one run to the next


def test_a_reload_that_was_killed_is_run_by_the_next_run(folder, tmp_path):
    started, log = tmp_path / "started", tmp_path / "log"
    os.mkfifo(started)
    folder.both("x", reload_cmd=f"kill -9 $PPID; echo > {started}")
    with confd("-onetime", "-backend=env", f"-confdir={folder.path}") as running:
        started.read_bytes()
        assert running.process.wait() == -signal.SIGKILL
    assert folder.dest().read_text() == "x"
    folder.resource(reload_cmd=f"echo reloaded >> {log}")
    assert statuses(folder.confd().run_once()) == {"a": "in sync"}
    assert statuses(folder.confd().run_once()) == {"a": "in sync"}
    assert lines(log) == ["reloaded"]
    assert names(folder.out) == ["a.conf"]


def test_a_failed_reload_is_tried_in_each_run_until_it_succeeds(folder, tmp_path):
    ready = tmp_path / "ready"
    for name in ("a", "b"):
        folder.both("x", name, reload_cmd=f"test -e {ready}")
    for _ in range(3):
        assert statuses(folder.confd().run_once()) == {"a": "failed", "b": "failed"}
        marks = [".a.conf.reload.confd", ".b.conf.reload.confd"]
        assert names(folder.out) == [*marks, "a.conf", "b.conf"]
        assert {(folder.out / mark).stat().st_mode & 0o777 for mark in marks} == {0o600}
    ready.touch()
    assert statuses(folder.confd().run_once()) == {"a": "in sync", "b": "in sync"}
    assert names(folder.out) == ["a.conf", "b.conf"]


def test_a_refused_file_is_owed_no_reload(folder):
    folder.both("x", check_cmd="false", reload_cmd="echo")
    assert statuses(folder.confd().run_once()) == {"a": "failed"}
    assert names(folder.out) == []


def test_a_resource_without_a_reload_is_owed_none(folder):
    folder.both("x", reload_cmd="false")
    folder.confd().run_once()
    folder.resource()
    assert statuses(folder.confd().run_once()) == {"a": "in sync"}
    assert names(folder.out) == ["a.conf"]


def test_a_reload_is_owed_to_the_destination_of_now(folder):
    folder.both("x", reload_cmd="false")
    confd = folder.confd()
    confd.run_once()
    folder.resource(dest=str(folder.dest("b")), reload_cmd="false")
    assert statuses(confd.run_once()) == {"a": "failed"}
    assert names(folder.out) == [".b.conf.reload.confd", "a.conf", "b.conf"]


def test_a_resource_that_is_gone_is_owed_none(folder):
    folder.both("x", reload_cmd="false")
    confd = folder.confd()
    confd.run_once()
    (folder.path / "conf.d/a.toml").unlink()
    assert confd.run_once() == []
    assert names(folder.out) == ["a.conf"]


@pytest.mark.parametrize("option", ["noop", "sync_only"])
def test_where_no_reload_runs_markers_stay_as_they_are(folder, tmp_path, option):
    log = tmp_path / "log"
    folder.both("x", reload_cmd="false")
    folder.confd().run_once()
    folder.both("new", reload_cmd=f"echo reloaded >> {log}")
    folder.both("new", "b", reload_cmd=f"echo reloaded >> {log}")
    folder.confd(**{option: True}).run_once()
    marks = [name for name in names(folder.out) if name.endswith(".confd")]
    assert (marks, lines(log)) == ([".a.conf.reload.confd"], [])
    folder.confd().run_once()
    assert lines(log) == ["reloaded"]


def linked(mark):
    mark.symlink_to("a.conf")


def folder_of_that_name(mark):
    mark.mkdir()


def filled(mark):
    mark.write_text("something")


def of_another(mark):
    mark.touch()
    os.chown(mark, 65534, 65534)


@pytest.mark.parametrize("make", [linked, folder_of_that_name, filled, of_another])
def test_what_is_no_marker_of_ours_means_nothing_and_is_left(folder, tmp_path, make):
    if make is of_another and os.geteuid():
        pytest.skip("only root may give files away")
    log = tmp_path / "log"
    folder.both("x", reload_cmd=f"echo reloaded >> {log}")
    folder.dest().write_text("x")
    mark = RELOAD.path(folder.dest())
    make(mark)
    before = state(mark)
    assert statuses(folder.confd().run_once()) == {"a": "in sync"}
    assert lines(log) == []
    folder.template("y")
    assert statuses(folder.confd().run_once()) == {"a": "updated"}
    assert lines(log) == ["reloaded"]
    assert state(mark) == before


def test_a_folder_that_takes_no_marker_is_no_reason_to_fail(folder, monkeypatch, caplog, tmp_path):
    caplog.set_level("DEBUG")
    ready = tmp_path / "ready"
    folder.both("x", reload_cmd=f"test -e {ready}")
    monkeypatch.setattr(markers.Marker, "path", lambda *_: tmp_path / "no" / "mark")
    confd = folder.confd()
    assert statuses(confd.run_once()) == {"a": "failed"}
    ready.touch()
    assert statuses(confd.run_once()) == {"a": "in sync"}
    assert any(f"Cannot make the marker {tmp_path}/no/mark" in line for line in caplog.messages)


def test_a_marker_that_cannot_be_removed_means_one_more_reload_a_run(folder, monkeypatch, tmp_path):
    log = tmp_path / "log"
    folder.both("x", reload_cmd=f"echo reloaded >> {log}")

    def refused(self, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    confd = folder.confd()
    with monkeypatch.context() as patch:
        patch.setattr(type(folder.out), "unlink", refused)
        for _ in range(3):
            confd.run_once()
    assert lines(log) == ["reloaded"]


@pytest.mark.parametrize("marker", [RELOAD, IN_HAND], ids=["reload", "in hand"])
@pytest.mark.parametrize("name", ["a.conf", "a.0123456789abcdef", "n" * 255, "é" * 127])
def test_a_marker_is_never_swept_as_a_stage_whatever_its_file_is_called(folder, name, marker):
    dest = folder.out / name
    assert marker.make(dest)
    assert marker.is_made(dest)
    assert staging.sweep(folder.out) == []
    marker.remove(dest)
    assert not marker.is_made(dest)
