"""Tells systemd how a run fares, by datagrams to its notify socket (`man sd_notify`).

Knows nothing of how a pass is made. A socket that is gone, or full, never holds up the loop.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import escapes
from confd_lib.errors import system_reason
from confd_lib.logs import LOGGER
from confd_lib.run.events import ConnectionChanged, Ending, Passed, Reloading, Step

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from confd_lib.run.events import Report

_SOCKET: Final = "NOTIFY_SOCKET"
_WATCHDOG: Final = "WATCHDOG_USEC"
_WATCHDOG_PID: Final = "WATCHDOG_PID"
_MOST_NAMED: Final = 5
# systemd keeps microseconds in 64 bits.
_MOST_DIGITS: Final = 20


class Notifier:
    """Sends the state of a run to systemd.

    `READY=1` after the first good pass, and after the pass that follows a `RELOADING=1`;
    `STATUS=` whenever it changes; `WATCHDOG=1` from the loop, as long as that moves on.

    Args:
        address: the path of the socket, or `@` and the name of an abstract one.
        watchdog: the seconds after which systemd ends a silent service; 0 if it does not.
        clock: gives the seconds of `CLOCK_MONOTONIC`.
    """

    def __init__(
        self, address: str, watchdog: float = 0.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._watchdog = watchdog
        self._clock = clock
        self._lock = threading.Lock()
        self._unsent: dict[str, str] = {}
        self._status = ""
        self._summary = ""
        self._is_ready = False
        self._reloading: float | None = None
        self._last_ping = -watchdog
        self._failure = ""

    def observe(self, report: Report) -> None:
        """Send what a run reports; safe in any thread."""
        with self._lock:
            if isinstance(report, Passed):
                self._after_pass(report)
            elif isinstance(report, ConnectionChanged):
                away = "" if report.connection.reachable else "the store does not answer"
                self._say(away or self._summary)
            elif isinstance(report, Reloading) and self._is_ready:
                self._reloading = report.moment
                self._unsent |= {"RELOADING": "1"}
                self._unsent |= {"MONOTONIC_USEC": str(int(report.moment * 1_000_000))}
                self._say("reading conf.d again")
            elif isinstance(report, Ending):
                self._unsent["STOPPING"] = "1"
                self._say("ending")
            elif isinstance(report, Step):
                self._ping()
            self._send()

    def _after_pass(self, passed: Passed) -> None:
        reloaded = self._reloading is not None and passed.began >= self._reloading
        if reloaded or (passed.good and not self._is_ready):
            self._is_ready, self._reloading = True, None
            for name in ("RELOADING", "MONOTONIC_USEC"):  # it is over before it could be sent
                self._unsent.pop(name, None)
            self._unsent["READY"] = "1"
        self._summary = _summary(passed)
        self._say(self._summary)

    def _say(self, status: str) -> None:
        if status and status != self._status:
            self._status = self._unsent["STATUS"] = escapes.one_line(status)

    def _ping(self) -> None:
        now = self._clock()
        if self._watchdog and now - self._last_ping >= self._watchdog / 4:
            self._last_ping = now
            self._unsent["WATCHDOG"] = "1"

    def _send(self) -> None:
        """Send what is unsent; keep it where that fails, and log a failure once."""
        if not self._unsent:
            return
        message = "\n".join(f"{name}={value}" for name, value in self._unsent.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.settimeout(0)
                sender.sendto(message.encode("utf-8", "backslashreplace"), self._address)
        except (OSError, ValueError) as error:
            reason = system_reason(error)
            if reason != self._failure:
                self._failure = reason
                LOGGER.warning("systemd cannot be notified: %s: %s", self._shown(), reason)
            return
        self._unsent, self._failure = {}, ""

    def _shown(self) -> str:
        return self._address.replace("\0", "@")


def from_environment(environ: MutableMapping[str, str] = os.environ) -> Notifier | None:
    """Return the notifier that systemd asks for; None if it asks for no notification.

    Its variables are removed, so that no child of this process takes them for its own.
    """
    address = environ.pop(_SOCKET, "")
    watchdog, pid = environ.pop(_WATCHDOG, ""), environ.pop(_WATCHDOG_PID, "")
    if not address:
        return None
    is_ours = (
        watchdog.isdecimal() and len(watchdog) <= _MOST_DIGITS and pid in ("", str(os.getpid()))
    )
    return Notifier(address, int(watchdog) / 1_000_000 if is_ours else 0.0)


def _summary(passed: Passed) -> str:
    """Return the state after a pass as a sentence, without errors: they may quote anything."""
    behind = [Path(result.path).name for result in passed.behind]
    count = len(passed.results)
    if not count:
        return "conf.d holds no resource"
    if not behind:
        version = f", version {passed.version}" if passed.version else ""
        return f"{count} of {count} resources are in step{version}"
    named = ", ".join(behind[:_MOST_NAMED]) + (" …" if len(behind) > _MOST_NAMED else "")
    return f"{len(behind)} of {count} resources are not in step: {named}"
