"""Make tables of figures: aligned for a terminal, or in Markdown.

Measures nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.comparison import GO, Row

Table = Sequence[Sequence[str]]  # the first row is the head

_NEAREST: Final = ("Jinja2", "gotpl")


def ratios(rows: Sequence[Row], engines: Sequence[str]) -> Table:
    """Return a table of Go's times, and every engine's ratio to them."""
    head = ["workload", GO, *(name for name in engines if name != GO), "must", "aim"]
    return [head, *(_ratio_row(row, engines) for row in rows)]


def _ratio_row(row: Row, engines: Sequence[str]) -> list[str]:
    cells = [row.workload.title, duration(row.times[GO])]
    cells += [_cell(row, name) for name in engines if name != GO]
    return [*cells, f"{row.workload.must:.2f}", f"{row.workload.aim:.2f}"]


def _cell(row: Row, engine: str, to: str = GO) -> str:
    ratio = row.ratio(engine, to)
    return "-" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def cold_times(rows: Sequence[Row], engines: Sequence[str]) -> Table:
    """Return a table of every engine's times, and the ratios of gotmpl to its nearest."""
    head = ["never seen", *engines, *(f"gotmpl / {name}" for name in _NEAREST)]
    return [
        head,
        *(
            [
                row.workload.title,
                *(duration(row.times[name]) if name in row.times else "-" for name in engines),
                *(_cell(row, "gotmpl", name) for name in _NEAREST),
            ]
            for row in rows
        ),
    ]


def imports(times: Mapping[str, float], to: str = "import parsimonious") -> Table:
    """Return the time of each import, and its ratio to one of them."""
    found = [(line, spent) for line, spent in times.items() if line != "pass"]
    rows = [[f"`{line}`", duration(spent), f"{spent / times[to]:.2f}"] for line, spent in found]
    return [["", "CPU", "ratio to parsimonious"], *rows]


def faults(rows: Sequence[Row]) -> list[str]:
    """Return a line for each engine without a time, with the reason."""
    return [
        f"{engine} on {row.workload.title}: {reason}"
        for row in rows
        for engine, reason in row.faults.items()
    ]


def duration(nanoseconds: float) -> str:
    """Return a time in a readable unit.

    >>> duration(1234), duration(25_000_000)
    ('1.23 µs', '25.0 ms')
    """
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def plain(table: Table) -> str:
    """Return a table for a terminal: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = []
    for first, *rest in table:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(lines)


def markdown(table: Table) -> str:
    """Return a table as Markdown."""
    head, *rows = table
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *rows])
