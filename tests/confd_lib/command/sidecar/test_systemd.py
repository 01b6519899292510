"""The messages of `confd` to systemd, whose part is played by a socket of the test."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from confd_lib.command.sidecar import systemd
from confd_lib.command.sidecar.systemd import Notifier
from confd_lib.destination.update import Result, Status
from confd_lib.run.events import ConnectionChanged, Ending, Passed, Reloading, Step
from confd_lib.run.source import Connection
from tests.confd_lib.conftest import Folder
from tests.confd_lib.sidekick import confd

HERE = Connection(reachable=True, since=1.0, last_answer=2.0)
AWAY = Connection(reachable=False, since=3.0, last_answer=2.0, error="s3cret")
GOOD = Result("conf.d/a.toml", Status.UPDATED, changed=True)
BAD = Result("conf.d/b.toml", Status.FAILED, error=ValueError("s3cret"))
IN_STEP = "STATUS=1 of 1 resources are in step, version 7"


def passed(*results: Result, began: float = 0.0, version: str = "7") -> Passed:
    return Passed(results, version, began, 0.1)


class Manager:
    """A socket that plays systemd."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(60)
        self.address = address
        self.socket.bind(address.replace("@", "\0"))

    def next(self) -> list[str]:
        """Wait for a message, and return its lines."""
        return self.socket.recv(4096).decode().split("\n")

    def all(self) -> list[list[str]]:
        """Return the messages that are here."""
        self.socket.settimeout(0)
        found = []
        try:
            while True:
                found.append(self.next())
        except BlockingIOError:
            return found
        finally:
            self.socket.settimeout(60)

    def until(self, line: str) -> list[list[str]]:
        """Wait for a message with a line, and return all up to it, without pings."""
        seen: list[list[str]] = []
        while not seen or line not in seen[-1]:
            message = [one for one in self.next() if one != "WATCHDOG=1"]
            seen += [message] if message else []
        return seen


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    made = Manager(str(tmp_path / "notify"))
    with made.socket:
        yield made


SENT = [
    ([passed(GOOD)], [["READY=1", IN_STEP]]),
    ([passed(GOOD), passed(GOOD)], [["READY=1", IN_STEP]]),
    ([passed()], [["STATUS=conf.d holds no resource"]]),
    ([passed(GOOD, version="")], [["READY=1", "STATUS=1 of 1 resources are in step"]]),
    (
        [passed(GOOD, BAD), passed(GOOD)],
        [["STATUS=1 of 2 resources are not in step: b.toml"], ["READY=1", IN_STEP]],
    ),
    (
        [passed(GOOD), Reloading(5.0), passed(BAD, began=4.0), passed(GOOD, began=5.5)],
        [
            ["READY=1", IN_STEP],
            ["RELOADING=1", "MONOTONIC_USEC=5000000", "STATUS=reading conf.d again"],
            ["STATUS=1 of 1 resources are not in step: b.toml"],
            ["READY=1", IN_STEP],
        ],
    ),
    (
        [passed(GOOD), Reloading(5.0), passed(BAD, began=6.0)],
        [
            ["READY=1", IN_STEP],
            ["RELOADING=1", "MONOTONIC_USEC=5000000", "STATUS=reading conf.d again"],
            ["READY=1", "STATUS=1 of 1 resources are not in step: b.toml"],
        ],
    ),
    ([Reloading(5.0)], []),
    (
        [passed(GOOD), ConnectionChanged(AWAY), ConnectionChanged(HERE)],
        [["READY=1", IN_STEP], ["STATUS=the store does not answer"], [IN_STEP]],
    ),
    ([Ending()], [["STOPPING=1", "STATUS=ending"]]),
    ([Step("a")], []),
    (
        [passed(Result("a\nREADY=1", Status.FAILED))],
        [["STATUS=1 of 1 resources are not in step: a\\nREADY=1"]],
    ),
    (
        [passed(*(Result(f"{n}.toml", Status.SKIPPED) for n in range(9)))],
        [["STATUS=9 of 9 resources are not in step: 0.toml, 1.toml, 2.toml, 3.toml, 4.toml …"]],
    ),
]


@pytest.mark.parametrize(("reports", "messages"), SENT)
def test_each_report_is_a_message(manager, reports, messages):
    notifier = Notifier(manager.address)
    for report in reports:
        notifier.observe(report)
    assert manager.all() == messages


def test_the_watchdog_hears_of_the_loop_as_long_as_it_moves_on(manager):
    moments = iter([0.0, 1.0, 2.4, 2.5, 9.0])
    notifier = Notifier(manager.address, 10.0, clock=lambda: next(moments))
    heard = []
    for _ in range(5):
        notifier.observe(Step())
        heard.append(manager.all())
    ping = [["WATCHDOG=1"]]
    assert heard == [ping, [], [], ping, ping]


def test_an_abstract_socket_is_found():
    manager = Manager(f"@confd-test-{os.getpid()}")
    with manager.socket:
        Notifier(manager.address).observe(passed(GOOD))
        assert manager.all() == [["READY=1", IN_STEP]]


