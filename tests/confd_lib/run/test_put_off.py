"""`min_reload_interval` and `debounce`: what is put off is done later, without another change."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from confd_lib import Confd, backends
from confd_lib.destination.update import Status
from confd_lib.run.reloads import Reload, Reloads
from confd_lib.run.settling import Settling
from tests.confd_lib.outcomes import lines, names, statuses

A, B = ("a.toml", ""), ("b.toml", "")


class Clock:
    """Shows the seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


# -- min_reload_interval


class Passes:
    """Runs the reload of one file, pass after pass."""

    def __init__(self, clock: Clock, tmp_path: Path, command: str, interval: float = 30) -> None:
        self.reloads = Reloads(clock=clock)
        self.log = tmp_path / "log"
        text = f"echo x >> {self.log}; {command}"
        self.reload = Reload(tmp_path / "a.conf", text, interval=interval)

    def run(self, *, changed: bool) -> int:
        """Run one pass; return how often the command has run until now."""
        self.reloads.begin({A: self.reload})
        self.reloads.begin_round([A])
        if changed:
            self.reloads.owe(A)
            self.reloads.changed(A)
        self.reloads.done_with(A)
        self.reloads.end_round([A])
        self.reloads.finish()
        return len(lines(self.log))


def test_a_reload_that_comes_too_soon_runs_once_its_interval_is_over(clock, tmp_path):
    passes = Passes(clock, tmp_path, "true")
    assert passes.run(changed=True) == 1
    assert passes.reloads.due() == math.inf
    clock.now += 10
    assert passes.run(changed=True) == 1
    assert passes.reloads.due() == 20
    clock.now += 19
    assert passes.run(changed=True) == 1
    clock.now += 1
    assert passes.reloads.due() == 0
    assert passes.run(changed=False) == 2
    assert passes.reloads.due() == math.inf
    clock.now += 100
    assert passes.run(changed=False) == 2


def test_a_failed_reload_is_still_failed_while_it_waits(clock, tmp_path):
    passes = Passes(clock, tmp_path, "false")
    assert passes.run(changed=True) == 1
    clock.now += 10
    assert passes.run(changed=False) == 1
    assert [*passes.reloads.failed] == [A]
    clock.now += 20
    assert passes.run(changed=False) == 2


def test_a_pass_without_the_resource_does_not_end_its_interval(clock, tmp_path):
    """It may wait for its values to settle, or the store may be away."""
    passes = Passes(clock, tmp_path, "true")
    assert passes.run(changed=True) == 1
    passes.reloads.begin({})
    passes.reloads.finish()
    clock.now += 10
    assert passes.run(changed=True) == 1
    clock.now += 20
    assert passes.run(changed=False) == 2


def test_an_interval_that_is_made_longer_counts_from_the_last_run(clock, tmp_path):
    passes = Passes(clock, tmp_path, "true")
    assert passes.run(changed=True) == 1
    passes.reload = replace(passes.reload, interval=60)
    for seconds, left in ((10, 50), (30, 20)):
        clock.now += seconds
        assert passes.run(changed=True) == 1
        assert passes.reloads.due() == left


def test_of_equal_commands_the_longest_interval_counts(clock, tmp_path):
    command = f"echo x >> {tmp_path / 'log'}"
    wanted = {
        key: Reload(tmp_path / key[0], command, interval=interval)
        for key, interval in ((A, 5), (B, 30))
    }
    reloads = Reloads(clock=clock)
    for _ in range(2):
        reloads.begin(wanted)
        reloads.begin_round([A, B])
        reloads.owe(A)
        reloads.changed(A)
        for key in (A, B):
            reloads.done_with(key)
        reloads.finish()
    assert reloads.due() == 30
    assert lines(tmp_path / "log") == ["x"]


def test_a_reload_that_waits_is_marked_and_run_by_the_next_run(folder, tmp_path):
    log = tmp_path / "log"
    folder.both('{{getv "/v"}}', reload_cmd=f"echo x >> {log}", min_reload_interval="1h")
    memory = backends.Memory({"/v": 1})
    confd = Confd(backend=memory, confdir=folder.path)
    for value in (1, 2, 3):
        memory.replace({"/v": value})
        assert statuses(confd.run_once()) == {"a": "updated"}
    assert (lines(log), folder.dest().read_text()) == (["x"], "3")
    assert names(folder.out) == [".a.conf.reload.confd", "a.conf"]
    folder.confd({"/v": 3}).run_once()
    assert lines(log) == ["x"] * 2
    assert names(folder.out) == ["a.conf"]


