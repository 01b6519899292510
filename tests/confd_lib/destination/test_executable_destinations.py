"""Destinations that are run by their own check and reload, or locked by them."""

from __future__ import annotations

import shutil

import pytest

from confd_lib.destination.update import Status
from tests.confd_lib.outcomes import lines, names, statuses

SCRIPT = '#!/bin/sh\necho {{getv "/v"}} $(basename $0) >> {{getv "/log"}}\n'


def test_a_script_checks_and_reloads_itself(folder, tmp_path):
    log = tmp_path / "log"
    folder.both(SCRIPT, mode="0755", check_cmd="{{.src}}", reload_cmd="{{.dest}}")
    (result,) = folder.confd({"/v": "one", "/log": str(log)}).run_once()
    assert (result.status, result.error) == (Status.UPDATED, None)
    checked, reloaded = lines(log)
    assert checked.startswith("one .a.conf.")
    assert reloaded == "one a.conf"
    assert names(folder.out) == ["a.conf"]


def test_of_many_scripts_each_can_be_run_while_the_others_are_staged(folder, tmp_path):
    every = [f"{folder.dest(name)}" for name in "abc"]
    for name in "abc":
        folder.both("#!/bin/sh\n", name, mode="0755", reload_cmd=" && ".join(every[:1]))
    results = folder.confd().run_once()
    assert statuses(results) == dict.fromkeys("abc", "updated")


@pytest.mark.skipif(not shutil.which("flock"), reason="flock is not installed")
def test_a_reload_can_lock_its_destination(folder):
    folder.both("x", reload_cmd="flock -n {{.dest}} true")
    (result,) = folder.confd().run_once()
    assert (result.status, result.error) == (Status.UPDATED, None)


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ("mv {{.src}} {{.src}}.moved && rm {{.src}}.moved", "was removed before the swap"),
        ("cp {{.src}} {{.src}}.2 && mv {{.src}}.2 {{.src}}", "another file is in the place of its"),
        ("rm {{.src}} && ln -s /etc/passwd {{.src}}", "another file is in the place of its"),
    ],
)
def test_a_check_that_moves_the_staged_file_fails_its_resource(folder, check, why):
    folder.dest().write_text("last good\n")
    folder.both("x", check_cmd=check)
    folder.both("fine", "b")
    results = folder.confd().run_once()
    assert statuses(results) == {"a": "failed", "b": "updated"}
    assert why in str(results[0].error)
    assert lines(folder.dest()) == ["last good"]
    assert names(folder.out) == ["a.conf", "b.conf"]
