"""Compare all engines on all workloads in one run: first their outputs, then their times.

`report` and `chart` show the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import geometric_mean

from benchmarks.engines import Cannot, Engine, Task
from benchmarks.timing import Effort, medians
from benchmarks.workloads import Workload

GO = "Go"


@dataclass(frozen=True, slots=True)
class Row:
    """One workload on all engines.

    Attributes:
        workload: the workload.
        times: nanoseconds of one call by engine.
        faults: why an engine has no time.
    """

    workload: Workload
    times: Mapping[str, float]
    faults: Mapping[str, str]

    def ratio(self, engine: str, to: str = GO) -> float | None:
        """Return how many times as long an engine takes; None where one has no time."""
        if engine not in self.times or to not in self.times:
            return None
        return self.times[engine] / self.times[to]


@dataclass(frozen=True, slots=True)
class Run:
    """The figures of one run.

    Attributes:
        rows: the rendering of each workload.
        cold: parsing and rendering of texts that were never seen.
    """

    rows: Sequence[Row]
    cold: Sequence[Row]

    def mean(self, engine: str = "gotmpl") -> float:
        """Return the geometric mean of an engine's ratios to Go."""
        return geometric_mean(ratio for row in self.rows if (ratio := row.ratio(engine)))


def middle(runs: Sequence[Run]) -> Run:
    """Return the run that is the median by its mean ratio."""
    return sorted(runs, key=lambda run: run.mean())[len(runs) // 2]


@dataclass(slots=True)
class _Column:
    """The tasks of one workload while they are made."""

    tasks: dict[str, Task] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def compare(
    kind: Callable[[Engine, Workload], Task],
    engines: Sequence[Engine],
    workloads: Sequence[Workload],
    effort: Effort,
) -> list[Row]:
    """Measure.

    Args:
        kind: makes the task: `Engine.render`, or another function.
        engines: Go first; an engine is not timed if its output differs from Go's.
        workloads: the workloads.
        effort: how long to measure.
    """
    columns = [_column(kind, engines, workload) for workload in workloads]
    tasks = {
        (number, name): task
        for number, column in enumerate(columns)
        for name, task in column.tasks.items()
    }
    times: list[dict[str, float]] = [{} for _ in columns]
    for (number, name), nanoseconds in medians(tasks, effort).items():
        times[number][name] = nanoseconds
    return [
        Row(workload, times[number], columns[number].faults)
        for number, workload in enumerate(workloads)
    ]


def _column(
    kind: Callable[[Engine, Workload], Task], engines: Sequence[Engine], workload: Workload
) -> _Column:
    column = _Column()
    wanted: str | None = None
    for engine in engines:
        try:
            task = kind(engine, workload)
            output = task.output()
        except Cannot as reason:
            column.faults[engine.name] = str(reason)
            continue
        wanted = output if wanted is None else wanted
        if output == wanted:
            column.tasks[engine.name] = task
        else:
            column.faults[engine.name] = "its output differs"
    return column
