"""Jobs in child processes that are forks of this one: several at a time, each with a time limit.

The module does not know tests or templates.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NoReturn

_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Job:
    """Work for a child process.

    Attributes:
        run: does the work; its result must fit into JSON.
        seconds: the time limit.
    """

    run: Callable[[], object]
    seconds: float


@dataclass(slots=True)
class _Child:
    job: Job
    pid: int
    deadline: float
    sent: bytearray = field(default_factory=bytearray)


def results(jobs: Iterable[Job], processes: int) -> Iterator[tuple[Job, object]]:
    """Run jobs in child processes, whose output goes nowhere, and yield each with its result.

    Children that still run when the caller stops to iterate are killed.

    Args:
        jobs: the jobs, begun in their order.
        processes: the most children at a time.

    Yields:
        a job that ended and its result; None if it was late or ended its process.
    """
    waiting = iter(jobs)
    with selectors.DefaultSelector() as running:
        try:
            while True:
                _fill(running, waiting, processes)
                if not running.get_map():
                    return
                yield from _ended(running)
        finally:
            for key in list(running.get_map().values()):
                _stop(running, key.fd)


def _fill(running: selectors.BaseSelector, waiting: Iterator[Job], processes: int) -> None:
    while len(running.get_map()) < processes and (job := next(waiting, None)) is not None:
        fd, child = _start(job)
        running.register(fd, selectors.EVENT_READ, child)


def _ended(running: selectors.BaseSelector) -> Iterator[tuple[Job, object]]:
    """Wait until a child sends something or is late, and yield those that ended."""
    children = [key.data for key in running.get_map().values()]
    nearest = min(child.deadline for child in children)
    for key, _ in running.select(max(nearest - time.monotonic(), 0)):
        if chunk := os.read(key.fd, _CHUNK):
            key.data.sent += chunk
            continue
        _stop(running, key.fd)
        yield key.data.job, json.loads(key.data.sent or "null")
    for key in list(running.get_map().values()):
        if key.data.deadline <= time.monotonic():
            _stop(running, key.fd)
            yield key.data.job, None


def _start(job: Job) -> tuple[int, _Child]:
    """Fork a child; return the end of its pipe that its result comes from."""
    result, sends = os.pipe()
    with warnings.catch_warnings():
        # The tests of a project may have threads; the children do not use them.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if not pid:
        os.close(result)
        _work(job, sends)
    os.close(sends)
    return result, _Child(job, pid, time.monotonic() + job.seconds)


def _work(job: Job, sends: int) -> NoReturn:
    """Do the work of a child, in a process group of its own, and end the process."""
    status = 1
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)
        with os.fdopen(sends, "w") as pipe:
            json.dump(job.run(), pipe)
        status = 0
    finally:
        os._exit(status)


def _stop(running: selectors.BaseSelector, fd: int) -> None:
    """End a child with all processes of its group, and forget it."""
    child: _Child = running.unregister(fd).data
    os.close(fd)
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # it has ended, or is not yet a group
        os.kill(child.pid, signal.SIGKILL)
    os.waitpid(child.pid, 0)
