"""Passes and loops: each rule of a pass, and what makes a loop go round."""

from __future__ import annotations

import errno
import gc
import logging
import os
import stat
import threading
from pathlib import Path

import pytest

from confd_lib import Confd, backends, processor, staging
from confd_lib.errors import BackendError, CannotWatch, CommandError, DestinationError
from confd_lib.logs import LOGGER
from confd_lib.store import Store
from confd_lib.update import Status


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def statuses(results) -> dict[str, str]:
    return {Path(result.path).stem: result.status.value for result in results}


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


# -- One pass


def test_a_file_is_written_once_then_left_alone(folder):
    folder.both('port {{getv "/port"}}\n')
    confd = folder.confd({"/port": 80})
    (result,) = confd.run_once()
    assert (result.status, result.changed, result.error) == (Status.UPDATED, True, None)
    info = folder.dest().stat()
    assert (folder.dest().read_text(), stat.S_IMODE(info.st_mode)) == ("port 80\n", 0o644)
    (result,) = confd.run_once()
    assert (result.status, result.changed) == (Status.IN_SYNC, False)
    assert folder.dest().stat() == info
    assert names(folder.out) == ["a.conf"]


def test_a_new_value_swaps_the_file_and_reloads_once(folder, tmp_path):
    log = tmp_path / "log"
    folder.both('{{getv "/v"}}', reload_cmd=f"echo {{{{.dest}}}} >> {log}")
    memory = backends.Memory({"/v": 1})
    confd = Confd(backend=memory, confdir=folder.path)
    confd.run_once()
    inode = folder.dest().stat().st_ino
    memory.replace({"/v": 2})
    confd.run_once()
    confd.run_once()
    assert folder.dest().read_text() == "2"
    assert folder.dest().stat().st_ino != inode
    assert lines(log) == [str(folder.dest())] * 2


def test_resources_see_only_what_their_keys_ask_for(folder):
    folder.both('{{exists "/a/x"}} {{exists "/b/x"}}', keys=["/a"])
    folder.both('{{range gets "/*"}}{{.}}{{end}}{{range ls "/"}}{{.}}{{end}}', "none", keys=[])
    folder.confd({"/a/x": 1, "/b/x": 2}).run_once()
    assert folder.dest().read_text() == "true false"
    assert folder.dest("none").read_text() == ""


@pytest.mark.parametrize(
    ("prefix", "own", "compat", "joins", "found"),
    [
        ("/p", "/r", "", False, "p"),  # 0.16: that of the run takes the place
        ("/p", "/r", "", True, "p/r"),  # the rancher backend joins
        ("/p", "/r", "0.11", False, "p/r"),
        ("/p", "/r", "0.16", True, "p"),
        ("", "/r", "", False, "r"),
        ("", "", "0.16", False, "top"),
        ("p", "", "0.16", False, "p"),
    ],
)
def test_prefixes_are_joined_or_replaced(folder, prefix, own, compat, joins, found):
    folder.both('{{getv "/v"}}', keys=["/v"], prefix=own)
    memory = backends.Memory({"/v": "top", "/p/v": "p", "/r/v": "r", "/p/r/v": "p/r"})
    memory.joins_prefixes = joins
    Confd(backend=memory, confdir=folder.path, prefix=prefix, compat=compat).run_once()
    assert folder.dest().read_text() == found


def test_the_rules_of_0_11_reach_the_functions(folder):
    folder.both('{{getv "/no" "default"}}')
    confd = Confd(backend=backends.Memory({}), confdir=folder.path, compat="0.11")
    (result,) = confd.run_once()
    assert "wrong number of args for getv: want 1 got 2" in str(result.error)


def stores() -> int:
    gc.collect()
    return sum(isinstance(each, Store) for each in gc.get_objects())


@pytest.mark.parametrize("compat", ["0.11", "0.16"])
def test_a_pass_keeps_no_store_of_the_one_before(folder, compat):
    folder.both('{{range ls "/"}}{{.}}{{end}}{{range gets "/*"}}{{.Key}}{{end}}')
    confd = folder.confd({"/a": "1"}, compat=compat)
    counts = []
    for _ in range(6):
        confd.run_once()
        counts.append(stores())
    assert len(set(counts[2:])) == 1


def test_the_store_is_asked_once_for_all_keys(folder):
    asked = []

    class Counting(backends.Memory):
        def get_values(self, keys):
            asked.append(keys)
            return super().get_values(keys)

    for name, keys in (("a", ["/a", "/c"]), ("b", ["/b"]), ("c", ["/c/"])):
        folder.both("x", name, keys=keys)
    Confd(backend=Counting({}), confdir=folder.path, prefix="/p").run_once()
    assert asked == [("/p/a", "/p/c", "/p/b")]


