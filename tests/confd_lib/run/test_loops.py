"""The loops: what makes an interval and a watch go round, and what ends them."""

from __future__ import annotations

import functools
import logging
import threading

import pytest

from confd_lib import Confd, backends
from confd_lib.errors import BackendError, CannotWatch
from confd_lib.logs import LOGGER
from confd_lib.run import loops
from confd_lib.run.waiting import Inbox, Lost
from metadata_client import MetadataServer, delays
from tests.confd_lib.commandline import without_subjects
from tests.confd_lib.failing import Failing
from tests.confd_lib.outcomes import lines, statuses


def test_an_interval_repeats_until_it_is_stopped(folder):
    folder.both('{{getv "/v"}}')
    memory = backends.Memory({"/v": 1})
    stop = threading.Event()
    seen = []
    for results in Confd(backend=memory, confdir=folder.path).run_interval(0.01, stop=stop):
        seen.append(statuses(results)["a"])
        memory.replace({"/v": len(seen) // 2})
        if len(seen) == 4:
            stop.set()
    assert seen == ["updated", "updated", "updated", "in sync"]


def record_waits(monkeypatch, *, cut) -> list[float]:
    """Record the seconds of each wait, in which jitter always takes the most.

    Args:
        cut: says, given the last message, whether a wait is to end at once.
    """
    asked: list[float] = []
    heard: list[object] = [None]
    wait = Inbox.wait

    def recorded(self, seconds, stop):
        asked.append(round(seconds))
        heard.append(wait(self, min(seconds, 0.01) if cut(heard[-1]) else seconds, stop))
        return heard[-1]

    monkeypatch.setattr(Inbox, "wait", recorded)
    monkeypatch.setattr(loops, "delays", functools.partial(delays, draw=lambda: 1.0))
    return asked


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    """Record the seconds of each wait; those that follow the loss of a watch end at once."""
    return record_waits(monkeypatch, cut=lambda heard: isinstance(heard, Lost))


@pytest.fixture
def all_pauses(monkeypatch) -> list[float]:
    """Record the seconds of each wait; all end at once."""
    return record_waits(monkeypatch, cut=lambda _: True)


def test_what_fails_is_tried_again_ever_more_rarely_but_never_later_than_in_any_case(
    folder, all_pauses
):
    folder.both("x")
    stop = threading.Event()
    store = Failing(*[BackendError("away")] * 6, None, BackendError("away"))
    passes = Confd(backend=store, confdir=folder.path).run_interval(60, stop=stop)
    for _ in range(9):
        next(passes)
    assert all_pauses == [2, 4, 8, 16, 32, 60, 60, 2]
    passes.close()


def test_a_wish_ends_the_interval(folder):
    folder.both("x")
    stop = threading.Event()
    confd = folder.confd()
    passes = confd.run_interval(3600, stop=stop)
    next(passes)
    confd.wake()
    assert statuses(next(passes)) == {"a": "in sync"}
    stop.set()
    assert list(passes) == []


def test_a_stop_during_a_pass_finishes_the_resource_in_hand_and_its_reload(folder, tmp_path):
    stop = threading.Event()
    log = tmp_path / "log"
    for name in ("a", "b"):
        folder.both(name, name, reload_cmd=f"echo reloaded >> {log}")

    class Stopping(backends.Memory):
        def get_values(self, keys):
            snapshot = super().get_values(keys)

            class View:
                version = ""

                def view(self, prefix, keys):
                    stop.set()
                    return snapshot.view(prefix, keys)

            return View()

    confd = Confd(backend=Stopping({}), confdir=folder.path)
    (results,) = confd.run_interval(3600, stop=stop)
    assert statuses(results) == {"a": "updated", "b": "skipped"}
    assert lines(log) == ["reloaded"]


def test_a_watch_renders_each_change(folder):
    folder.both('{{getv "/v"}}')
    memory = backends.Memory({"/v": 0})
    stop = threading.Event()
    passes = Confd(backend=memory, confdir=folder.path).watch(stop=stop)
    for value in range(5):
        next(passes)
        assert folder.dest().read_text() == str(value)
        memory.replace({"/v": value + 1})
    stop.set()
    assert list(passes) == []


def test_a_change_during_a_render_is_not_missed(folder):
    folder.both('{{getv "/v"}}')
    memory = backends.Memory({"/v": "old"})
    asked = memory.get_values

    def changed_meanwhile(keys):
        snapshot = asked(keys)
        memory.replace({"/v": "new"})
        return snapshot

    memory.get_values = changed_meanwhile
    stop = threading.Event()
    passes = Confd(backend=memory, confdir=folder.path).watch(stop=stop)
    next(passes)
    assert folder.dest().read_text() == "old"
    next(passes)
    assert folder.dest().read_text() == "new"
    passes.close()


class Telling(backends.Memory):
    """A store with a script: a list of snapshots for each watch."""

    def __init__(self, values, *watches) -> None:
        super().__init__(values)
        self.watches = list(watches)
        self.since: list[object] = []
        self.delivered = threading.Event()

    def changes(self, keys, since, stop):
        self.since.append(since)
        yield from self.watches.pop(0) if self.watches else ()
        self.delivered.set()  # the loop has the last one in its inbox
        stop.wait()


class Rendered:
    """A snapshot that says when it is rendered, which then lasts until something has happened."""

    version = "1"

    def __init__(self, value: object, rendering: threading.Event, until: threading.Event) -> None:
        self.value, self.rendering, self.until = value, rendering, until

    def view(self, prefix, keys):
        self.rendering.set()
        assert self.until.wait(60)
        return snapshot(v=self.value).view(prefix, keys)


class Endless(list):
    """A script that each watch follows from its beginning."""

    def pop(self, _index):
        return list(self)


def snapshot(**values: object) -> backends.Snapshot:
    return backends.Memory({f"/{key}": value for key, value in values.items()}).get_values([])


def test_of_many_changes_only_the_last_is_rendered(folder, tmp_path):
    log = tmp_path / "log"
    folder.both('{{getv "/v"}}', reload_cmd=f"cat {folder.dest()} >> {log}; echo >> {log}")

    def watch():
        yield Rendered(1, rendering, store.delivered)
        assert rendering.wait(60)
        yield from (snapshot(v=value) for value in range(2, 100))

    rendering = threading.Event()
    store = Telling({"/v": 0}, watch())
    passes = Confd(backend=store, confdir=folder.path).watch(stop=threading.Event())
    for _ in range(3):
        next(passes)
    assert lines(log) == ["0", "1", "99"]
    passes.close()


def test_news_that_a_newer_answer_has_overtaken_are_not_rendered(folder, monkeypatch):
    folder.both('{{getv "/v"}}')
    store = Telling({"/v": "first"})

    def watch():
        yield Rendered("second", rendering, store.delivered)
        assert rendering.wait(60)
        yield snapshot(v="stale")

    rendering = threading.Event()
    store.watches = [watch()]
    confd = Confd(backend=store, confdir=folder.path)
    newest = threading.Event()
    record_waits(monkeypatch, cut=lambda _: newest.is_set())
    passes = confd.watch(stop=threading.Event())
    for value in ("first", "second"):
        next(passes)
        assert folder.dest().read_text() == value
    newest.set()
    store.replace({"/v": "newest"})
    confd.wake()
    seen = []
    for _ in range(3):
        next(passes)
        seen.append(folder.dest().read_text())
    assert seen == ["newest"] * 3
    passes.close()


def test_a_watch_repairs_files_when_it_resyncs(folder):
    folder.both("x")
    passes = folder.confd().watch(stop=threading.Event(), resync=0.05)
    next(passes)
    folder.dest().write_text("edited by hand")
    assert statuses(next(passes)) == {"a": "updated"}
    passes.close()


def test_a_watch_learns_of_new_resources_when_it_is_woken(folder):
    folder.both("x", keys=["/a"])
    memory = backends.Memory({"/a": 1, "/b": 2})
    confd = Confd(backend=memory, confdir=folder.path)
    passes = confd.watch(stop=threading.Event())
    next(passes)
    folder.both('{{getv "/b"}}', "b", keys=["/b"])
    confd.wake()
    assert statuses(next(passes)) == {"a": "in sync", "b": "updated"}
    memory.replace({"/b": 3})
    next(passes)
    assert folder.dest("b").read_text() == "3"
    passes.close()


def test_a_resource_that_is_added_before_news_is_rendered_with_its_own_keys(folder):
    folder.both("x", keys=["/a"])
    memory = backends.Memory({"/a": 1, "/b": 2})
    passes = Confd(backend=memory, confdir=folder.path).watch(stop=threading.Event())
    next(passes)
    folder.both('{{getv "/b"}}', "b", keys=["/b"])
    memory.replace({"/a": 2, "/b": 3})
    assert statuses(next(passes)) == {"a": "in sync", "b": "updated"}
    assert statuses(next(passes)) == {"a": "in sync", "b": "in sync"}
    passes.close()


def test_a_watch_outlives_a_store_that_fails(folder, caplog, pauses):
    folder.both("x")

    class LateLoss(Failing):
        def changes(self, keys, since, stop):
            yield from ()
            raise BackendError("the line was cut")

    stop = threading.Event()
    passes = Confd(backend=LateLoss(BackendError("not there")), confdir=folder.path).watch(
        stop=stop
    )
    assert statuses(next(passes)) == {"a": "failed"}
    assert statuses(next(passes)) == {"a": "updated"}
    assert statuses(next(passes)) == {"a": "in sync"}
    errors = [r.message for r in caplog.records if r.levelname == "ERROR"]
    assert [*map(without_subjects, errors)] == [
        "not there",
        "the line was cut",
        "the line was cut",
    ]
    passes.close()


def test_a_watch_that_ends_or_breaks_by_itself_is_begun_again(folder, caplog, pauses):
    folder.both("x")
    ends: list[type[Exception] | None] = [None, ZeroDivisionError]

    class Ending(Failing):
        def changes(self, keys, since, stop):
            yield from ()
            if keys and (error := ends.pop(0) if ends else None):
                raise error("odd")

    passes = Confd(backend=Ending(), confdir=folder.path).watch(stop=threading.Event())
    for _ in range(3):
        next(passes)
    passes.close()
    assert caplog.messages[:2] == [
        "the store ended the watch",
        "the watch broke: ZeroDivisionError: odd",
    ]


def test_a_watch_without_keys_waits_for_its_resync(folder):
    folder.both("x", keys=[])
    passes = folder.confd().watch(stop=threading.Event(), resync=0.01)
    assert [statuses(next(passes))["a"] for _ in range(2)] == ["updated", "in sync"]
    passes.close()


def test_a_lost_watch_is_begun_again_ever_more_rarely(folder, pauses, monkeypatch):
    folder.both("x")
    waits = []
    wait_for_news = loops.Watch._news

    def losing(self, end):
        pauses.clear()
        news = wait_for_news(self, end)
        waits.append(pauses[1:])
        return news

    monkeypatch.setattr(loops.Watch, "_news", losing)
    store = Telling({"/v": 1})
    store.changes = lambda *_: iter([snapshot(v=2)] if len(waits) == 7 else ())
    passes = Confd(backend=store, confdir=folder.path).watch(stop=threading.Event())
    for _ in range(10):
        next(passes)
    # After the seventh loss there are news, and the watch that gave them is lost as well.
    assert waits == [[2], [4], [8], [16], [32], [60], [60], [], [2]]
    passes.close()


def test_a_failure_with_news_is_tried_again_soon(folder, all_pauses):
    folder.both('{{getv "/v"}}')
    store = Telling({"/v": 1})
    store.watches = Endless([snapshot()])
    passes = Confd(backend=store, confdir=folder.path).watch(stop=threading.Event())
    while statuses(next(passes)) != {"a": "failed"}:
        pass
    all_pauses.clear()
    while statuses(next(passes)) != {"a": "in sync"}:
        pass
    assert all_pauses == [2]
    passes.close()


def test_a_store_that_could_not_be_asked_is_listened_to(folder):
    folder.both('{{getv "/v"}}')
    back = threading.Event()

    class Away(backends.Memory):
        def get_values(self, keys):
            if not back.is_set():
                raise BackendError("away")
            return super().get_values(keys)

        def changes(self, keys, since, stop):
            since_.append(since)
            back.wait()
            yield from super().changes(keys, since, stop)

    since_: list[object] = []
    passes = Confd(backend=Away({"/v": 1}), confdir=folder.path).watch(stop=threading.Event())
    assert statuses(next(passes)) == {"a": "failed"}
    back.set()
    assert statuses(next(passes)) == {"a": "updated"}
    assert since_ == [None]
    passes.close()


@pytest.mark.parametrize("begun", [True, False], ids=["at-once", "by-the-iterator"])
def test_a_store_that_cannot_be_watched_is_asked_in_intervals(folder, caplog, pauses, begun):
    folder.both('{{getv "/v"}}', keys=["/v"])

    def refuse():
        raise CannotWatch("no watch here")
        yield

    class Refusing(Failing):
        def changes(self, keys, since, stop):
            return refuse() if not begun else next(refuse())

    passes = Confd(backend=Refusing(), confdir=folder.path).watch(
        stop=threading.Event(), resync=300
    )
    for _ in range(3):
        next(passes)
    assert folder.dest().read_text() == "1"
    assert caplog.messages == ["no watch here; asking every 300 s instead"]
    assert pauses[1::2] == [300, 300]
    passes.close()


def test_an_environment_is_watched_in_intervals(folder, caplog, pauses):
    folder.both('{{getv "/v"}}', keys=["/v"])
    confd = Confd(backend=backends.Env({"V": "1"}), confdir=folder.path)
    passes = confd.watch(stop=threading.Event())
    while not caplog.messages:
        next(passes)
    next(passes)
    assert folder.dest().read_text() == "1"
    (line,) = caplog.messages
    assert line == "Watch is not supported for backend env; asking every 600 s instead"
    passes.close()


def test_a_conf_d_that_cannot_be_watched_any_more_ends_no_watch(folder, caplog, pauses):
    with MetadataServer({"latest": {"default": {"version": "1", "self": {}}}}) as server:
        rancher = backends.Rancher(server.url)
        confd = Confd(backend=rancher, confdir=folder.path)
        passes = confd.watch(stop=threading.Event())
        folder.both("x", keys=["/latest/self"])
        next(passes)
        folder.both("x", keys=["/"])
        confd.wake()
        while not caplog.records:
            next(passes)
        folder.both('{{getv "/latest/version"}}', keys=["/latest/version"])
        while folder.dest().read_text() != "1":
            next(passes)
        server.replace({"latest": {"default": {"version": "2", "self": {}}}})
        while folder.dest().read_text() != "2":
            next(passes)
        passes.close()
        rancher.close()
    assert [r.levelname for r in caplog.records] == ["WARNING"]


def test_the_connection_of_a_watch_is_reported(folder):
    folder.both("x")
    confd = Confd(backend=Failing(BackendError("away")), confdir=folder.path)
    assert (confd.connection.reachable, confd.connection.last_answer) == (False, 0)
    confd.run_once()
    assert not confd.connection.reachable
    confd.run_once()
    assert confd.connection.reachable
    assert confd.connection.last_answer >= confd.connection.since > 0


def test_an_outage_is_logged_when_it_begins_and_when_it_ends(folder, caplog):
    caplog.set_level(logging.INFO, LOGGER.name)
    folder.both("x")
    folder.confd().run_once()
    caplog.clear()
    confd = Confd(backend=Failing(*[BackendError("away")] * 3), confdir=folder.path)
    for _ in range(5):
        confd.run_once()
    assert [(r.levelname, without_subjects(r.message)) for r in caplog.records] == [
        ("ERROR", "away"),
        ("INFO", "The store answers again"),
    ]
