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

from confd_lib import polling

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

# No signal has these numbers.
_END: Final = b"\0"
_WAKE: Final = b"\xff"


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
            its number; 0 if the time is up or the thread was woken, and None after the last.
        """
        if not self._numbers:
            if not self._poll.poll(polling.milliseconds(seconds)):
                return 0
            self._numbers.extend(os.read(self._reader, select.PIPE_BUF))
        number = self._numbers.pop(0)
        return 0 if number == _WAKE[0] else number or None


class Served:
    """The signals that a thread serves.

    Args:
        writer: the writing end of its pipe.
    """

    def __init__(self, writer: int) -> None:
        self._writer = writer
        self._handlers: dict[int, object] = {}

    def add(self, numbers: Collection[int]) -> None:
        """Serve more signals; in the main thread alone."""
        for number in numbers:
            before = signal.signal(number, _nothing)
            self._handlers.setdefault(number, before)

    def wake(self) -> None:
        """Let the thread have a turn without a signal; safe in any thread."""
        with contextlib.suppress(BlockingIOError):  # full: it has enough to wake for
            os.write(self._writer, _WAKE)

    def restore(self) -> None:
        """Restore the handlers from before."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # as `signal.signal` gave it


@contextlib.contextmanager
def served(numbers: Collection[int], serve: Callable[[Signals], None]) -> Iterator[Served]:
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
    served = Served(writer)
    served.add(numbers)
    try:
        yield served
    finally:
        served.restore()
        signal.set_wakeup_fd(descriptor)
        os.set_blocking(writer, True)
        os.write(writer, _END)
        thread.join()
        os.close(writer)
        os.close(reader)


def _nothing(number: int, frame: object) -> None:
    """Do nothing: the pipe has the number already."""
