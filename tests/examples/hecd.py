"""Shared by tests of the demonstration with HAProxy and etcd."""

from __future__ import annotations

from typing import Final

from examples.hecd.site import PORTS
from examples.hecd.story import PACKAGES
from examples.stage import Failure, require_free
from tests.examples.place import needs
from tests.servers.loopback.ports import Port

MODULE: Final = "examples.hecd"

needs_programs = needs(PACKAGES)


def free_ports() -> int:
    """Return the first of the ports of a demonstration, at which nothing listens."""
    while True:
        port = Port()
        port.release()
        try:
            require_free([("127.0.0.1", port.number + n) for n in range(PORTS)], "")
        except Failure:
            continue
        return port.number
