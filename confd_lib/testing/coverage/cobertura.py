"""Coverage as Cobertura's XML, which CI services show beside a change.

The module does not know how coverage is measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Final
from xml.etree import ElementTree as ET

from confd_lib import escapes
from confd_lib.testing.coverage.places import Coverage, Place, TemplateCoverage
from confd_lib.version import __version__

_DOCTYPE: Final = (
    "<!DOCTYPE coverage SYSTEM "
    "'https://raw.githubusercontent.com/cobertura/web/master/htdocs/xml/coverage-04.dtd'>"
)


def text(coverage: Coverage, root: Path, seconds: float) -> str:
    """Return the coverage as a document of Cobertura.

    A folder is a package, a template file a class, and a template that is defined a method. A line
    is hit if an execution passed one of its places.

    Args:
        coverage: the coverage.
        root: the folder that the paths of templates are relative to.
        seconds: the time of the run, since 1970.
    """
    document = ET.Element("coverage", _totals(coverage.templates))
    document.attrib |= {
        "complexity": "0",
        "version": f"confd-lib {__version__}",
        "timestamp": str(int(seconds * 1000)),
    }
    ET.SubElement(ET.SubElement(document, "sources"), "source").text = str(root)
    packages = ET.SubElement(document, "packages")
    for folder, templates in _folders(coverage, root).items():
        _package(packages, folder, templates)
    ET.indent(document)
    body = ET.tostring(document, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_DOCTYPE}\n{body}\n'


_Templates = dict[str, TemplateCoverage]


def _folders(coverage: Coverage, root: Path) -> dict[str, _Templates]:
    """Return the templates by folder and path."""
    found: dict[str, _Templates] = defaultdict(dict)
    for one in coverage.templates:
        path = escapes.one_line(coverage.path(one, root))
        found[str(PurePath(path).parent)][path] = one
    return found


def _package(packages: ET.Element, folder: str, templates: _Templates) -> None:
    rates = _rates(templates.values())
    package = ET.SubElement(packages, "package", {"name": folder, "complexity": "0", **rates})
    classes = ET.SubElement(package, "classes")
    for path, one in templates.items():
        _class(classes, path, one)


def _class(classes: ET.Element, path: str, one: TemplateCoverage) -> None:
    element = ET.SubElement(
        classes,
        "class",
        {
            "name": PurePath(path).name,
            "filename": path,
            "complexity": "0",
            **_rates((one,)),
        },
    )
    methods = ET.SubElement(element, "methods")
    for place in one.places:
        if place.is_template:
            _method(methods, place)
    lines = ET.SubElement(element, "lines")
    for number, places in one.by_line.items():
        ET.SubElement(lines, "line", _line(number, places))


def _method(methods: ET.Element, place: Place) -> None:
    rate = str(int(place.taken))
    method = ET.SubElement(
        methods,
        "method",
        {"name": escapes.one_line(place.label), "signature": "()", "complexity": "0"},
        **{"line-rate": rate, "branch-rate": rate},
    )
    ET.SubElement(ET.SubElement(method, "lines"), "line", _line(place.line, [place]))


def _line(number: int, places: Sequence[Place]) -> dict[str, str]:
    hit = any(place.taken for place in places)
    line = {"number": str(number), "hits": str(int(hit))}
    branches = _branches(places)
    if not branches:
        return {**line, "branch": "false"}
    taken = sum(place.taken for place in branches)
    share = f"{100 * taken // len(branches)}% ({taken}/{len(branches)})"
    return {**line, "branch": "true", "condition-coverage": share}


def _branches(places: Iterable[Place]) -> list[Place]:
    return [place for place in places if place.is_decision]


def _totals(templates: Iterable[TemplateCoverage]) -> dict[str, str]:
    """Return the numbers of lines and branches, and their rates."""
    lines = [places for one in templates for places in one.by_line.values()]
    branches = [place for places in lines for place in _branches(places)]
    hit = sum(any(place.taken for place in places) for places in lines)
    taken = sum(place.taken for place in branches)
    return {
        "lines-valid": str(len(lines)),
        "lines-covered": str(hit),
        "line-rate": _rate(hit, len(lines)),
        "branches-valid": str(len(branches)),
        "branches-covered": str(taken),
        "branch-rate": _rate(taken, len(branches)),
    }


def _rates(templates: Iterable[TemplateCoverage]) -> dict[str, str]:
    totals = _totals(templates)
    return {name: totals[name] for name in ("line-rate", "branch-rate")}


def _rate(part: int, whole: int) -> str:
    return f"{part / whole:.4g}" if whole else "1"
