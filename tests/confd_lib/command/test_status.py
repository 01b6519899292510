"""The status file: what it says after a pass, and what it remembers."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from confd_lib.command.confd.status import StatusFile
from confd_lib.destination.update import Result, Status
from confd_lib.errors import BackendError, DestinationError
from confd_lib.run.source import Connection, Source
from tests.confd_lib.failing import Failing


def state(path: Path) -> dict[str, dict[str, object]]:
    return json.loads(path.read_text())


def good(name: str) -> Result:
    return Result(name, Status.UPDATED, changed=True)


def bad(name: str) -> Result:
    return Result(name, Status.FAILED, error=ValueError("odd"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "status.json"


HERE = Connection(reachable=True, since=1.0, last_answer=2.0)
AWAY = Connection(reachable=False, since=3.0, last_answer=2.0, error="refused")
NEVER = Connection(reachable=False, since=1.0, last_answer=0.0)


def of_a_store_that_answers(path: Path) -> StatusFile:
    return StatusFile(path, lambda: HERE)


@pytest.fixture
def clock(monkeypatch):
    """Show moments as numbers, of which each write takes the next."""
    monkeypatch.setattr("confd_lib.command.confd.status.rfc3339", lambda seconds: f"at {seconds:g}")
    moments = iter(range(10, 100))
    return lambda: next(moments)


def test_it_remembers_the_last_success_and_the_last_error_of_each(path, clock):
    status = StatusFile(path, lambda: HERE, clock=clock)
    for result in (good("a"), bad("a"), good("a")):
        status.record([result], "v")
    assert state(path) == {
        "ok": True,
        "time": "at 15",
        "version": "v",
        "store": {"reachable": True, "since": "at 1", "last_answer": "at 2", "error": None},
        "resources": {
            "a": {
                "dest": None,
                "status": "updated",
                "since": "at 14",
                "last_success": "at 14",
                "last_error": "odd",
                "last_error_time": "at 12",
            }
        },
    }


def test_a_resource_has_its_status_since_it_first_had_it(path, clock):
    status = StatusFile(path, lambda: HERE, clock=clock)
    for result in (good("a"), good("a"), bad("a"), bad("a")):
        status.record([result], "v")
    entry = state(path)["resources"]["a"]
    assert (entry["since"], entry["last_success"], entry["last_error_time"]) == (
        "at 14",
        "at 12",
        "at 16",
    )


OK = [
    ([good("a")], HERE, True),
    ([bad("a")], HERE, False),
    ([good("a"), Result("b", Status.SKIPPED)], HERE, False),
    ([Result("a", Status.DIFFERS)], HERE, False),
    ([good("a")], AWAY, False),
    ([good("a")], NEVER, True),
    ([], HERE, False),
]


@pytest.mark.parametrize(("results", "connection", "ok"), OK)
def test_all_is_well_if_every_resource_is_in_step_and_the_store_answers(
    path, results, connection, ok
):
    StatusFile(path, lambda: connection).record(results, "v")
    assert state(path)["ok"] is ok


@pytest.mark.parametrize("step", [100, -100])
def test_it_says_when_the_store_goes_and_when_it_is_back(path, step):
    """Also if somebody sets the clock back meanwhile."""
    refused = BackendError("refused")
    source = Source(Failing(None, refused, None), clock=count(1000, step).__next__)
    status = StatusFile(path, lambda: source.connection)
    source.on_change = lambda _: status.update()
    source.get_values(["/a"])
    assert not path.exists()  # nothing is known of the resources
    status.record([good("a")], "7")
    with pytest.raises(BackendError):
        source.get_values(["/a"])
    written = state(path)
    assert (written["ok"], written["store"]["reachable"]) == (False, False)
    assert written["store"]["error"] == "refused"
    source.get_values(["/a"])
    written = state(path)
    assert (written["ok"], written["store"]["reachable"]) == (True, True)
    assert (written["version"], list(written["resources"])) == ("7", ["a"])


def test_it_forgets_resources_that_are_gone_but_not_what_a_skipped_one_was(path):
    status = of_a_store_that_answers(path)
    status.record([bad("a"), good("b")], "1")
    status.record([Result("a", Status.SKIPPED)], "1")
    assert list(state(path)["resources"]) == ["a"]
    assert state(path)["resources"]["a"]["last_error"] == "odd"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_its_readers_are_those_that_the_umask_leaves(path, umask, mode):
    before = os.umask(umask)
    try:
        of_a_store_that_answers(path).record([], "")
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_the_stage_of_a_killed_run_is_swept(path):
    stale = path.with_name(".status.json.0123456789abcdef.confd")
    stale.touch()
    of_a_store_that_answers(path)
    assert not stale.exists()


def test_it_is_replaced_as_a_whole_and_stays_when_that_fails(path):
    status = of_a_store_that_answers(path)
    status.record([good("a")], "1")
    before = path.stat().st_ino
    status.record([good("a")], "2")
    assert path.stat().st_ino != before
    assert [entry.name for entry in path.parent.iterdir()] == ["status.json"]
    with pytest.raises(DestinationError):
        of_a_store_that_answers(path.parent / "no" / "status.json").record([], "1")


# -- A path that is no file


@pytest.fixture
def terminal() -> Iterator[Path]:
    """The path of a device of its own, which a test may not harm."""
    ours, theirs = os.openpty()
    yield Path(os.ttyname(theirs))
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("kind", ["device", "folder", "pipe"])
def test_what_is_no_file_is_not_replaced(tmp_path, terminal, kind, linked):
    """As -status-file=/dev/null, which would be a file for the whole machine."""
    made = {"device": terminal, "folder": tmp_path / "folder", "pipe": tmp_path / "pipe"}
    made["folder"].mkdir()
    os.mkfifo(made["pipe"])
    path = made[kind]
    if linked:
        path = tmp_path / "link"
        path.symlink_to(made[kind])
    before = path.lstat()
    said = {"device": "is a device", "folder": "is a directory", "pipe": "is a named pipe"}
    with pytest.raises(DestinationError) as caught:
        of_a_store_that_answers(path).record([good("a")], "1")
    assert str(caught.value) == f"Cannot write {path}: {said[kind]}"
    assert (path.lstat().st_ino, path.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert not [*tmp_path.glob(".*.confd")]


def test_the_folder_of_the_process_is_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DestinationError, match=r"^Cannot write \.: is a directory$"):
        of_a_store_that_answers(Path()).record([good("a")], "1")
