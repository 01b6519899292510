"""The views of a pass: for each job the part of the snapshot that its resource asks for.

Knows nothing of how the store was asked, and of what becomes of the values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confd_lib.logs import LOGGER
from confd_lib.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from confd_lib.backends.protocol import Snapshot
    from confd_lib.confdir.templates import Functions
    from confd_lib.run.jobs import Family, Job


class Views:
    """The views of a snapshot, one for all jobs with the same prefix and keys."""

    def __init__(self, snapshot: Snapshot | None, over: Callable[[Store], Functions]) -> None:
        self._snapshot = snapshot
        self._over = over
        self._made: dict[tuple[str, tuple[str, ...]], tuple[Store, Functions]] = {}

    def store(self, job: Job | Family) -> Store:
        """Return the keys that a job asks for."""
        return self._view(job)[0]

    def functions(self, job: Job) -> Functions:
        """Return the functions for the template of a job."""
        return self._view(job)[1]

    def whole(self, job: Job) -> Store:
        """Return everything that the store answered, without the prefix of a job."""
        return self._snapshot.view(job.prefix, ["/"]) if self._snapshot else Store()

    def _view(self, job: Job | Family) -> tuple[Store, Functions]:
        of = job.prefix, job.resource.keys
        if of not in self._made:
            LOGGER.debug("Key prefix set to %s", job.prefix)
            store = self._snapshot.view(*of) if self._snapshot and job.keys else Store()
            self._made[of] = store, self._over(store)
        return self._made[of]
