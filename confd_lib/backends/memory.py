"""Values in memory as a store: for programs that have them already, and for tests.

Knows nothing of templates or resources.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from confd_lib.store.store import Store
from gotmpl.arguments import checked

from .protocol import StoreSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .protocol import Snapshot

# The stop event does not wake a wait on the condition, so it is checked this often.
_STOP_CHECK_S = 0.1


class Memory:
    """A tree of values or a flat mapping of keys, which can be replaced while it is watched.

    Args:
        values: as a `Store` takes them.

    >>> memory = Memory({"/port": 80})
    >>> memory.replace({"/port": 81})
    >>> memory.get_values(["/"]).view("/", ["/"]).getv("/port")
    '81'
    """

    joins_prefixes = False

    @checked
    def __init__(self, values: Mapping[str, object]) -> None:
        self._changed = threading.Condition()
        self._snapshot = StoreSnapshot("1", Store(values))

    @checked
    def replace(self, values: Mapping[str, object]) -> None:
        """Replace all values, and wake the watches."""
        with self._changed:
            version = str(int(self._snapshot.version) + 1)
            self._snapshot = StoreSnapshot(version, Store(values))
            self._changed.notify_all()

    def get_values(self, keys: Sequence[str]) -> Snapshot:  # noqa: ARG002 - the Protocol's
        """Return the present values."""
        return self._snapshot

    def changes(
        self,
        keys: Sequence[str],  # noqa: ARG002 - the Protocol's
        since: Snapshot | None,
        stop: threading.Event,
    ) -> Iterator[Snapshot]:
        """Yield the values each time they are replaced."""
        known = since
        while not stop.is_set():
            with self._changed:
                if self._snapshot is known:
                    self._changed.wait(_STOP_CHECK_S)
                snapshot = self._snapshot
            if snapshot is not known:
                known = snapshot
                yield snapshot
