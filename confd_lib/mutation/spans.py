"""Where the parts of a template that parses stand in its text: actions, bodies, pipelines.

Nodes know where they begin; this module finds where they end. It does not know mutants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gotmpl import nodes

_QUOTED: Final = r'"(?:[^"\\\n]|\\.)*+"|`[^`]*+`|' + r"'(?:[^'\\\n]|\\.)*+'"
_COMMENT: Final = r"(?:-\s)?/\*.*?\*/(?:\s-)?"
_BRANCHES: Final = frozenset(nodes.KEYWORDS.values())
_OTHER_BLOCKS: Final = frozenset(("block", "define"))


class Span(NamedTuple):
    """A part of a text: from `start` up to `end`."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the part."""
        return text[self.start : self.end]


_NOWHERE: Final = Span(0, 0)


@dataclass(slots=True)
class Branch:
    """Where an `if`, `range` or `with` stands.

    Attributes:
        action: the action that begins it, with its delimiters.
        body: its body.
        other: the action `else` or `else if …`; None without one.
        end: the action that ends it; for an `else if`, the one that ends the whole.
    """

    action: Span
    body: Span = _NOWHERE
    other: Span | None = None
    end: Span = _NOWHERE

    @property
    def other_body(self) -> Span:
        """All between the action `else` and the action `end`."""
        return Span(self.other.end, self.end.start) if self.other else _NOWHERE


@dataclass(slots=True)
class _Open:
    """Blocks that one `end` closes: several for a chain of `else if`."""

    branches: list[Branch] = field(default_factory=list)


def pipeline_end(source: nodes.Source, pos: int) -> int:
    """Return where a pipeline ends that begins at `pos`: before its parenthesis or delimiter.

    >>> source = nodes.Source("t", '{{print (print ")" | html) -}}')
    >>> [source.text[pos : pipeline_end(source, pos)] for pos in (2, 9)]
    ['print (print ")" | html)', 'print ")" | html']
    """
    depth = 0
    stop = re.compile(rf"{_QUOTED}|(?:\s-)?{re.escape(source.right)}|[()]", re.DOTALL)
    for found in stop.finditer(source.text, pos):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth < 0 or found[0].endswith(source.right):
            return len(source.text[: found.start()].rstrip())
    return len(source.text)


def actions(source: nodes.Source) -> Iterator[Span]:
    """Yield the actions of a text with their delimiters, but no comments."""
    text, left, right = source.text, source.left, source.right
    comment = re.compile(_COMMENT + re.escape(right), re.DOTALL)
    inside = re.compile(rf"(?:{_QUOTED}|(?!{re.escape(right)}).)*+{re.escape(right)}", re.DOTALL)
    pos = 0
    while (start := text.find(left, pos)) >= 0:
        begin = start + len(left)
        if skipped := comment.match(text, begin):
            pos = skipped.end()
            continue
        found = inside.match(text, begin)
        if found is None:
            return
        pos = found.end()
        yield Span(start, pos)


def branches(source: nodes.Source) -> dict[int, Branch]:
    """Return the `if`, `range` and `with` of a text, by the positions of their pipelines.

    >>> source = nodes.Source("t", "{{if .a}}1{{else if .b}}2{{end}}")
    >>> [one.body.of(source.text) for one in branches(source).values()]
    ['1', '2']
    """
    found: dict[int, Branch] = {}
    opened: list[_Open] = []
    for action in actions(source):
        words, pipe = _words(source, action)
        if words[0] in _BRANCHES:
            found[pipe] = Branch(action)
            opened.append(_Open([found[pipe]]))
        elif words[0] in _OTHER_BLOCKS:
            opened.append(_Open())
        elif words[0] == "else" and opened:
            _close_body(opened[-1], action)
            if words[1] in _BRANCHES:
                found[pipe] = Branch(action)
                opened[-1].branches.append(found[pipe])
        elif words[0] == "end" and opened:
            _close(opened.pop(), action)
    return found


def _words(source: nodes.Source, action: Span) -> tuple[tuple[str, str], int]:
    """Return the first two words of an action, and where the text after its keywords begins."""
    inside = re.compile(r"(?:-\s+)?\s*(\w*)(?:\s+(\w+))?")
    found = inside.match(source.text, action.start + len(source.left), action.end)
    if found is None:
        return ("", ""), action.end
    words = found[1] or "", found[2] or ""
    after = found.end(2) if words[0] == "else" and words[1] else found.end(1)
    spaces = re.compile(r"\s*").match(source.text, after)
    return words, spaces.end() if spaces else after


def _close_body(block: _Open, action: Span) -> None:
    if block.branches:
        last = block.branches[-1]
        last.body = Span(last.action.end, action.start)
        last.other = action


def _close(block: _Open, action: Span) -> None:
    for one in block.branches:
        one.end = action
        if one.other is None:
            one.body = Span(one.action.end, action.start)
