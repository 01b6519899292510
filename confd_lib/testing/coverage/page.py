"""Coverage as an HTML page in one file: a table of the templates, then each with its lines.

The module does not know how coverage is measured, nor pytest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from confd_lib.testing.coverage.places import Coverage, Place, TemplateCoverage, whole_percent
from confd_lib.testing.coverage.table import HEADS, row
from confd_lib.tracing import web


def page(coverage: Coverage) -> str:
    """Return an HTML page: a table of the templates, then each with its lines."""
    figure = f'<p class="figure">{whole_percent(coverage.places)}%</p>'
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
    heads = "".join(f"<th>{head}</th>" for head in HEADS)
    rows = "\n".join(map(_overview_row, templates))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table>"


def _overview_row(one: TemplateCoverage) -> str:
    name, actions, branches, cover, missed = map(escape, row(one))
    width = whole_percent(one.places)
    return (
        f'<tr><td><a href="#{name}">{name}</a></td><td class="number">{actions}</td>'
        f'<td class="number">{branches}</td><td class="number"><span class="bar">'
        f'<i style="width:{width}%"></i></span>{cover}</td><td>{missed}</td></tr>'
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
