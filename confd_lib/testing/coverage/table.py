"""Coverage as a text table, for the terminal.

The module does not know how coverage is measured, nor pytest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from confd_lib import escapes
from confd_lib.testing.coverage.places import (
    Coverage,
    Place,
    TemplateCoverage,
    counted,
    whole_percent,
)

HEADS: Final = ("Template", "Actions", "Branches", "Cover", "Missed lines")


def table(coverage: Coverage) -> str:
    """Return the coverage as a text table, with the lines of missed places.

    >>> places = (Place(1, "template", True), Place(2, "if", True), Place(2, "else", False))
    >>> print(table(Coverage((TemplateCoverage("a.tmpl", "", places),))))
    Template  Actions  Branches  Cover  Missed lines
    a.tmpl          -       2/3    67%  2 (else)
    TOTAL           -       2/3    67%
    """
    rows = [HEADS, *map(row, coverage.templates)]
    rows.append(("TOTAL", *_counts(coverage.places), ""))
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS) - 1)]
    return "\n".join(_line(row, widths) for row in rows)


def row(one: TemplateCoverage) -> tuple[str, ...]:
    """Return the cells of a template in the table, in the order of `HEADS`."""
    return (one.name, *_counts(one.places), one.error or missed_lines(one.missed))


def _counts(places: Sequence[Place]) -> tuple[str, str, str]:
    actions, branches = (_fraction(*counted(places, actions=kind)) for kind in (True, False))
    return actions, branches, f"{whole_percent(places)}%"


def _fraction(taken: int, there: int) -> str:
    return f"{taken}/{there}" if there else "-"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *numbers = (cell for cell, _ in zip(row, widths, strict=False))
    shown = (number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True))
    return escapes.one_line("  ".join((first.ljust(widths[0]), *shown, row[-1])).rstrip())


def missed_lines(missed: Iterable[Place]) -> str:
    """Return the lines of missed places, with the names of missed branches.

    >>> missed_lines([Place(2, "else", False), *(Place(n, "action", False) for n in (4, 5))])
    '2 (else), 4-5'
    """
    return ", ".join(map(str, missed_spans(missed)))


class MissedSpan(NamedTuple):
    """Lines that follow each other and have missed places.

    Attributes:
        first: the first line.
        last: the last line.
        label: the names of the missed branches; empty if only actions are missed.
    """

    first: int
    last: int
    label: str = ""

    def __str__(self) -> str:
        lines = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{lines} ({self.label})" if self.label else lines


def missed_spans(missed: Iterable[Place]) -> list[MissedSpan]:
    """Return the lines of missed places; a line with a missed branch stands alone."""
    labels: dict[int, list[str]] = {}
    for place in missed:
        labels.setdefault(place.line, [])
        if not place.is_action:
            labels[place.line].append(place.label)
    spans: list[MissedSpan] = []
    for line, names in labels.items():
        if spans and not names and not spans[-1].label and spans[-1].last == line - 1:
            spans[-1] = MissedSpan(spans[-1].first, line)
        else:
            spans.append(MissedSpan(line, line, ", ".join(dict.fromkeys(names))))
    return spans
