"""The addresses at which the programs of a demonstration will listen."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterable

from .failure import Failure


def require_free(addresses: Iterable[tuple[str, int]], advice: str) -> None:
    """Do nothing if a program could listen at each address and port.

    Args:
        addresses: pairs of an IPv4 address and a port.
        advice: what to do if one is in use.

    Raises:
        Failure: nothing can listen at one of them; it names this one, the reason and the advice.
    """
    for address, port in addresses:
        with contextlib.closing(socket.socket()) as probe:
            # As servers do: connections that are closed already are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                reason = os.strerror(error.errno or 0).lower()
                raise Failure(f"{address}:{port}: {reason}: {advice}") from error
