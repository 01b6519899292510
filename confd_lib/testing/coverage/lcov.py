"""Coverage in the format of LCOV, which `genhtml` and many CI services read.

The module does not know how coverage is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from confd_lib import escapes
from confd_lib.testing.coverage.places import Coverage, Place, TemplateCoverage


def text(coverage: Coverage, root: Path) -> str:
    """Return the coverage as a tracefile; a template that is defined is a function of its file.

    Args:
        coverage: the coverage.
        root: the folder that the paths of templates are relative to.

    >>> places = (Place(1, "template", True), Place(2, "if", True), Place(2, "else", False))
    >>> print(text(Coverage((TemplateCoverage("a.tmpl", "", places),)), Path()), end="")
    TN:
    SF:a.tmpl
    FN:1,template
    FNDA:1,template
    FNF:1
    FNH:1
    BRDA:2,0,0,1
    BRDA:2,0,1,0
    BRF:2
    BRH:1
    DA:1,1
    DA:2,1
    LF:2
    LH:2
    end_of_record
    """
    return "".join(
        f"{line}\n"
        for one in coverage.templates
        for line in _record(one, escapes.one_line(coverage.path(one, root)))
    )


def _record(one: TemplateCoverage, path: str) -> Iterator[str]:
    yield from ("TN:", f"SF:{path}")
    functions = [place for place in one.places if place.is_template]
    names = [escapes.one_line(place.label) for place in functions]
    yield from (f"FN:{place.line},{name}" for place, name in zip(functions, names, strict=True))
    yield from (f"FNDA:{_hits(place)},{name}" for place, name in zip(functions, names, strict=True))
    yield from _sums("FN", functions)
    branches = [place for place in one.places if place.is_decision]
    # Readers join branches of one line and one number, and old ones take numbers only.
    yield from (
        f"BRDA:{line},0,{number},{_hits(place)}"
        for line, places in one.by_line.items()
        for number, place in enumerate(place for place in places if place.is_decision)
    )
    yield from _sums("BR", branches)
    lines = [
        Place(line, "", any(place.taken for place in found)) for line, found in one.by_line.items()
    ]
    yield from (f"DA:{place.line},{_hits(place)}" for place in lines)
    yield from _sums("L", lines)
    yield "end_of_record"


def _hits(place: Place) -> int:
    return int(place.taken)


def _sums(kind: str, places: list[Place]) -> tuple[str, str]:
    return f"{kind}F:{len(places)}", f"{kind}H:{sum(place.taken for place in places)}"