def test_a_broken_resource_stops_no_other(folder):
    folder.both('{{getv "/missing"}}', "a")
    folder.resource("b", src="nowhere.tmpl")
    (folder.path / "conf.d/c.toml").write_text("[template")
    folder.both("fine", "d")
    results = folder.confd().run_once()
    assert statuses(results) == {"a": "failed", "b": "failed", "c": "failed", "d": "updated"}
    assert names(folder.out) == ["d.conf"]


def test_conf_d_and_templates_are_read_anew_in_each_pass(folder):
    folder.both("one")
    confd = folder.confd()
    confd.run_once()
    folder.template("two")
    folder.both("new", "b")
    assert statuses(confd.run_once()) == {"a": "updated", "b": "updated"}
    folder.resource("a", mode="0600")
    (folder.path / "conf.d/b.toml").unlink()
    assert statuses(confd.run_once()) == {"a": "updated"}
    assert (folder.dest().read_text(), stat.S_IMODE(folder.dest().stat().st_mode)) == ("two", 0o600)


def test_delimiters_may_be_others(folder):
    folder.both('{{.}} <<getv "/v">>', left_delim="<<", right_delim=">>")
    folder.confd({"/v": 1}).run_once()
    assert folder.dest().read_text() == "{{.}} 1"


def test_bytes_that_are_no_text_pass_through(folder):
    folder.resource()
    (folder.path / "templates/a.tmpl").write_bytes(b'\xff{{getv "/v"}}')
    folder.confd({"/v": "\udcfe\ud800"}).run_once()
    assert folder.dest().read_bytes() == b"\xff\xfe\xef\xbf\xbd"


def test_a_check_sees_the_staged_file_with_its_mode_and_can_refuse_it(folder, tmp_path):
    log = tmp_path / "log"
    check = (
        f"stat -c %a {{{{.src}}}} >> {log}; grep -q good {{{{.src}}}} && test ! -e {{{{.dest}}}}"
    )
    folder.both('{{getv "/v"}}', check_cmd=check, mode="0640")
    memory = backends.Memory({"/v": "good"})
    confd = Confd(backend=memory, confdir=folder.path)
    assert statuses(confd.run_once()) == {"a": "updated"}
    memory.replace({"/v": "bad"})
    (result,) = confd.run_once()
    assert isinstance(result.error, CommandError)
    assert str(result.error).startswith("Config check failed: exit status 1: ")
    assert folder.dest().read_text() == "good"
    assert lines(log) == ["640", "640"]
    assert names(folder.out) == ["a.conf"]


def test_sync_only_runs_no_command(folder, tmp_path):
    folder.both("x", check_cmd="false", reload_cmd=f"touch {tmp_path}/reloaded")
    assert statuses(folder.confd(sync_only=True).run_once()) == {"a": "updated"}
    assert not (tmp_path / "reloaded").exists()


def test_noop_changes_nothing_and_shows_what_would_change(folder):
    folder.both("new\n", check_cmd="false", reload_cmd="false")
    folder.dest().write_text("old\n")
    (result,) = folder.confd(noop=True).run_once()
    assert (result.status, result.changed) == (Status.DIFFERS, False)
    assert result.diff.splitlines()[3:] == ["-old", "+new"]
    assert folder.dest().read_text() == "old\n"
    assert names(folder.out) == ["a.conf"]


def test_noop_may_keep_what_it_would_have_written(folder):
    folder.both("new\n")
    folder.confd(noop=True, keep_stage_file=True).run_once()
    (kept,) = folder.out.iterdir()
    assert kept.name.startswith(".a.conf")
    assert kept.read_text() == "new\n"


def test_a_kept_stage_of_an_update_has_become_the_file(folder):
    folder.both("new\n")
    folder.confd(keep_stage_file=True).run_once()
    assert names(folder.out) == ["a.conf"]


def test_a_stale_stage_is_swept_before_anything_is_written(folder):
    left = folder.out / ".gone.conf.0123456789abcdef.confd"
    left.touch()
    folder.both("x")
    folder.confd(noop=True).run_once()
    assert left.exists()
    folder.confd().run_once()
    assert names(folder.out) == ["a.conf"]


def test_every_destination_lies_below_the_root(folder, tmp_path):
    folder.both("x", dest="/etc/app/../a.conf")
    root = tmp_path / "root"
    root.mkdir()
    folder.confd(noop=True, root=root).run_once()
    assert names(root) == []
    folder.confd(root=root).run_once()
    assert (root / "etc/a.conf").read_text() == "x"


def test_a_missing_confdir_is_a_warning_as_in_confd(tmp_path, caplog):
    confd = Confd(backend=backends.Memory({}), confdir=tmp_path / "none")
    assert confd.run_once() == []
    assert caplog.messages == [
        f"Cannot load template resources: confdir '{tmp_path}/none' does not exist"
    ]


