"""Reloads: each command once a pass, and again in each pass until it has succeeded."""

from __future__ import annotations

from confd_lib.update import Status
from tests.confd_lib.outcomes import lines, statuses


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
