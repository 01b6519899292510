"""Signals: when the command ends, what it ends with it, and what it is to be process 1."""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
from types import SimpleNamespace

import pytest

from confd_lib.command.confd import cli, shutdown, signals
from confd_lib.command.confd import run as command
from confd_lib.command.settings import config
from confd_lib.destination.update import Result, Status
from confd_lib.logs import LOGGER
from confd_lib.run.events import Events
from tests.confd_lib.sidekick import HOSTS, UNSHARE, children, confd, needs_namespaces, rest, send


def soon(last: str = "") -> str:
    """Return code that takes the steps of the end up to one soon, and the others never."""
    steps = ["TERMINATE_S", "KILL_S", "LEAVE_S"]
    taken = steps.index(last) + 1 if last else 0
    return "from confd_lib.command.confd import shutdown\n" + "\n".join(
        f"shutdown.{name} = {0.1 if number < taken else 1000.0}"
        for number, name in enumerate(steps)
    )


@pytest.fixture
def flags(folder):
    return ("-backend=env", f"-confdir={folder.path}", "-interval=3600")


# -- The end


@pytest.mark.parametrize("under", HOSTS)
@pytest.mark.parametrize(
    ("trap", "last", "sent", "end"),
    [
        ("", "TERMINATE_S", ["SIGTERM"], "terminated"),
        ("kill -STOP $$; ", "TERMINATE_S", ["SIGTERM"], "terminated"),
        ("trap '' TERM; ", "KILL_S", ["SIGTERM", "SIGKILL"], "killed"),
    ],
    ids=["that hangs", "that is stopped", "that ignores it"],
)
def test_a_command_in_hand_is_ended_and_the_loop_with_it(
    folder, tmp_path, flags, under, trap, last, sent, end
):
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    # What it ignores is settled before it is heard of; a stop comes after that.
    first, then = (trap, "") if trap.startswith("trap") else ("", trap)
    hanging = f"{first}exec 3> {alive}; echo >&3; {then}while :; do sleep 1000; done"
    folder.both("x", reload_cmd=hanging)
    with confd(*flags, before=soon(last), under=under) as running, alive.open("rb") as held:
        assert held.readline() == b"\n"
        send(running, signal.SIGTERM)
        assert held.read() == b""  # nobody holds it any more
        assert rest(running)[-2 - len(sent) :] == [
            "INFO Captured terminated. Exiting...",
            *(f"WARNING Sending {name} to the command that still runs: {hanging}" for name in sent),
            f"ERROR Reload failed: signal: {end}: {hanging}",
        ]
        assert running.process.wait() == 0


