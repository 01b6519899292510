"""Measure the CPU that importing an engine takes, and the memory that a template keeps.

Knows nothing of rendering.
"""

from __future__ import annotations

import gc
import os
import sys
import tracemalloc
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Final

from benchmarks.cold import Series
from benchmarks.engines import Cannot, Engine, Task
from benchmarks.golang import Go

# The imports; `gotmpl` loads its parts on first use, so its second line counts.
IMPORTS: Final = (
    "import parsimonious",
    "import gotmpl",
    "from gotmpl import Template",
    "import jinja2",
    "from mako.template import Template",
    "import gotpl",
)
_NOTHING: Final = "pass"


def import_times(rounds: int) -> Mapping[str, float]:
    """Return the CPU nanoseconds of each import, minus those of an interpreter that does nothing.

    The last figure, under `pass`, is that interpreter's.
    """
    samples: dict[str, list[float]] = {line: [] for line in (*IMPORTS, _NOTHING)}
    for _ in range(rounds + 1):
        for line, found in samples.items():
            found.append(_python(line))
    # The first round wrote the bytecode.
    times = {line: median(found[1:]) for line, found in samples.items() if min(found) > 0}
    bare = times.pop(_NOTHING)
    return {line: spent - bare for line, spent in times.items()} | {_NOTHING: bare}


def _python(line: str) -> float:
    """Return the CPU nanoseconds of a process that runs one line; 0 if that fails."""
    command = [sys.executable, "-c", line]
    quiet = [(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(sys.executable, command, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    return 0.0 if status else (usage.ru_utime + usage.ru_stime) * 1e9


def memory(engines: Sequence[Engine], kept: Iterable[Series]) -> Sequence[Sequence[str]]:
    """Return a table of the KB that a compiled template keeps, by engine and workload."""
    head = ["", *(engine.name for engine in engines)]
    return [
        head,
        *(
            [series(0).title, *(_kilobytes(engine, series) for engine in engines)]
            for series in kept
        ),
    ]


def _kilobytes(engine: Engine, series: Series) -> str:
    try:
        size = engine.memory(series(0)) if isinstance(engine, Go) else _traced(engine, series)
    except Cannot:
        return "-"
    return f"{size / 1024:.0f}"


def _traced(engine: Engine, series: Series) -> float:
    """Return the bytes that stay allocated while a template that has rendered is kept."""
    first, second = series(0), series(1)
    kept: Task = engine.render(first)  # by now it has allocated what it keeps for all templates
    del kept
    gc.collect()
    tracemalloc.start()
    try:
        kept = engine.render(second)
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        del kept
    finally:
        tracemalloc.stop()
    return float(size)