def test_a_socket_that_vanished_is_one_log_line_and_what_was_said_comes_later(
    manager, tmp_path, caplog
):
    notifier = Notifier(manager.address)
    manager.socket.close()
    Path(manager.address).unlink()
    for report in (passed(BAD), passed(GOOD), Step()):
        notifier.observe(report)
    assert [record.message for record in caplog.records] == [
        f"systemd cannot be notified: {manager.address}: no such file or directory"
    ]
    again = Manager(manager.address)
    with again.socket:
        notifier.observe(Step())
        assert sorted(again.next()) == ["READY=1", IN_STEP]


def test_a_manager_that_does_not_read_holds_up_nothing(manager, caplog):
    notifier = Notifier(manager.address, 1e-9)
    for _ in range(2000):
        notifier.observe(Step())
    assert len(caplog.records) == 1
    assert manager.all()


@pytest.mark.parametrize(
    ("environ", "watchdog"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, 0.0),
        ({"WATCHDOG_USEC": "soon"}, 0.0),
        ({"WATCHDOG_USEC": "9" * 400}, 0.0),
        ({"WATCHDOG_USEC": "9" * 5000}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_environment_names_the_socket_and_keeps_nothing_of_it(environ, watchdog):
    given = {"NOTIFY_SOCKET": "/run/notify", "HOME": "/root", **environ}
    notifier = systemd.from_environment(given)
    assert notifier is not None
    assert notifier._watchdog == watchdog
    assert given == {"HOME": "/root"}


def test_without_the_variable_nobody_is_notified():
    assert systemd.from_environment({"WATCHDOG_USEC": "1"}) is None


# -- The command


def with_socket(address: str, **more: str) -> str:
    return f"import os; os.environ |= { ({'NOTIFY_SOCKET': address, **more})!r}"


@pytest.fixture
def flags(folder: Folder) -> tuple[str, ...]:
    return ("-backend=env", f"-confdir={folder.path}", "-interval=3600")


def test_a_service_starts_reloads_and_stops(folder, flags, manager):
    folder.both('{{getv "/missing"}}')
    with confd(*flags, before=with_socket(manager.address)) as running:
        failed = "STATUS=1 of 1 resources are not in step: a.toml"
        assert manager.next() == [failed]
        folder.template("1")
        running.process.send_signal(signal.SIGHUP)
        assert manager.next() == ["READY=1", "STATUS=1 of 1 resources are in step"]
        before = time.monotonic()
        running.process.send_signal(signal.SIGHUP)
        reloading, moment, status = manager.next()
        assert (reloading, status) == ("RELOADING=1", "STATUS=reading conf.d again")
        assert before <= int(moment.removeprefix("MONOTONIC_USEC=")) / 1e6 <= time.monotonic()
        assert manager.next() == ["READY=1", "STATUS=1 of 1 resources are in step"]
        running.process.terminate()
        assert manager.next() == ["STOPPING=1", "STATUS=ending"]
        assert running.process.wait() == 0


def test_a_loop_that_is_stuck_is_silent_and_one_that_waits_is_not(folder, flags, manager, tmp_path):
    go, begun = tmp_path / "go", tmp_path / "begun"
    for fifo in (go, begun):
        os.mkfifo(fifo)
    folder.both("1", reload_cmd=f"echo > {begun}; cat {go}")
    environ = with_socket(manager.address, WATCHDOG_USEC="1000000")
    with confd(*flags, before=environ) as running:
        begun.read_bytes()
        manager.all()
        manager.socket.settimeout(1.5)  # silence is what is to be seen here
        with pytest.raises(TimeoutError):
            manager.next()
        manager.socket.settimeout(60)
        go.write_bytes(b"")
        manager.until("READY=1")
        assert [manager.next() for _ in range(3)] == [["WATCHDOG=1"]] * 3
        running.process.terminate()
        manager.until("STOPPING=1")


def test_the_end_of_the_child_stops_the_service(folder, flags, manager, tmp_path):
    go = tmp_path / "go"
    os.mkfifo(go)
    folder.both("1")
    with confd(
        *flags, "-exec", f"read x < {go}; exit 3", before=with_socket(manager.address)
    ) as running:
        manager.until("READY=1")
        go.write_text("\n")
        manager.until("STOPPING=1")
        assert running.process.wait() == 3


def test_a_manager_that_is_gone_stops_nothing(folder, flags, tmp_path):
    folder.both("1")
    with confd(*flags, before=with_socket(str(tmp_path / "gone"))) as running:
        seen = running.until("no such file or directory")
        assert seen[-1].endswith(
            f"WARNING systemd cannot be notified: {tmp_path}/gone: no such file or directory"
        )
        folder.template("2")
        running.process.send_signal(signal.SIGHUP)
        running.until("has been updated")
        rest = running.end(signal.SIGTERM)
        assert running.process.wait() == 0
    assert not any("notified" in line for line in rest)
