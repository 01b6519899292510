"""Delivers signals as numbers to a thread, whatever the main thread is doing.

The system's own handler writes each number into a pipe. Handlers in Python do nothing: they would
run in the main thread, which may be busy, or hold the very lock that they would take.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

_END: Final = b"\0"  # no signal has this number


class Signals:
    """The signals that were received, in their order."""

    __slots__ = ("_numbers", "_poll", "_reader")

    def __init__(self, reader: int) -> None:
        self._reader = reader
        self._numbers: list[int] = []
        self._poll = select.poll()
        self._poll.register(reader, select.POLLIN)

    def next(self, seconds: float | None) -> int | None:
        """Wait for the next signal.

        Args:
            seconds: the most to wait; None to wait until there is one.

        Returns:
            its number; 0 if the time is up, and None after the last.
        """
        if not self._numbers:
            if not self._poll.poll(None if seconds is None else max(seconds, 0) * 1000):
                return 0
            self._numbers.extend(os.read(self._reader, select.PIPE_BUF))
        return self._numbers.pop(0) or None


@contextlib.contextmanager
def served(numbers: Collection[int], serve: Callable[[Signals], None]) -> Iterator[None]:
    """Let a thread serve signals while the block lasts; then restore their handlers.

    Args:
        numbers: the signals.
        serve: is called in the thread; must return after the last signal.

    Raises:
        ValueError: this is not the main thread.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    thread = threading.Thread(
        target=serve, args=(Signals(reader),), name="confd-signals", daemon=True
    )
    thread.start()
    descriptor = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, _nothing) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(descriptor)
        os.set_blocking(writer, True)
        os.write(writer, _END)
        thread.join()
        os.close(writer)
        os.close(reader)


def _nothing(number: int, frame: object) -> None:
    """Do nothing: the pipe has the number already."""
