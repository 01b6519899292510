"""Ends the command: a signal asks for it, and a deadline enforces it, whatever is in hand.

Serves the signals of the process in a thread of its own, since the main thread may be inside a
render, a command or a read. Knows nothing of how a pass is made.
"""

from __future__ import annotations

import functools
import logging
import os
import signal
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final, NoReturn

from confd_lib.command.confd.agenda import Agenda
from confd_lib.destination import children, output
from confd_lib.logs import LOGGER
from confd_lib.run.events import Ending, Reloading

if TYPE_CHECKING:
    from confd_lib.command.confd.signals import Signals
    from confd_lib.command.sidecar.child import Child
    from confd_lib.run.processor import Confd

ENDING: Final = (signal.SIGTERM, signal.SIGINT)

# Seconds after the first signal; `docker stop` kills after ten.
TERMINATE_S = 4.0
KILL_S = 5.5
LEAVE_S = 8.0
# What a child that was killed leaves to be done takes no longer.
_AFTER_KILL_S: Final = 1.0
# A log that nobody reads delays the end once, no longer than this, and so many lines are kept.
_LOG_S: Final = 0.5
_MOST_LINES: Final = 1000
# An orphan may be hidden behind a command that has ended; the next try comes after this.
_ORPHAN_S: Final = 0.1


class Shutdown:
    """Acts on the signals of the process.

    SIGHUP begins a pass. The first SIGTERM or SIGINT lets the loop end after the step in hand; a
    command that runs on is sent SIGTERM, then SIGKILL, and at last the process leaves all the same.
    The second leaves at once. Process 1 reaps orphans, as no other process does. A child is sent
    what else comes, and its end is the end of the loop.

    Attributes:
        stop: set by the first SIGTERM or SIGINT, and by the end of the child.
        number: the number of that signal; 0 before, and without one.
        confd: is woken by SIGHUP, and names the step in hand; None before the loop begins.
        child: the process beside the loop, if there is one.
        repeats: whether a pass is followed by others.
        agenda: what the thread of signals is to do, and when.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.number = 0
        self.confd: Confd | None = None
        self.child: Child | None = None
        self.repeats = True
        self.agenda = Agenda()
        self._is_init = os.getpid() == 1

    @property
    def numbers(self) -> tuple[int, ...]:
        """The signals to serve."""
        return (*ENDING, signal.SIGHUP, *((signal.SIGCHLD,) if self._is_init else ()))

    def serve(self, signals: Signals) -> None:
        """Act on signals, and take each step of the end when its time has come."""
        while (number := signals.next(self.agenda.pause())) is not None:
            self._act(number)
            self.agenda.run_due()
            if self.child is not None:
                self._serve_child(self.child)
            if self._is_init and not children.reap_orphans():
                self.agenda.set(_reap_again, _ORPHAN_S)

    def _act(self, number: int) -> None:
        if number in ENDING:
            self._end(number)
        elif number == signal.SIGHUP and (self.repeats or self.child is None):
            self._read_again()
        elif number not in (0, signal.SIGCHLD) and self.child is not None:
            self.child.pass_on(number)

    def _read_again(self) -> None:
        if not self.repeats:
            log(logging.INFO, "Captured hangup, but -onetime makes no second pass")
            return
        log(logging.INFO, "Captured hangup. Reading conf.d again")
        if self.confd is not None:
            self.confd.events.tell(Reloading(time.monotonic()))
            self.confd.wake()

    def _end(self, number: int) -> None:
        if self.number:
            _leave(128 + number, self._in_hand())
        self.number = number
        self._stop(128 + number)
        log(logging.INFO, "Captured %s. Exiting...", signal_name(number))

    def _serve_child(self, child: Child) -> None:
        """Let the child have its turn; it may be there only after the signal that ends it."""
        if self.number:
            child.end(self.number)
        child.turn()

    def end_with_child(self) -> None:
        """Let the loop end, since the child is over."""
        if not self.stop.is_set() and self.child is not None:
            self._stop(self.child.status)

    def _stop(self, status: int) -> None:
        """Let the loop end, and plan the end of the process for the case that it does not."""
        leave = max(LEAVE_S, self.child.kill_timeout + _AFTER_KILL_S if self.child else 0)
        self.agenda.set(functools.partial(_end_commands, signal.SIGTERM), TERMINATE_S)
        self.agenda.set(functools.partial(_end_commands, signal.SIGKILL), KILL_S)
        self.agenda.set(lambda: _leave(status, self._in_hand()), leave)
        self.stop.set()
        if self.confd is not None:
            self.confd.events.tell(Ending())
            self.confd.wake()

    def _in_hand(self) -> str:
        """Return the step in hand: a command, a resource or the store."""
        child = "the child" if self.child is not None and self.child.running else ""
        at = [*children.commands(), self.confd.in_hand if self.confd else "", child]
        return next(filter(None, at), "nothing")


def signal_name(number: int) -> str:
    """Return the name that Go prints for a signal.

    >>> signal_name(signal.SIGTERM)
    'terminated'
    """
    return (signal.strsignal(number) or str(number)).lower()


def _end_commands(number: signal.Signals) -> None:
    for command in children.commands():
        log(logging.WARNING, "Sending %s to the command that still runs: %s", number.name, command)
    children.send(number)


def _leave(status: int, in_hand: str) -> NoReturn:
    """End the process at once, from any thread."""
    log(logging.ERROR, "Left unfinished: %s", in_hand)
    children.send(signal.SIGKILL)
    children.kill_kept()
    output.hand_over()
    os._exit(status)


def _reap_again() -> None:
    """Do nothing: the turn that follows reaps."""


class _Lines:
    """Log lines that a thread writes, in their order; while it is stuck they wait in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[object, ...]] = deque(maxlen=_MOST_LINES)
        self._is_writing = False

    def put(self, *line: object) -> None:
        """Add a line, and wait for it a moment, unless the one before is stuck."""
        with self._lock:
            self._waiting.append(line)
            if self._is_writing:
                return
            self._is_writing = True
        thread = threading.Thread(target=self._write, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads to be had
            self._is_writing = False
            return
        thread.join(_LOG_S)

    def _write(self) -> None:
        while line := self._next():
            LOGGER.log(*line)  # type: ignore[arg-type] # as `log` was given it

    def _next(self) -> tuple[object, ...]:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._is_writing = False
            return ()


_LINES: Final = _Lines()


def log(level: int, message: str, *args: object) -> None:
    """Log a line, and go on without it where the log is stuck."""
    _LINES.put(level, message, *args)
