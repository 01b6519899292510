"""The child of `confd`: when it is started, reloaded, restarted and ended, and what its end means.

All of it happens in the thread that serves signals, so that nothing has to wait for anything.
Knows nothing of how a pass is made.
"""

from __future__ import annotations

import logging
import random
import signal
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from confd_lib.command.sidecar.process import CannotStart, Process, check
from confd_lib.logs import LOGGER
from confd_lib.run.events import Passed, Reloading
from metadata_client import delays

if TYPE_CHECKING:
    from collections.abc import Callable

    from confd_lib.command.confd.agenda import Agenda
    from confd_lib.command.settings.exec import Exec
    from confd_lib.run.events import Report

# The exit status where no good pass came in time: "temporary failure" in sysexits.h.
NOT_READY: Final = 75
# Signals that tell of a fault of this process, or that are its own affair.
_OWN: Final = frozenset(
    (
        *(signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGPIPE),
        *(signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE),
        *(signal.SIGSEGV, signal.SIGSYS, signal.SIGXCPU, signal.SIGXFSZ),
        *(signal.SIGTTIN, signal.SIGTTOU),
        *(signal.SIGTERM, signal.SIGINT, signal.SIGHUP),
    )
)
PASSED_ON: Final = frozenset(signal.valid_signals()) - _OWN
"""The signals that the child gets as they come; SIGTERM, SIGINT and SIGHUP have more to do."""
# Seconds before the first restart of a child that has failed; the next ones come later.
_FIRST_PAUSE_S: Final = 1.0
_LAST_PAUSE_S: Final = 60.0
# A child that ran for so many seconds has not failed in a row.
_GOOD_RUN_S: Final = 60.0
# A child that has just started gets so many seconds to prepare for its reload signal.
_PREPARE_S: Final = 10.0
_ASK_AGAIN_S: Final = 0.02


