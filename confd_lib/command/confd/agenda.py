"""The agenda of a thread: what it does at which moment, without a signal that asks for it.

Knows nothing of the actions. It belongs to one thread, and is not safe in others.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Action = Callable[[], object]


class Agenda:
    """Actions, each with its moment.

    Args:
        clock: gives the seconds on a clock that never goes back.

    >>> agenda = Agenda()
    >>> agenda.set(print, 0)
    >>> agenda.run_due()
    <BLANKLINE>
    >>> agenda.pause() is None
    True
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moments: dict[Action, float] = {}

    def __contains__(self, action: Action) -> bool:
        return action in self._moments

    def set(self, action: Action, seconds: float) -> None:
        """Plan an action; the same one is planned once, at the last moment that was given.

        Args:
            action: the function to call.
            seconds: the time until then.
        """
        self._moments[action] = self._clock() + seconds

    def cancel(self, *actions: Action) -> None:
        """Forget some actions, planned or not."""
        for action in actions:
            self._moments.pop(action, None)

    def run_due(self) -> None:
        """Call the actions whose moment has come, the earliest first."""
        while self._moments:
            action = min(self._moments, key=self._moments.__getitem__)
            if self._moments[action] > self._clock():
                return
            del self._moments[action]
            action()

    def pause(self) -> float | None:
        """Return the seconds until the next action; None if there is no action."""
        if not self._moments:
            return None
        return max(0.0, min(self._moments.values()) - self._clock())
