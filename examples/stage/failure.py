"""The two ways in which a story ends before its end. Knows nothing of how it is played."""

from __future__ import annotations

import signal


class Failure(Exception):
    """The story cannot go on. The message is one line: what is wrong, and what to do."""


class Interrupted(Exception):
    """A signal asked for the end of the story.

    Attributes:
        number: the signal.

    >>> str(Interrupted(2))
    'ended by SIGINT'
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.number = number
