"""Reports of coverage: a table for the terminal, and a page in one HTML file.

The module does not know how coverage is measured, nor pytest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Final

from confd_lib import escapes
from confd_lib.testing.coverage.measure import Coverage, Place, TemplateCoverage, counted, percent
from confd_lib.tracing import web

_HEADS: Final = ("Template", "Actions", "Branches", "Cover", "Missed lines")


def table(coverage: Coverage) -> str:
    """Return the coverage as a text table, with the lines of missed places.

    >>> places = (Place(1, "template", True), Place(2, "if", True), Place(2, "else", False))
    >>> print(table(Coverage((TemplateCoverage("a.tmpl", "", places),))))
    Template  Actions  Branches  Cover  Missed lines
    a.tmpl          -       2/3    67%  2 (else)
    TOTAL           -       2/3    67%
    """
    rows = [_HEADS, *map(_row, coverage.templates)]
    rows.append(("TOTAL", *_counts(coverage.places), ""))
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADS) - 1)]
    return "\n".join(_line(row, widths) for row in rows)


def _row(one: TemplateCoverage) -> tuple[str, ...]:
    return (one.name, *_counts(one.places), one.error or missed_lines(one.missed))


def _counts(places: Sequence[Place]) -> tuple[str, str, str]:
    actions, branches = (_fraction(*counted(places, actions=kind)) for kind in (True, False))
    return actions, branches, f"{percent(places):.0f}%"


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
    labels: dict[int, list[str]] = {}
    for place in missed:
        labels.setdefault(place.line, [])
        if not place.is_action:
            labels[place.line].append(place.label)
    parts: list[tuple[int, int, str]] = []
    for line, names in labels.items():
        if parts and not names and not parts[-1][2] and parts[-1][1] == line - 1:
            parts[-1] = (parts[-1][0], line, "")
        else:
            parts.append((line, line, ", ".join(dict.fromkeys(names))))
    return ", ".join(_span(*part) for part in parts)


def _span(first: int, last: int, label: str) -> str:
    lines = str(first) if first == last else f"{first}-{last}"
    return f"{lines} ({label})" if label else lines


# -- The page


def write_html(coverage: Coverage, file: Path) -> None:
    """Write the coverage as an HTML page; create missing folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page(coverage), "utf-8", "replace")


def page(coverage: Coverage) -> str:
    """Return an HTML page: a table of the templates, then each with its lines."""
    figure = f'<p class="figure">{coverage.percent:.0f}%</p>'
    summary = f"<p>{len(coverage.templates)} templates, {_sum(coverage.places)}</p>"
    body = [
        f"<header><h1>Coverage of templates</h1>{figure}{summary}</header>",
        "<main>",
        _overview(coverage.templates),
        *map(_template, coverage.templates),
        "</main>",
    ]
    style = web.asset(__package__, "coverage.css")
    return web.page("Coverage of templates", "\n".join(body), style=style)


def _sum(places: Sequence[Place]) -> str:
    return f"{sum(place.taken for place in places)} of {len(places)} actions and branches"


def _overview(templates: Iterable[TemplateCoverage]) -> str:
    heads = "".join(f"<th>{head}</th>" for head in _HEADS)
    rows = "\n".join(map(_overview_row, templates))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table>"


def _overview_row(one: TemplateCoverage) -> str:
    name, actions, branches, cover, missed = map(escape, _row(one))
    width = percent(one.places)
    return (
        f'<tr><td><a href="#{name}">{name}</a></td><td class="number">{actions}</td>'
        f'<td class="number">{branches}</td><td class="number"><span class="bar">'
        f'<i style="width:{width:.0f}%"></i></span>{cover}</td><td>{missed}</td></tr>'
    )


def _template(one: TemplateCoverage) -> str:
    lines = one.text.removesuffix("\n").split("\n")
    by_line: dict[int, list[Place]] = {}
    for place in one.places:
        by_line.setdefault(place.line, []).append(place)
    shown = "".join(_source_line(i, text, by_line.get(i, [])) for i, text in enumerate(lines, 1))
    error = f'<p class="error">{escape(one.error)}</p>' if one.error else ""
    name = escape(one.name)
    return f'<section id="{name}"><h2>{name}</h2>{error}<ol class="source">{shown}</ol></section>'


def _source_line(number: int, text: str, places: Sequence[Place]) -> str:
    state = _state(places)
    marks = "".join(
        f'<span class="missed">{escape(place.label)} not taken</span>'
        for place in places
        if not place.taken
    )
    return (
        f'<li class="{state}" data-line="{number}"><code>{escape(text) or " "}</code>{marks}</li>'
    )


def _state(places: Sequence[Place]) -> str:
    if not places:
        return "text"
    taken = sum(place.taken for place in places)
    return "taken" if taken == len(places) else "partly" if taken else "never"
