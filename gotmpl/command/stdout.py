"""Standard output, as the commands write to it: byte for byte, with one fault if that fails.

Knows nothing of what is written. `confd` and `confd-lib` write through it too.
"""

from __future__ import annotations

import os
import sys

from gotmpl.golang.strings import encode


def reopen() -> None:
    """Replace standard output and standard error by the null device where they were closed."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, open(null, "w", encoding="utf-8", closefd=False))  # noqa: SIM115 - for good


def write(text: str) -> None:
    """Print a text and flush.

    Args:
        text: it may hold bytes that are not UTF-8, as surrogates.

    Raises:
        OSError: the write fails; a `BrokenPipeError` if the reader has closed the pipe.
    """
    try:
        sys.stdout.buffer.write(encode(text))
        sys.stdout.buffer.flush()
    except OSError:
        # What is left in the buffer is dropped: Python would try to write it when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise
