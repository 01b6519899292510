"""Signals are noted, and raised where the story waits. Knows nothing of what it waits for.

An exception from a handler could come between the start of a program and the note that it has to
be stopped, or in the middle of the cleaning up.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Final, Self

from .failure import Interrupted

NUMBERS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Takes the signals that would end the process, for as long as the `with` block lasts."""

    def __init__(self) -> None:
        self._received = 0

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._note) for number in NUMBERS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._received = self._received or number

    def check(self) -> None:
        """Do nothing unless a signal came.

        Raises:
            Interrupted: with the first signal that came.
        """
        if self._received:
            raise Interrupted(self._received)
