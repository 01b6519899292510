"""A store whose answers fail in a given order, for tests of passes and loops."""

from __future__ import annotations

from confd_lib import backends
from confd_lib.errors import BackendError


class Failing:
    """A store whose answers fail in a given order."""

    joins_prefixes = False

    def __init__(self, *errors: BackendError | None) -> None:
        self.errors = list(errors)
        self.asked: list[tuple[str, ...]] = []

    def get_values(self, keys):
        self.asked.append(tuple(keys))
        error = self.errors.pop(0) if self.errors else None
        if error:
            raise error
        return backends.Memory({"/v": 1}).get_values(keys)

    def changes(self, keys, since, stop):
        yield from ()
