"""Holds back the resources whose values have changed a moment ago, until they settle (`debounce`).

Knows a resource by the values that it reads, and nothing of what becomes of it.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

# Values that never settle are rendered after so many times the debounce.
_PATIENCE: Final = 10


@dataclass(frozen=True, slots=True)
class _Wait:
    """A resource that waits.

    Attributes:
        values: a hash of its values.
        until: when it is rendered unless they change again.
        last: when it is rendered in any case.
    """

    values: int
    until: float
    last: float


class Settling:
    """The resources that wait, over all passes of a watch.

    Args:
        clock: gives seconds that only grow.

    >>> now = [0.0]
    >>> settling = Settling(clock=lambda: now[0])
    >>> settling.holds("a.toml", 1, debounce=2), settling.holds("a.toml", 2, debounce=2)
    (False, True)
    >>> now[0] = 2.0
    >>> settling.holds("a.toml", 2, debounce=2)
    False
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rendered: dict[str, int] = {}
        self._waits: dict[str, _Wait] = {}

    def holds(self, path: str, values: int, *, debounce: float) -> bool:
        """Return whether a resource is to wait; its first values never do.

        Args:
            path: the file of the resource.
            values: a hash of the values that it reads.
            debounce: the seconds for which they must not change.
        """
        now, wait = self._clock(), self._waits.get(path)
        if wait is None and self._rendered.get(path, values) != values:
            wait = _Wait(values, now + debounce, now + _PATIENCE * debounce)
        elif wait is not None and wait.values != values:
            wait = _Wait(values, now + debounce, wait.last)
        if wait is not None and now < min(wait.until, wait.last):
            self._waits[path] = wait
            return True
        self._waits.pop(path, None)
        self._rendered[path] = values
        return False

    def keep_only(self, paths: Collection[str]) -> None:
        """Forget all resources but those whose values are known now."""
        self._rendered = {path: one for path, one in self._rendered.items() if path in paths}
        self._waits = {path: one for path, one in self._waits.items() if path in paths}

    def due(self) -> float:
        """Return the seconds until the first resource has waited enough; infinity if none waits."""
        now = self._clock()
        ends = (min(wait.until, wait.last) - now for wait in self._waits.values())
        return max(min(ends, default=math.inf), 0.0)
