"""Shared by tests of stores: the values of a snapshot, and a stop event that acts in each wait."""

from __future__ import annotations

import threading


def contents(snapshot, prefix="/", keys=("/",)) -> dict[str, str]:
    """Return the values of keys below a prefix."""
    return dict(snapshot.view(prefix, list(keys)).items())


class Polls(threading.Event):
    """A stop event that does something in each wait instead of waiting, and is set at the end."""

    def __init__(self, *acts) -> None:
        super().__init__()
        self.acts = list(acts)
        self.waits: list[float] = []

    def wait(self, timeout=None):
        self.waits.append(timeout)
        if self.acts:
            self.acts.pop(0)()
        else:
            self.set()
        return self.is_set()
