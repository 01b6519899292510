"""Shared by the kill tests: processes with all imports done, which are killed at any moment."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Final

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
