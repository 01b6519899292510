"""`make bench`: Go, gotmpl, Jinja2, Mako and gotpl side by side, in one run.

    python -m benchmarks --quick               Go, gotmpl and Jinja2 in some 20 s; writes nothing
    python -m benchmarks --quick rows large    these workloads alone; `forty` and `large` are cold
    python -m benchmarks --quick --engines Mako,gotpl     beside Go these alone
    python -m benchmarks                       all of it: RESULTS.md and its chart, in ten minutes

Times are CPU of the rendering thread, which other processes disturb little: medians over rounds in
which every engine has its turn. Ratios are of the medians of one run; of three runs the middle one
is written. An engine has no time if its output differs from Go's.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks import report
from benchmarks.cold import Series, series
from benchmarks.comparison import Row, Run, compare, middle
from benchmarks.engines import Engine, python_engines
from benchmarks.golang import Go
from benchmarks.timing import FULL, QUICK, Effort
from benchmarks.workloads import Workload, workloads

_IMPORT_ROUNDS = 21
_KEPT = ("config", "haproxy", "maps")  # their memory is measured, and that of the large one


def main() -> None:
    """Measure what the command line asks for."""
    arguments = _arguments()
    found, missing = python_engines()
    absent = [str(reason) for reason in missing]
    only = arguments.engines or ("gotmpl,Jinja2" if arguments.quick else None)
    with Go() as go:
        others = [engine for engine in found if not only or engine.name in only.split(",")]
        engines: list[Engine] = [go, *others]
        if arguments.quick:
            _quick(engines, arguments.workloads)
        else:
            _full(engines, absent, arguments.runs)
    print("\n".join(absent))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("workloads", nargs="*", help="with --quick: their names; all if none")
    parser.add_argument("--quick", action="store_true", help="a short look; writes nothing")
    parser.add_argument("--engines", help="names with commas between; beside Go these alone")
    parser.add_argument("--runs", type=int, default=3, help="write the middle one of so many")
    return parser.parse_args()


def _quick(engines: Sequence[Engine], names: Sequence[str]) -> None:
    """Print what was chosen."""
    chosen = [work for work in workloads() if not names or work.name in names]
    if chosen:
        _show_rendering(_rendered(engines, chosen, QUICK), engines)
    unseen = [name for name in series() if not names or name in names]
    if unseen:
        _show_cold(_cold(engines, unseen, QUICK), engines)


def _full(engines: Sequence[Engine], absent: Sequence[str], count: int) -> None:
    """Print every run, and write the middle one."""
    from benchmarks import chart, results  # noqa: PLC0415 - a quick run needs no matplotlib
    from benchmarks.footprint import import_times, memory  # noqa: PLC0415 - the same

    runs = []
    for _ in range(count):
        run = Run(_rendered(engines, workloads(), FULL), _cold(engines, list(series()), FULL))
        _show_rendering(run.rows, engines)
        _show_cold(run.cold, engines)
        runs.append(run)
    run = middle(runs)
    footprint = results.Footprint(import_times(_IMPORT_ROUNDS), memory(engines, _kept()))
    chart.draw(run.rows, [engine.name for engine in engines], results.FOLDER / "results.svg")
    results.write(run, engines, absent, count, footprint)


def _rendered(engines: Sequence[Engine], works: Sequence[Workload], effort: Effort) -> list[Row]:
    return compare(lambda engine, work: engine.render(work), engines, works, effort)


def _cold(engines: Sequence[Engine], names: Sequence[str], effort: Effort) -> list[Row]:
    first = [series()[name](0) for name in names]
    return compare(lambda engine, work: engine.cold(series()[work.name]), engines, first, effort)


def _kept() -> Sequence[Series]:
    """Return the series whose memory is measured: a few small workloads, and the large one."""
    small = [work for work in workloads() if work.name in _KEPT]
    return [*(lambda _, work=work: work for work in small), series()["large"]]


def _show_rendering(rows: Sequence[Row], engines: Sequence[Engine]) -> None:
    print(report.plain(report.ratios(rows, [engine.name for engine in engines])))
    print("\n".join(report.faults(rows)))


def _show_cold(rows: Sequence[Row], engines: Sequence[Engine]) -> None:
    print(report.plain(report.cold_times(rows, [engine.name for engine in engines])))
    print("\n".join(report.faults(rows)))


if __name__ == "__main__":
    main()
