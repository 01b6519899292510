"""The child processes that run commands: started, waited for and signalled under one lock.

The lock keeps two promises. A signal reaches no other process: a child keeps its number until it
has been waited for. And no exit status is stolen: while orphans are reaped, it is known which
children are commands. Knows nothing of what a command is for.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK: Final = threading.Lock()
# The commands that run, by the number of their process, which is also that of their group.
_RUNNING: Final[dict[int, str]] = {}
# Whoever ends this process must not wait for ever for a start that hangs.
_PATIENCE_S: Final = 0.5


@contextlib.contextmanager
def running(command: str, output: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a shell command; kill it with all of its group if it outlives the block.

    It has our environment and folder, an empty input, and a session of its own: neither can it take
    our terminal, nor is it stopped for reading from it.

    Args:
        command: for `/bin/sh -c`.
        output: the descriptor that stdout and stderr go to.

    Raises:
        OSError: there is no shell, or no process to be had.
        ValueError: the command holds NUL.
    """
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
    """List the commands that run now."""
    return list(_RUNNING.values())


def send(number: int) -> None:
    """Send a signal to the process group of every command that runs."""
    if _LOCK.acquire(timeout=_PATIENCE_S):
        try:
            for pid in _RUNNING:
                _signal(pid, number)
        finally:
            _LOCK.release()


def _signal(pid: int, number: int) -> None:
    """Signal a group; one that was stopped runs on, so that it can obey."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
        os.killpg(pid, signal.SIGCONT)


def reap_orphans() -> bool:
    """Wait for the children that have ended and are no commands: the orphans of process 1.

    Returns:
        whether none is left; one may be hidden behind a command that has just ended.
    """
    with _LOCK, contextlib.suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid in _RUNNING:
                return False
            os.waitpid(ended.si_pid, 0)
    return True