@pytest.mark.parametrize("mode", ["interval", "watch"])
def test_a_loop_wakes_for_a_reload_that_waits(folder, tmp_path, mode):
    log = tmp_path / "log"
    folder.both('{{getv "/v"}}', reload_cmd=f"echo x >> {log}", min_reload_interval="300ms")
    memory = backends.Memory({"/v": 1})
    confd = Confd(backend=memory, confdir=folder.path)
    stop = Event()
    passes = confd.watch(stop=stop) if mode == "watch" else confd.run_interval(600, stop=stop)
    next(passes)
    memory.replace({"/v": 2})
    confd.wake()
    assert statuses(next(passes)) == {"a": "updated"}
    while len(lines(log)) < 2:
        assert statuses(next(passes)) == {"a": "in sync"}
    stop.set()


# -- debounce


def test_values_wait_until_they_settle(clock):
    settling = Settling(clock=clock)
    assert not settling.holds("a", 1, debounce=2)
    assert settling.due() == math.inf
    assert settling.holds("a", 2, debounce=2)
    clock.now += 1.5
    assert settling.holds("a", 3, debounce=2)
    assert settling.due() == 2
    clock.now += 1.9
    assert settling.holds("a", 3, debounce=2)
    clock.now += 0.5
    assert settling.due() == 0
    assert not settling.holds("a", 3, debounce=2)
    assert not settling.holds("a", 3, debounce=2)
    assert settling.due() == math.inf


def test_values_that_never_settle_are_rendered_after_ten_times_the_debounce(clock):
    settling = Settling(clock=clock)
    held = []
    for value in range(30):
        held.append(settling.holds("a", value, debounce=2))
        clock.now += 1
    assert [number for number, one in enumerate(held) if not one] == [0, 21]


def test_a_resource_that_is_gone_needs_no_pass(clock):
    settling = Settling(clock=clock)
    settling.holds("a", 1, debounce=2)
    settling.holds("a", 2, debounce=2)
    settling.keep_only({"b"})
    assert settling.due() == math.inf


def test_a_watch_waits_for_one_resource_and_not_for_others(folder):
    folder.both('{{getv "/v"}}', debounce="300ms")
    folder.both('{{getv "/v"}}', "b")
    memory = backends.Memory({"/v": 1})
    confd = Confd(backend=memory, confdir=folder.path)
    stop = Event()
    passes = confd.watch(stop=stop)
    assert statuses(next(passes)) == {"a": "updated", "b": "updated"}
    memory.replace({"/v": 2})
    results = next(passes)
    assert statuses(results) == {"a": "waiting", "b": "updated"}
    assert results[0].error is None
    assert folder.dest().read_text() == "1"
    while statuses(results)["a"] == "waiting":
        results = next(passes)
    assert statuses(results) == {"a": "updated", "b": "in sync"}
    assert folder.dest().read_text() == "2"
    stop.set()


def test_names_wait_as_one_resource(folder):
    dest = f"{folder.out}/{{{{.}}}}.conf"
    folder.both("{{.}}", each="/s/*", dest=dest, debounce="300ms")
    memory = backends.Memory({"s": {"a": 1, "b": 1}})
    confd = Confd(backend=memory, confdir=folder.path)
    stop = Event()
    passes = confd.watch(stop=stop)
    next(passes)
    memory.replace({"s": {"b": 1, "c": 1}})
    (result,) = next(passes)
    assert result.status is Status.WAITING
    assert "a.conf" in names(folder.out)
    while result.status is Status.WAITING:
        (result, *_) = next(passes)
    assert [name for name in names(folder.out) if name[0] != "."] == ["b.conf", "c.conf"]
    stop.set()


def test_names_that_are_gone_for_a_moment_keep_their_files(folder, tmp_path):
    log = tmp_path / "log"
    dest = f"{folder.out}/{{{{.}}}}.conf"
    reload = f"echo x >> {log}"
    folder.both("{{.}}", each="/s/*", dest=dest, debounce="1s", reload_cmd=reload)
    memory = backends.Memory({"s": {"a": 1, "b": 1}})
    stop = Event()
    passes = Confd(backend=memory, confdir=folder.path).watch(stop=stop)
    next(passes)
    before = [folder.dest(name).stat().st_ino for name in "ab"]
    memory.replace({})
    results = next(passes)
    assert [result.status for result in results] == [Status.WAITING]
    memory.replace({"s": {"a": 1, "b": 1}})
    while results[0].status is Status.WAITING:
        results = next(passes)
    stop.set()
    assert [result.status for result in results] == [Status.IN_SYNC] * 2
    assert [folder.dest(name).stat().st_ino for name in "ab"] == before
    assert lines(log) == ["x"]


def test_a_single_pass_and_an_interval_do_not_wait(folder):
    folder.both('{{getv "/v"}}', debounce="1h")
    memory = backends.Memory({"/v": 1})
    confd = Confd(backend=memory, confdir=folder.path)
    stop = Event()
    passes = confd.run_interval(0.01, stop=stop)
    next(passes)
    memory.replace({"/v": 2})
    assert statuses(next(passes)) == {"a": "updated"}
    memory.replace({"/v": 3})
    assert statuses(confd.run_once()) == {"a": "updated"}
    stop.set()
