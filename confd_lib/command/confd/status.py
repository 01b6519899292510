"""The status file: the state of the store and of each resource, for a health check.

Knows nothing of how a pass is made. The file is replaced as a whole, so that no reader sees half.
"""

from __future__ import annotations

import json
import os
import threading
import time
from typing import TYPE_CHECKING

from confd_lib.destination import staging
from confd_lib.destination.update import Status
from confd_lib.destination.wanted import Wanted
from confd_lib.errors import ConfdError
from confd_lib.logs import LOGGER, rfc3339
from confd_lib.run.events import IN_STEP, ConnectionChanged, Passed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from confd_lib.destination.update import Result
    from confd_lib.run.events import Report
    from confd_lib.run.source import Connection

_Entry = dict[str, str | None]


class StatusFile:
    """A JSON file with the state of the store and of each resource.

    Its mode follows the umask of the process. It holds:

    - `ok`: whether the store answers and every resource is in step;
    - `time`: when the file was written;
    - `version`: the version of the store that was rendered last, empty where a store has none;
    - `store`: `reachable`, `since` when it has been so, the time of its `last_answer`, and the
      `error` of a store that does not answer;
    - `resources`: for the file of each (`FILE DEST` for each file of one with `each`) its `dest`,
      its `status` (as in `Status`), `since` when it has it, `last_success`, `last_error` and
      `last_error_time`.

    Times are RFC 3339; null stands for what has not happened yet.

    Args:
        path: the file.
        connection: returns the state of the store; of two threads that write, the later one finds
            the newest.
        clock: gives the seconds since 1970.
    """

    def __init__(
        self,
        path: Path,
        connection: Callable[[], Connection],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._connection = connection
        self._clock = clock
        self._mode = 0o666 & ~_umask()
        self._version: str | None = None  # no pass was recorded yet
        self._resources: dict[str, _Entry] = {}
        self._lock = threading.Lock()
        staging.sweep(path.parent)

    def observe(self, report: Report) -> None:
        """Write what a run reports of a pass or of the store; log a failure, and go on."""
        try:
            if isinstance(report, Passed):
                self.record(report.results, report.version)
            elif isinstance(report, ConnectionChanged):
                self.update()
        except ConfdError as error:
            LOGGER.error("%s", error)

    def record(self, results: Sequence[Result], version: str) -> None:
        """Write the state after a pass.

        Args:
            results: the results of the pass, one for each resource.
            version: the version of the store that was rendered last.

        Raises:
            DestinationError: the file cannot be written; the one before it stays.
        """
        now = rfc3339(self._clock())
        with self._lock:
            self._version = version
            self._resources = {result.name: self._entry(result, now) for result in results}
            self._write()

    def update(self) -> None:
        """Write a change of the connection, unless no pass has been recorded yet.

        Safe in any thread.

        Raises:
            DestinationError: the file cannot be written; the one before it stays.
        """
        with self._lock:
            if self._version is not None:
                self._write()

    def _write(self) -> None:
        content = json.dumps(self._state(self._connection()), indent=2).encode() + b"\n"
        wanted = Wanted(content, self._mode, os.geteuid(), os.getegid())
        with staging.staged(self._path, wanted) as stage:
            staging.swap(staging.sync(stage))

    def _state(self, connection: Connection) -> dict[str, object]:
        found = self._resources.values()
        # Nothing to do is a fault of the setup: a conf.d that is not there, or is empty.
        good = bool(found) and all(entry["status"] in IN_STEP for entry in found)
        # A store that was never asked, as no resource has keys, is no reason for concern.
        answers = connection.reachable or not connection.last_answer
        return {
            "ok": good and answers,
            "time": rfc3339(self._clock()),
            "version": self._version,
            "store": _store(connection),
            "resources": self._resources,
        }

    def _entry(self, result: Result, now: str) -> _Entry:
        before = self._resources.get(result.name, {})
        failed = result.error is not None
        worked = not failed and result.status not in (Status.SKIPPED, Status.WAITING)
        return {
            "dest": result.resource.dest if result.resource else None,
            "status": result.status,
            "since": before["since"] if before.get("status") == result.status else now,
            "last_success": now if worked else before.get("last_success"),
            "last_error": result.message if failed else before.get("last_error"),
            "last_error_time": now if failed else before.get("last_error_time"),
        }


def _store(connection: Connection) -> dict[str, bool | str | None]:
    return {
        "reachable": connection.reachable,
        "since": _moment(connection.since),
        "last_answer": _moment(connection.last_answer),
        "error": connection.error or None,
    }


def _moment(seconds: float) -> str | None:
    return rfc3339(seconds) if seconds else None


def _umask() -> int:
    """Return the umask, which the system returns only to a call that sets it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
