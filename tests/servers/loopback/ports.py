"""Chooses free ports of loopback, and keeps them from other tests while their server is down.

The ports lie outside the range that the system gives to outgoing connections, one of which could
otherwise take the port of a server that is being restarted.
"""

from __future__ import annotations

import contextlib
import errno
import random
import socket
from typing import Final

_RANGE: Final = range(20000, 32000)
_random = random.SystemRandom()


class Port:
    """A port of loopback that no other `Port` of this machine has, in any process.

    Attributes:
        number: the port.
    """

    def __init__(self) -> None:
        self._claim = socket.socket(socket.AF_UNIX)
        self.number = self._chosen()

    def _chosen(self) -> int:
        while True:
            number = _random.choice(_RANGE)
            if _is_free(number) and self._claims(number):
                return number

    def _claims(self, number: int) -> bool:
        """Bind a name of Linux's abstract namespace, which ends with this process."""
        try:
            self._claim.bind(f"\0confd-lib test port {number}")
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
        return True

    def release(self) -> None:
        self._claim.close()


def _is_free(number: int) -> bool:
    with socket.socket() as trial, contextlib.suppress(OSError):
        trial.bind(("127.0.0.1", number))
        return True
    return False
