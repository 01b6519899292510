"""Coverage as data: the actions and branches of templates, each taken or missed.

The module does not know how coverage is measured or reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """An action or a branch of a template.

    Attributes:
        line: its line, from 1.
        label: `action`, or the name of the branch.
        taken: whether an execution passed it.
        tests: the ids of the tests that passed it, sorted.
    """

    line: int
    label: str
    taken: bool
    tests: tuple[str, ...] = ()

    @property
    def is_action(self) -> bool:
        """True for an action, false for a branch."""
        return self.label == "action"

    @property
    def is_decision(self) -> bool:
        """True for a branch of an `if`, a `range` or a `with`."""
        return not (self.is_action or self.is_template)

    @property
    def is_template(self) -> bool:
        """True for a whole template: the file's own, or one that it defines."""
        return self.label == "template" or self.label.startswith("define ")


@dataclass(frozen=True, slots=True)
class TemplateCoverage:
    """The coverage of one template.

    Attributes:
        name: the file, relative to the folder of the coverage.
        text: the text of the file.
        places: its actions and branches, in their order, except those that are left out.
        error: why the file cannot be parsed, which counts as one missed place; empty if it can.
        left_out: the lines of the places that `{{/* confd: no cover */}}` leaves out.
    """

    name: str
    text: str
    places: tuple[Place, ...]
    error: str = ""
    left_out: frozenset[int] = frozenset()

    @property
    def missed(self) -> tuple[Place, ...]:
        """The places that no execution passed."""
        return tuple(place for place in self.places if not place.taken)

    @property
    def by_line(self) -> dict[int, list[Place]]:
        """The places by their lines, in order."""
        found: dict[int, list[Place]] = {}
        for place in sorted(self.places, key=lambda place: place.line):
            found.setdefault(place.line, []).append(place)
        return found


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of several templates.

    Attributes:
        templates: one for each file.
        folder: the folder that the names of the templates are relative to.
    """

    templates: tuple[TemplateCoverage, ...]
    folder: Path = Path()

    @property
    def places(self) -> tuple[Place, ...]:
        """The places of all templates."""
        return tuple(place for one in self.templates for place in one.places)

    @property
    def percent(self) -> float:
        """The percentage of places that were passed."""
        return percent(self.places)

    def path(self, one: TemplateCoverage, root: Path) -> str:
        """Return the path of a template, relative to `root` if it is below that folder."""
        file = self.folder / one.name
        return str(file.relative_to(root) if file.is_relative_to(root) else file)


def percent(places: Iterable[Place]) -> float:
    """Return the percentage of places that were passed; 100 if there are no places.

    >>> percent([Place(1, "if", True), Place(1, "else", False)])
    50.0
    """
    taken = [place.taken for place in places]
    return 100 * sum(taken) / len(taken) if taken else 100.0


def whole_percent(places: Iterable[Place]) -> int:
    """Return the percentage as people read it: 100 only if no place is missed.

    >>> whole_percent([Place(1, "if", True)] * 299 + [Place(1, "else", False)])
    99
    """
    found = percent(places)
    return round(found) if found == 100 or found < 99 else 99


def counted(places: Iterable[Place], *, actions: bool) -> tuple[int, int]:
    """Return the numbers of taken and of all actions; or of branches, if `actions` is false.

    >>> places = [Place(1, "if", True), Place(1, "else", False), Place(1, "action", True)]
    >>> counted(places, actions=True), counted(places, actions=False)
    ((1, 1), (1, 2))
    """
    taken = [place.taken for place in places if place.is_action is actions]
    return sum(taken), len(taken)
