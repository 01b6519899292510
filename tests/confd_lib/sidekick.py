"""Shared by tests of a running `confd`: a process whose log is what they wait for."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.confd_lib.commandline import without_subjects

ROOT = Path(__file__).parents[2]
UNSHARE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
CAN_UNSHARE = subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
needs_namespaces = pytest.mark.skipif(not CAN_UNSHARE, reason="no process namespace to be had")
HOSTS = [
    pytest.param((), id="a process"),
    pytest.param(UNSHARE, id="process 1", marks=needs_namespaces),
]


class Sidekick:
    """A running `confd`, whose log is what tests wait for."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def until(self, words: str) -> list[str]:
        """Read the log up to the line that ends in these words."""
        seen = []
        assert self.process.stderr is not None
        for line in self.process.stderr:
            seen.append(line.split("]: ", 1)[-1].rstrip("\n"))
            if without_subjects(seen[-1]).endswith(words):
                return seen
        pytest.fail(f"it ended before {words!r}: {seen}")

    def end(self, number: int) -> list[str]:
        """Send a signal, and read the rest of the log."""
        self.process.send_signal(number)
        rest = self.process.stderr.read() if self.process.stderr else ""
        return [without_subjects(line.split("]: ", 1)[-1]) for line in rest.splitlines()]


@contextlib.contextmanager
def confd(*args: object, before: str = "", under: Sequence[str] = ()) -> Iterator[Sidekick]:
    """Run `confd` for as long as the block lasts.

    Args:
        args: its flags.
        before: Python to execute in its process before it begins.
        under: the command that starts it.
    """
    code = f"from confd_lib.command.confd import cli\n{before}\ncli.script('confd')"
    process = subprocess.Popen(
        [*under, sys.executable, "-c", code, "-config-file=", *map(str, args)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    guard = threading.Timer(120, process.kill)
    guard.start()
    try:
        with process:
            yield Sidekick(process)
            _kill(process)
    finally:
        guard.cancel()
        guard.join()
        _kill(process)


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill a confd, with the groups of its commands and of its child, which would outlive it."""
    if process.poll() is None:
        for pid in children(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
    process.kill()


def children(pid: int) -> list[int]:
    """Return the processes that the threads of a process have started.

    A thread that ends while they are listed has none any more: its file is gone, or can be opened
    and not be read.
    """
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, task.read_text().split())
    return found


def send(sidekick: Sidekick, number: int) -> None:
    """Signal a confd, or the one that a process has started."""
    pid = sidekick.process.pid
    under = isinstance(sidekick.process.args, list) and sidekick.process.args[0] == "unshare"
    os.kill(children(pid)[0] if under else pid, number)


def rest(sidekick: Sidekick) -> list[str]:
    """Read the log to its end."""
    assert sidekick.process.stderr is not None
    lines = (line.split("]: ", 1)[-1].rstrip() for line in sidekick.process.stderr)
    return [*map(without_subjects, lines)]
