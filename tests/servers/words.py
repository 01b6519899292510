"""The commands of four letters that ZooKeeper answers on its port."""

from __future__ import annotations

import socket
from typing import Final

# Seconds to answer in: a server that is starting may take a connection and never answer it.
_LIMIT: Final = 0.5


def four_letters(port: int, word: str) -> str:
    """Return the answer to a command such as `ruok`, empty if nobody answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_LIMIT) as connection:
            connection.sendall(word.encode())
            return connection.makefile("rb").read().decode()
    except OSError:
        return ""
