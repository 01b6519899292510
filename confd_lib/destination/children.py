"""The child processes that run commands: started, waited for and signalled under one lock.

The lock guards two things. A signal reaches no other process, since a child keeps its number until
it has been waited for. And reaping orphans takes no exit status of a command, since the commands
are known; so is the process that confd keeps running beside its loop. Knows nothing of what a
command is for.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LOCK: Final = threading.Lock()
# The commands that run, by the number of their process, which is also that of their group.
_RUNNING: Final[dict[int, str]] = {}
# The numbers of the kept processes.
_KEPT: Final[set[int]] = set()
# A start that hangs holds the lock; the end of this process does not wait longer for it.
_PATIENCE_S: Final = 0.5


@contextlib.contextmanager
def running(command: str, output: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a shell command; kill it with all of its group if it outlives the block.

    It has our environment and folder, an empty input, and a session of its own, so that it can
    neither take our terminal nor be stopped for reading from it.

    Args:
        command: for `/bin/sh -c`.
        output: the descriptor that stdout and stderr go to.

    Raises:
        OSError: there is no shell, no process can be started, or its exit status would be lost.
        ValueError: the command holds NUL.
    """
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        raise OSError("this process ignores SIGCHLD, so that no exit status can be had")
    with _LOCK:
        process = subprocess.Popen(
            ("/bin/sh", "-c", command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        _RUNNING[process.pid] = command
    try:
        yield process
    finally:
        if exit_code(process) is None:
            kill(process)
            process.wait()
            exit_code(process)


def exit_code(process: subprocess.Popen[bytes]) -> int | None:
    """Return the exit code of a command, negative for a signal; None while it runs."""
    with _LOCK:
        code = process.poll()
        if code is not None:
            _RUNNING.pop(process.pid, None)
        return code


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a command that has not been waited for, and all of its group."""
    _signal(process.pid, signal.SIGKILL)


def commands() -> list[str]:
    """Return the commands that run now, one that is being started among them."""
    held = _LOCK.acquire(timeout=_PATIENCE_S)
    try:
        return list(_RUNNING.values())
    finally:
        if held:
            _LOCK.release()


def send(number: int) -> None:
    """Send a signal to the process group of every command that runs."""
    if _LOCK.acquire(timeout=_PATIENCE_S):
        try:
            for pid in _RUNNING:
                _signal(pid, number)
        finally:
            _LOCK.release()


def keep(words: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a process that is kept: its end is waited for with `bury` alone.

    It has our environment, folder, input and output, and a session of its own.

    Args:
        words: the program and its arguments.

    Raises:
        OSError: there is no such program, or it cannot be run.
    """
    with _LOCK:
        process = subprocess.Popen(words, start_new_session=True)
        _KEPT.add(process.pid)
        return process


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Return whether a kept process has ended, and leave it to be waited for."""
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, options) is not None


def bury(process: subprocess.Popen[bytes]) -> int:
    """Kill what is left of the group of a kept process that has ended, and take its exit code.

    Returns:
        the code, negative for a signal.
    """
    _signal(process.pid, signal.SIGKILL)
    with _LOCK:
        code = process.wait()
        _KEPT.discard(process.pid)
        return code


def kill_kept() -> None:
    """Kill the kept processes and their groups."""
    if _LOCK.acquire(timeout=_PATIENCE_S):
        try:
            for pid in _KEPT:
                _signal(pid, signal.SIGKILL)
        finally:
            _LOCK.release()


def _signal(pid: int, number: int) -> None:
    """Signal a group, and continue it if it is stopped, so that the signal takes effect."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
        os.killpg(pid, signal.SIGCONT)


def reap_orphans() -> bool:
    """Reap the children that have ended and are not known: the orphans of process 1.

    Returns:
        False if there may be more, hidden behind a command that has just ended.
    """
    with _LOCK, contextlib.suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid in _RUNNING or ended.si_pid in _KEPT:
                return False
            os.waitpid(ended.si_pid, 0)
    return True