@pytest.mark.parametrize("under", HOSTS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_the_process_and_the_command_at_once(
    folder, tmp_path, flags, under, number
):
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    hanging = f"trap '' TERM INT; exec 3> {alive}; echo >&3; while :; do sleep 1000; done"
    folder.both("x", check_cmd=hanging)
    with confd(*flags, before=soon(), under=under) as running, alive.open("rb") as held:
        assert held.readline() == b"\n"
        send(running, signal.SIGTERM)
        running.until("Captured terminated. Exiting...")
        send(running, number)
        assert held.read() == b""
        assert rest(running) == [f"ERROR Left unfinished: {hanging}"]
        assert running.process.wait() == 128 + number
    assert not folder.dest().exists()


ENDLESS = "".join(
    f'{{{{define "{n}"}}}}{{{{template "{n + 1}"}}}}{{{{template "{n + 1}"}}}}{{{{end}}}}'
    for n in range(60)
)
STUCK = """
import threading
from confd_lib import backends
lock = threading.Lock()
lock.acquire()
backends.Env.get_values = lambda self, keys: lock.acquire()
"""


@pytest.mark.parametrize("under", HOSTS)
@pytest.mark.parametrize(
    ("template", "before", "line", "left"),
    [
        (ENDLESS + '{{define "60"}}{{end}}{{template "0"}}', "", "Key prefix set to /", "{a}"),
        ("x", STUCK, "Retrieving keys from store", "the store"),
    ],
    ids=["a render", "the store"],
)
def test_the_deadline_ends_the_process_whatever_is_in_hand(
    folder, flags, under, template, before, line, left
):
    folder.both(template)
    started = confd(*flags, "-log-level=debug", before=before + soon("LEAVE_S"), under=under)
    with started as running:
        running.until(line)
        send(running, signal.SIGTERM)
        said = [each for each in rest(running) if "DEBUG" not in each]
        assert said == [
            "INFO Captured terminated. Exiting...",
            "ERROR Left unfinished: " + left.format(a=f"{folder.path}/conf.d/a.toml"),
        ]
        assert running.process.wait() == 128 + signal.SIGTERM


def test_a_log_that_is_stuck_does_not_hold_up_the_end(monkeypatch):
    read = threading.Event()

    class Stuck(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            read.wait()

    handler = Stuck()
    monkeypatch.setattr(shutdown, "_LOG_S", 0.01)
    LOGGER.addHandler(handler)
    try:
        shutdown.log(logging.ERROR, "Left unfinished: %s", "the store")
        assert not read.is_set()
    finally:
        read.set()
        LOGGER.removeHandler(handler)


def test_of_many_lines_to_a_stuck_log_one_alone_is_waited_for(monkeypatch):
    read, written = threading.Event(), []

    class Stuck(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            read.wait()
            written.append(record.getMessage())

    handler, waits = Stuck(), []
    monkeypatch.setattr(shutdown, "_LINES", shutdown._Lines())
    monkeypatch.setattr(
        threading.Thread, "join", lambda self, seconds=None: waits.append((self, seconds))
    )
    LOGGER.addHandler(handler)
    try:
        for number in range(50):
            shutdown.log(logging.ERROR, "line %d", number)
        assert len(waits) == 1
    finally:
        read.set()
        monkeypatch.undo()
        waits[0][0].join()
        LOGGER.removeHandler(handler)
    assert written == [f"line {number}" for number in range(50)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_single_pass_that_a_signal_cut_short_did_not_succeed(folder, number):
    folder.both("x", keys=["/self"])
    args = ("-onetime", "-backend=rancher", "-node=127.0.0.1:9", f"-confdir={folder.path}")
    with confd(*args) as running:
        running.until("INFO Backend source(s) set to 127.0.0.1:9")
        running.process.send_signal(number)
        assert any(line.startswith("INFO Captured ") for line in rest(running))
        assert running.process.wait() == 128 + number
    assert not folder.dest().exists()


def test_a_single_pass_that_is_cut_between_two_files_writes_no_second(folder, tmp_path, flags):
    go, begun = tmp_path / "go", tmp_path / "begun"
    for fifo in (go, begun):
        os.mkfifo(fifo)
    folder.both("x", "a", check_cmd=f"echo > {begun}; cat {go}")
    folder.both("x", "b")
    with confd(*flags, "-onetime") as running:
        begun.read_bytes()
        running.process.send_signal(signal.SIGTERM)
        running.until("Captured terminated. Exiting...")
        go.write_bytes(b"")
        rest(running)
        assert running.process.wait() == 128 + signal.SIGTERM
    assert folder.dest("a").read_text() == "x"
    assert not folder.dest("b").exists()


UPDATED = Result("a", Status.UPDATED, changed=True)
FAILED = Result("b", Status.FAILED, error=ValueError())
SKIPPED = Result("c", Status.SKIPPED)


@pytest.mark.parametrize(
    ("args", "results", "number", "status"),
    [
        (["-onetime"], [UPDATED], 0, 0),
        (["-onetime"], [UPDATED, FAILED], 0, 1),
        (["-onetime"], [], 0, 0),
        (["-onetime", "-diff-exit-code"], [UPDATED], 0, 2),
        (["-onetime"], [UPDATED], signal.SIGTERM, 0),  # it came after the last
        (["-onetime"], [UPDATED, FAILED], signal.SIGTERM, 143),
        (["-onetime"], [], signal.SIGTERM, 143),
        (["-onetime"], [UPDATED, SKIPPED], signal.SIGTERM, 143),
        (["-onetime"], [FAILED, SKIPPED], signal.SIGINT, 130),
        ([], [], signal.SIGTERM, 0),
        ([], [FAILED, SKIPPED], signal.SIGTERM, 0),
    ],
)
def test_the_exit_status_says_how_the_last_pass_went(args, results, number, status):
    given, words = cli.flags.parse(["-config-file=", *args])
    assert command._exit_status(config.read(given, words), results, number) == status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_wakes_a_loop_that_waits(number):
    inbox = queue.SimpleQueue()
    end = shutdown.Shutdown()
    end.confd = SimpleNamespace(wake=lambda: inbox.put("woken"), in_hand="", events=Events())
    with signals.served(end.numbers, end.serve):
        os.kill(os.getpid(), number)
        assert inbox.get(timeout=60) == "woken"
        assert end.stop.is_set() == (number != signal.SIGHUP)


# -- The beginning


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 0)]
)
@pytest.mark.parametrize("under", HOSTS)
def test_a_signal_during_imports_ends_the_process_without_a_traceback(
    folder, flags, number, status, under
):
    folder.both("x")
    signalled = f"""
import os, sys
class Finder:
    def find_spec(name, *_):
        if name == "confd_lib.command.confd.run":
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Finder)
"""
    with confd(*flags, "-onetime", "-log-level=error", before=signalled, under=under) as running:
        assert rest(running) == []
        assert running.process.wait() == status
    assert folder.dest().exists() == (status == 0)


def test_a_check_fails_also_where_the_parent_ignores_the_end_of_children(folder, flags):
    folder.both("x", check_cmd="exit 3")
    ignored = "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    with confd(*flags, "-onetime", before=ignored) as running:
        assert any("exit status 3" in line for line in rest(running))
        assert running.process.wait() == 1
    assert not folder.dest().exists()


def test_handlers_are_as_before_once_the_command_has_ended(flags):
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
    before = [signal.getsignal(number) for number in numbers]
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    assert cli.main([*flags, "-onetime", "-log-level=panic"], "confd") == 0
    assert [signal.getsignal(number) for number in numbers] == before
    assert signal.set_wakeup_fd(-1) == -1
    assert len(os.listdir("/proc/self/fd")) == descriptors  # noqa: PTH208


# -- Process 1


@needs_namespaces
def test_process_1_reaps_orphans(folder, tmp_path, flags):
    go = tmp_path / "go"
    os.mkfifo(go)
    folder.both("x", reload_cmd=f"(cat {go}; sleep 0 &) & sleep 0 &")
    with confd(*flags, under=UNSHARE) as running:
        running.until("has been updated")
        (inner,) = children(running.process.pid)
        go.write_bytes(b"")
        while children(inner):  # zombies are children; the guard ends it
            running.process.poll()
        send(running, signal.SIGTERM)
        assert running.process.wait() == 0


@needs_namespaces
def test_process_1_steals_the_status_of_no_command(folder, flags):
    for number in range(1, 41):
        folder.both("x", f"{number:02}", reload_cmd=f"(:) & (:) & (:) & exit {number}")
    with confd(*flags, "-onetime", "-log-level=error", under=UNSHARE) as running:
        assert [line.split(":")[1] for line in rest(running)] == [
            f" exit status {number}" for number in range(1, 41)
        ]
        assert running.process.wait() == 1
