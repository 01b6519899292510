"""Coverage as JSON, with the tests that passed each place.

The module does not know how coverage is measured.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from confd_lib.testing.coverage.places import (
    Coverage,
    Place,
    TemplateCoverage,
    counted,
    percent,
)
from confd_lib.version import __version__


def text(coverage: Coverage, root: Path) -> str:
    """Return the coverage as JSON.

    Args:
        coverage: the coverage.
        root: the folder that the paths of templates are relative to.

    >>> place = Place(2, "if", True, ("test_a.py::test_it",))
    >>> found = json.loads(text(Coverage((TemplateCoverage("a.tmpl", "", (place,)),)), Path()))
    >>> found["totals"]["branches"], found["templates"]["a.tmpl"]["places"][0]["tests"]
    ({'taken': 1, 'all': 1}, ['test_a.py::test_it'])
    """
    document = {
        "format": 1,
        "version": __version__,
        "totals": _totals(coverage.places),
        "templates": {coverage.path(one, root): _template(one) for one in coverage.templates},
    }
    return json.dumps(document, indent=2) + "\n"


def _totals(places: Sequence[Place]) -> dict[str, object]:
    actions, branches = (counted(places, actions=kind) for kind in (True, False))
    return {
        "percent": round(percent(places), 2),
        "actions": {"taken": actions[0], "all": actions[1]},
        "branches": {"taken": branches[0], "all": branches[1]},
    }


def _template(one: TemplateCoverage) -> dict[str, object]:
    return {
        **_totals(one.places),
        "error": one.error,
        "left_out": sorted(one.left_out),
        "places": [
            {
                "line": place.line,
                "label": place.label,
                "taken": place.taken,
                "tests": list(place.tests),
            }
            for place in one.places
        ],
    }
