"""`make bench`: Go, gotmpl, Jinja2, Mako and gotpl side by side, in one run.

    python -m benchmarks --quick               Go, gotmpl and Jinja2 in some 20 s; writes nothing
    python -m benchmarks --quick rows config   these workloads alone (`large` is parse + compile)
    python -m benchmarks                       everything once, and RESULTS.md with its chart
    python -m benchmarks --runs 3              the same, of three runs the middle one

    --engines gotmpl,gotpl                     beside Go these alone

Times are CPU of the rendering thread, so that neighbours disturb little: medians over rounds in
which every engine has its turn. Ratios are those of the medians of one run. An output that is not
Go's has no time.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks import report
from benchmarks.comparison import Row, compare
from benchmarks.engines import Engine, cold_gotmpl, python_engines
from benchmarks.golang import Go
from benchmarks.large import large
from benchmarks.timing import FULL, QUICK, Effort
from benchmarks.workloads import Workload, workloads


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("workloads", nargs="*", help="names; all if there are none")
    parser.add_argument("--quick", action="store_true", help="a short look; writes nothing")
    parser.add_argument("--engines", help="names with commas between; beside Go these alone")
    parser.add_argument("--runs", type=int, default=1, help="take the middle one of so many")
    arguments = parser.parse_args()
    effort = QUICK if arguments.quick else FULL
    found, absent = python_engines()
    only = arguments.engines or ("gotmpl,Jinja2" if arguments.quick else None)
    if only:
        found = [engine for engine in found if engine.name in only.split(",")]
    with Go() as go:
        engines: list[Engine] = [go, *found]
        names = [engine.name for engine in engines]
        chosen = _chosen(workloads(), arguments.workloads)
        rows = compare(lambda engine, work: engine.render(work), engines, chosen, effort)
        print(report.plain(report.ratios(rows, names)))
        for line in [*map(str, absent), *report.faults(rows)]:
            print(line)
        if _chosen([large()], arguments.workloads):
            row = _compiled(engines, effort)
            print()
            print(report.plain(report.compile_times(row, [*names, "gotmpl, cold"])))


def _chosen(all_of_them: Sequence[Workload], names: Sequence[str]) -> list[Workload]:
    return [workload for workload in all_of_them if not names or workload.name in names]


def _compiled(engines: Sequence[Engine], effort: Effort) -> Row:
    everyone = [*engines, cold_gotmpl()]
    (row,) = compare(lambda engine, work: engine.compile(work), everyone, [large()], effort)
    return row


if __name__ == "__main__":
    main()
