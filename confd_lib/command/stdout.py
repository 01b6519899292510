"""Writes to the standard output, and raises an error of ours where that fails.

Knows nothing of what is printed. Log lines and warnings go to stderr, by other ways.
"""

from __future__ import annotations

import sys
from typing import Final

from confd_lib import escapes
from confd_lib.errors import DestinationError, system_reason
from gotmpl.command import stdout

reopen: Final = stdout.reopen


def write(text: str) -> None:
    """Print a text, byte for byte, and flush.

    Args:
        text: it may hold bytes that are not UTF-8, as surrogates.

    Raises:
        DestinationError: the write fails.
    """
    if not text:
        return
    try:
        stdout.write(text)
    except OSError as error:
        raise DestinationError("stdout", system_reason(error)) from error


def show(text: str) -> None:
    """Print a text byte for byte, but with control characters escaped to a terminal.

    Raises:
        DestinationError: the write fails.
    """
    write(escapes.lines(text) if sys.stdout.isatty() else text)


def is_unread(error: BaseException) -> bool:
    """Return whether a write failed because the reader has closed the pipe: it needs no message."""
    return isinstance(error.__cause__, BrokenPipeError)
