"""Shared by tests of layers: stores that fail on demand, and two of them in layers."""

from __future__ import annotations

from queue import Queue

from confd_lib.backends import Layer, Layered, Memory
from confd_lib.errors import BackendError, CannotWatch, Refused

# A test waits so long for what has to come.
PATIENCE_S = 30


class Store(Memory):
    """A store in memory that fails on demand, and notes what it is asked for.

    Attributes:
        error: is raised by every question and watch; None for none.
        refused: the keys for which questions and watches fail, and not for others.
        asked: the keys of each question.
    """

    def __init__(self, values, error=None):
        super().__init__(values)
        self.error = error
        self.refused = set()
        self.asked = Queue()

    def get_values(self, keys):
        self.asked.put(list(keys))
        self._fail(keys)
        return super().get_values(keys)

    def changes(self, keys, since, stop):
        for snapshot in super().changes(keys, since, stop):
            self._fail(keys)
            yield snapshot

    def _fail(self, keys):
        if self.error:
            raise self.error
        if self.refused & set(keys):
            raise Refused("403", sorted(self.refused))


class Unwatched(Store):
    def changes(self, keys, since, stop):
        raise CannotWatch("it tells nothing")


AWAY = BackendError("http://vault: connection refused")


def pair(**options):
    """Return layers, the last of which is called vault, and both stores."""
    first, vault = Store({"/a": 1}), Store({"/p": 1, "/q": 1})
    return Layered([Layer(first), Layer(vault, name="vault", **options)]), first, vault
