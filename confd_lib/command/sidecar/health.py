"""The health of a run: whether its loop lives, and whether it is ready.

Knows nothing of HTTP. The faults name resources and stores, and no value of a key.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from confd_lib import escapes
from confd_lib.run.events import Ending, Passed, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from confd_lib.command.sidecar.child import Child
    from confd_lib.run.events import Report
    from confd_lib.run.source import Connection


class Health:
    """Judges a run by its reports; safe in any thread.

    Args:
        connection: returns the state of the store.
        away: names the stores that do not answer.
        child: the process beside the loop, if there is one.
        within: the seconds within which the store has to have answered; None where nobody asks it
            again.
        stuck_after: the seconds that a step of the loop may take.
        monotonic: gives seconds that never go back.
    """

    def __init__(
        self,
        connection: Callable[[], Connection],
        away: Callable[[], str],
        child: Child | None = None,
        *,
        within: float | None,
        stuck_after: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._away = away
        self._child = child
        self._within = within
        self._stuck_after = stuck_after
        self._monotonic = monotonic
        self._step = ("", monotonic())
        self._last: Passed | None = None
        self._is_ending = False

    def observe(self, report: Report) -> None:
        """Note what a run reports."""
        if isinstance(report, Step):
            self._step = (report.name, self._monotonic())
        elif isinstance(report, Passed):
            self._last = report
        elif isinstance(report, Ending):
            self._is_ending = True

    def stuck(self) -> list[str]:
        """Return the fault of a loop that does not move on; empty if it lives."""
        step, began = self._step
        seconds = self._monotonic() - began
        if seconds <= self._stuck_after:
            return []
        return [f"{step or 'the loop'}: no progress for {seconds:.0f}s"]

    def faults(self) -> list[str]:
        """Return a line for each thing that is not ready; empty if everything is."""
        if self._is_ending:
            return ["confd is ending"]
        return [*self.stuck(), *self._of_resources(), *self._of_store(), *self._of_child()]

    def _of_resources(self) -> list[str]:
        if self._last is None:
            return ["no pass has ended yet"]
        if not self._last.results:
            return ["conf.d holds no resource"]
        return [escapes.one_line(f"{one.name}: {one.status}") for one in self._last.behind]

    def _of_store(self) -> list[str]:
        now = self._connection()
        age = self._monotonic() - now.answered
        if now.last_answer and self._within is not None and age > self._within:
            fault = f"no answer for {age:.0f}s, the limit is {self._within:g}s"
        elif now.error and self._last is not None and self._last.behind:
            fault = "it cannot be read"
        else:  # it answers, was never asked, or is away for a moment that no resource has noticed
            return []
        return [escapes.one_line(f"the store ({self._away()}): {fault}")]

    def _of_child(self) -> list[str]:
        ready = self._child is None or self._child.running
        return [] if ready else ["the child: it does not run"]
