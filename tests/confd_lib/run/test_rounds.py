"""Slow, endless, hungry and killed renders: whatever one resource does, the others are written."""

from __future__ import annotations

import errno
import logging
import os
import signal
import subprocess
import sys
import threading
from unittest.mock import ANY

import pytest

from confd_lib import Confd, backends
from confd_lib.confdir.templates import Templates
from confd_lib.destination import staging, update
from confd_lib.destination.markers import IN_HAND
from confd_lib.errors import BackendError, ConfdError, TemplateFileError
from confd_lib.run import inhand
from confd_lib.run import round as one_round
from confd_lib.run.inhand import InHand, was_in_hand
from tests.confd_lib.failing import Failing
from tests.confd_lib.outcomes import lines, names, statuses

ENDLESS = "{{range seq 1 1000000000000}}{{end}}"
# 2^40 calls, of which none writes anything.
DOUBLING = "".join(
    f'{{{{define "t{n}"}}}}{{{{template "t{n + 1}"}}}}{{{{template "t{n + 1}"}}}}{{{{end}}}}'
    for n in range(40)
)
SLOW = [
    pytest.param("{{range $i := 1000000000000}}{{end}}", id="endless"),
    pytest.param(ENDLESS, id="a sequence without end"),
    pytest.param(DOUBLING + '{{define "t40"}}{{end}}{{template "t0"}}', id="templates that double"),
]


@pytest.fixture
def at_once(monkeypatch):
    """Put renders off after a twentieth of a second already."""
    monkeypatch.setattr(one_round, "_AT_ONCE", 0.05)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("text", SLOW)
def test_a_render_that_does_not_end_fails_alone_and_last(folder, caplog, text):
    caplog.set_level(logging.INFO)
    for name in ("a", "c"):
        folder.both(name, name)
    folder.both(text, "b")
    results = folder.confd(render_timeout=0.1).run_once()
    assert statuses(results) == {"a": "updated", "b": "failed", "c": "updated"}
    assert "limit of 0.1 seconds exceeded" in str(results[1].error)
    assert names(folder.out) == ["a.conf", "c.conf"]
    order = [message for message in caplog.messages if "updated" in message or "limit" in message]
    assert "limit" in order[-1]


@pytest.mark.usefixtures("at_once")
def test_what_is_staged_is_swapped_and_reloaded_before_a_slow_render_goes_on(folder, tmp_path):
    log = tmp_path / "log"
    folder.both("a", "a", reload_cmd=f"echo reloaded >> {log}")
    wait = f'{{{{range $i := 5000000}}}}{{{{end}}}}{{{{fileExists "{log}"}}}}'
    folder.both(wait, "b", reload_cmd=f"echo reloaded >> {log}")
    assert statuses(folder.confd().run_once()) == {"a": "updated", "b": "updated"}
    assert folder.dest("b").read_text() == "true"
    assert lines(log) == ["reloaded"] * 2


@pytest.mark.usefixtures("at_once")
def test_what_was_slow_once_is_not_tried_among_the_quick_again(folder, monkeypatch):
    folder.both("{{range $i := 5000000}}{{end}}", "a")
    folder.both("b", "b")
    confd = folder.confd()
    confd.run_once()
    order = []
    write = update.compare_and_write
    noting = lambda found, *rest: order.append(found.src) or write(found, *rest)  # noqa: E731
    monkeypatch.setattr(one_round, "compare_and_write", noting)
    confd.run_once()
    assert order == ["b.tmpl", "a.tmpl"]


@pytest.mark.usefixtures("at_once")
def test_what_is_no_longer_slow_is_rendered_among_the_others_again(folder, monkeypatch):
    folder.both("{{range $i := 5000000}}{{end}}", "a")
    folder.both("b", "b")
    confd = folder.confd()
    confd.run_once()
    folder.template("quick", "a")
    confd.run_once()
    folder.template("quicker", "a")
    folder.template("c", "b")
    order = []
    swap = update.swap
    noting = lambda item: order.append(item.resource.src) or swap(item)  # noqa: E731
    monkeypatch.setattr(one_round, "swap", noting)
    confd.run_once()
    assert order == ["a.tmpl", "b.tmpl"]


def test_a_template_that_asks_other_hosts_comes_after_the_others(folder, monkeypatch):
    folder.both('{{if false}}{{lookupIP "db"}}{{end}}', "a")
    folder.both("b", "b")
    order = []
    swap = update.swap
    noting = lambda item: order.append(item.resource.src) or swap(item)  # noqa: E731
    monkeypatch.setattr(one_round, "swap", noting)
    assert statuses(folder.confd().run_once()) == {"a": "updated", "b": "updated"}
    assert order == ["b.tmpl", "a.tmpl"]


