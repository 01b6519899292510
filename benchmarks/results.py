"""Write `RESULTS.md`: the figures of a run, each with the command that prints it.

Measures nothing itself.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import report
from benchmarks.comparison import Run
from benchmarks.engines import Engine

FOLDER: Final = Path(__file__).parent

_PAGE: Final = """\
# Benchmarks

Written by `make bench` (`python -m benchmarks`): {cores} cores, Python {python}; {versions}.
{runs}

Times are CPU time of the thread that renders: medians over rounds in which every engine has its
turn. What Go's collector does on other threads is not counted. Every output is Go's, byte for byte;
where an engine has none, the reason stands below the table.

## Rendering

![Time to render, relative to Go](results.svg)

Go's column is time, the others are ratios to it (less is faster); `must` and `aim` are for gotmpl.

{rendering}
{faults}
## One kind at a time

`python -m benchmarks.kinds`: a loop of one line for each kind of value and action, over 400 rows;
Go's time, and gotmpl's ratio to it, the slowest first.

```
{kinds}
```

## Parse and render once

Texts that were never seen, each parsed and rendered once: a command's start, lint, a chart of forty
files. No action comes twice. Jinja2, Mako, gotpl and gotmpl turn a text into code or a tree of
their own first; Go and MiniJinja are not written in Python.

{cold}

## Import

CPU of a fresh process, less the {bare} of one that does nothing. `import gotmpl` alone loads no
more than names; the parts come with the first use of one.

{importing}

## Memory

KB that a template keeps once it has rendered: Python's as `tracemalloc` sees it, which does not see
MiniJinja's, the text not counted; Go's as heap, with its text. What gotmpl remembers of the tokens
of the 100 KB is counted.

{memory}

## A large store

`python -m benchmarks.confd.store`: `confd_lib.render` over a JSON document of N containers, a
process each: seconds of CPU from JSON to text, peak memory in MB, and the exponent of the growth.

```
{store}
```

## The confd command

`python -m benchmarks.confd.scale`: the real command against a real service. The figures of Go's
confd 0.16.0 were measured on another day, when `python -c pass` took 9.5 ms of CPU: *at Go's pace*
is what ours would be if it had taken as much today.

{scale}
"""


@dataclass(frozen=True, slots=True)
class Footprint:
    """The cost of engines beside their time.

    Attributes:
        imports: nanoseconds by statement, `pass` for a bare interpreter.
        memory: a table.
    """

    imports: Mapping[str, float]
    memory: report.Table


def write(
    run: Run, engines: Sequence[Engine], absent: Sequence[str], runs: int, footprint: Footprint
) -> None:
    """Write the page; this also measures the store and the command, which takes minutes."""
    names = [engine.name for engine in engines]
    faults = [*absent, *report.faults([*run.rows, *run.cold])]
    page = _PAGE.format(
        cores=os.cpu_count(),
        python=platform.python_version(),
        versions=", ".join(f"{engine.name} {engine.version}" for engine in engines),
        runs=f"Of {runs} runs this is the middle one, by gotmpl's mean ratio."
        if runs > 1
        else "Of one run.",
        rendering=report.markdown(report.ratios(run.rows, names)),
        faults="".join(f"\n- {line}\n" for line in faults),
        kinds=_printed("benchmarks.kinds"),
        cold=report.markdown(report.cold_times(run.cold, names)),
        bare=report.duration(footprint.imports["pass"]),
        importing=report.markdown(report.imports(footprint.imports)),
        memory=report.markdown(footprint.memory),
        store=_printed("benchmarks.confd.store"),
        scale=_printed("benchmarks.confd.scale"),
    )
    (FOLDER / "RESULTS.md").write_text(page, encoding="utf-8")


def _printed(module: str) -> str:
    """Return the output of a module, or why it failed."""
    done = subprocess.run(
        [sys.executable, "-m", module], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return f"failed: {done.stderr.strip().splitlines()[-1]}"
    return done.stdout.rstrip()
