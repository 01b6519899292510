"""The output of a command: a pipe, and the last bytes that came through it.

A process that the command leaves in the background may write to the pipe later. A thread empties
the pipe then, and a `cat` does once this process ends: without a reader the next write would kill
the writer. Knows nothing of commands.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
from typing import Final, Self

# So much of the end of the output is kept.
_KEPT_BYTES: Final = 64 * 1024
# The most that a pipe holds, unless the limit of the system was raised.
_PIPE_BYTES: Final = 1024 * 1024
# The reading ends of pipes that processes in the background may write to.
_LEFT: Final[set[int]] = set()


class Output:
    r"""The output of one command, both streams together.

    Attributes:
        reader: the reading end, which does not block.
        writer: the writing end, for the command.
        open: whether any process may still write.

    >>> with Output() as output:
    ...     _ = os.write(output.writer, b"reloaded\n")
    >>> output.text()
    'reloaded\n'
    """

    __slots__ = ("_tail", "open", "reader", "writer")

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.open = True
        self._tail = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Read the rest, and close the pipe; empty it in the background while others write."""
        self.close_writer()
        self.read()
        self.read()  # the first may have taken the last bytes: only this one meets the end
        if self.open:
            _leave(self.reader)
        else:
            os.close(self.reader)

    def close_writer(self) -> None:
        """Close our own writing end, while which is open the pipe does not end."""
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    def read(self) -> None:
        """Read the bytes that are in the pipe now."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.reader, _PIPE_BYTES)
            self.open = bool(data)
            self._tail += data
            del self._tail[:-_KEPT_BYTES]

    def text(self) -> str:
        """Return the last 64 KiB of the output."""
        return self._tail.decode("utf-8", "replace")


def _leave(reader: int) -> None:
    """Empty a pipe in the background until no process can write to it."""
    os.set_blocking(reader, True)
    _LEFT.add(reader)
    thread = threading.Thread(target=_empty, args=(reader,), name="confd-output", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # no more threads to be had
        _LEFT.remove(reader)
        _give_to_cat(reader)
        os.close(reader)


def _empty(reader: int) -> None:
    while os.read(reader, _KEPT_BYTES):
        pass
    _LEFT.discard(reader)
    os.close(reader)


@atexit.register
def hand_over() -> None:
    """Give the pipes that are still open to processes that outlive this one."""
    for reader in list(_LEFT):
        _give_to_cat(reader)


def _give_to_cat(reader: int) -> None:
    with contextlib.suppress(OSError):
        os.posix_spawn(
            "/bin/sh",
            ("sh", "-c", "cd / && exec cat"),
            os.environ,
            file_actions=(
                (os.POSIX_SPAWN_DUP2, reader, 0),
                (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0),
            ),
            setpgroup=0,
        )
