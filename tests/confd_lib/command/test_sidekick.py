"""A sidekick as its user runs it: one process, and a service that changes and restarts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

import confd_lib
from confd_lib.command.confd import cli
from metadata_client import MetadataServer
from tests.confd_lib import sidekick
from tests.confd_lib.sidekick import ROOT, Sidekick


def tree(version: str, name: str) -> dict[str, object]:
    mine = {"version": version, "self": {"container": {"name": name}}}
    return {"2015-07-25": {"default": mine}}


@pytest.fixture
def start(folder) -> Iterator[object]:
    with_guard: list[tuple[subprocess.Popen[str], threading.Timer]] = []

    def run(server: MetadataServer, *args: str) -> Sidekick:
        command = [sys.executable, "-m", "confd_lib", "--backend=rancher", "--prefix=/2015-07-25"]
        options = [f"--node={server.url}", f"--confdir={folder.path}", *args]
        process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        guard = threading.Timer(120, process.kill)
        guard.start()
        with_guard.append((process, guard))
        return Sidekick(process)

    yield run
    for process, guard in with_guard:
        guard.cancel()
        guard.join()
        process.kill()
        with process:
            pass


@pytest.fixture
def server():
    with MetadataServer(tree("1", "web_1"), tick=0.1) as running:
        yield running


@pytest.fixture
def seed(folder):
    folder.both('{{getv "/self/container/name"}}', keys=["/self"])
    return folder


def test_the_entry_point_runs_in_intervals_until_a_signal(seed, server, start):
    confd = start(server)
    confd.until(f"Target config {seed.dest()} has been updated")
    assert confd.end(signal.SIGTERM) == ["INFO Captured terminated. Exiting..."]
    assert confd.process.wait() == 0
    assert seed.dest().read_text() == "web_1"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_watch_follows_the_service_and_ends_with_0(seed, server, start, number):
    confd = start(server, "-watch")
    confd.until("has been updated")
    for version in ("2", "3"):
        server.replace(tree(version, f"web_{version}"))
        confd.until("has been updated")
        assert seed.dest().read_text() == f"web_{version}"
    assert confd.end(number)[-1].startswith("INFO Captured ")
    assert confd.process.wait() == 0


def test_a_store_that_cannot_be_watched_is_asked_in_intervals(seed):
    seed.both("x")
    args = ("-backend=env", f"-confdir={seed.path}", "-watch", "-interval=3600")
    with sidekick.confd(*args) as confd:
        confd.until("WARNING Watch is not supported for backend env; asking every 3600 s instead")
        assert seed.dest().read_text() == "x"
        assert confd.end(signal.SIGTERM) == ["INFO Captured terminated. Exiting..."]
        assert confd.process.wait() == 0


def test_a_service_that_was_away_is_followed_again_and_logged_twice(seed, server, start):
    server.replace({})
    confd = start(server, "-watch", "-ready-timeout=0", "-interval=3600")
    confd.until("404 Invalid version")
    server.replace(tree("2", "web_2"))
    assert not any("ERROR" in line for line in confd.until("has been updated"))
    assert seed.dest().read_text() == "web_2"
    server.replace({})
    confd.until("404 Invalid version")
    server.replace(tree("2", "web_2"))  # as it was
    confd.until("The store answers again")
    assert confd.end(signal.SIGTERM)
    assert confd.process.wait() == 0


def test_sighup_begins_a_pass_with_the_conf_d_of_now(seed, server, start):
    confd = start(server, "-interval=3600")
    confd.until("has been updated")
    seed.both("two", "b", keys=["/self"])
    confd.process.send_signal(signal.SIGHUP)
    confd.until("INFO Captured hangup. Reading conf.d again")
    confd.until(f"Target config {seed.dest('b')} has been updated")
    assert confd.end(signal.SIGTERM)
    assert confd.process.wait() == 0


def test_a_watch_of_nothing_goes_on_until_there_is_something(seed, server, start):
    toml = seed.path / "conf.d/a.toml"
    later = toml.rename(seed.path / "later")
    confd = start(server, "-watch")
    confd.until("Found no templates")
    later.rename(toml)
    confd.process.send_signal(signal.SIGHUP)
    confd.until(f"Target config {seed.dest()} has been updated")
    assert confd.end(signal.SIGTERM)
    assert confd.process.wait() == 0


def test_a_service_that_restarts_and_a_value_that_breaks_lose_nothing(
    seed, server, start, tmp_path
):
    status = tmp_path / "status.json"
    confd = start(server, "-watch", f"-status-file={status}")
    confd.until("has been updated")
    server.replace({})  # as after its restart: no data yet
    confd.until("Invalid version")
    assert seed.dest().read_text() == "web_1"
    server.replace({"2015-07-25": {"default": {"version": "2", "self": {"container": {}}}}})
    confd.until("key does not exist: /self/container/name; the store is empty")
    assert seed.dest().read_text() == "web_1"
    server.replace(tree("3", "web_3"))
    confd.until("has been updated")
    assert seed.dest().read_text() == "web_3"
    assert confd.end(signal.SIGTERM)
    (state,) = json.loads(status.read_text())["resources"].values()
    assert "key does not exist" in state["last_error"]


def test_a_step_in_hand_is_finished_before_the_end(seed, server, start, tmp_path):
    started, go, done = (tmp_path / name for name in ("started", "go", "done"))
    for fifo in (started, go):
        os.mkfifo(fifo)
    seed.resource(keys=["/self"], reload_cmd=f": > {started}; read x < {go}; touch {done}")
    confd = start(server, "-watch")
    started.read_bytes()  # the reload is under way
    confd.process.send_signal(signal.SIGTERM)
    confd.until("Captured terminated. Exiting...")
    go.write_text("x\n")
    assert confd.process.wait() == 0
    assert done.exists()


def test_a_second_signal_ends_a_step_that_hangs(seed, server, start, tmp_path):
    started = tmp_path / "started"
    os.mkfifo(started)
    seed.resource(keys=["/self"], check_cmd=f": > {started}; exec sleep 1000")
    confd = start(server)
    started.read_bytes()
    confd.process.send_signal(signal.SIGTERM)
    confd.until("Captured terminated. Exiting...")
    (line,) = confd.end(signal.SIGTERM)
    assert line == f"ERROR Left unfinished: : > {started}; exec sleep 1000"
    assert confd.process.wait() == 128 + signal.SIGTERM


def test_the_version_costs_nothing():
    code = (
        "import sys; from confd_lib.command.confd.cli import main; main(['-version']); "
        "print(sorted({'requests', 'tomlkit', 'tomllib', 'yaml', 'parsimonious', 'logging', "
        "'argparse', 'dataclasses', 'confd_lib.command.confd.run'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    version, loaded = done.stdout.splitlines()
    assert version.startswith("confd 0.")
    assert loaded == "[]"


def test_the_facade_gives_what_it_names():
    assert confd_lib.__all__ == sorted(confd_lib.__all__)
    assert len(confd_lib.__all__) <= 22
    for name in confd_lib.__all__:
        assert getattr(confd_lib, name) is not None


def test_a_name_stays_itself_whatever_is_imported_before():
    code = "import confd_lib; confd_lib.render_file; print(confd_lib.render('{{1}}', {}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert done.stdout == "1\n"


def test_the_facade_has_no_other_names():
    with pytest.raises(AttributeError, match="has no attribute 'nope'"):
        confd_lib.nope  # noqa: B018 - the access is the test


def test_the_words_of_the_process_are_the_default(monkeypatch, capfd):
    monkeypatch.setattr(sys, "argv", ["/usr/bin/confd", "-version"])
    assert cli.main() == 0
    assert capfd.readouterr().out.startswith("confd 0.")
