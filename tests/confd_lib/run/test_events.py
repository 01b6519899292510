"""The events of a run: which there are, in which order, and what an observer may do."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence

import pytest

from confd_lib import Confd, backends
from confd_lib.command.confd.status import StatusFile
from confd_lib.destination.update import Result, Status
from confd_lib.errors import BackendError
from confd_lib.run.events import ConnectionChanged, Events, Passed, Reloaded, Report, Step
from tests.confd_lib.conftest import Folder


class Failing(backends.Memory):
    """A store that fails while it is away."""

    away = False

    def get_values(self, keys: Sequence[str]):
        if self.away:
            raise BackendError("away")
        return super().get_values(keys)


def observed(confd) -> list[Report]:
    reports: list[Report] = []
    confd.events.add(reports.append)
    return reports


def test_a_pass_reports_its_steps_and_then_its_results(folder: Folder) -> None:
    folder.both("x", reload_cmd="true")
    confd = folder.confd({"/a": 1})
    reports = observed(confd)
    results = confd.run_once()
    path = str(folder.path / "conf.d/a.toml")
    *first, passed = reports
    assert first == [
        Step(str(folder.path)),
        Step("the store"),
        ConnectionChanged(confd.connection),
        Step(path),
        Step(path),
        Reloaded(((path, ""),), failed=False),
        Step(),
    ]
    assert isinstance(passed, Passed)
    assert passed.results == results
    assert (passed.good, passed.changed, passed.behind) == (True, True, [])
    assert passed.seconds >= 0


def test_a_reload_that_fails_is_reported_for_all_of_its_resources(folder: Folder) -> None:
    for name in ("a", "b"):
        folder.both("x", name, reload_cmd="false")
    confd = folder.confd()
    reports = observed(confd)
    confd.run_once()
    keys = tuple((str(folder.path / f"conf.d/{name}.toml"), "") for name in ("a", "b"))
    assert [one for one in reports if isinstance(one, Reloaded)] == [Reloaded(keys, failed=True)]


@pytest.mark.parametrize(
    ("statuses", "good", "behind"),
    [
        ([], False, 0),
        ([Status.UPDATED, Status.IN_SYNC], True, 0),
        ([Status.UPDATED, Status.FAILED], False, 1),
        ([Status.SKIPPED, Status.DIFFERS], False, 2),
    ],
)
def test_a_pass_is_good_if_every_file_is_in_step(statuses, good, behind) -> None:
    passed = Passed([Result(str(n), status) for n, status in enumerate(statuses)], "")
    assert (passed.good, len(passed.behind)) == (good, behind)


def test_a_loop_that_waits_reports_that_it_lives(folder: Folder) -> None:
    confd, stop, waited = folder.confd(), threading.Event(), threading.Event()
    passes = confd.run_interval(3600, stop=stop)
    next(passes)
    confd.events.add(lambda report: (waited.set(), stop.set()) if report == Step() else None)
    assert list(passes) == []
    assert waited.is_set()


def test_an_observer_that_fails_stops_neither_the_run_nor_the_next(folder: Folder, caplog) -> None:
    folder.both("x")
    confd = folder.confd()
    confd.events.add(lambda _: 1 / 0)
    reports = observed(confd)
    (result,) = confd.run_once()
    assert result.status is Status.UPDATED
    assert isinstance(reports[-1], Passed)
    assert "An observer of the passes failed" in caplog.text


def test_observers_are_called_in_their_order() -> None:
    called: list[str] = []
    events = Events()
    for name in ("a", "b"):
        events.add(lambda _, name=name: called.append(name))
    events.tell(Step())
    assert called == ["a", "b"]


def test_an_outage_of_a_store_that_nobody_asks_any_more_is_no_concern(folder, tmp_path) -> None:
    folder.both("x", keys=["/a"])
    store = Failing({"/a": 1})
    confd = Confd(backend=store, confdir=folder.path)
    status = tmp_path / "status.json"
    confd.events.add(StatusFile(status, lambda: confd.connection).observe)

    def ok() -> bool:
        confd.run_once()
        return json.loads(status.read_text())["ok"]

    assert ok()
    store.away = True
    assert not ok()
    folder.resource(keys=[])
    assert ok()
    folder.resource(keys=["/a"])
    assert not ok()
    store.away = False
    assert ok()


def test_each_function_of_on_connection_is_called(folder: Folder) -> None:
    folder.both("x")
    confd, seen = folder.confd({"/a": 1}), list[object]()
    confd.on_connection(seen.append)
    confd.on_connection(lambda connection: seen.append(connection.reachable))
    confd.run_once()
    assert seen == [confd.connection, True]
