"""Time tasks side by side: in rounds, so that load on the machine disturbs all of them.

Knows neither engines nor workloads.
"""

from __future__ import annotations

import gc
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from benchmarks.engines import Task

_K = TypeVar("_K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure.

    Attributes:
        rounds: how often every task is measured.
        slice_ms: how long each time, in milliseconds of CPU; at least one call.
    """

    rounds: int
    slice_ms: float


QUICK = Effort(rounds=5, slice_ms=8)
FULL = Effort(rounds=9, slice_ms=40)


def medians(tasks: Mapping[_K, Task], effort: Effort) -> dict[_K, float]:
    """Return the nanoseconds of one call of each task: the median of the rounds."""
    counts = {key: _count(task, effort) for key, task in tasks.items()}
    samples: dict[_K, list[float]] = {key: [] for key in tasks}
    gc.collect()
    gc.freeze()  # loaded modules are not garbage, and no engine should pay for their collection
    try:
        for _ in range(effort.rounds):
            for key, task in tasks.items():
                samples[key].append(task.time(counts[key]))
    finally:
        gc.unfreeze()
    return {key: median(found) for key, found in samples.items()}


def _count(task: Task, effort: Effort) -> int:
    """Return how many calls fill a slice, from a few that also warm the task up."""
    wanted, count = effort.slice_ms * 1e6, 1
    while (each := task.time(count)) * count < wanted / 8:
        count *= 8
    return max(1, round(wanted / each))
