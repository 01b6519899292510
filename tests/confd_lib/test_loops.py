"""The loops: what makes an interval and a watch go round, and what ends them."""

from __future__ import annotations

import threading

import pytest

from confd_lib import Confd, backends, processor
from confd_lib.errors import BackendError, CannotWatch
from tests.confd_lib.commandline import without_subjects
from tests.confd_lib.failing import Failing
from tests.confd_lib.outcomes import lines, names, statuses


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


def test_what_fails_is_tried_again_ever_more_rarely_but_never_later_than_in_any_case():
    assert [processor._pause(60, failures) for failures in (0, 1, 2, 5, 6, 100_000)] == [
        60, 2, 4, 32, 60, 60,
    ]  # fmt: skip


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


def test_of_many_changes_only_the_last_is_rendered(folder):
    folder.both('{{getv "/v"}}')
    memory = backends.Memory({"/v": 0})
    stop = threading.Event()
    passes = Confd(backend=memory, confdir=folder.path).watch(stop=stop)
    next(passes)
    for value in range(1, 100):
        memory.replace({"/v": value})
    rendered = 0
    while folder.dest().read_text() != "99":
        next(passes)
        rendered += 1
    assert rendered < 99
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


def test_a_watch_outlives_a_store_that_fails(folder, caplog, monkeypatch):
    monkeypatch.setattr("confd_lib.processor._FIRST_RETRY", 0.01)
    folder.both("x")

    class LateLoss(Failing):
        def changes(self, keys, since, stop):
            yield from ()
            if keys:
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
    ]
    passes.close()


def test_a_watch_that_ends_or_breaks_by_itself_is_begun_again(folder, caplog, monkeypatch):
    monkeypatch.setattr("confd_lib.processor._FIRST_RETRY", 0.01)
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


def test_a_store_that_cannot_be_watched_refuses_before_anything_is_written(folder):
    folder.both("x")
    passes = Confd(backend=backends.Env({}), confdir=folder.path).watch(stop=threading.Event())
    with pytest.raises(CannotWatch, match="Watch is not supported for backend env"):
        next(passes)
    assert names(folder.out) == []