def test_a_file_without_end_is_refused(folder, monkeypatch):
    monkeypatch.setattr("confd_lib.confdir.templates._MOST_OUTPUT", 10_000)
    folder.both('{{range $i := 100000}}{{printf "%100d" 1}}{{end}}')
    (result,) = folder.confd().run_once()
    assert "limit of 10000 characters of output exceeded" in str(result.error)
    assert names(folder.out) == []


# -- Killed renders


def test_a_render_that_takes_a_while_is_marked_until_it_is_over(tmp_path, monkeypatch):
    monkeypatch.setattr(inhand, "_MARKED_AFTER_S", 0.01)
    dest = tmp_path / "a.conf"
    hand, appeared, mark = InHand(), threading.Event(), inhand._mark
    monkeypatch.setattr(inhand, "_mark", lambda render: mark(render) or appeared.set())
    with hand.watched(), hand.rendering(dest, at_once=False):
        assert appeared.wait(60)
        assert was_in_hand(dest)
    assert names(tmp_path) == []


def test_a_quick_render_leaves_no_marker(tmp_path):
    hand = InHand()
    with hand.watched(), hand.rendering(tmp_path / "a.conf", at_once=False):
        assert names(tmp_path) == []
    assert names(tmp_path) == []


def test_a_marker_of_another_user_or_kind_counts_for_nothing(tmp_path):
    dest = tmp_path / "a.conf"
    (tmp_path / ".a.conf.inhand.confd").symlink_to(__file__)
    assert not was_in_hand(dest)
    with InHand().rendering(dest, at_once=True):
        pass  # the link is neither followed nor a reason to fail
    assert names(tmp_path) == [".a.conf.inhand.confd"]


def test_after_a_kill_the_resource_in_hand_comes_last(folder):
    """A template that gets its process killed does so again, but after the others are written."""
    folder.both("{{range $i := 1000000000000}}{{end}}", "a")
    for name in ("b", "c"):
        folder.both(name, name)
    options = ["-onetime", "-backend=env", f"-confdir={folder.path}", "-log-level=error"]
    note = folder.out / ".a.conf.inhand.confd"
    for written in ([], ["b.conf", "c.conf"]):
        patient = "from confd_lib.run import round as one; one._AT_ONCE = 1000.0"
        code = f"{patient}; from confd_lib.command.confd import cli; cli.main({options!r})"
        with subprocess.Popen([sys.executable, "-c", code]) as process:
            while not {note.name, *written}.issubset(names(folder.out)):
                assert process.poll() is None
            process.send_signal(signal.SIGKILL)
        assert names(folder.out) == [note.name, *written]
        assert process.returncode == -signal.SIGKILL


# -- Descriptors, folders, borders


def test_without_descriptors_what_is_staged_is_swapped_and_the_pass_goes_on(folder, monkeypatch):
    for name in "abcde":
        folder.both(name, name)
    read = Templates._read
    most = 2

    def few(templates, src):
        if len(list(folder.out.glob(".*.confd"))) >= most:
            error = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            raise TemplateFileError(src, "too many open files") from error
        return read(templates, src)

    monkeypatch.setattr(Templates, "_read", few)
    assert statuses(folder.confd().run_once()) == dict.fromkeys("abcde", "updated")


def test_a_folder_is_synced_before_the_reload_that_depends_on_it(folder, monkeypatch, tmp_path):
    log = tmp_path / "log"
    for name in ("a", "b", "c"):
        folder.both(name, name, reload_cmd=f"echo {'once' if name < 'c' else 'own'} >> {log}")
    seen = []
    sync = staging.sync_folder
    monkeypatch.setattr(
        staging, "sync_folder", lambda path: seen.append((path, lines(log))) or sync(path)
    )
    folder.confd().run_once()
    assert seen == [(folder.out, []), (folder.out, ["once"])]
    assert lines(log) == ["once", "own"]


class Broken(backends.Memory):
    """A store that raises what nobody foresaw."""

    def __init__(self, error: Exception) -> None:
        super().__init__({"/v": 1})
        self.errors = [error]

    def get_values(self, keys):
        if self.errors:
            raise self.errors.pop()
        return super().get_values(keys)


@pytest.mark.parametrize("error", [ZeroDivisionError("odd"), MemoryError(), ConfdError("odd")])
def test_whatever_a_store_raises_fails_its_pass_alone(folder, error):
    folder.both('{{getv "/v"}}', "a")
    folder.both("no keys", "b", keys=[])
    confd = Confd(backend=Broken(error), confdir=folder.path)
    results = confd.run_once()
    assert statuses(results) == {"a": "failed", "b": "updated"}
    assert str(results[0].error).startswith("the store failed: ")
    assert statuses(confd.run_once()) == {"a": "updated", "b": "in sync"}


