"""Following a store whose watch fails though it can be read."""

from __future__ import annotations

import threading

from confd_lib.backends.remote.flat import FlatSnapshot
from confd_lib.backends.remote.following import follow
from confd_lib.errors import BackendError


class Clock(threading.Event):
    """A stop event that is set after some pauses, and notes how long they were to be."""

    def __init__(self, pauses: int) -> None:
        super().__init__()
        self.pauses: list[float] = []
        self._most = pauses

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0)
        if len(self.pauses) == self._most:
            self.set()
        return self.is_set()


STATE = FlatSnapshot("1", {"/a": "1"})


def followed(stop: Clock, outcomes: list[bool | None]) -> list[str]:
    """Follow a store that can always be read, and return what is reported.

    Args:
        stop: ends it.
        outcomes: of the waits; None for one that fails. All later ones fail.
    """
    reports: list[str] = []

    def wait(_: FlatSnapshot) -> bool:
        outcome = outcomes.pop(0) if outcomes else None
        if outcome is None:
            raise BackendError("lost")
        return outcome

    list(follow(lambda: STATE, wait, None, stop, lambda error: reports.append(str(error or "ok"))))
    return reports


def test_a_watch_that_always_fails_is_one_outage_with_growing_pauses():
    stop = Clock(5)
    assert followed(stop, []) == ["ok", "lost", "ok", "lost", "lost", "lost", "lost"]
    assert stop.pauses == sorted(set(stop.pauses))


def test_an_outage_is_over_once_a_wait_has_ended_well():
    stop = Clock(4)
    said = followed(stop, [None, None, False, None])
    assert said == ["ok", "lost", "ok", "lost", "ok", "lost", "ok", "lost"]
    assert stop.pauses[2] <= stop.pauses[1]
