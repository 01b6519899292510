"""Shared by tests of the demonstration with HAProxy and etcd."""

from __future__ import annotations

import contextlib
import random
from typing import Final

from examples.hecd.site import PORTS
from examples.hecd.story import PACKAGES
from examples.stage import Failure, require_free
from tests.examples.place import needs

MODULE: Final = "examples.hecd"

needs_programs = needs(PACKAGES)

# Other tests take their ports from 20000 on.
_FIRST: Final = range(10000, 20000, PORTS)
_random = random.SystemRandom()


def free_ports() -> int:
    """Return the first of the ports of a demonstration, at which nothing listens."""
    while True:
        first = _random.choice(_FIRST)
        with contextlib.suppress(Failure):
            require_free((("127.0.0.1", first + n) for n in range(PORTS)), "")
            return first
