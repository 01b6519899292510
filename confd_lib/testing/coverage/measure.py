"""Branch coverage of templates: which actions and branches a test run executed.

The templates are parsed, and each of their places counts as taken or missed, by the marks of a
recorder. The module does not know pytest, values or reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import gotmpl
from confd_lib import funcs
from confd_lib.confdir import templates
from confd_lib.errors import TemplateFileError
from confd_lib.store.store import Store
from confd_lib.testing.coverage.places import Coverage, Place, TemplateCoverage
from confd_lib.testing.coverage.recording import Mark, Record, Recorder, mark
from gotmpl import nodes

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
_NO_COVER: Final = re.compile(r"/\*\s*confd:\s*no cover\b")


def measure_all(recorder: Recorder) -> Coverage:
    """Measure every chosen template, including those that were never rendered."""
    selection = recorder.selection
    return Coverage(
        tuple(measure(path, recorder.of(path), selection.name(path)) for path in selection.files()),
        selection.folder,
    )


def measure(path: Path, record: Record, name: str) -> TemplateCoverage:
    """Return the places of a template, each taken or missed.

    Args:
        path: the file.
        record: the places that were passed.
        name: the name that reports give the file.
    """
    text = ""
    try:
        text = templates.read_text(path)
        trees = parsed(path.name, text, record)
    except (gotmpl.ParseError, TemplateFileError) as error:
        # None of it can run: it counts as one missed branch.
        missed = Place(getattr(error, "line", 1), "template", taken=False)
        return TemplateCoverage(name, text, (missed,), str(error))
    tests = record.tests()
    skipped = left_out(trees.values(), path.name, _NO_COVER)
    counted: list[Place] = []
    ignored: set[int] = set()
    for visit in _visits(trees.values()):
        place = _place(visit, path.name, tests.get(mark(visit)))
        if place and mark(visit) in skipped:
            ignored.add(place.line)
        elif place:
            counted.append(place)
    places = tuple(sorted(counted, key=lambda place: place.line))
    return TemplateCoverage(name, text, places, left_out=frozenset(ignored))


def parsed(name: str, text: str, record: Record) -> dict[str, nodes.Tree]:
    """Return the trees of a template, with its comments, as a record says that it is parsed."""
    known = {*gotmpl.BUILTINS, *funcs.functions(Store()), *record.functions}
    return gotmpl.parse(name, text, funcs=known, delims=record.delims, comments=True)


def _visits(trees: Iterable[nodes.Tree]) -> Iterator[gotmpl.Visit]:
    return (visit for tree in trees for visit in gotmpl.visits(tree))


def _place(visit: gotmpl.Visit, main: str, tests: tuple[str, ...] | None) -> Place | None:
    """Return a place; `tests` passed it, and if it is None no execution did."""
    source, kind = visit.tree.source, type(visit.node).__name__
    taken, by = tests is not None, tests or ()
    if visit.branch and kind == "ListNode":
        name = visit.tree.name
        label = "template" if name == main else f"define {gotmpl.quote(name)}"
        return Place(_first_line(visit, main), label, taken, by)
    if visit.branch:
        return Place(_branch_line(visit), _BRANCHES[kind, visit.branch], taken, by)
    return Place(source.line(visit.node.pos), "action", taken, by) if kind in _ACTIONS else None


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


# -- What comments leave out


def left_out(trees: Iterable[nodes.Tree], main: str, comment: re.Pattern[str]) -> set[Mark]:
    """Return the marks of the places that comments leave out.

    A comment leaves out the actions and the branches that begin on its line, with all that is in
    them; on a line of its own, the branch or the template that it stands in.

    Args:
        trees: the trees of a file, with their comments.
        main: the name of the tree that the file itself is.
        comment: a pattern of the comments.
    """
    found: set[Mark] = set()
    for tree in trees:
        lines, alone = _comments(tree, comment)
        for visit in gotmpl.visits(tree):
            inside = _inside(visit)
            if _line(visit, main) in lines or alone.intersection(inside):
                found.add(mark(visit))
                found.update(map(mark, _deep(tree, inside)))
    return found


def _line(visit: gotmpl.Visit, main: str) -> int:
    """Return the line of a place; 0 for the template of the file itself, and for text."""
    if visit.node is visit.tree.root and visit.tree.name == main:
        return 0
    if isinstance(visit.node, nodes.BranchNode) and not visit.branch:
        return visit.tree.source.line(visit.node.pos)
    place = _place(visit, main, None)
    return place.line if place else 0


def _comments(tree: nodes.Tree, pattern: re.Pattern[str]) -> tuple[set[int], set[nodes.Node]]:
    """Return the lines of the comments beside actions, and the comments on lines of their own."""
    lines: set[int] = set()
    alone: set[nodes.Node] = set()
    for visit in gotmpl.visits(tree):
        node = visit.node
        if isinstance(node, nodes.CommentNode) and pattern.match(node.text):
            line = tree.source.line(node.pos)
            if _is_only(tree.source.text.split("\n")[line - 1], tree.source):
                alone.add(node)
            else:
                lines.add(line)
    return lines, alone


def _is_only(line: str, source: nodes.Source) -> bool:
    """Return whether a line that holds a comment holds nothing else."""
    bare = line.strip()
    return bare.startswith(source.left) and bare.find(source.right) == len(bare) - len(source.right)


def _inside(visit: gotmpl.Visit) -> tuple[nodes.Node, ...]:
    """Return the nodes of a branch or of a template; empty for a node."""
    node = visit.node
    match visit.branch, node:
        case "list", nodes.ListNode():
            return node.nodes
        case "list", nodes.BranchNode():
            return node.list.nodes
        case "else", nodes.BranchNode(else_list=nodes.ListNode() as other):
            return other.nodes
    return ()


def _deep(tree: nodes.Tree, inside: tuple[nodes.Node, ...]) -> Iterator[gotmpl.Visit]:
    """Yield the places of some nodes of a tree, at any depth."""
    pending = list(inside)
    while pending:
        node = pending.pop()
        yield gotmpl.Visit(tree, node)
        if isinstance(node, nodes.BranchNode):
            for branch in ("list", "else"):
                visit = gotmpl.Visit(tree, node, branch)
                yield visit
                pending.extend(_inside(visit))
