"""Programs that run beside the story, and end before it ends. Knows nothing of what they do."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .failure import Failure

# The seconds that a program has between SIGTERM and SIGKILL, usually and in haste.
PATIENCE: Final = 10.0
HASTE: Final = 3.0
# The most characters of a log line in a message.
_LONGEST: Final = 200


@dataclass(slots=True, eq=False)
class Process:
    """A program in a session of its own, so that Ctrl-C reaches the story alone.

    Attributes:
        name: its name in messages.
        log: the file that takes its output.
        fault: finds the part of a log line that says why the program ended; without it, its log
            says so in its last line.
        lasting: whether it has to run until it is stopped.
    """

    name: str
    log: Path
    fault: re.Pattern[str] | None
    lasting: bool
    _begin: int
    _popen: subprocess.Popen[bytes]
    _stopped: bool = field(default=False, init=False)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._popen.poll()

    @property
    def ended_early(self) -> bool:
        """Whether it had to run and does not."""
        return self.lasting and not self._stopped and self.status is not None

    def terminate(self) -> None:
        """Send SIGTERM, unless it has ended."""
        self._stopped = True
        self._popen.terminate()

    def stop(self, patience: float = PATIENCE) -> None:
        """Send SIGTERM, after some seconds SIGKILL; kill what it has started and left behind."""
        self.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(patience)
        self._popen.kill()
        self._popen.wait()
        end = time.monotonic() + patience
        while (left := [*_members(self.pid)]) and time.monotonic() < end:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)

    def kill(self) -> None:
        """Send SIGKILL, which a program cannot notice, and wait until it has ended."""
        self._stopped = True
        self._popen.kill()
        self._popen.wait()

    def reason(self) -> str:
        """Return the first part of its log that `fault` finds, else the last line of it.

        Control characters are left out, and what is long is cut.
        """
        with self.log.open("rb") as file:
            file.seek(self._begin)
            text = file.read().decode(errors="replace")
        fault = self.fault.search(text) if self.fault else None
        words = fault[0] if fault else text.rstrip().rpartition("\n")[2]
        plain = "".join(char if char.isprintable() else " " for char in words)
        return plain[:_LONGEST].strip() or "it wrote nothing"

    def failure(self) -> Failure:
        """Return the error that says how it ended."""
        status = self.status or 0
        how = f"with status {status}" if status >= 0 else f"by signal {-status}"
        return Failure(f"{self.name} ended {how}: {self.reason()}")


class Processes:
    """Starts programs, and stops them."""

    def __init__(self) -> None:
        self._all: list[Process] = []

    def __iter__(self) -> Iterator[Process]:
        """Yield all that were started, in their order."""
        return iter(self._all)

    def start(
        self,
        name: str,
        command: Sequence[str | os.PathLike[str]],
        *,
        log: Path,
        account: str | None = None,
        cwd: Path | None = None,
        fault: re.Pattern[str] | None = None,
        lasting: bool = True,
    ) -> Process:
        """Start a program.

        Args:
            name: its name in messages.
            command: the program and its arguments.
            log: the file that takes its output.
            account: the user it runs as; without one, the user of the story.
            cwd: its folder.
            fault: finds the part of a log line that says why the program ended; without it, its
                log says so in its last line.
            lasting: whether it has to run until it is stopped.

        Raises:
            Failure: it cannot be started.
        """
        try:
            with log.open("ab") as output:
                begin = output.tell()
                popen = subprocess.Popen(
                    command,
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                    user=account,
                    group=account,
                    extra_groups=[] if account else None,
                )
        except (OSError, subprocess.SubprocessError, LookupError) as error:
            raise Failure(f"{name} cannot be started: {error}") from error
        process = Process(name, log, fault, lasting, begin, popen)
        self._all.append(process)
        return process

    def stop_all(self, *, hasty: bool = False) -> int:
        """Stop those that run, the last one that was started first; return their number.

        Args:
            hasty: whether none has to wait for another, as after a failure, when no file is kept.
        """
        running = [process for process in self._all if process.status is None]
        with contextlib.ExitStack() as stops:  # the others are stopped though one of them fails
            for process in self._all:
                stops.callback(process.stop, HASTE if hasty else PATIENCE)
                if hasty:
                    process.terminate()
        return len(running)

    def check(self) -> None:
        """Do nothing if each program that has to run does.

        Raises:
            Failure: one has ended by itself; it says how, with the reason in its log.
        """
        for process in self._all:
            if process.ended_early:
                raise process.failure()


def _members(session: int) -> Iterator[int]:
    """Yield the processes of a session that run; only Linux lists them."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            # The name of the program, in brackets, may hold anything; numbers follow it.
            state, _parent, _group, owner, *_ = path.read_text("latin-1").rpartition(")")[2].split()
            if int(owner) == session and state != "Z":
                yield int(path.parent.name)
