"""`each` through the command: the status file and the list beside it, diffs, exit statuses."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from confd_lib.command.confd import cli
from tests.confd_lib.outcomes import names


@pytest.fixture
def run(folder, tmp_path, capfd):
    """Run the command once for some names; return its status and what it printed."""
    folder.both("{{.}}\n", each="/s/*", dest=f"{folder.out}/{{{{.}}}}.conf")
    values = tmp_path / "values.json"

    def once(given: list[str], *flags: str) -> tuple[int, str]:
        values.write_text(json.dumps({"s": {name: {"x": 1} for name in given}}))
        args = ("-onetime", "-backend=file", f"-file={values}", f"-confdir={folder.path}")
        status = cli.main([*args, "-config-file=", *flags], "confd")
        return status, capfd.readouterr().out

    return once


def test_the_status_file_has_an_entry_for_each_file_and_the_list_lies_beside_it(
    run, folder, tmp_path
):
    kept = tmp_path / "run"
    kept.mkdir()
    status = f"-status-file={kept}/status.json"
    assert run(["a", "b"], status)[0] == 0
    toml = folder.path / "conf.d/a.toml"
    state = json.loads((kept / "status.json").read_text())
    assert state["ok"] is True
    assert {name: one["dest"] for name, one in state["resources"].items()} == {
        f"{toml} {folder.out}/{name}.conf": f"{folder.out}/{name}.conf" for name in "ab"
    }
    assert [name.partition(".each")[1] for name in names(kept)] == [".each", ""]
    assert names(folder.out) == ["a.conf", "b.conf"]
    run(["b"], status)
    entries = json.loads((kept / "status.json").read_text())["resources"].values()
    assert [one["status"] for one in entries] == ["in sync", "removed"]
    run(["b"], status)
    entries = json.loads((kept / "status.json").read_text())["resources"].values()
    assert [one["status"] for one in entries] == ["in sync"]
    assert names(folder.out) == ["b.conf"]


def test_a_resource_without_names_is_a_good_one(run, folder, tmp_path):
    assert run([], f"-status-file={tmp_path}/status.json")[0] == 0
    assert json.loads((tmp_path / "status.json").read_text())["ok"] is True


def test_a_removal_is_a_difference(run):
    assert run(["a", "b"])[0] == 0
    assert run(["a", "b"], "-diff-exit-code")[0] == 0
    assert run(["a"], "-diff-exit-code", "-noop")[0] == 2
    assert run(["a"], "-diff-exit-code")[0] == 2
    assert run(["a"], "-diff-exit-code")[0] == 0


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch is missing")
def test_patch_does_what_noop_prints(run, folder):
    run(["a", "b"])
    status, diff = run(["b", "c"], "-noop")
    assert status == 0
    subprocess.run(["patch", "-p0"], input=diff, text=True, check=True, cwd="/")
    assert [name for name in names(folder.out) if name[0] != "."] == ["b.conf", "c.conf"]


def test_a_name_that_climbs_fails_the_run(run, folder, capfd):
    assert run(["a", ".."])[0] == 1
    assert names(folder.out) == []
