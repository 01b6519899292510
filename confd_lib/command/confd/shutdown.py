"""Ends the command: a signal asks for it, and a deadline enforces it, whatever is in hand.

Serves the signals of the process in a thread of its own, since the main thread may be inside a
render, a command or a read. Knows nothing of how a pass is made.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Final, NoReturn

from confd_lib.destination import children, output
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from confd_lib.command.confd.signals import Signals
    from confd_lib.run.processor import Confd

ENDING: Final = (signal.SIGTERM, signal.SIGINT)

# Seconds after the first signal; `docker stop` kills after ten.
TERMINATE_S = 4.0
KILL_S = 5.5
LEAVE_S = 8.0
# A log that nobody reads delays the end no longer than this.
_LOG_S: Final = 0.5
# An orphan may be hidden behind a command that has ended; the next try comes after this.
_ORPHAN_S: Final = 0.1


class Shutdown:
    """Acts on the signals of the process.

    SIGHUP begins a pass. The first SIGTERM or SIGINT lets the loop end after the step in hand; a
    command that runs on is sent SIGTERM, then SIGKILL, and at last the process leaves all the same.
    The second leaves at once. Process 1 reaps orphans, as no other process does.

    Attributes:
        stop: set by the first SIGTERM or SIGINT.
        number: the number of that signal; 0 before.
        confd: is woken by SIGHUP, and names the step in hand; None before the loop begins.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.number = 0
        self.confd: Confd | None = None
        self._steps: list[tuple[float, Callable[[], None]]] = []
        self._is_init = os.getpid() == 1
        self._has_orphans = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """The signals to serve."""
        return (*ENDING, signal.SIGHUP, *((signal.SIGCHLD,) if self._is_init else ()))

    def serve(self, signals: Signals) -> None:
        """Act on signals, and take each step of the end when its time has come."""
        while (number := signals.next(self._pause())) is not None:
            if number == signal.SIGHUP:
                _log(logging.INFO, "Captured %s. Reading conf.d again", signal_name(number))
                self._wake()
            elif number in ENDING:
                self._end(number)
            if self._is_init:
                self._has_orphans = not children.reap_orphans()
            while self._steps and self._steps[0][0] <= time.monotonic():
                self._steps.pop(0)[1]()

    def _pause(self) -> float | None:
        """Return the seconds until something is due without a signal; None if nothing is."""
        orphans = [_ORPHAN_S] if self._has_orphans else []
        steps = [self._steps[0][0] - time.monotonic()] if self._steps else []
        return min(orphans + steps, default=None)

    def _wake(self) -> None:
        if self.confd is not None:
            self.confd.wake()

    def _end(self, number: int) -> None:
        if self.number:
            _leave(number, self._in_hand())
        self.number = number
        now = time.monotonic()
        self._steps = [
            (now + TERMINATE_S, functools.partial(_end_commands, signal.SIGTERM)),
            (now + KILL_S, functools.partial(_end_commands, signal.SIGKILL)),
            (now + LEAVE_S, lambda: _leave(number, self._in_hand())),
        ]
        self.stop.set()
        _log(logging.INFO, "Captured %s. Exiting...", signal_name(number))
        self._wake()

    def _in_hand(self) -> str:
        """Return the step in hand: a command, a resource or the store."""
        at = [*children.commands(), self.confd.in_hand if self.confd else ""]
        return next(filter(None, at), "nothing")


def signal_name(number: int) -> str:
    """Return the name that Go prints for a signal.

    >>> signal_name(signal.SIGTERM)
    'terminated'
    """
    return (signal.strsignal(number) or str(number)).lower()


def _end_commands(number: signal.Signals) -> None:
    for command in children.commands():
        _log(logging.WARNING, "Sending %s to the command that still runs: %s", number.name, command)
    children.send(number)


def _leave(number: int, in_hand: str) -> NoReturn:
    """End the process at once, from any thread."""
    _log(logging.ERROR, "Left unfinished: %s", in_hand)
    children.send(signal.SIGKILL)
    output.hand_over()
    os._exit(128 + number)


def _log(level: int, message: str, *args: object) -> None:
    """Log a line, and go on without it where the log is stuck."""
    thread = threading.Thread(target=LOGGER.log, args=(level, message, *args), daemon=True)
    with contextlib.suppress(RuntimeError):  # no more threads to be had
        thread.start()
        thread.join(_LOG_S)
