"""Writes to the standard output, and raises an error of ours where that fails.

Knows nothing of what is printed. Log lines and warnings go to stderr, by other ways.
"""

from __future__ import annotations

import sys

from confd_lib import escapes
from confd_lib.errors import DestinationError, system_reason
from confd_lib.golang.strings import encode


def write(text: str) -> None:
    """Print a text, byte for byte, and flush; do nothing if stdout was closed at the start.

    Args:
        text: it may hold bytes that are not UTF-8, as surrogates.

    Raises:
        DestinationError: the write fails.
    """
    if not text or sys.stdout is None:
        return
    try:
        sys.stdout.buffer.write(encode(text))
        sys.stdout.buffer.flush()
    except OSError as error:
        raise DestinationError("stdout", system_reason(error)) from error


def show(text: str) -> None:
    """Print a text byte for byte, but with control characters escaped to a terminal.

    Raises:
        DestinationError: the write fails.
    """
    write(escapes.lines(text) if sys.stdout is not None and sys.stdout.isatty() else text)