def test_whatever_a_pass_raises_is_its_result_and_ends_no_loop(folder, monkeypatch):
    folder.both("x")
    errors = [ZeroDivisionError("odd")]
    flush = update.flush

    def breaking(items):
        if errors:
            raise errors.pop()
        return flush(items)

    monkeypatch.setattr(one_round, "flush", breaking)
    stop = threading.Event()
    passes = folder.confd().run_interval(0.01, stop=stop)
    (result,) = next(passes)
    assert str(result.error) == f"{folder.path}/conf.d/a.toml: ZeroDivisionError: odd"
    assert statuses(next(passes)) == {"a": "updated"}
    passes.close()


def test_a_stop_before_the_pass_skips_every_resource(folder, caplog):
    folder.both("x", "a")
    (folder.path / "conf.d/b.toml").write_text("[template")
    stop = threading.Event()
    stop.set()
    assert statuses(folder.confd().run_once(stop=stop)) == {"a": "skipped", "b": "failed"}
    assert "The pass was stopped before these resources: a.toml" in caplog.messages
    assert names(folder.out) == []


# -- Words


SECRET = [
    ('{{atoi (getv "/pw")}}', {}, 'parsing "***": invalid syntax'),
    ('{{getv (getv "/pw")}}', {}, "key does not exist: ***"),
    ('{{getv (printf "/db/%s" (getv "/pw"))}}', {}, "key does not exist: ***"),
    ('{{getv "/pw"}}', {"check_cmd": "cat {{.src}}; exit 1"}, "logged with -log-level debug"),
    ('{{getv "/pw"}}', {"reload_cmd": "cat {{.dest}}; exit 1"}, "logged with -log-level debug"),
]


@pytest.mark.parametrize(("text", "fields", "shown"), SECRET)
def test_no_line_quotes_what_a_private_file_holds(folder, caplog, text, fields, shown):
    folder.both(text, mode="0640", **fields)
    (result,) = folder.confd({"/pw": "hunter2"}).run_once()
    (line,) = (record.getMessage() for record in caplog.records if record.levelname == "ERROR")
    assert result.message in line
    assert shown in result.message
    assert "hunter2" not in line
    assert "hunter2" in str(result.error)


def test_a_file_that_everybody_may_read_has_no_secrets(folder):
    folder.both('{{atoi (getv "/pw")}}')
    (result,) = folder.confd({"/pw": "hunter2"}).run_once()
    assert 'parsing "hunter2"' in result.message


def test_a_folder_that_everybody_may_change_is_warned_of_once(folder, caplog):
    folder.both("x")
    (folder.path / "conf.d").chmod(0o777)
    confd = folder.confd()
    confd.run_once()
    confd.run_once()
    (line,) = (message for message in caplog.messages if "Everybody" in message)
    assert str(folder.path / "conf.d") in line


ADVICE = [
    ('{{getv "/app/prot"}}', ["/app"], "; did you mean /app/port?"),
    ('{{getv "/db"}}', ["/app"], "; the store has it, but it is not below any of the resource's"),
    ('{{getv "/app"}}', ["/app"], "; it has no value, only keys below it: port"),
]


@pytest.mark.parametrize(("text", "keys", "advice"), ADVICE)
def test_a_key_that_is_not_found_comes_with_advice(folder, text, keys, advice):
    folder.both(text, keys=keys)
    folder.both("x", "z", keys=["/db"])
    result, _ = folder.confd({"/app/port": 80, "/db": "d"}).run_once()
    assert advice in result.message


def test_a_listed_key_that_matches_nothing_is_warned_of_once(folder, caplog):
    folder.both("x", keys=["/app", "/ap"])
    memory = backends.Memory({"/app/port": 80})
    confd = Confd(backend=memory, confdir=folder.path)
    for text in "xyz":
        folder.template(text)
        confd.run_once()
    lines = [message for message in caplog.messages if "nothing" in message]
    assert lines == [f"The store has nothing for the key /ap of {folder.path}/conf.d/a.toml"]


def test_resources_that_write_one_file_are_warned_of_once(folder, caplog):
    for name in ("a", "b", "c"):
        folder.both(name, name)
    resource = folder.path / "conf.d" / "c.toml"
    resource.write_text(resource.read_text().replace("c.conf", "./a.conf"))
    confd = folder.confd()
    for _ in "12":
        assert statuses(confd.run_once()) == {"a": "updated", "b": ANY, "c": "updated"}
    (line,) = (message for message in caplog.messages if "is written by" in message)
    assert line == (
        f"{folder.dest()} is written by {folder.path}/conf.d/a.toml and by {resource}: "
        "each pass swaps it again; give each a dest of its own"
    )


