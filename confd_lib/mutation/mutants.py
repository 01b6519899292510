"""Mutants: the small faults that a template of confd can have, each as a change of its text.

A mutant changes what one node of the tree does, and keeps the lines where they are. The module does
not know tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import gotmpl
from confd_lib.funcs.readers import READERS
from confd_lib.mutation.spans import Branch, Span, branches, pipeline_end
from confd_lib.testing.coverage.measure import left_out, parsed
from confd_lib.testing.coverage.recording import Mark, Record, mark
from gotmpl import nodes

_OPPOSITES: Final = {
    "and": "or",
    "or": "and",
    "eq": "ne",
    "ne": "eq",
    "lt": "le",
    "le": "lt",
    "gt": "ge",
    "ge": "gt",
}
_NOT_MUTATED: Final = re.compile(r"/\*\s*confd:\s*no (?:cover|mutants)\b")


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a text.

    Attributes:
        span: the part that is replaced.
        new: the text in its place.
    """

    span: Span
    new: str

    def apply(self, text: str) -> str:
        """Return a text with the change."""
        return text[: self.span.start] + self.new + text[self.span.end :]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault in a template.

    Attributes:
        what: what the fault is.
        edit: the change that makes it.
        place: the place that a test must pass to notice it.
    """

    what: str
    edit: Edit
    place: Mark


@dataclass(frozen=True, slots=True)
class _Node:
    """A node of a list, in its tree, with the places of the branches of the text."""

    tree: nodes.Tree
    node: nodes.Node
    branches: dict[int, Branch]
    keys: tuple[nodes.StringNode, ...]

    @property
    def text(self) -> str:
        return self.tree.source.text

    @property
    def branch(self) -> Branch | None:
        """Where the node stands, if it is an `if`, a `range` or a `with`."""
        return self.branches.get(self.node.pos) if isinstance(self.node, nodes.BranchNode) else None

    def like(self, action: Span, inside: str) -> str:
        """Return an action that trims the text around it as another action does."""
        left, right, old = self.tree.source.left, self.tree.source.right, action.of(self.text)
        before = f"{left}- " if old.startswith(f"{left}-") else left
        after = f" -{right}" if old.endswith(f"-{right}") else right
        return f"{before}{inside}{after}"

    def mutant(self, what: str, span: Span, new: str, branch: str = "") -> Mutant:
        """Return a mutant; line feeds of the part that goes are kept in a comment."""
        gone = span.of(self.text).count("\n") - new.count("\n")
        if gone > 0:
            source = self.tree.source
            new += f"{source.left}/*{chr(10) * gone}*/{source.right}"
        place = mark(gotmpl.Visit(self.tree, self.node, branch))
        return Mutant(what, Edit(span, new), place)

    def inside(self, what: str, span: Span, new: str) -> Mutant:
        """Return a mutant of a part of an action, in which line feeds are kept as they are."""
        new += "\n" * (span.of(self.text).count("\n") - new.count("\n"))
        return Mutant(what, Edit(span, new), mark(gotmpl.Visit(self.tree, self.node)))


def mutants(path: Path, text: str, record: Record) -> list[Mutant]:
    """Return the mutants of a template, in the order of the text.

    Args:
        path: the file, whose name the template has.
        text: its text.
        record: the delimiters and functions that it is parsed with.

    Raises:
        gotmpl.ParseError: the text is not a template.

    >>> text = '{{if exists "/a"}}a{{else}}b{{end}}'
    >>> for one in mutants(Path("t"), text, Record()):
    ...     print(one.what, one.edit.apply(text), sep=": ")
    flips the condition: {{if not (exists "/a")}}a{{else}}b{{end}}
    swaps the key for "/a-": {{if exists "/a-"}}a{{else}}b{{end}}
    drops the else: {{if exists "/a"}}a{{else}}{{end}}
    """
    trees = parsed(path.name, text, record)
    kept = left_out(trees.values(), path.name, _NOT_MUTATED)
    found = [one for tree in trees.values() for one in _of_tree(tree) if one.place not in kept]
    changed = ((one, one.edit.apply(text)) for one in found)
    valid = (one for one, new in changed if new != text and _parses(path.name, new, record))
    return sorted(valid, key=lambda one: one.edit.span)


def _of_tree(tree: nodes.Tree) -> Iterator[Mutant]:
    places, keys = branches(tree.source), tuple(_keys(tree))
    for visit in gotmpl.visits(tree):
        if not visit.branch:
            node = _Node(tree, visit.node, places, keys)
            for find in _OPERATORS:
                yield from find(node)


def _parses(name: str, text: str, record: Record) -> bool:
    """Return whether a text is a template; a body may use a variable that a mutant drops."""
    try:
        parsed(name, text, record)
    except gotmpl.ParseError:
        return False
    return True


# -- Branches


def _flipped(one: _Node) -> Iterator[Mutant]:
    match one.node:
        case nodes.IfNode(pipe=pipe):
            span = _value(one, pipe)
            yield one.inside("flips the condition", span, f"not ({span.of(one.text)})")
        case nodes.WithNode(pipe=pipe):
            yield one.inside("takes the other branch", _value(one, pipe), "false")


def _emptied(one: _Node) -> Iterator[Mutant]:
    branch = one.branch
    if branch is None or not isinstance(one.node, nodes.RangeNode):
        return
    if branch.other is None:
        yield one.mutant("empties the range", branch.body, "", "list")
        return
    span = Span(branch.action.start, branch.body.end)
    yield one.mutant("empties the range", span, one.like(branch.action, "if false"), "list")


def _once(one: _Node) -> Iterator[Mutant]:
    branch = one.branch
    if branch is None or not isinstance(one.node, nodes.RangeNode):
        return
    after = branch.other or branch.end
    trims = one.text.startswith("-", after.start + len(one.tree.source.left))
    left = f"{one.tree.source.left}{'- ' * trims}"
    span = Span(after.start, after.start)
    yield one.mutant(
        "ends the range after one turn", span, f"{left}break{one.tree.source.right}", "list"
    )


def _without_else(one: _Node) -> Iterator[Mutant]:
    branch = one.branch
    if branch is None or branch.other is None:
        return
    span = Span(branch.other.start, branch.other_body.end)
    yield one.mutant("drops the else", span, one.like(branch.other, "else"), "else")


# -- Actions


def _silent(one: _Node) -> Iterator[Mutant]:
    match one.node:
        case nodes.ActionNode(pipe=pipe) if not pipe.decl:
            yield one.inside("writes nothing", _whole(one, pipe), '""')
        case nodes.ActionNode(pipe=nodes.PipeNode(is_assign=True, decl=(variable,)) as pipe):
            yield one.inside("keeps the variable", _value(one, pipe), str(variable))
        case nodes.TemplateNode(pos=pos):
            start = one.text.rindex(one.tree.source.left, 0, pos)
            word = one.text.find("template", start, pos)
            if word >= 0:  # a `block` is a definition too
                end = pipeline_end(one.tree.source, pos)
                yield one.inside("does not call the template", Span(word, end), '""')
        case nodes.BreakNode(pos=pos):
            yield one.inside("does not break", Span(pos, pos + len("break")), '""')
        case nodes.ContinueNode(pos=pos):
            yield one.inside("does not continue", Span(pos, pos + len("continue")), '""')


# -- Pipelines


def _in_pipelines(one: _Node) -> Iterator[Mutant]:
    top = getattr(one.node, "pipe", None)
    for pipe in _pipelines(top):
        yield from _unpiped(one, pipe)
        for command in pipe.cmds:
            is_condition = isinstance(one.node, nodes.IfNode) and pipe is top
            yield from _in_command(one, command, is_condition and len(pipe.cmds) == 1)


def _unpiped(one: _Node, pipe: nodes.PipeNode) -> Iterator[Mutant]:
    """Yield a mutant for each function that a pipeline could lose."""
    ends = [
        len(one.text[: one.text.rindex("|", 0, command.pos)].rstrip()) for command in pipe.cmds[1:]
    ]
    stops = [*ends, pipeline_end(one.tree.source, pipe.pos)][1:]
    for command, start, stop in zip(pipe.cmds[1:], ends, stops, strict=True):
        yield one.inside(f"drops `{command}` from the pipeline", Span(start, stop), "")


def _in_command(one: _Node, command: nodes.CommandNode, is_condition: bool) -> Iterator[Mutant]:
    match command.args:
        case (nodes.IdentifierNode(ident=name, pos=pos), *rest):
            # `eq` as a whole condition is flipped already.
            if name in _OPPOSITES and not (is_condition and name in ("eq", "ne")):
                new = _OPPOSITES[name]
                yield one.inside(
                    f"has {new} in the place of {name}", Span(pos, pos + len(name)), new
                )
            yield from _in_key(one, name, rest)
            yield from _in_default(one, name, rest)
    for operand in command.args:
        if isinstance(operand, nodes.NumberNode) and operand.text.isdigit():
            new = str(int(operand.text) + 1)
            yield one.inside(
                f"has {new} in the place of {operand}", _span(operand, operand.text), new
            )


def _in_key(one: _Node, name: str, rest: list[nodes.Node]) -> Iterator[Mutant]:
    if rest and _is_key(name, rest[0]):
        key = rest[0]
        assert isinstance(key, nodes.StringNode)
        new = _other_key(key, one.keys)
        yield one.inside(f"swaps the key for {new}", _span(key, key.quoted), new)


def _in_default(one: _Node, name: str, rest: list[nodes.Node]) -> Iterator[Mutant]:
    match rest:
        case (_, nodes.StringNode() as default) if name in READERS or name == "getenv":
            new = '"mutant"' if not default.text else '""'
            yield one.inside(f"has {new} as the default", _span(default, default.quoted), new)


def _is_key(function: str, operand: nodes.Node) -> bool:
    """Return whether an operand is a key, or the format of keys."""
    if not isinstance(operand, nodes.StringNode):
        return False
    return function in READERS or (function == "printf" and "/" in operand.text)


def _other_key(key: nodes.StringNode, keys: Iterable[nodes.StringNode]) -> str:
    """Return another key of the template with as many verbs and stars; or one that is not there."""
    for one in keys:
        alike = all(one.text.count(sign) == key.text.count(sign) for sign in "%*")
        if alike and one.text != key.text:
            return one.quoted
    return f"{key.quoted[:-1]}-{key.quoted[-1]}"


def _keys(tree: nodes.Tree) -> Iterator[nodes.StringNode]:
    for visit in gotmpl.visits(tree):
        if visit.branch:
            continue
        for pipe in _pipelines(getattr(visit.node, "pipe", None)):
            for command in pipe.cmds:
                match command.args:
                    case (nodes.IdentifierNode(ident=name), nodes.StringNode() as key, *_):
                        if _is_key(name, key):
                            yield key


def _pipelines(top: nodes.PipeNode | None) -> Iterator[nodes.PipeNode]:
    """Yield a pipeline and those in parentheses inside it."""
    pending: list[nodes.Node] = [top] if top else []
    while pending:
        match pending.pop():
            case nodes.PipeNode(cmds=cmds) as pipe:
                yield pipe
                pending.extend(chain.from_iterable(command.args for command in reversed(cmds)))
            case nodes.ChainNode(node=node):
                pending.append(node)


def _value(one: _Node, pipe: nodes.PipeNode) -> Span:
    """Return where the commands of a pipeline stand, without the variables that it sets."""
    return Span(pipe.cmds[0].pos, pipeline_end(one.tree.source, pipe.pos))


def _whole(one: _Node, pipe: nodes.PipeNode) -> Span:
    return Span(pipe.pos, pipeline_end(one.tree.source, pipe.pos))


def _span(node: nodes.Node, text: str) -> Span:
    return Span(node.pos, node.pos + len(text))


_OPERATORS: Final[tuple[Callable[[_Node], Iterator[Mutant]], ...]] = (
    _flipped,
    _emptied,
    _once,
    _without_else,
    _silent,
    _in_pipelines,
)
