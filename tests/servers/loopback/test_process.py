"""Programs end with the process that started them, and keep their ports while they are down."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.loopback import ports, programs
from tests.servers.loopback.ports import Port
from tests.servers.loopback.process import CannotStart, Server

ROOT = Path(__file__).parents[3]
# Starts a program that lasts, prints its process, and waits. The program ends with it from the
# moment on at which `setpriv` has become the program.
KEEPER = """
import sys
from collections.abc import Callable
from pathlib import Path
from tests.servers.loopback.process import Server
is_sleep = lambda server: Path(f"/proc/{server.pid}/comm").read_text() == "sleep\\n"
server = Server(Path(sys.argv[1]), lambda _: ["sleep", "600"], is_sleep)
server.start()
print(server.pid, flush=True)
sys.stdin.read()
"""


def test_a_program_ends_when_what_started_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KEEPER, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as keeper:
        assert keeper.stdout is not None
        pid = os.pidfd_open(int(keeper.stdout.readline()))
        try:
            assert select.select([pid], [], [], 0) == ([], [], [])
            keeper.send_signal(signal.SIGKILL)
            # A process file descriptor can be read once the process has ended.
            assert select.select([pid], [], [], 60)[0] == [pid]
        finally:
            os.close(pid)


def test_a_program_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    server = Server(tmp_path, lambda _: ["sleep", "600"], lambda _: True)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    pid = os.pidfd_open(server.pid)
    try:
        assert select.select([pid], [], [], 0.1) == ([], [], [])
    finally:
        os.close(pid)
        server.close()


def test_a_program_that_fails_is_tried_on_other_ports_and_shows_its_log(tmp_path: Path) -> None:
    tried: list[int] = []

    def command(server: Server) -> list[str]:
        tried.append(server.port)
        return ["sh", "-c", "echo no such port; exit 3"]

    server = Server(tmp_path / "store", command, lambda _: False)
    (tmp_path / "store").mkdir()
    with pytest.raises(CannotStart, match=r"status 3: (no such port\n){3}$"):
        server.start()
    assert len({*tried}) == 3
    server.close()
    assert not (tmp_path / "store").exists()


def test_a_program_is_prepared_once_for_its_data(tmp_path: Path) -> None:
    prepared: list[int] = []
    server = Server(
        tmp_path,
        lambda _: ["sleep", "600"],
        lambda _: True,
        prepare=lambda: prepared.append(server.pid),
    )
    server.start()
    first = server.pid
    server.stop()
    server.start()
    assert prepared == [first]
    server.empty()
    assert prepared == [first, server.pid]
    server.close()
    assert not server.runs


def test_connections_are_left_before_the_end_but_not_of_a_frozen_program(tmp_path: Path) -> None:
    left: list[bool] = []
    server = Server(
        tmp_path,
        lambda _: ["sleep", "600"],
        lambda _: True,
        leave=lambda: left.append(server.runs),
    )
    server.start()
    server.stop()
    server.start()
    server.kill()
    server.kill()
    assert left == [True, True]
    server.start()
    server.freeze()
    server.kill()
    assert left == [True, True]
    server.start()
    server.freeze()
    server.stop()
    server.close()
    assert left == [True, True, True]


def test_a_port_is_kept_from_others_until_it_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = Port(), Port()
    other.release()
    monkeypatch.setattr(ports, "_RANGE", (first.number, other.number))
    second = Port()
    assert second.number == other.number
    first.release()
    again = Port()
    assert again.number == first.number
    second.release()
    again.release()


def test_a_port_that_something_listens_on_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, other = Port(), Port()
    with socket.create_server(("127.0.0.1", taken.number)):
        taken.release()
        other.release()
        monkeypatch.setattr(ports, "_RANGE", (taken.number, other.number))
        chosen = Port()
        assert chosen.number == other.number
        chosen.release()


@pytest.mark.parametrize("find", [programs.system_program, programs.system_file])
def test_a_missing_program_skips_its_test(
    find: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program"):
        find("no-such-program")


def test_a_missing_program_fails_its_test_in_ci_as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(pytest.fail.Exception, match="no_such_package is not installed"):
        programs.packaged_program("no_such_package", "bin/program")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(pytest.skip.Exception):
        programs.packaged_program("no_such_package", "bin/program")


def test_a_program_of_the_system_is_not_the_one_of_a_wheel() -> None:
    assert Path(programs.system_program("etcd")).parent != Path(sys.executable).parent
