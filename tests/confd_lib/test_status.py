"""The status file: what it says after a pass, and what it remembers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from confd_lib.errors import DestinationError
from confd_lib.status import StatusFile
from confd_lib.update import Result, Status


def state(path: Path) -> dict[str, dict[str, object]]:
    return json.loads(path.read_text())


def good(name: str) -> Result:
    return Result(name, Status.UPDATED, changed=True)


def bad(name: str) -> Result:
    return Result(name, Status.FAILED, error=ValueError("odd"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "status.json"


def test_it_remembers_the_last_success_and_the_last_error_of_each(path, monkeypatch):
    monkeypatch.setattr("confd_lib.status.rfc3339", lambda seconds: f"at {seconds}")
    moments = iter((1, 2, 3))
    status = StatusFile(path, clock=lambda: next(moments))
    for result in (good("a"), bad("a"), good("a")):
        status.record([result], "v")
    assert state(path) == {
        "version": "v",
        "time": "at 3",
        "ok": True,
        "resources": {
            "a": {
                "dest": None,
                "status": "updated",
                "last_success": "at 3",
                "last_error": "odd",
                "last_error_time": "at 2",
            }
        },
    }


def test_it_forgets_resources_that_are_gone_but_not_those_that_had_no_turn(path):
    status = StatusFile(path)
    status.record([good("a"), good("b")], "1")
    status.record([good("a")], "1", whole=False)
    assert sorted(state(path)["resources"]) == ["a", "b"]
    status.record([bad("a")], "2")
    assert (sorted(state(path)["resources"]), state(path)["ok"]) == (["a"], False)


def test_it_is_replaced_as_a_whole_and_stays_when_that_fails(path):
    status = StatusFile(path)
    status.record([good("a")], "1")
    before = path.stat().st_ino
    status.record([good("a")], "2")
    assert path.stat().st_ino != before
    assert [entry.name for entry in path.parent.iterdir()] == ["status.json"]
    with pytest.raises(DestinationError):
        StatusFile(path.parent / "no" / "status.json").record([], "1")
