"""Coverage as an HTML page in one file: a table of the templates, then each with its lines.

The module does not know how coverage is measured, nor pytest.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final
from urllib.parse import quote

from confd_lib.testing.coverage.places import Coverage, Place, TemplateCoverage, whole_percent
from confd_lib.testing.coverage.table import HEADS, missed_spans, row
from confd_lib.tracing import web

# The number of tests that a place names; it counts the others, and JSON names them all.
_NAMED: Final = 25


def page(coverage: Coverage) -> str:
    """Return an HTML page: a table of the templates, then each with its lines."""
    figure = f'<p class="figure">{whole_percent(coverage.places)}%</p>'
    summary = f"<p>{len(coverage.templates)} templates, {_sum(coverage.places)}</p>"
    body = [
        f"<header><h1>Coverage of templates</h1>{figure}{summary}</header>",
        "<main>",
        web.table(HEADS, map(_row, coverage.templates)),
        *map(_template, coverage.templates),
        "</main>",
    ]
    style = web.asset(__package__, "coverage.css")
    return web.page("Coverage of templates", "\n".join(body), style=style)


def _sum(places: Sequence[Place]) -> str:
    return f"{sum(place.taken for place in places)} of {len(places)} actions and branches"


# -- The table


def _row(one: TemplateCoverage) -> str:
    name, actions, branches, cover, _ = map(escape, row(one))
    bar = f'<span class="bar"><i style="width:{whole_percent(one.places)}%"></i></span>'
    link = f'<a href="{_anchor(one)}">{name}</a>'
    percent = f'{bar}<span class="percent">{cover}</span>'
    return web.row(HEADS, (link, actions, branches, percent, _missed(one)))


def _missed(one: TemplateCoverage) -> str:
    """Return the missed lines as links to them; or the error of a template."""
    if one.error:
        return escape(one.error)
    return ", ".join(
        f'<a href="{_anchor(one, span.first)}">{escape(str(span))}</a>'
        for span in missed_spans(one.missed)
    )


def _id(one: TemplateCoverage, line: int = 0) -> str:
    return f"{one.name}:{line}" if line else one.name


def _anchor(one: TemplateCoverage, line: int = 0) -> str:
    return f"#{quote(_id(one, line), errors='replace')}"


# -- A template


def _template(one: TemplateCoverage) -> str:
    lines = one.text.removesuffix("\n").split("\n")
    by_line = one.by_line
    shown = "".join(_line(one, i, text, by_line.get(i, [])) for i, text in enumerate(lines, 1))
    error = f'<p class="error">{escape(one.error)}</p>' if one.error else ""
    name = escape(one.name)
    return (
        f'<section id="{name}" class="card"><h2>{name}</h2>{error}'
        f'<ol class="lines">{shown}</ol></section>'
    )


def _line(one: TemplateCoverage, number: int, text: str, places: Sequence[Place]) -> str:
    left_out = number in one.left_out
    state = "left-out" if left_out and not places else _state(places)
    return (
        f'<li class="{state}" data-line="{number}" id="{escape(_id(one, number))}">'
        f"<code>{escape(text) or ' '}</code>{_notes(places, left_out)}{_tests(places)}</li>"
    )


def _state(places: Sequence[Place]) -> str:
    if not places:
        return "text"
    taken = sum(place.taken for place in places)
    return "taken" if taken == len(places) else "partly" if taken else "never"


def _notes(places: Sequence[Place], left_out: bool) -> str:
    """Return the labels of a line: the branches that it missed."""
    notes = [
        f'<span class="label missed">{escape(place.label)} not taken</span>'
        for place in places
        if not place.taken
    ]
    if left_out:
        notes.append('<span class="label soft">not counted</span>')
    return f'<div class="notes">{"".join(notes)}</div>' if notes else ""


def _tests(places: Sequence[Place]) -> str:
    """Return the tests that passed the places of a line, folded."""
    tests = {test for place in places for test in place.tests}
    if not tests:
        return ""
    number = f"{len(tests)} test{'s' * (len(tests) > 1)}"
    shown = "".join(map(_tests_of, (place for place in places if place.tests)))
    return f"<details><summary>{number}</summary>{shown}</details>"


def _tests_of(place: Place) -> str:
    named = "".join(f"<li>{escape(test)}</li>" for test in place.tests[:_NAMED])
    more = len(place.tests) - _NAMED
    others = f"<li>and {more} more</li>" if more > 0 else ""
    return f"{escape(place.label)}<ul>{named}{others}</ul>"