def test_an_empty_conf_d_is_a_warning_as_in_confd(folder, caplog):
    assert folder.confd().run_once() == []
    assert caplog.messages == ["Found no templates"]


def test_what_a_resource_says_in_vain_is_logged_once(folder, caplog):
    caplog.set_level(logging.DEBUG)
    folder.both("x", owner="root", group="root")
    confd = folder.confd()
    confd.run_once()
    confd.run_once()
    assert [message for message in caplog.messages if "means nothing" in message] == [
        f"{folder.path}/conf.d/a.toml: {name} means nothing here, and is ignored"
        for name in ("owner", "group")
    ]


def test_no_value_is_logged(folder, caplog):
    caplog.set_level(logging.DEBUG)
    folder.both('{{getv "/password"}}')
    folder.confd({"/password": "hunter2"}).run_once()
    assert LOGGER.isEnabledFor(logging.DEBUG)
    assert "hunter2" not in caplog.text


def test_a_folder_that_cannot_be_synced_fails_what_was_swapped_in_it(folder, monkeypatch):
    def refuse(path):
        raise DestinationError(str(path), "input/output error")

    monkeypatch.setattr(staging, "sync_folder", refuse)
    for name in ("a", "b"):
        folder.both("x", name)
    folder.dest("b").write_text("x")
    results = folder.confd().run_once()
    assert statuses(results) == {"a": "failed", "b": "in sync"}
    assert results[0].changed


# -- Several files in one pass


def watch_syncs(monkeypatch, see) -> None:
    """Let something see each file, by its descriptor, before it is synced; folders do not count."""
    fsync = os.fsync

    def watched(fd):
        if stat.S_ISREG(os.fstat(fd).st_mode):
            see(fd)
        fsync(fd)

    monkeypatch.setattr(os, "fsync", watched)


def test_the_files_of_a_pass_are_synced_at_the_same_time(folder, monkeypatch):
    all_there = threading.Barrier(3)
    watch_syncs(monkeypatch, lambda _: all_there.wait(timeout=10))
    for name in ("a", "b", "c"):
        folder.both(name, name)
    assert statuses(folder.confd().run_once()) == dict.fromkeys("abc", "updated")
    assert names(folder.out) == ["a.conf", "b.conf", "c.conf"]


def no_threads(*_):
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("changed", [1, 3])
def test_one_file_needs_no_thread_and_several_do_without_where_none_can_be_had(
    folder, monkeypatch, changed
):
    started = []
    monkeypatch.setattr(
        threading.Thread, "start", lambda thread: no_threads(started.append(thread))
    )
    for name in ("a", "b", "c"):
        folder.both("x", name)
    for name in ("a", "b", "c")[changed:]:
        folder.dest(name).write_text("x")
    results = folder.confd().run_once()
    assert sum(result.status is Status.UPDATED for result in results) == changed
    assert len(started) == (changed > 1)
    assert names(folder.out) == ["a.conf", "b.conf", "c.conf"]


def test_each_file_is_whole_and_synced_before_it_is_seen(folder, monkeypatch):
    synced, swapped = set(), []
    watch_syncs(monkeypatch, lambda fd: synced.add(os.fstat(fd).st_ino))
    rename = Path.rename

    def watched(path, dest):
        assert path.stat().st_ino in synced
        swapped.append(dest.name)
        rename(path, dest)

    monkeypatch.setattr(Path, "rename", watched)
    for name in ("c", "a", "b"):
        folder.both(name, name)
    assert statuses(folder.confd().run_once()) == dict.fromkeys("abc", "updated")
    assert swapped == ["a.conf", "b.conf", "c.conf"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            OSError(errno.EIO, os.strerror(errno.EIO)),
            "Cannot write {out}/b.conf: input/output error",
        ),
        (ZeroDivisionError("odd"), "{path}/conf.d/b.toml: ZeroDivisionError: odd"),
    ],
)
def test_a_file_that_cannot_be_synced_fails_alone_and_leaves_the_old_one(
    folder, monkeypatch, error, told
):
    def refuse(fd):
        if os.pread(fd, 1, 0) == b"b":
            raise error

    watch_syncs(monkeypatch, refuse)
    for name in ("a", "b", "c"):
        folder.both(name, name, check_cmd="test -s {{.src}}")
        folder.dest(name).write_text("old")
    results = folder.confd().run_once()
    assert statuses(results) == {"a": "updated", "b": "failed", "c": "updated"}
    assert str(results[1].error) == told.format(out=folder.out, path=folder.path)
    assert [folder.dest(name).read_text() for name in "abc"] == ["a", "old", "c"]
    assert names(folder.out) == ["a.conf", "b.conf", "c.conf"]


