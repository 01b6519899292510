"""The status file: how each resource fares, for whoever checks the health of a running confd.

Knows nothing of how a pass is made. The file is replaced as a whole, so that no reader sees half.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

from confd_lib import destination, staging
from confd_lib.logs import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from confd_lib.update import Result


class StatusFile:
    """A JSON file that says how each resource fares.

    Args:
        path: where it is.
        clock: gives the seconds since 1970.

    It holds `version` (that of the store, when it was last asked), `time` (of the last pass), `ok`
    (whether all went well in it) and `resources`: for the file of each, `dest`, `status`,
    `last_success`, `last_error` and `last_error_time`.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._resources: dict[str, dict[str, str | None]] = {}

    def record(self, results: Sequence[Result], version: str, *, whole: bool = True) -> None:
        """Write down a pass.

        Args:
            results: those of the pass.
            version: that of the store.
            whole: whether resources without a result are gone; else they had no turn.

        Raises:
            DestinationError: the file cannot be written; the one before it stays.
        """
        now = rfc3339(self._clock())
        entries = {result.path: self._entry(result, now) for result in results}
        self._resources = entries if whole else {**self._resources, **entries}
        state = {
            "version": version,
            "time": now,
            "ok": not any(result.error for result in results),
            "resources": self._resources,
        }
        content = json.dumps(state, indent=2).encode() + b"\n"
        wanted = destination.Wanted(content, 0o644, os.geteuid(), os.getegid())
        with staging.staged(self._path, wanted) as stage:
            staging.swap(staging.sync(stage))

    def _entry(self, result: Result, now: str) -> dict[str, str | None]:
        before = self._resources.get(result.path, {})
        failed = result.error is not None
        return {
            "dest": result.resource.dest if result.resource else None,
            "status": result.status,
            "last_success": before.get("last_success") if failed else now,
            "last_error": str(result.error) if failed else before.get("last_error"),
            "last_error_time": now if failed else before.get("last_error_time"),
        }