class Child:
    """The process that runs beside the loop.

    Args:
        settings: its command, and how it is treated.
        agenda: of the thread that calls `turn`, `pass_on` and `end`; no other thread may.
        wake: lets that thread have a turn.
        on_over: is called in that thread when the child has ended for good.
        log: writes a log line, and does not hang.
        repeats: whether a pass that is not good is followed by others.

    Attributes:
        asked: whether a good pass has asked for the start.
        status: the exit status; `NOT_READY` as long as it was not started.
        starts: how often it was started.
        reloads: how often it was sent its reload signal.

    Raises:
        CannotStart: there is no such command.
    """

    def __init__(
        self,
        settings: Exec,
        agenda: Agenda,
        *,
        wake: Callable[[], None],
        on_over: Callable[[], None],
        log: Callable[..., None] = LOGGER.log,
        repeats: bool = True,
    ) -> None:
        self._words = settings.words
        check(self._words)
        self._settings = settings
        self._agenda = agenda
        self._wake = wake
        self._on_over = on_over
        self._log = log
        self._requests: deque[Callable[[], None]] = deque()
        self._draw = random.Random()
        self._process: Process | None = None
        self._began = 0.0
        self._stopping = False
        self._ending = False
        self._restarts = 0
        self._pauses = delays(_FIRST_PAUSE_S, _LAST_PAUSE_S)
        self._hung_up: float | None = None
        self._is_over = threading.Event()
        self.asked = False
        self.status = NOT_READY
        self.starts = 0
        self.reloads = 0
        if repeats and settings.start_timeout:
            self._ask(self._await_start)

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self._process is not None

    @property
    def kill_timeout(self) -> float:
        """The seconds that it may take to end."""
        return self._settings.kill_timeout

    # -- Any thread

    def observe(self, report: Report) -> None:
        """Start it after the first good pass, and reload or restart it after a change."""
        if isinstance(report, Reloading):
            self._hung_up = report.moment
        elif isinstance(report, Passed):
            self._follow(report)

    def _follow(self, report: Passed) -> None:
        # A request to read conf.d again is one to the child too, if it knows how to reload.
        wished = self._hung_up is not None and report.began >= self._hung_up
        if wished:
            self._hung_up = None
        if not self.asked:
            self.asked = report.good
            if report.good:
                self._ask(self._start)
        elif report.changed or (wished and self._settings.reload_signal):
            self._ask(self._change)

    def wait(self, seconds: float) -> bool:
        """Wait until it is over, and return whether it is."""
        return self._is_over.wait(seconds)

    def _ask(self, action: Callable[[], None]) -> None:
        """Let the thread of the child take an action."""
        self._requests.append(action)
        self._wake()

    # -- The thread of the child

    def turn(self) -> None:
        """Notice the end of the process, and do what other threads have asked for."""
        if self._process is not None and self._process.has_ended():
            self._bury(self._process)
        while self._requests and not self._is_over.is_set():
            self._requests.popleft()()

    def pass_on(self, number: int) -> None:
        """Send it a signal that this process has got."""
        if self._process is None:
            self._log(logging.WARNING, "No child runs that could get %s", _named(number))
        else:
            self._process.send(number)

    def end(self, number: int = 0) -> None:
        """Ask it to end, once and for all; a second call does nothing.

        Args:
            number: the signal that ends this process; 0 if no signal does.
        """
        if self._ending:
            return
        self._ending = True
        self._agenda.cancel(self._start, self._act, self._reload, self._give_up)
        if self._process is None:
            self._be_over(128 + number if number else self.status)
        else:
            self._stop(self._process, self._settings.kill_signal or number or signal.SIGTERM)

    def _await_start(self) -> None:
        self._agenda.set(self._give_up, self._settings.start_timeout)

    def _give_up(self) -> None:
        self._log(
            logging.CRITICAL,
            "No pass in which every file is in step for %gs: the child is not started",
            self._settings.start_timeout,
        )
        self._be_over(NOT_READY)

    def _start(self) -> None:
        if self._ending:
            return
        self._agenda.cancel(self._give_up)
        self._began = time.monotonic()
        try:
            self._process = Process(self._words)
        except CannotStart as error:
            self._log(logging.ERROR, "%s", error)
            self._follow_end(error.status)
            return
        self.starts += 1
        self._log(logging.INFO, "Started the child, process %d", self._process.pid)

    def _change(self) -> None:
        """Plan the reload, unless one is planned, or a start will read the new files anyway."""
        waits = self._act in self._agenda or self._reload in self._agenda
        if self._process is not None and not self._stopping and not waits:
            self._agenda.set(self._act, self._draw.uniform(0, self._settings.splay))

    def _act(self) -> None:
        if self._settings.reload_signal:
            self._reload()
        elif self._process is not None:
            self._log(logging.INFO, "Restarting the child")
            self._stop(self._process, self._settings.kill_signal or signal.SIGTERM)

    def _reload(self) -> None:
        """Send the reload signal, once the process is prepared for it or seems never to be."""
        number, process = self._settings.reload_signal, self._process
        if process is None:
            return
        if not process.expects(number):
            if time.monotonic() - self._began < _PREPARE_S:
                self._agenda.set(self._reload, _ASK_AGAIN_S)
                return
            self._log(logging.WARNING, "The child has no handler for %s", _named(number))
        self.reloads += 1
        self._log(logging.INFO, "Reloading the child: %s", _named(number))
        process.send(number)

    def _stop(self, process: Process, number: int) -> None:
        """Ask the process to end, and plan its kill, unless that is planned already."""
        process.end(number)
        if not self._stopping:
            self._stopping = True
            self._agenda.set(self._kill, self._settings.kill_timeout)

    def _kill(self) -> None:
        if self._process is not None:
            message = "The child has not ended for %gs, and is killed"
            self._log(logging.WARNING, message, self._settings.kill_timeout)
            self._process.kill()

    def _bury(self, process: Process) -> None:
        """Take the exit status of the process, and decide what follows."""
        restart = self._stopping and not self._ending
        self._agenda.cancel(self._kill, self._act, self._reload)
        self._process, self._stopping = None, False
        status = process.bury()
        if restart:
            self._start()
        else:
            self._follow_end(status)

    def _follow_end(self, status: int) -> None:
        """Start the child again if it has failed and may be started again, else it is over."""
        if time.monotonic() - self._began > _GOOD_RUN_S:
            self._restarts, self._pauses = 0, delays(_FIRST_PAUSE_S, _LAST_PAUSE_S)
        self.status = status
        if self._ending or not status or self._restarts >= self._settings.restarts:
            level = logging.INFO if self._ending or not status else logging.ERROR
            self._log(level, "The child has ended: exit status %d", status)
            self._be_over(status)
            return
        self._restarts += 1
        pause = next(self._pauses)
        message = "The child has ended: exit status %d; start %d of %d comes in %.1fs"
        self._log(logging.ERROR, message, status, self._restarts, self._settings.restarts, pause)
        self._agenda.set(self._start, pause)

    def _be_over(self, status: int) -> None:
        self.status = status
        self._agenda.cancel(self._start, self._act, self._reload, self._give_up, self._kill)
        self._is_over.set()
        self._on_over()


def _named(number: int) -> str:
    """Return a signal for the log, with its name if it has one: `signal 12 (SIGUSR2)`."""
    name = next((one.name for one in signal.Signals if one == number), "")
    return f"signal {number} ({name})" if name else f"signal {number}"
