"""The standard output of the commands: bytes, and an error where they do not arrive.

Knows nothing of what is printed. Log lines and warnings go to stderr, by other ways.
"""

from __future__ import annotations

import sys

from confd_lib import escapes
from confd_lib.errors import DestinationError, system_reason
from confd_lib.golang.strings import encode


def write(text: str) -> None:
    """Print a text, byte for byte, and at once; nothing where stdout was closed from the start.

    Args:
        text: it may hold bytes that are not UTF-8, as surrogates.

    Raises:
        DestinationError: stdout does not take it.
    """
    if not text or sys.stdout is None:
        return
    try:
        sys.stdout.buffer.write(encode(text))
        sys.stdout.buffer.flush()
    except OSError as error:
        raise DestinationError("stdout", system_reason(error)) from error


def show(text: str) -> None:
    """Print a text that may hold anything: to a terminal with escapes, else byte for byte.

    Args:
        text: lines, whose control characters a terminal would obey.

    Raises:
        DestinationError: stdout does not take it.
    """
    write(escapes.lines(text) if sys.stdout is not None and sys.stdout.isatty() else text)
