"""Shared by the kill tests: processes with all imports done, which are killed at any moment."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Final, Self

from tests.soak.site import PATIENCE

KILLS: Final = 200
LONGEST: Final = 0.1  # the most seconds of passes before the kill; some passes

Fork = multiprocessing.context.ForkServerContext


def preloaded() -> Fork:
    """Return a context whose processes start with all imports done, so that kills hit passes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", "tests.soak.busy", "tests.soak.names"])
    return context


@contextmanager
def running(
    fork: Fork, target: Callable[..., None], argument: object
) -> Iterator[tuple[BaseProcess, object]]:
    """Run a function in a process, which is killed at the end of the block.

    Yields:
        the process, and its first message.
    """
    ours, theirs = fork.Pipe()
    process = fork.Process(target=target, args=(argument, theirs))
    process.start()
    try:
        theirs.close()
        assert ours.poll(PATIENCE)
        yield process, ours.recv()
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


class Reader:
    """A thread that checks all files without pause.

    Args:
        torn: returns the names of the files that are not one whole version.
    """

    def __init__(self, torn: Callable[[], list[str]]) -> None:
        self.rounds = 0
        self.torn: list[str] = []
        self._check = torn
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._stop.wait(0.005):
            self.torn += self._check()
            self.rounds += 1
