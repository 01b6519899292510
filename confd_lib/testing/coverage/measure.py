"""Branch coverage of templates: which actions and branches a test run executed.

A recorder notes the places that executions pass. Then the templates of a folder are parsed, and
each of their places counts as taken or missed. The module does not know pytest, values or reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import gotmpl
from confd_lib import funcs
from confd_lib.confdir import templates
from confd_lib.store.store import Store

Mark: TypeAlias = tuple[str, str, int, str]
"""A place in a template: name of the template, kind of node, position, branch."""

# The names of the branches of a node.
_BRANCHES: Final = {
    ("IfNode", "list"): "if",
    ("IfNode", "else"): "else",
    ("RangeNode", "list"): "range",
    ("RangeNode", "else"): "empty range",
    ("WithNode", "list"): "with",
    ("WithNode", "else"): "empty with",
}
_ACTIONS: Final = frozenset(("ActionNode", "BreakNode", "ContinueNode", "TemplateNode"))


def _mark(visit: gotmpl.Visit) -> Mark:
    return visit.tree.name, type(visit.node).__name__, visit.node.pos, visit.branch


@dataclass(slots=True)
class Record:
    """The places that executions of one file passed; an observer of these executions.

    Attributes:
        delims: the delimiters of its actions.
        marks: the places that were passed.
    """

    delims: tuple[str, str] = ("{{", "}}")
    marks: set[Mark] = field(default_factory=set)

    def visit(self, visit: gotmpl.Visit) -> None:
        """Note that a place is passed."""
        self.marks.add(_mark(visit))

    def write(self, text: str) -> None:
        """Ignore what is written."""


class Recorder:
    """The records of the files of a folder.

    Args:
        folder: the folder of the templates.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.records: dict[str, Record] = {}

    def record(self, path: Path, delims: tuple[str, str]) -> Record | None:
        """Return the observer of a file; None if the file is not below the folder."""
        file = path.resolve()
        if not file.is_relative_to(self.folder):
            return None
        return self.records.setdefault(str(file), Record(delims))

    def dump(self) -> str:
        """Return all records as JSON, for another process."""
        return json.dumps(
            {path: [one.delims, sorted(one.marks)] for path, one in self.records.items()}
        )

    def add(self, dumped: str) -> None:
        """Add the records that another process dumped."""
        for path, ((left, right), marks) in json.loads(dumped).items():
            record = self.records.setdefault(path, Record((left, right)))
            record.marks.update((name, kind, pos, branch) for name, kind, pos, branch in marks)

    def coverage(self) -> Coverage:
        """Measure every template of the folder, including those that were never rendered."""
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        shown = (path for path in files if not path.name.startswith("."))
        return Coverage(
            tuple(
                measure(path, self.records.get(str(path), Record()), self.folder) for path in shown
            )
        )


@dataclass(frozen=True, slots=True)
class Place:
    """An action or a branch of a template.

    Attributes:
        line: its line, from 1.
        label: `action`, or the name of the branch.
        taken: whether an execution passed it.
    """

    line: int
    label: str
    taken: bool

    @property
    def is_action(self) -> bool:
        """True for an action, false for a branch."""
        return self.label == "action"


@dataclass(frozen=True, slots=True)
class TemplateCoverage:
    """The coverage of one template.

    Attributes:
        name: the file, relative to the folder.
        text: the text of the file.
        places: its actions and branches, in their order.
        error: why the file cannot be parsed, which counts as one missed place; empty if it can.
    """

    name: str
    text: str
    places: tuple[Place, ...]
    error: str = ""

    @property
    def missed(self) -> tuple[Place, ...]:
        """The places that no execution passed."""
        return tuple(place for place in self.places if not place.taken)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of the templates of a folder.

    Attributes:
        templates: one for each file.
    """

    templates: tuple[TemplateCoverage, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """The places of all templates."""
        return tuple(place for one in self.templates for place in one.places)

    @property
    def percent(self) -> float:
        """The percentage of places that were passed."""
        return percent(self.places)


def percent(places: Iterable[Place]) -> float:
    """Return the percentage of places that were passed; 100 if there are no places.

    >>> percent([Place(1, "if", True), Place(1, "else", False)])
    50.0
    """
    taken = [place.taken for place in places]
    return 100 * sum(taken) / len(taken) if taken else 100.0


def counted(places: Iterable[Place], *, actions: bool) -> tuple[int, int]:
    """Return the numbers of taken and of all actions; or of branches, if `actions` is false.

    >>> places = [Place(1, "if", True), Place(1, "else", False), Place(1, "action", True)]
    >>> counted(places, actions=True), counted(places, actions=False)
    ((1, 1), (1, 2))
    """
    taken = [place.taken for place in places if place.is_action is actions]
    return sum(taken), len(taken)


def measure(path: Path, record: Record, folder: Path) -> TemplateCoverage:
    """Return the places of a template, each taken or missed."""
    name, text = str(path.relative_to(folder)), templates.read_text(path)
    known = funcs.functions(Store())
    try:
        trees = gotmpl.parse(
            path.name, text, funcs=[*gotmpl.BUILTINS, *known], delims=record.delims
        )
    except gotmpl.ParseError as error:
        # None of it can run: it counts as one missed branch.
        return TemplateCoverage(
            name, text, (Place(error.line, "template", taken=False),), str(error)
        )
    visits = [visit for tree in trees.values() for visit in gotmpl.visits(tree)]
    found = (_place(visit, path.name, _mark(visit) in record.marks) for visit in visits)
    places = sorted((place for place in found if place), key=lambda place: place.line)
    return TemplateCoverage(name, text, tuple(places))


def _place(visit: gotmpl.Visit, main: str, taken: bool) -> Place | None:
    source, kind = visit.tree.source, type(visit.node).__name__
    if visit.branch and kind == "ListNode":
        name = visit.tree.name
        label = "template" if name == main else f"define {gotmpl.quote(name)}"
        return Place(_first_line(visit, main), label, taken)
    if visit.branch:
        return Place(_branch_line(visit), _BRANCHES[kind, visit.branch], taken)
    return Place(source.line(visit.node.pos), "action", taken) if kind in _ACTIONS else None


def _first_line(visit: gotmpl.Visit, main: str) -> int:
    """Return the line of the `define` or `block` that begins a template; 1 for the file's own."""
    source, inside = visit.tree.source, visit.tree.root.nodes
    if visit.tree.name == main or not inside:
        return 1
    begin = max(source.text.rfind(word, 0, inside[0].pos) for word in ("define", "block"))
    return source.line(max(begin, 0))


def _branch_line(visit: gotmpl.Visit) -> int:
    """Return the line of the word that begins a branch; without such a word, that of the node."""
    source, node = visit.tree.source, visit.node
    other = getattr(node, "else_list", None)
    if visit.branch == "list" or other is None or not other.nodes:
        return source.line(node.pos)
    return source.line(source.text.rfind("else", 0, other.nodes[0].pos))