# -- Seams between rounds, reloads, markers and stores

FEW = """
import resource, sys
from confd_lib import Confd, backends
confdir = sys.argv[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
confd = Confd(backend=backends.Memory({}), confdir=confdir)
print(*sorted({result.status.value for result in confd.run_once()}))
"""


def test_staged_files_leave_descriptors_for_commands(folder):
    for number in range(60):
        folder.both("x", f"r{number:02}", check_cmd="true", reload_cmd="true")
    done = subprocess.run(
        [sys.executable, "-c", FEW, folder.path], capture_output=True, text=True, check=True
    )
    assert done.stdout == "updated\n"
    assert len(names(folder.out)) == 60


def test_a_conf_d_that_cannot_be_reached_for_a_pass_forgets_no_reload(folder, tmp_path):
    ready, log = tmp_path / "ready", tmp_path / "log"
    folder.both("x", reload_cmd=f"test -e {ready} && echo reloaded >> {log}")
    confd = folder.confd()
    assert statuses(confd.run_once()) == {"a": "failed"}
    (folder.path / "conf.d").rename(tmp_path / "away")
    confd.run_once()
    (tmp_path / "away").rename(folder.path / "conf.d")
    ready.touch()
    assert statuses(confd.run_once()) == {"a": "in sync"}
    assert lines(log) == ["reloaded"]


def test_a_store_that_fails_again_while_its_error_is_explained_fails_one_resource(folder):
    folder.both('{{getv "/v"}}', "a", mode="0600")
    folder.both("x", "b", keys=[])
    results = folder.confd({"/v": object()}).run_once()
    assert statuses(results) == {"a": "failed", "b": "updated"}


@pytest.mark.usefixtures("at_once")
def test_a_failing_reload_is_tried_once_a_pass_though_slow_resources_share_it(folder, tmp_path):
    log = tmp_path / "log"
    for name, text in (("a", "x"), ("b", "{{range $i := 5000000}}{{end}}")):
        folder.both(text, name, reload_cmd=f"echo tried >> {log}; false")
    confd = folder.confd()
    confd.run_once()
    tried = len(lines(log))
    for _ in range(2):
        assert statuses(confd.run_once()) == {"a": "failed", "b": "failed"}
    assert len(lines(log)) == tried + 2


@pytest.mark.usefixtures("at_once")
def test_a_reload_that_succeeds_in_a_later_round_is_no_failure(folder, tmp_path):
    first = tmp_path / "first"
    command = f"test -e {first} || {{ touch {first}; false; }}"
    folder.both("x", "a", reload_cmd=command)
    folder.both("{{range $i := 5000000}}{{end}}", "b", reload_cmd=command)
    assert statuses(folder.confd().run_once()) == {"a": "updated", "b": "updated"}


def test_a_broken_resource_still_reports_that_its_reload_fails(folder):
    folder.both("x", reload_cmd="echo no; false")
    confd = folder.confd()
    confd.run_once()
    folder.template("{{")
    (result,) = confd.run_once()
    assert "unclosed action" in result.message or "unexpected" in result.message
    assert "Reload failed" in result.message


def test_a_marker_is_read_when_its_resource_is_first_seen(folder):
    for name in "ab":
        folder.both(name, name)
    IN_HAND.make(folder.dest("a"))
    confd = Confd(backend=Failing(BackendError("down")), confdir=folder.path)
    confd.run_once()
    order = [result.path for result in confd.run_once()]
    assert [path[-6:] for path in order] == ["a.toml", "b.toml"]
    assert names(folder.out) == ["a.conf", "b.conf"]


def test_a_run_that_changes_nothing_neither_makes_nor_removes_a_marker(folder):
    folder.both('{{if false}}{{lookupIP "db"}}{{end}}')
    IN_HAND.make(folder.dest())
    folder.confd(noop=True).run_once()
    assert names(folder.out) == [".a.conf.inhand.confd"]


def test_a_loop_of_links_below_the_root_fails_one_resource(folder, tmp_path):
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/loop").symlink_to("loop")
    folder.both("x", "a", dest="/etc/loop/a.conf")
    folder.both("y", "b", dest="/etc/b.conf")
    assert statuses(folder.confd(root=root).run_once()) == {"a": "failed", "b": "updated"}


def test_the_output_of_a_failed_command_is_logged_at_debug(folder, caplog):
    caplog.set_level(logging.DEBUG)
    folder.both("x", mode="0600", check_cmd="echo diagnostics; exit 1")
    folder.confd().run_once()
    assert r'"diagnostics\n"' in caplog.messages


def test_a_render_timeout_below_zero_is_no_limit(folder):
    folder.both("x")
    assert statuses(folder.confd(render_timeout=-1).run_once()) == {"a": "updated"}