def test_only_so_many_stages_are_open_at_once(folder, monkeypatch):
    monkeypatch.setattr(processor, "_MOST_STAGED", 2)
    staged = []
    watch_syncs(monkeypatch, lambda _: staged.append(len(list(folder.out.glob(".*.confd")))))
    for name in "abcde":
        folder.both(name, name)
    assert statuses(folder.confd().run_once()) == dict.fromkeys("abcde", "updated")
    assert staged == [2, 2, 2, 2, 1]


def test_a_stop_sweeps_what_is_staged_behind_the_resource_in_hand(folder, monkeypatch):
    stop = threading.Event()
    watch_syncs(monkeypatch, lambda _: stop.set())
    for name in ("a", "b", "c"):
        folder.both(name, name)
    assert statuses(folder.confd().run_once(stop=stop)) == {"a": "updated"}
    assert names(folder.out) == ["a.conf"]


def test_of_two_resources_with_one_destination_the_last_has_its_way(folder):
    (folder.out / "link").symlink_to(folder.out)
    folder.both("first", "a")
    folder.both("last", "b", dest=str(folder.out / "link/a.conf"))
    folder.dest().write_text("last")
    assert statuses(folder.confd().run_once()) == {"a": "updated", "b": "updated"}
    assert folder.dest().read_text() == "last"


def test_a_template_sees_the_files_of_the_resources_before_its_own(folder):
    folder.both("{{`{{.}}`}} x", "a", dest=str(folder.path / "templates/b.tmpl"), mode="0600")
    folder.both("old", "b", left_delim="<<", right_delim=">>")
    folder.both(f'{{{{fileExists "{folder.dest("b")}"}}}}', "c")
    assert statuses(folder.confd().run_once()) == dict.fromkeys("abc", "updated")
    assert [folder.dest(name).read_text() for name in "bc"] == ["{{.}} x", "true"]


# -- Reloads


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


# -- Stores that fail


class Failing:
    """A store that fails as it is told."""

    joins_prefixes = False

    def __init__(self, *errors: BackendError | None) -> None:
        self.errors = list(errors)
        self.asked: list[tuple[str, ...]] = []

    def get_values(self, keys):
        self.asked.append(tuple(keys))
        error = self.errors.pop(0) if self.errors else None
        if error:
            raise error
        return backends.Memory({"/v": 1}).get_values(keys)

    def changes(self, keys, since, stop):
        yield from ()


def test_a_store_that_fails_leaves_all_files_and_is_told_once(folder, caplog):
    for name in ("a", "b"):
        folder.both("new", name)
        folder.dest(name).write_text("old")
    folder.both("needs no key", "c", keys=[])
    store = Failing(BackendError("http://x: refused"))
    results = Confd(backend=store, confdir=folder.path).run_once()
    assert statuses(results) == {"a": "failed", "b": "failed", "c": "updated"}
    assert folder.dest("a").read_text() == "old"
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == ["http://x: refused"]


def test_keys_that_cannot_be_had_do_not_stop_others(folder):
    folder.both("x", "a", keys=["/lost", "/v"])
    folder.both('{{getv "/v"}}', "b", keys=["/v"])
    store = Failing(BackendError("http://x/lost: 404", ["/lost"]))
    results = Confd(backend=store, confdir=folder.path).run_once()
    assert statuses(results) == {"a": "failed", "b": "updated"}
    assert store.asked == [("/lost", "/v"), ("/v",)]


def test_an_error_that_names_keys_nobody_asked_for_is_everybodys(folder):
    folder.both("x")
    store = Failing(BackendError("odd", ["/elsewhere"]))
    assert statuses(Confd(backend=store, confdir=folder.path).run_once()) == {"a": "failed"}


# -- Loops


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
    assert statuses(results) == {"a": "updated"}
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
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == [
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


def test_what_nobody_foresaw_fails_one_resource_alone(folder, monkeypatch):
    def broken(resource, *_):
        if resource.path.endswith("a.toml"):
            raise ZeroDivisionError("odd")
        return stage(resource, *_)

    stage = processor.stage
    monkeypatch.setattr(processor, "stage", broken)
    folder.both("x", "a")
    folder.both("x", "b")
    results = folder.confd().run_once()
    assert statuses(results) == {"a": "failed", "b": "updated"}
    assert str(results[0].error) == f"{folder.path}/conf.d/a.toml: ZeroDivisionError: odd"


def test_a_store_that_holds_what_no_key_can_have_fails_in_one_line(folder):
    folder.both('{{getv "/v"}}', "a")
    folder.both("needs no value", "b", keys=[])
    (a, b) = folder.confd({"/v": object()}).run_once()
    assert "a key cannot have a value of type object" in str(a.error)
    assert b.error is None


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
