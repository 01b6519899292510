"""The child of `confd` as a process: found, started, signalled and buried.

Knows nothing of when any of that is due.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib.destination import children
from confd_lib.destination.programs import missing
from confd_lib.errors import ConfdError, system_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# The statuses by which shells tell that a program cannot be run, or is not there.
NOT_RUN: Final = 126
NOT_FOUND: Final = 127
# The signals that a process has a handler for, ignores, or keeps for a thread that waits for them.
_MASKS: Final = re.compile(r"^Sig(?:Blk|Ign|Cgt):\s*([0-9a-f]+)$", re.MULTILINE)


class CannotStart(ConfdError):
    """The child cannot be started.

    Attributes:
        program: its first word.
        reason: the fault.
        status: the exit status by which shells tell it.

    >>> print(CannotStart("app", "no such file or directory", NOT_FOUND))
    Cannot start the child: app: no such file or directory
    """

    def __init__(self, program: str, reason: str, status: int) -> None:
        super().__init__(program, reason, status)
        self.program = program
        self.reason = reason
        self.status = status

    def __str__(self) -> str:
        return f"Cannot start the child: {self.program}: {self.reason}"


def check(words: Sequence[str]) -> None:
    """Check that a program is there, and may be run.

    Args:
        words: the program, as a path or a name to be found in `PATH`, and its arguments.

    Raises:
        CannotStart: it is not, or may not.
    """
    program = words[0]
    if shutil.which(program) is not None:
        return
    if "/" in program and Path(program).exists():
        raise CannotStart(program, "it may not be executed", NOT_RUN)
    where = "there is no such file" if "/" in program else "there is no such command in PATH"
    raise CannotStart(program, where, NOT_FOUND)


def faults(words: Sequence[str]) -> tuple[str, ...]:
    """Return why a program could not be started: one line, or more for a command of the shell.

    A program in a folder to which the command may change is not looked for.

    >>> faults(["/bin/sh", "-c", "cd /srv; ./app | /nonexistent/log"])
    ('there is no command /nonexistent/log',)
    """
    try:
        check(words)
    except CannotStart as error:
        return (f"{error.program}: {error.reason}",)
    if tuple(words[:2]) != ("/bin/sh", "-c"):
        return ()
    absent = [word for word in missing(words[2]) if "/" not in word or word.startswith("/")]
    return tuple(f"there is no command {word}" for word in absent)


class Process:
    """A child that runs.

    Args:
        words: the program and its arguments.

    Raises:
        CannotStart: it cannot be started.
    """

    def __init__(self, words: Sequence[str]) -> None:
        try:
            self._process = children.keep(words)
        except (OSError, ValueError) as error:
            status = NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_RUN
            raise CannotStart(words[0], system_reason(error), status) from error

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def has_ended(self) -> bool:
        """Return whether it has ended; it may be signalled until it is buried."""
        return children.has_ended(self._process)

    def bury(self) -> int:
        """Kill what is left of its group, and return its exit status, as a shell counts it."""
        code = children.bury(self._process)
        return code if code >= 0 else 128 - code

    def send(self, number: int) -> None:
        """Send it a signal; it alone gets it, and passes it on to its own children if it likes."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self.pid, number)

    def end(self, number: int) -> None:
        """Send it a signal that asks it to end, and let it run if it is stopped."""
        self.send(number)
        self.send(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it with all of its group."""
        children.kill(self._process)

    def expects(self, number: int) -> bool:
        """Return whether it acts on a signal by itself; else the signal would end it.

        A child that has just started may not have a handler yet. True where the system does not
        say.
        """
        masks = _MASKS.findall(_status(self.pid))
        return not masks or any(int(mask, 16) >> (number - 1) & 1 for mask in masks)


def _status(pid: int) -> str:
    """Return the status of a child in /proc; empty if that cannot be read.

    In a namespace of processes /proc may be that of the outer one, which has other numbers: the
    child is then the one of our children there that has this number inside.
    """
    proc = Path("/proc/self")
    try:
        if proc.readlink().name == str(os.getpid()):
            return Path(f"/proc/{pid}/status").read_text()
        outer = " ".join(one.read_text() for one in proc.glob("task/*/children")).split()
    except OSError:
        return ""
    inner = re.compile(rf"^NSpid:.*\s{pid}$", re.MULTILINE)
    return next((one for one in _statuses(outer) if inner.search(one)), "")


def _statuses(pids: Iterable[str]) -> Iterator[str]:
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended meanwhile
            yield Path(f"/proc/{pid}/status").read_text()
