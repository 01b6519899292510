"""Branch coverage of templates: which actions and branches the renders of a test run passed.

A recorder hears of every execution; afterwards the templates of a folder are read, and each place
in them was taken or missed. Knows nothing of pytest, of values or of how reports look.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import gotmpl
from confd_lib import funcs
from confd_lib.gostrings import from_bytes
from confd_lib.store import Store

Mark: TypeAlias = tuple[str, str, int, str]
"""A place whatever the tree it is in: template, kind of node, position, branch."""

# What the branches of a node are called, first the one that is written first.
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
    """What was passed in one file; an observer of its executions.

    Attributes:
        delims: what begins and ends its actions.
        marks: the places that were passed.
    """

    delims: tuple[str, str] = ("{{", "}}")
    marks: set[Mark] = field(default_factory=set)

    def visit(self, visit: gotmpl.Visit) -> None:
        """Hear that a place is passed."""
        self.marks.add(_mark(visit))

    def write(self, text: str) -> None:
        """Hear what is written, which is nothing to coverage."""


class Recorder:
    """What was passed, file by file.

    Args:
        folder: the folder of the templates.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.records: dict[str, Record] = {}

    def record(self, path: Path, delims: tuple[str, str]) -> Record | None:
        """Return the observer of a file; None where it is not below the folder."""
        file = path.resolve()
        if not file.is_relative_to(self.folder):
            return None
        return self.records.setdefault(str(file), Record(delims))

    def dump(self) -> str:
        """Return everything as JSON, to be sent from one process to another."""
        return json.dumps(
            {path: [one.delims, sorted(one.marks)] for path, one in self.records.items()}
        )

    def add(self, dumped: str) -> None:
        """Add what another process has recorded."""
        for path, ((left, right), marks) in json.loads(dumped).items():
            record = self.records.setdefault(path, Record((left, right)))
            record.marks.update((name, kind, pos, branch) for name, kind, pos, branch in marks)

    def coverage(self) -> Coverage:
        """Measure every template of the folder, those that were never rendered among them."""
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
        label: what it is: `action`, or the name of the branch.
        taken: whether an execution passed it.
    """

    line: int
    label: str
    taken: bool

    @property
    def is_action(self) -> bool:
        """Whether it is an action; else a branch."""
        return self.label == "action"


@dataclass(frozen=True, slots=True)
class TemplateCoverage:
    """What of one template was passed.

    Attributes:
        name: the file, relative to the folder.
        text: what it holds.
        places: its actions and branches, in their order.
        error: why the file cannot be parsed, with one missed place then; empty where it can.
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
    """What of the templates of a folder was passed.

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
        """How many of a hundred places were passed."""
        return percent(self.places)


def percent(places: Iterable[Place]) -> float:
    """Return how many of a hundred places were passed; all, where there is none.

    >>> percent([Place(1, "if", True), Place(1, "else", False)])
    50.0
    """
    taken = [place.taken for place in places]
    return 100 * sum(taken) / len(taken) if taken else 100.0


def counted(places: Iterable[Place], *, actions: bool) -> tuple[int, int]:
    """Count what was taken and what there is, of actions or of branches.

    >>> places = [Place(1, "if", True), Place(1, "else", False), Place(1, "action", True)]
    >>> counted(places, actions=True), counted(places, actions=False)
    ((1, 1), (1, 2))
    """
    taken = [place.taken for place in places if place.is_action is actions]
    return sum(taken), len(taken)


def measure(path: Path, record: Record, folder: Path) -> TemplateCoverage:
    """Tell the places of a template that were passed from those that were not."""
    name, text = str(path.relative_to(folder)), from_bytes(path.read_bytes())
    known = funcs.functions(Store())
    try:
        trees = gotmpl.parse(
            path.name, text, funcs=[*gotmpl.BUILTINS, *known], delims=record.delims
        )
    except gotmpl.ParseError as error:
        # Nothing of it can be executed: it counts as one branch that no execution passed.
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
    """Find the line of the `define` or `block` that begins a template; the first, of the file's."""
    source, inside = visit.tree.source, visit.tree.root.nodes
    if visit.tree.name == main or not inside:
        return 1
    begin = max(source.text.rfind(word, 0, inside[0].pos) for word in ("define", "block"))
    return source.line(max(begin, 0))


def _branch_line(visit: gotmpl.Visit) -> int:
    """Find the line of the word that begins a branch; of a branch not written, that of its node."""
    source, node = visit.tree.source, visit.node
    other = getattr(node, "else_list", None)
    if visit.branch == "list" or other is None or not other.nodes:
        return source.line(node.pos)
    return source.line(source.text.rfind("else", 0, other.nodes[0].pos))
