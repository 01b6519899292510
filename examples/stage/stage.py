"""Plays a story: gives it a folder, programs, a board and signals, and clears all of it away."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .board import Board
from .failure import Failure, Interrupted
from .processes import Process, Processes
from .signals import Signals

# The seconds between two checks of a condition.
_TICK: Final = 0.1


@dataclass(frozen=True, slots=True)
class Stage:
    """All that a story plays with.

    Attributes:
        folder: a folder for its files, removed at the end.
        processes: its programs, stopped at the end.
        board: shows its progress.
        signals: those that end it.
    """

    folder: Path
    processes: Processes
    board: Board
    signals: Signals

    def until(
        self,
        ready: Callable[[], bool],
        what: str,
        *,
        seconds: float = 120.0,
        log_of: Process | None = None,
    ) -> float:
        """Wait until a condition holds, while all programs run; return the seconds it took.

        Args:
            ready: the condition.
            what: the condition in words, as in "node 2 has joined".
            seconds: the most seconds to wait.
            log_of: the program whose log says why the condition does not hold in time.

        Raises:
            Failure: a program ended, or the condition does not hold in time.
            Interrupted: a signal came.
        """
        begin = time.monotonic()
        self.board.waiting(f"until {what}")
        while not ready():
            self.signals.check()  # first: it may have ended a program that had just been started
            self.processes.check()
            if time.monotonic() - begin > seconds:
                words = f": {log_of.reason()}" if log_of else ""
                raise Failure(f"{seconds:g} s were not enough until {what}{words}")
            self.pause(_TICK)
        self.board.waiting("")
        return time.monotonic() - begin

    def pause(self, seconds: float) -> None:
        """Wait for some seconds.

        Raises:
            Interrupted: a signal came.
        """
        time.sleep(seconds)
        self.signals.check()
        self.board.refresh()

    def run(
        self,
        name: str,
        command: Sequence[str | os.PathLike[str]],
        *,
        log: Path,
        account: str | None = None,
        fault: re.Pattern[str] | None = None,
        seconds: float = 60.0,
    ) -> None:
        """Run a program to its end.

        Args:
            name: its name in messages.
            command: the program and its arguments.
            log: the file that takes its output.
            account: the user it runs as; without one, the user of the story.
            fault: finds the part of a log line that says why the program failed; without it, its
                log says so in its last line.
            seconds: the most seconds to wait.

        Raises:
            Failure: its status is not 0, or it does not end in time.
            Interrupted: a signal came.
        """
        process = self.processes.start(
            name, command, log=log, account=account, fault=fault, lasting=False
        )
        self.until(
            lambda: process.status is not None, f"{name} has ended", seconds=seconds, log_of=process
        )
        if process.status:
            self.signals.check()
            raise process.failure()


def play(name: str, columns: Sequence[str], story: Callable[[Stage], None]) -> int:
    """Play a story, and stop and remove all that it has started and written.

    Args:
        name: its name, for messages and the name of its folder.
        columns: the columns of its table; the first holds the names of the rows.
        story: the story.

    Returns:
        the exit status: 0, or 1 after a failure, or 128 and the number of a signal.
    """
    board = Board(columns)
    try:
        with Signals() as signals, _folder(name) as folder, _programs(board) as processes:
            story(Stage(folder, processes, board, signals))
    except Failure as failure:
        return _end(f"{name}: {failure}", 1)
    except OSError as error:  # a full disk, too many open files
        return _end(f"{name}: {error}", 1)
    except Interrupted as interrupted:
        return _end(f"{name}: {interrupted}", 128 + interrupted.number)
    return 0


@contextlib.contextmanager
def _folder(name: str) -> Iterator[Path]:
    try:
        folder = tempfile.TemporaryDirectory(prefix=re.sub(r"\W+", "-", name) + "-")
    except OSError as error:
        raise Failure(f"no temporary folder can be made: {error}") from error
    with folder as path:
        yield Path(path)


@contextlib.contextmanager
def _programs(board: Board) -> Iterator[Processes]:
    """Yield the programs of a story, and say at the end how many had to be stopped."""
    processes, finished = Processes(), False
    try:
        yield processes
        finished = True
    finally:
        begin = time.monotonic()
        with contextlib.suppress(Failure):  # a closed output is no reason to let them run
            board.waiting("until all programs have ended")
        count = processes.stop_all(hasty=not finished)
        board.close()
        if count:
            board.say(f"programs stopped: {count}, in {time.monotonic() - begin:.1f} s")


def _end(line: str, status: int) -> int:
    """Print the last line, even if standard output is closed, and return the status."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{line}\n")
    try:
        sys.stdout.flush()
    except OSError:
        # Else Python would try once more when it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status
